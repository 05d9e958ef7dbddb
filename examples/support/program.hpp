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

enum class network {
  used,    ///< sends to the base URL, or if there is none, to a fake on loopback
  unused,  ///< sends nothing, and accepts no base URL
};

/// Everything else: reads the command line, fills in sample values, invites, and prints the outcome. Returns the exit
/// status. Throws nothing.
int run_program(int argc, char const* const* argv, std::string_view description, invite_function const& invite,
                network = network::used) noexcept;

}  // namespace examples

#endif
