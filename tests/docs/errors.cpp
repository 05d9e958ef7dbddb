#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <cstddef>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

// The code of docs/errors.md.

namespace docs_errors {

namespace {

using namespace std::chrono_literals;

fictive::client_config const usual_config{.credentials = {.session_id = "session"}};
fictive::invite_request const request{.account_group_token = "group",
                                      .email_addresses = {"jamie.muir@fictiveglobal.com"}};

enum class action { retry_later, sign_in_again, correct_the_request, ask_a_human };

// [decide]
action next_step(fictive::error const& error) {
  if (error.effect != fictive::effect::none) return action::ask_a_human;  // not retried automatically
  if (error.code == fictive::errc::unexpected_status) return action::ask_a_human;
  if (error.code == fictive::errc::not_authenticated) return action::sign_in_again;
  if (error == fictive::condition::rejected) return action::correct_the_request;
  return action::retry_later;  // after error.retry_after, if that is set
}
// [decide]

action after(fictive::result<fictive::http_response> const& answer) {
  auto const send = [&](fictive::http_request const&) { return answer; };
  fictive::client client{send, {.credentials = {.session_id = "session"}, .retry = {.max_attempts = 1}}};
  return next_step(client.invite(request).error());
}

/// The cells of a table's row, trimmed.
std::vector<std::string> cells_of(std::string const& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, '|');) {
    auto const begin = cell.find_first_not_of(' ');
    if (begin != std::string::npos) cells.push_back(cell.substr(begin, cell.find_last_not_of(' ') - begin + 1));
  }
  return cells;
}

/// The three-digit numbers of a cell; examples if it is a class of statuses.
std::vector<int> statuses_in(std::string const& text) {
  if (text == "any other 3xx") return {300, 301, 303, 399};
  if (text == "any other 4xx") return {402, 405, 418, 498};
  if (text == "any other 5xx") return {500, 502, 503, 504, 599};
  if (text.starts_with("any other")) return {100, 199, 600};
  std::vector<int> statuses;
  std::size_t digits = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] >= '0' && text[i] <= '9') {
      ++digits;
    } else {
      if (digits == 3) statuses.push_back(std::stoi(text.substr(i - 3, 3)));
      digits = 0;
    }
  }
  return statuses;
}

fictive::errc errc_named(std::string const& name) {
  using enum fictive::errc;
  std::map<std::string, fictive::errc> const names = {
      {"`invalid_request`", invalid_request},
      {"`not_authenticated`", not_authenticated},
      {"`not_found`", not_found},
      {"`conflict`", conflict},
      {"`too_many_requests`", too_many_requests},
      {"`server_error`", server_error},
      {"`unexpected_status`", unexpected_status},
  };
  return names.at(name);
}

}  // namespace

TEST_CASE("the library treats each status as the table on the page says", "[docs]") {
  std::ifstream page(FICTIVE_TESTS_DOCS "/errors.md");
  unsigned rows = 0;
  std::string line;
  while (std::getline(page, line) && line != "<!-- outcomes -->") continue;
  while (std::getline(page, line) && line != "<!-- /outcomes -->") {
    auto const cells = cells_of(line);
    if (cells.size() != 4 || cells[0] == "status" || cells[0].starts_with("---")) continue;
    ++rows;
    bool const says_when = cells[0].find("with `Retry-After`") != std::string::npos;
    for (auto const status : statuses_in(cells[0])) {
      INFO(line << "\n" << status);
      fictive::http_response const response{
          .status = status,
          .headers = says_when ? fictive::http_headers{{"Retry-After", "1"}} : fictive::http_headers{}};
      auto const error = fictive::parse_invite_response(request, response).error();
      CHECK(error.code == errc_named(cells[1]));
      CHECK(cells[2].starts_with(to_string(error.effect)));

      fictive::testing::scripted_transport network;
      network.set_default([&](fictive::http_request const&) { return response; });
      fictive::client client{network, usual_config};
      (void)client.invite(request);
      auto const sent = network.requests().size();
      CHECK(sent == (cells[3] == "yes" ? 3 : cells[3].starts_with("once") ? 2 : 1));
    }
  }
  CHECK(rows == 13);
}

TEST_CASE("an error says what to do next", "[docs]") {
  CHECK(after(fictive::http_response{.status = 403}) == action::sign_in_again);
  CHECK(after(fictive::http_response{.status = 400}) == action::correct_the_request);
  CHECK(after(fictive::http_response{.status = 429}) == action::retry_later);
  CHECK(after(fictive::http_response{.status = 405}) == action::ask_a_human);
  CHECK(after(fictive::http_response{.status = 500}) == action::ask_a_human);
  CHECK(after(fictive::http_response{.status = 204}) == action::ask_a_human);
  CHECK(after(fictive::transport_error(std::make_error_code(std::errc::connection_reset))) == action::ask_a_human);
}

TEST_CASE("value() throws what error() returns", "[docs]") {
  auto const send = [](fictive::http_request const&) -> fictive::result<fictive::http_response> {
    return fictive::http_response{.status = 403};
  };
  fictive::client client{send, usual_config};
  std::ostringstream log;

  // [exceptions]
  try {
    auto const response = client.invite(request).value();
    log << response.valid_invitations.size() << " invited\n";
  } catch (fictive::exception const& failure) {
    log << failure.what() << '\n';  // the text of to_string(failure.error())
  }
  // [exceptions]
  CHECK(log.str().starts_with("not authenticated (effect: none, status: 403, attempts: 1): "));
}

TEST_CASE("the text of an error may be logged") {
  fictive::error const error{.code = fictive::errc::timed_out,
                             .effect = fictive::effect::unknown,
                             .message = "no complete response in time",
                             .server_message = "not printed",
                             .attempts = 1};
  std::ostringstream log;
  // [text]
  log << error;  // timed out (effect: unknown, attempts: 1): no complete response in time
  // [text]
  CHECK(log.str() == "timed out (effect: unknown, attempts: 1): no complete response in time");
}

TEST_CASE("a policy limits the attempts", "[docs]") {
  std::string const session = "session";
  // [policy]
  fictive::client_config config{
      .credentials = {.session_id = session},
      .retry =
          {
              .max_attempts = 5,
              .max_delay = std::chrono::seconds(10),
              .deadline = std::chrono::seconds(45),
              .budget = std::make_shared<fictive::retry_budget>(100),
          },
  };
  // [policy]
  fictive::testing::scripted_transport network;
  for (int i = 0; i < 5; ++i)
    network.fail(fictive::transport_error(std::make_error_code(std::errc::connection_refused), fictive::effect::none));
  fictive::client client{network, config};
  CHECK(client.invite(request).error().attempts == 5);
}

}  // namespace docs_errors
