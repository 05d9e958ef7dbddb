#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

// The code of docs/unknown_outcomes.md.

namespace docs_unknown_outcomes {

namespace {

/// A thousand people, in ten requests.
std::vector<fictive::invite_request> ten_requests() {
  std::vector<fictive::invite_request> requests(10, {.account_group_token = "team"});
  for (std::size_t i = 0; i < 1000; ++i)
    requests[i / 100].email_addresses.push_back("person" + std::to_string(i) + "@example.com");
  return requests;
}

/// Delivers each request, and loses every fourth response.
class lossy_network {
 public:
  explicit lossy_network(fictive::testing::fake_service service) : service_(std::move(service)) {}

  fictive::result<fictive::http_response> operator()(fictive::http_request const& request) {
    auto response = service_(request);
    if (++requests_ % 4 == 0) return fictive::transport_error(std::make_error_code(std::errc::connection_reset));
    return response;
  }

 private:
  fictive::testing::fake_service service_;
  unsigned requests_ = 0;
};

/// Number of people who were invited this often.
std::size_t people_invited(fictive::testing::fake_service const& service, std::size_t times) {
  std::size_t people = 0;
  for (auto const& request : ten_requests())
    for (auto const& address : request.email_addresses)
      if (service.deliveries(address) == times) ++people;
  return people;
}

}  // namespace

TEST_CASE("a loop that repeats until it succeeds invites people twice", "[docs]") {
  fictive::testing::fake_service const service;
  fictive::client client{lossy_network(service), {.credentials = {.session_id = "any"}}};

  // [wrong]
  for (auto const& request : ten_requests()) {
    auto reply = client.invite(request);
    while (!reply) reply = client.invite(request);  // WRONG: the lost response was that to a delivered request
  }
  CHECK(people_invited(service, 2) == 300);
  // [wrong]
  CHECK(people_invited(service, 0) == 0);
}

TEST_CASE("a loop that looks at the effect invites nobody twice", "[docs]") {
  fictive::testing::fake_service const service;
  fictive::client client{lossy_network(service), {.credentials = {.session_id = "any"}}};

  // [right]
  std::vector<fictive::invite_request> to_send_later, in_doubt;
  for (auto const& request : ten_requests()) {
    auto const reply = client.invite(request);
    if (reply) continue;
    if (reply.error().effect == fictive::effect::none) to_send_later.push_back(request);
    if (reply.error().effect == fictive::effect::unknown) in_doubt.push_back(request);
  }
  CHECK(people_invited(service, 2) == 0);
  CHECK(in_doubt.size() == 2);  // 200 people whose invitations must be checked
  // [right]
  CHECK(to_send_later.empty());
  CHECK(people_invited(service, 0) == 0);
}

}  // namespace docs_unknown_outcomes
