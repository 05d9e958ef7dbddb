#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <stop_token>
#include <system_error>

// The code of docs/testing.md.

namespace docs_testing {

using namespace std::chrono_literals;

// [fake_service]
TEST_CASE("a team is invited, except for invalid addresses", "[docs]") {
  fictive::testing::fake_service const service;
  fictive::client client{service, {.credentials = {.session_id = "any"}}};

  auto const reply = client.invite(
      {.account_group_token = "team", .email_addresses = {"jamie.muir@fictiveglobal.com", "not-an-address"}});

  REQUIRE(reply);
  CHECK(reply->valid_invitations.at(0).email_address == "jamie.muir@fictiveglobal.com");
  CHECK(reply->invalid_email_addresses.at(0) == "not-an-address");
  CHECK(service.deliveries("jamie.muir@fictiveglobal.com") == 1);
}
// [fake_service]

// [options]
TEST_CASE("an expired session is reported", "[docs]") {
  fictive::testing::fake_service const service({.accepted_credentials = {"new session"}});
  fictive::client client{service, {.credentials = {.session_id = "old session"}}};

  auto const reply =
      client.invite({.account_group_token = "team", .email_addresses = {"jamie.muir@fictiveglobal.com"}});

  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == fictive::errc::not_authenticated);
  CHECK(service.deliveries("jamie.muir@fictiveglobal.com") == 0);
}
// [options]

// [lost_response]
TEST_CASE("an invitation is not retried if its response is lost", "[docs]") {
  fictive::testing::fake_service const service;
  auto const loses_the_response = [&](fictive::http_request const& request) -> fictive::result<fictive::http_response> {
    (void)service(request);
    return fictive::transport_error(std::make_error_code(std::errc::connection_reset));
  };
  fictive::client client{loses_the_response, {.credentials = {.session_id = "any"}}};

  auto const reply =
      client.invite({.account_group_token = "team", .email_addresses = {"jamie.muir@fictiveglobal.com"}});

  REQUIRE_FALSE(reply);
  CHECK(reply.error().effect == fictive::effect::unknown);
  CHECK(service.deliveries("jamie.muir@fictiveglobal.com") == 1);
}
// [lost_response]

// [scripted_transport]
TEST_CASE("a retry waits for Retry-After", "[docs]") {
  fictive::testing::scripted_transport network;
  network.answer({.status = 429, .headers = {{"Retry-After", "7"}}});
  network.fail(fictive::transport_error(std::make_error_code(std::errc::host_unreachable), fictive::effect::none), 2s);
  network.set_default(fictive::testing::fake_service());
  fictive::client client{network, {.credentials = {.session_id = "any"}}};

  auto const reply =
      client.invite({.account_group_token = "team", .email_addresses = {"jamie.muir@fictiveglobal.com"}});

  REQUIRE(reply);
  auto const& sent = network.requests();
  REQUIRE(sent.size() == 3);
  CHECK(sent[1].at - sent[0].at >= 7s);
  CHECK(sent[2].at - sent[1].at >= 2s);
  CHECK(network.unused_responses() == 0);
}
// [scripted_transport]

// [virtual_clock]
TEST_CASE("a call that is cancelled during a delay ends at once", "[docs]") {
  fictive::testing::scripted_transport network;
  network.answer({.status = 429, .headers = {{"Retry-After", "60"}}});
  std::stop_source user;
  network.clock().post_after(5s, [&] { user.request_stop(); });
  fictive::client client{network, {.credentials = {.session_id = "any"}}};

  auto const reply = client.invite({.account_group_token = "team", .email_addresses = {"jamie.muir@fictiveglobal.com"}},
                                   {.stop = user.get_token()});

  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == fictive::errc::cancelled);
  CHECK(reply.error().effect == fictive::effect::none);
  CHECK(network.now() == fictive::testing::virtual_clock::time_point(5s));
}
// [virtual_clock]

}  // namespace docs_testing
