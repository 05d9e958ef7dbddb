// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_COMMAND_LINE_HPP
#define FICTIVE_EXAMPLES_COMMAND_LINE_HPP

#include "arguments.hpp"
#include "service_options.hpp"

#include <string>
#include <string_view>

namespace examples {

struct command_line {
  examples::job job = {};
  bool names_addresses = false;  ///< as arguments or with --from, even if the file has none
  bool as_json = false;
  bool asks_for_help = false;
};

/// Reads the arguments, the environment and the files that they name. Throws `usage_error`.
command_line parse_command_line(int argc, char const* const* argv);

/// The text that --help prints.
std::string help_text(std::string_view program, std::string_view description);

}  // namespace examples

#endif
