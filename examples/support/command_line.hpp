// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_COMMAND_LINE_HPP
#define FICTIVE_EXAMPLES_COMMAND_LINE_HPP

#include <fictive/invite.hpp>
#include <fictive/service.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace examples {

/// Whom to invite, to what, and how to reach the service.
struct job {
  fictive::service service = {};
  fictive::invite_request request = {};
  /// PEM; empty for the system's own.
  std::string ca_file = {};
};

struct command_line {
  examples::job job = {};
  bool has_base_url = false;
  bool names_addresses = false;  ///< as arguments or by --from, even if that holds none
  bool as_json = false;
  bool asks_for_help = false;
};

/// A command line that cannot be carried out; `what()` says what to do about it, is printable and holds no secret.
struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reads arguments, the environment and the files that they name. Throws `usage_error`.
command_line parse_command_line(int argc, char const* const* argv);

/// What --help prints.
std::string help_text(std::string_view program, std::string_view description);

}  // namespace examples

#endif
