// SPDX-License-Identifier: BSL-1.0

// Invites people, on the adapter for Boost.Beast. SIGINT or SIGTERM lets the request in progress complete, and sends
// nothing more; a second one cancels the request. Either way, the outcome says what is known. program.hpp reads the
// command line into a job, which is a `client_config`, an `invite_request` and the name of a file with certificate
// authorities, and prints the result.

#include "support/program.hpp"
#include "support/stop_signals.hpp"

#include <fictive/beast.hpp>

#include <iostream>

namespace {

void report_signal(bool is_first) {
  std::cerr << (is_first ? "invite: waits for the request in progress; a second signal cancels it\n"
                         : "invite: cancels the request\n");
}

fictive::result<fictive::invite_response> invite(examples::job const& job) {
  examples::stop_signals_on_a_thread const signals(report_signal);
  fictive::beast::transport transport({.tls = {.ca_file = job.ca_file}});
  // The first signal stops the call, but not the request that it waits for.
  auto const send = [&](fictive::http_request const& request) { return transport(request, signals.abandon()); };
  fictive::client client{send, job.config};
  return client.invite(job.request, {.stop = signals.drain()});
}

}  // namespace

int main(int argc, char** argv) {
  return examples::run_program(argc, argv, "An example of fictive on Boost.Beast.", invite);
}
