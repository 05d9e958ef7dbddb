#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>

// What docs/errors.md shows.

namespace {

using namespace std::chrono_literals;

fictive::service const service{.credentials = {.session_id = "session"}};
fictive::invite_request const request{.account_group_token = "group",
                                      .email_addresses = {"jamie.muir@fictiveglobal.com"}};

enum class action { retry_later, sign_in_again, mend_the_request, ask_a_human };

// [decide]
action next_step(fictive::error const& error) {
  if (error.effect != fictive::effect::none) return action::ask_a_human;  // never sent again by a program
  if (error.code == fictive::errc::not_authenticated) return action::sign_in_again;
  if (error == fictive::condition::rejected) return action::mend_the_request;
  return action::retry_later;  // not before error.retry_after, if that is set
}
// [decide]

action after(fictive::result<fictive::http_response> const& answer) {
  auto const send = [&](fictive::http_request const&) { return answer; };
  fictive::client client{send, service, {.max_attempts = 1}};
  return next_step(client.invite(request).error());
}

}  // namespace

TEST_CASE("an error says what to do next") {
  CHECK(after(fictive::http_response{.status = 403}) == action::sign_in_again);
  CHECK(after(fictive::http_response{.status = 400}) == action::mend_the_request);
  CHECK(after(fictive::http_response{.status = 429}) == action::retry_later);
  CHECK(after(fictive::http_response{.status = 500}) == action::ask_a_human);
  CHECK(after(fictive::http_response{.status = 204}) == action::ask_a_human);
  CHECK(after(fictive::transport_error(std::make_error_code(std::errc::connection_reset))) == action::ask_a_human);
}

TEST_CASE("value() throws what error() returns") {
  auto const send = [](fictive::http_request const&) -> fictive::result<fictive::http_response> {
    return fictive::http_response{.status = 403};
  };
  fictive::client client{send, service};
  std::ostringstream log;

  // [exceptions]
  try {
    auto const response = client.invite(request).value();
    log << response.valid_invitations.size() << " invited\n";
  } catch (fictive::exception const& failure) {
    log << failure.what() << ", effect " << to_string(failure.error().effect) << '\n';
  }
  // [exceptions]
  CHECK(log.str().find(", effect none\n") != std::string::npos);
}

TEST_CASE("a policy is made of its members") {
  // [policy]
  fictive::retry_policy policy{
      .max_attempts = 5,
      .max_delay = std::chrono::seconds(10),
      .deadline = std::chrono::seconds(45),
      .budget = std::make_shared<fictive::retry_budget>(100),
  };
  // [policy]
  fictive::testing::scripted_transport network;
  for (int i = 0; i < 5; ++i)
    network.fail(fictive::transport_error(std::make_error_code(std::errc::connection_refused), fictive::effect::none));
  fictive::client client{network, service, policy};
  CHECK(client.invite(request).error().attempts == 5);
}
