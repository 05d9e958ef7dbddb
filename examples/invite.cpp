// SPDX-License-Identifier: BSL-1.0

// Invites people over the library's own adapter for Boost.Beast.

#include "support/program.hpp"

#include <fictive/beast.hpp>
#include <fictive/client.hpp>

int main(int argc, char** argv) {
  return examples::run_program(argc, argv, "An example of fictive on Boost.Beast.", [](examples::job const& job) {
    fictive::client client{fictive::beast::blocking_transport{{.tls = {.ca_file = job.ca_file}}}, job.service};
    return client.invite(job.request);
  });
}
