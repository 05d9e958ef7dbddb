// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_SERVICE_OPTIONS_HPP
#define FICTIVE_EXAMPLES_SERVICE_OPTIONS_HPP

#include "arguments.hpp"

#include <fictive/client_config.hpp>
#include <fictive/credentials.hpp>
#include <fictive/invite.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace examples {

/// What the command line asks for.
struct job {
  fictive::client_config config = {};
  fictive::invite_request request = {};
  /// PEM file with the authorities to trust; if empty, the system's.
  std::string ca_file = {};
  bool has_base_url = false;
};

/// The options about the service, the group and the invitations. They refer to `of`.
[[nodiscard]] std::vector<option> service_options(job& of);

/// Their part of the text that --help prints.
extern std::string_view const service_options_help;

/// Reads the credentials that are not on the command line from the environment.
void complete_from_environment(fictive::credentials& credentials);

}  // namespace examples

#endif
