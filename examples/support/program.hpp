// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_PROGRAM_HPP
#define FICTIVE_EXAMPLES_PROGRAM_HPP

#include "command_line.hpp"
#include "outcome.hpp"

#include <functional>
#include <string_view>

namespace examples {

/// What makes one program differ from the other: how it carries out a job.
using invite_function = std::function<invite_outcome(job const&)>;

enum class network {
  used,    ///< to the base URL, or else to a stand-in service on loopback
  unused,  ///< a base URL makes no sense
};

/// The rest: reads the command line, completes it with the sample of the service's reference where it says nothing,
/// invites, and prints the outcome. Returns what `main` returns. Throws nothing.
int run_program(int argc, char const* const* argv, std::string_view description, invite_function const& invite,
                network = network::used) noexcept;

}  // namespace examples

#endif
