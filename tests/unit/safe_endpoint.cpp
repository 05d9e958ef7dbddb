#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
#include "support/fixtures.hpp"
#include "support/get_endpoint.hpp"
#include "support/scenario.hpp"
#include "support/text.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

// The layers above an endpoint work for any endpoint, and an attempt of a safe one has no effect.

namespace safe_endpoint_tests {

using fictive::effect;
using fictive::errc;
using fictive::http_response;
using fictive::result;
using fictive::testing::scripted_transport;
using namespace tests;
using namespace std::chrono_literals;

namespace {

using members_call = fictive::basic_call<get_members>;

http_response const two_members = ok("application/json", R"(["jamie","josh"])");

struct blocking_client : fictive::client<scripted_transport> {
  using client::client;
  result<std::size_t> members(std::string const& group) { return call<get_members>(group, {}); }
};

struct asynchronous_client : fictive::async_client<scripted_transport> {
  using async_client::async_client;
  template <class Handler>
  void async_members(std::string const& group, Handler handler) {
    async_call<get_members>(group, {}, std::move(handler));
  }
};

result<std::size_t> members(client_kind kind, scripted_transport const& network, fictive::client_config const& config) {
  if (kind == client_kind::blocking) return blocking_client(network, config).members("group");
  std::optional<result<std::size_t>> reply;
  asynchronous_client(network, config).async_members("group", [&](auto outcome) { reply = std::move(outcome); });
  network.clock().run();
  REQUIRE(reply);
  return *reply;
}

struct failed_attempt {
  std::string_view name;
  result<http_response> answer;
  errc code;
  unsigned attempts;
};

auto any_failure() {
  return GENERATE(values<failed_attempt>({
      {"500", status(500), errc::server_error, 3},
      {"503 with Retry-After", status_with(503, "Retry-After", "0"), errc::server_error, 3},
      {"connection reset", lost, errc::transport_failure, 3},
      {"a truncated success",
       fictive::transport_error(std::make_error_code(std::errc::connection_reset), ok("application/json", "[")),
       errc::malformed_response, 3},
      {"a malformed success", ok("application/json", "["), errc::malformed_response, 3},
      {"a success without a body", ok("application/json", ""), errc::malformed_response, 3},
      {"a login page", ok("text/html", "<p>Log in"), errc::malformed_response, 3},
      {"303", status(303), errc::unexpected_status, 1},
      {"404", status(404), errc::not_found, 1},
      {"499", status(499), errc::unexpected_status, 1},
      {"cancelled", failure(std::errc::operation_canceled, effect::unknown), errc::cancelled, 1},
  }));
}

}  // namespace

TEST_CASE("a GET request has no body and no Content-Type", "[safe_endpoint][call]") {
  members_call const call(session_config(), "a/b", {});
  CHECK(call.request().method == "GET");
  CHECK(call.request().url == "https://api.fictive.com/rest/api/accounts/groups/a%2Fb/members");
  CHECK(call.request().body.empty());
  CHECK(!fictive::find_header(call.request().headers, "Content-Type"));
  CHECK(*fictive::find_header(call.request().headers, "X-SessionId") == "session");
}

TEST_CASE("a safe endpoint returns its own response", "[safe_endpoint]") {
  auto const kind = GENERATE(client_kind::blocking, client_kind::asynchronous);
  scripted_transport const network;
  network.answer(two_members);
  auto config = session_config();
  std::string route;
  std::size_t accepted = 0;
  config.hooks.on_result = [&](fictive::result_event const& event) {
    route = event.route;
    accepted = event.accepted;
  };
  CHECK(members(kind, network, config).value() == 2);
  CHECK(route == get_members::route);
  CHECK(accepted == 2);
}

TEST_CASE("each failure of a safe endpoint has no effect", "[safe_endpoint][effect]") {
  auto const kind = GENERATE(client_kind::blocking, client_kind::asynchronous);
  auto const [name, answer, code, attempts] = any_failure();
  CAPTURE(name);
  scripted_transport const network;
  network.set_default([same = answer](fictive::http_request const&) { return same; });
  auto const reply = members(kind, network, session_config(steady()));
  REQUIRE(!reply);
  CHECK(reply.error().code == code);
  CHECK(reply.error().effect == effect::none);
  CHECK(reply.error().attempts == attempts);
  CHECK(!contains(reply.error().message, "took effect"));
  CHECK(network.requests().size() == attempts);
}

TEST_CASE("an attempt of a safe endpoint may succeed after one whose effect would be unknown",
          "[safe_endpoint][retry]") {
  members_call call(session_config(steady()), "group", {});
  call.responded(status(500), {});
  REQUIRE(call.next() == fictive::call_step::wait);
  call.waited(call.wait_until());
  call.responded(two_members, call.wait_until());
  REQUIRE(call.next() == fictive::call_step::done);
  CHECK(call.outcome().value() == 2);
}

TEST_CASE("connections are not suspect any more after a response that answers the call",
          "[safe_endpoint][connections]") {
  members_call call(session_config(steady()), "group", {});
  call.responded(ok("text/html", "<p>Log in"), {});
  REQUIRE(call.next() == fictive::call_step::wait);
  CHECK(call.connections_are_suspect());
  call.waited(call.wait_until());
  call.responded(two_members, call.wait_until());
  CHECK(!call.connections_are_suspect());
}

TEST_CASE("what a hook receives of a safe endpoint's failures has no effect", "[safe_endpoint][hooks]") {
  auto config = session_config({.max_attempts = 1});
  std::optional<effect> attempt, whole;
  config.hooks.on_attempt = [&](fictive::attempt_event const& event) { attempt = event.effect; };
  config.hooks.on_result = [&](fictive::result_event const& event) { whole = event.effect; };
  members_call call(config, "group", {});
  call.responded(status(500), {});
  CHECK(attempt == effect::none);
  CHECK(whole == effect::none);
}

TEST_CASE("the fake service has a route for another endpoint, beside the one that it has anyway", "[safe_endpoint]") {
  fictive::testing::fake_service service;
  service.add_route("GET", std::string(get_members::route), [](std::string const& group, fictive::http_request const&) {
    return group == "group" ? two_members : status(404);
  });
  service.add_route("GET", std::string(fictive::invite_endpoint::route),
                    [](std::string const&, fictive::http_request const&) { return two_members; });
  members_call call(session_config(), "group", {});
  call.responded(service(call.request()), {});
  REQUIRE(call.outcome());
  CHECK(*call.outcome() == 2);

  scripted_transport const network;
  network.set_default(service);
  for (auto const kind : {client_kind::blocking, client_kind::asynchronous})
    CHECK(members(kind, network, session_config()).value() == 2);
  CHECK(service.requests() == 3);

  fictive::http_request request = call.request();
  request.url = "https://api.fictive.com/rest/api/accounts/groups/group/invites";
  CHECK(service(request)->status == 200);
  request.method = "PUT";
  CHECK(service(request)->status == 405);
  request.headers.clear();
  request.method = "GET";
  CHECK(service(request)->status == 406);
}

}  // namespace safe_endpoint_tests
