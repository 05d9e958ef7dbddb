// SPDX-License-Identifier: BSL-1.0

#include "arguments.hpp"

#include "support/printable.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace examples {
namespace {

/// The value of an option: after its '=', or the next argument.
std::string_view option_value(std::string_view name, std::string_view argument, std::vector<std::string_view>& rest) {
  if (argument.size() > name.size()) {
    auto const value = argument.substr(name.size() + 1);
    if (value.empty()) refuse(std::string(name) + " is empty: give it a value or leave it out");
    return value;
  }
  if (rest.empty() || rest.back().starts_with("--") || rest.back().empty())
    refuse(std::string(name) + " needs a value: write " + std::string(name) + "=VALUE");
  auto const value = rest.back();
  rest.pop_back();
  return value;
}

}  // namespace

void refuse(std::string_view problem) {
  throw usage_error(printable(problem));
}

option flag(std::string_view name, bool& to) {
  return {.name = name, .take = [&to](std::string_view) { to = true; }, .is_repeatable = true, .has_value = false};
}

bool parse_arguments(int argc, char const* const* argv, std::vector<option> const& options,
                     std::function<void(std::string_view)> const& take_other) {
  std::vector<std::string_view> seen;
  std::vector<std::string_view> rest(argv + std::min(argc, 1), argv + argc);  // in reverse: the next one is last
  std::reverse(rest.begin(), rest.end());

  bool only_others_follow = false;
  while (!rest.empty()) {
    auto const argument = rest.back();
    rest.pop_back();
    if (only_others_follow || !argument.starts_with('-')) {
      take_other(argument);
    } else if (argument == "--") {
      only_others_follow = true;
    } else if (argument == "--help" || argument == "-h") {
      return false;
    } else {
      auto const name = argument.substr(0, argument.find('='));  // the value may be a secret
      auto const found = std::find_if(options.begin(), options.end(), [&](option const& one) {
        return one.name == name && (one.has_value || name.size() == argument.size());
      });
      if (found == options.end()) refuse("unknown option " + std::string(name) + ": --help lists the options");
      if (!found->is_repeatable && std::find(seen.begin(), seen.end(), name) != seen.end())
        refuse(std::string(name) + " is given twice: give it once");
      seen.push_back(found->name);
      found->take(found->has_value ? option_value(found->name, argument, rest) : "");
    }
  }
  return true;
}

int parse_integer(std::string_view option, std::string_view text, int least, int most) {
  int value = 0;
  auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value < least || value > most)
    refuse(std::string(option) + ": write an integer from " + std::to_string(least) + " to " + std::to_string(most));
  return value;
}

std::string_view program_name(int argc, char const* const* argv, std::string_view otherwise) {
  std::string_view const path = argc > 0 ? argv[0] : otherwise;
  return path.substr(path.find_last_of("/\\") + 1);
}

}  // namespace examples
