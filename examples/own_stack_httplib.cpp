// SPDX-License-Identifier: BSL-1.0

// Invites people over cpp-httplib: the transport is in httplib_transport.hpp. program.hpp reads the command line into a job, which
// is a `client_config`, an `invite_request` and the name of a file with certificate authorities, and prints the result.

#include "httplib_transport.hpp"
#include "support/program.hpp"

#include <fictive/client.hpp>

int main(int argc, char** argv) {
  return examples::run_program(argc, argv, "An example of fictive on cpp-httplib.", [](examples::job const& job) {
    fictive::client client{examples::httplib_transport{.ca_file = job.ca_file}, job.config};
    return client.invite(job.request);
  });
}
