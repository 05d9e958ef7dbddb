// SPDX-License-Identifier: BSL-1.0

// Logs a line for each attempt and each call to standard error, by way of hooks.

#include "support/program.hpp"

#include <fictive/beast.hpp>

#include <chrono>
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
                      << " refused=" << call.rejected << " ms=" << milliseconds(call.duration).count() << '\n';
          },
  };
}
// [hooks]

}  // namespace

int main(int argc, char** argv) {
  return examples::run_program(argc, argv, "An example of fictive with hooks.", [](examples::job const& job) {
    auto config = job.config;
    config.hooks = logging_hooks();
    fictive::beast::client client{config, {.tls = {.ca_file = job.ca_file}}};
    return client.invite(job.request);
  });
}
