#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <stop_token>
#include <system_error>

// What docs/testing.md shows.

namespace docs_testing {

using namespace std::chrono_literals;

// [stand_in_service]
TEST_CASE("a team is invited, but for whom the service refuses") {
  fictive::testing::stand_in_service const service;
  fictive::client client{service, {.credentials = {.session_id = "any"}}};

  auto const reply = client.invite(
      {.account_group_token = "team", .email_addresses = {"jamie.muir@fictiveglobal.com", "not an address"}});

  REQUIRE(reply);
  CHECK(reply->valid_invitations.at(0).email_address == "jamie.muir@fictiveglobal.com");
  CHECK(reply->invalid_email_addresses.at(0) == "not an address");
  CHECK(service.deliveries("jamie.muir@fictiveglobal.com") == 1);
}
// [stand_in_service]

// [options]
TEST_CASE("an expired session is told apart") {
  fictive::testing::stand_in_service const service({.accepted_credentials = {"new session"}});
  fictive::client client{service, {.credentials = {.session_id = "old session"}}};

  auto const reply =
      client.invite({.account_group_token = "team", .email_addresses = {"jamie.muir@fictiveglobal.com"}});

  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == fictive::errc::not_authenticated);
  CHECK(service.deliveries("jamie.muir@fictiveglobal.com") == 0);
}
// [options]

// [lost_answer]
TEST_CASE("an answer that is lost on the way is not asked for again") {
  fictive::testing::stand_in_service const service;
  auto const loses_the_answer = [&](fictive::http_request const& request) -> fictive::result<fictive::http_response> {
    (void)service(request);
    return fictive::transport_error(std::make_error_code(std::errc::connection_reset));
  };
  fictive::client client{loses_the_answer, {.credentials = {.session_id = "any"}}};

  auto const reply =
      client.invite({.account_group_token = "team", .email_addresses = {"jamie.muir@fictiveglobal.com"}});

  REQUIRE_FALSE(reply);
  CHECK(reply.error().effect == fictive::effect::unknown);
  CHECK(service.deliveries("jamie.muir@fictiveglobal.com") == 1);
}
// [lost_answer]

// [scripted_transport]
TEST_CASE("a busy service is asked again when it said so") {
  fictive::testing::scripted_transport network;
  network.answer({.status = 429, .headers = {{"Retry-After", "7"}}});
  network.fail(fictive::transport_error(std::make_error_code(std::errc::host_unreachable), fictive::effect::none), 2s);
  network.otherwise(fictive::testing::stand_in_service());
  fictive::client client{network, {.credentials = {.session_id = "any"}}};

  auto const reply =
      client.invite({.account_group_token = "team", .email_addresses = {"jamie.muir@fictiveglobal.com"}});

  REQUIRE(reply);
  auto const& sent = network.requests();
  REQUIRE(sent.size() == 3);
  CHECK(sent[1].at - sent[0].at >= 7s);
  CHECK(sent[2].at - sent[1].at >= 2s);
  CHECK(network.answers_left() == 0);
}
// [scripted_transport]

// [virtual_clock]
TEST_CASE("a call that is stopped while it waits ends at once") {
  fictive::testing::scripted_transport network;
  network.answer({.status = 429, .headers = {{"Retry-After", "60"}}});
  std::stop_source user;
  network.clock().in(5s, [&] { user.request_stop(); });
  fictive::client client{network, {.credentials = {.session_id = "any"}}};

  auto const reply = client.invite({.account_group_token = "team", .email_addresses = {"jamie.muir@fictiveglobal.com"}},
                                   user.get_token());

  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == fictive::errc::cancelled);
  CHECK(reply.error().effect == fictive::effect::none);
  CHECK(network.now() == fictive::testing::virtual_clock::time_point(5s));
}
// [virtual_clock]

}  // namespace docs_testing
