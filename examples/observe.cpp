// SPDX-License-Identifier: BSL-1.0

// Writes a line to standard error for each attempt and each call, as a log, a metric or a trace span would want it.

#include "support/program.hpp"

#include <fictive/beast.hpp>
#include <fictive/client.hpp>

#include <chrono>
#include <iostream>

namespace {

// [observe]
fictive::observer logging_observer() {
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
            std::clog << "POST " << call.route << " attempts=" << call.attempts << " invited=" << call.invited
                      << " refused=" << call.refused << " ms=" << milliseconds(call.duration).count() << '\n';
          },
  };
}
// [observe]

}  // namespace

int main(int argc, char** argv) {
  return examples::run_program(argc, argv, "An example of fictive with hooks.", [](examples::job const& job) {
    fictive::client client{
        fictive::beast::blocking_transport{{.tls = {.ca_file = job.ca_file}}}, job.service, {}, logging_observer()};
    return client.invite(job.request);
  });
}
