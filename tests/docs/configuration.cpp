#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>

// The code of docs/configuration.md, docs/timeouts.md and docs/thread_safety.md.

namespace docs_configuration {

TEST_CASE("a client is configured by its members", "[docs]") {
  // [configuration]
  fictive::client_config const config{
      .base_url = "https://gateway.acme.example/fictive",
      .api_version = "9.0.0",
      .credentials = {.token_id = std::getenv("FICTIVE_TOKEN_ID"), .session_id = std::getenv("FICTIVE_SESSION_ID")},
      .origin = "https://onboarding.acme.example",
      .user_agent = "acme-onboarding/2.1",
      .extra_headers = {{"X-Gateway-Key", "key"}},
      .limits = {.connect_timeout = std::chrono::seconds(3), .total_timeout = std::chrono::seconds(20)},
      .retry = {.max_attempts = 5, .deadline = std::chrono::seconds(60)},
  };
  // [configuration]
  auto const built =
      fictive::make_invite_request(config, {.account_group_token = "team", .email_addresses = {"a@b.example"}});
  REQUIRE(built);
  CHECK(built->url == "https://gateway.acme.example/fictive/rest/api/accounts/groups/team/invites");
  CHECK(*fictive::find_header(built->headers, "X-Gateway-Key") == "key");
}

TEST_CASE("an expiry date is made from a time point or a text", "[docs]") {
  std::string const group = "team", address = "jamie.muir@fictiveglobal.com";
  // [expiry_date]
  auto const in_a_week = std::chrono::system_clock::now() + std::chrono::days(7);
  fictive::invite_request request{
      .account_group_token = group,
      .email_addresses = {address},
      .expiry_date = fictive::date_time::utc(std::chrono::floor<std::chrono::seconds>(in_a_week)),
  };
  request.expiry_date = fictive::date_time::parse("2030-07-07T15:41:30Z");  // throws if the text is not a date-time
  // [expiry_date]
  auto const built = fictive::make_invite_request({.credentials = {.session_id = "any"}}, request);
  REQUIRE(built);
  CHECK(built->body.find(R"("expiryDate":"2030-07-07T15:41:30Z")") != std::string::npos);
}

TEST_CASE("a call has a time limit of its own and one for each attempt", "[docs]") {
  using namespace std::chrono_literals;
  fictive::testing::scripted_transport transport;
  transport.fail(fictive::transport_error(std::make_error_code(std::errc::host_unreachable), fictive::effect::none),
                 4s);
  transport.fail(fictive::transport_error(std::make_error_code(std::errc::host_unreachable), fictive::effect::none),
                 4s);
  transport.set_default(fictive::testing::fake_service());
  fictive::invite_request const request{.account_group_token = "team",
                                        .email_addresses = {"jamie.muir@fictiveglobal.com"}};
  std::string const session = "session";
  // [timeouts]
  fictive::client client{transport,
                         {.credentials = {.session_id = session},
                          .limits = {.connect_timeout = 2s, .total_timeout = 10s},  // of each attempt
                          .retry = {.deadline = 30s}}};                             // of each call
  auto const reply = client.invite(request, {.deadline = 5s});                      // of this call
  // [timeouts]
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == fictive::errc::timed_out);
  CHECK(transport.now() <= fictive::testing::virtual_clock::time_point(5s + 1ms));  // limits are whole milliseconds
}

}  // namespace docs_configuration
