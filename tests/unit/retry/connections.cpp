#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
#include "support/scenario.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace retry_connections_tests {

using fictive::effect;
using fictive::errc;
using fictive::http_request;
using fictive::http_response;
using fictive::result;
using fictive::retry_policy;
using namespace tests;
using namespace std::chrono_literals;

namespace {

http_response answer_for(std::string const& address) {
  return ok("application/json",
            R"({"validInvitations":[{"invitationReference":"r","emailAddress":")" + address + "\"}]}");
}

/// Keeps the connection of the last answer, on which one answer too many has come: every call gets the one before its
/// own. A new connection has none too many.
struct one_answer_behind : fictive::testing::scripted_transport {
  struct state {
    std::vector<http_response> waiting;
    std::vector<std::string> dropped;
  };

  explicit one_answer_behind(http_response stray) {
    kept->waiting.push_back(std::move(stray));
    set_default([kept = kept](http_request const& request) {
      auto const begin = request.body.rfind("[\"") + 2;
      kept->waiting.push_back(answer_for(request.body.substr(begin, request.body.find('"', begin) - begin)));
      auto first = kept->waiting.front();
      kept->waiting.erase(kept->waiting.begin());
      return first;
    });
  }

  void drop_idle_connections(std::string_view url) noexcept {
    kept->dropped.emplace_back(url);
    kept->waiting.clear();
  }

  std::shared_ptr<state> kept = std::make_shared<state>();
};

/// What `count` calls come to, one after the other, each with an address of its own.
template <class Transport>
std::vector<result<fictive::invite_response>> outcomes_of(client_kind kind, Transport const& transport, int count,
                                                          retry_policy const& policy = {}) {
  std::vector<result<fictive::invite_response>> outcomes;
  fictive::client blocking{transport, fictive::client_config{.retry = policy}};
  fictive::async_client asynchronous{transport, fictive::client_config{.retry = policy}};
  for (int i = 0; i < count; ++i) {
    fictive::invite_request const request{.account_group_token = "group",
                                          .email_addresses = {std::to_string(i) + "@example.com"}};
    if (kind == client_kind::blocking)
      outcomes.push_back(blocking.invite(request));
    else
      asynchronous.async_invite(request, [&](auto outcome) { outcomes.push_back(std::move(outcome)); });
    transport.clock().run();
  }
  REQUIRE(outcomes.size() == static_cast<std::size_t>(count));
  return outcomes;
}

}  // namespace

TEST_CASE("the answer to another call is an error that is never retried", "[retry][connections]") {
  auto const kind = GENERATE(client_kind::blocking, client_kind::asynchronous);
  fictive::testing::scripted_transport network;
  network.set_default([](http_request const&) { return answer_for("somebody@example.com"); });
  auto const outcome = outcomes_of(kind, network, 1, {.retry_unknown_effect = true}).front();
  REQUIRE(!outcome);
  CHECK(outcome.error().code == errc::malformed_response);
  CHECK(outcome.error().effect == effect::unknown);
  CHECK(outcome.error().attempts == 1);
}

TEST_CASE("one stray answer costs one call, and closes the idle connections", "[retry][connections]") {
  auto const kind = GENERATE(client_kind::blocking, client_kind::asynchronous);
  auto const stray =
      GENERATE(answer_for("somebody@example.com"), ok("text/html", "<p>Log in"), ok("text/plain", "too many"));
  one_answer_behind const network(stray);
  auto const outcomes = outcomes_of(kind, network, 36);
  REQUIRE(!outcomes[0]);
  CHECK(outcomes[0].error().code == errc::malformed_response);
  CHECK(outcomes[0].error().effect == effect::unknown);
  for (std::size_t i = 1; i < outcomes.size(); ++i) {
    REQUIRE(outcomes[i]);
    CHECK(outcomes[i]->valid_invitations.front().email_address == std::to_string(i) + "@example.com");
  }
  CHECK(network.kept->dropped ==
        std::vector<std::string>{"https://api.fictive.com/rest/api/accounts/groups/group/invites"});
}

TEST_CASE("without drop_idle_connections, no call returns the answer to another one", "[retry][connections]") {
  auto const kind = GENERATE(client_kind::blocking, client_kind::asynchronous);
  one_answer_behind const network(answer_for("somebody@example.com"));
  fictive::testing::scripted_transport const& without_drop = network;
  for (auto const& outcome : outcomes_of(kind, without_drop, 36)) CHECK(!outcome);
  CHECK(network.kept->dropped.empty());
}

TEST_CASE("the service's own answer closes no connection", "[retry][connections]") {
  auto const kind = GENERATE(client_kind::blocking, client_kind::asynchronous);
  one_answer_behind const network(GENERATE(answer_for("0@example.com"), empty_success, ok("application/json", "{"),
                                           status(204), status(404), status(500)));
  (void)outcomes_of(kind, network, 1);
  CHECK(network.kept->dropped.empty());
}

}  // namespace retry_connections_tests
