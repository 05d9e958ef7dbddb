// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_COMMAND_LINE_HPP
#define FICTIVE_EXAMPLES_COMMAND_LINE_HPP

#include <fictive/client_config.hpp>
#include <fictive/invite.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace examples {

/// What the command line asks for.
struct job {
  fictive::client_config config = {};
  fictive::invite_request request = {};
  /// PEM file with the authorities to trust; if empty, the system's.
  std::string ca_file = {};
};

struct command_line {
  examples::job job = {};
  bool has_base_url = false;
  bool names_addresses = false;  ///< as arguments or with --from, even if the file has none
  bool as_json = false;
  bool asks_for_help = false;
};

/// An invalid command line; `what()` says how to correct it, is printable and contains no secret.
struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reads the arguments, the environment and the files that they name. Throws `usage_error`.
command_line parse_command_line(int argc, char const* const* argv);

/// The text that --help prints.
std::string help_text(std::string_view program, std::string_view description);

}  // namespace examples

#endif
