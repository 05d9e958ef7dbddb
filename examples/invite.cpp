// SPDX-License-Identifier: BSL-1.0

// Invites people, on the adapter for Boost.Beast.

#include "support/program.hpp"

#include <fictive/beast.hpp>

int main(int argc, char** argv) {
  return examples::run_program(argc, argv, "An example of fictive on Boost.Beast.", [](examples::job const& job) {
    fictive::beast::client client{job.config, {.tls = {.ca_file = job.ca_file}}};
    return client.invite(job.request);
  });
}
