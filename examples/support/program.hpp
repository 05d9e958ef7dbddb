// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_PROGRAM_HPP
#define FICTIVE_EXAMPLES_PROGRAM_HPP

#include "command_line.hpp"
#include "outcome.hpp"

#include <functional>
#include <string_view>

namespace examples {

/// How a program sends the invitations.
using invite_function = std::function<invite_outcome(job const&)>;

/// Everything else: reads the command line, invites, and prints the outcome. Without a base URL on the command line,
/// uses that of a fake server on loopback, and sample values. Returns the exit status. Throws nothing.
int run_program(int argc, char const* const* argv, std::string_view description,
                invite_function const& invite) noexcept;

}  // namespace examples

#endif
