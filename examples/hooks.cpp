// SPDX-License-Identifier: BSL-1.0

// Logs a line for each attempt and each call to standard error, by way of hooks:
//
//     hooks BASE_URL GROUP ADDRESS...    with the session id in FICTIVE_SESSION_ID

#include <fictive/beast/client.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>

namespace {

// [hooks]
fictive::hooks logging_hooks() {
  using milliseconds = std::chrono::duration<double, std::milli>;
  return {
      .on_attempt =
          [](fictive::attempt_event const& attempt) {
            std::clog << "POST " << attempt.route << " attempt=" << attempt.attempt << " status=" << attempt.status
                      << " ms=" << milliseconds(attempt.duration).count() << " sent=" << attempt.request_bytes
                      << " received=" << attempt.response_bytes << " effect=" << to_string(attempt.effect);
            if (attempt.code) std::clog << " error=\"" << attempt.message << '"';
            std::clog << '\n';
          },
      .on_result =
          [](fictive::result_event const& call) {
            std::clog << "POST " << call.route << " attempts=" << call.attempts << " invited=" << call.accepted
                      << " refused=" << call.rejected << " unaccounted=" << call.unaccounted
                      << " ms=" << milliseconds(call.duration).count() << '\n';
          },
  };
}
// [hooks]

}  // namespace

int main(int argc, char** argv) {
  char const* const session = std::getenv("FICTIVE_SESSION_ID");
  if (argc < 4 || !session) return std::cerr << "usage: FICTIVE_SESSION_ID=… hooks BASE_URL GROUP ADDRESS...\n", 2;

  // [client]
  fictive::client_config const config{
      .base_url = argv[1], .api_version = "9.0.0", .credentials = {.session_id = session}, .hooks = logging_hooks()};
  fictive::beast::client client{config, {.max_idle_time = std::chrono::seconds(10)}};
  // [client]
  auto const reply = client.invite({.account_group_token = argv[2], .email_addresses = {argv + 3, argv + argc}});
  if (!reply) return std::cerr << reply.error() << '\n', 1;
  std::cout << reply->valid_invitations.size() << " invited, " << reply->invalid_email_addresses.size() << " refused\n";
}
