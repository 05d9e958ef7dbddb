// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_ARGUMENTS_HPP
#define FICTIVE_EXAMPLES_ARGUMENTS_HPP

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace examples {

/// An invalid command line or file; `what()` says how to correct it, is printable and contains no secret and no address.
struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws `usage_error`, with `problem` made printable.
[[noreturn]] void refuse(std::string_view problem);

/// An option of a command line.
struct option {
  std::string_view name;
  /// Takes the value; for an option without one, "".
  std::function<void(std::string_view)> take;
  bool is_repeatable = false;
  bool has_value = true;
};

/// An option without a value, which sets `to`.
option flag(std::string_view name, bool& to);

/// Reads the arguments after the program's name. `take_other` takes those that are not options. Returns false, at once,
/// if one of them is --help. Throws `usage_error`.
[[nodiscard]] bool parse_arguments(int argc, char const* const* argv, std::vector<option> const& options,
                                   std::function<void(std::string_view)> const& take_other);

/// An integer in this range. Throws `usage_error`, which says so.
[[nodiscard]] int parse_integer(std::string_view option, std::string_view text, int least, int most);

/// The name of the program in argv[0], without folders.
[[nodiscard]] std::string_view program_name(int argc, char const* const* argv, std::string_view otherwise);

}  // namespace examples

#endif
