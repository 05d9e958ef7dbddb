// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_FORMAT_HPP
#define FICTIVE_FORMAT_HPP

// `std::formatter`s, if the standard library has <format>; otherwise this header defines nothing. <fictive/fictive.hpp>
// does not include it, as <format> takes long to compile.
//
//     std::format("{}", reply.error());
//     std::format("{:>8}", error.effect);
//
// All take the format specification of a text: fill, alignment, width and precision.

#include <fictive/config.hpp>
#include <fictive/date_time.hpp>
#include <fictive/error.hpp>

#include <version>

#if defined(__cpp_lib_format)

#include <format>
#include <string_view>

/// The text of `to_string(e)`, which can be logged.
template <>
struct std::formatter<fictive::error> : std::formatter<std::string_view> {
  template <class Context>
  auto format(fictive::error const& e, Context& context) const {
    return std::formatter<std::string_view>::format(fictive::to_string(e), context);
  }
};

/// As in "timed out".
template <>
struct std::formatter<fictive::errc> : std::formatter<std::string_view> {
  template <class Context>
  auto format(fictive::errc code, Context& context) const {
    return std::formatter<std::string_view>::format(fictive::to_string(code), context);
  }
};

/// "none", "unknown" or "applied".
template <>
struct std::formatter<fictive::effect> : std::formatter<std::string_view> {
  template <class Context>
  auto format(fictive::effect did, Context& context) const {
    return std::formatter<std::string_view>::format(fictive::to_string(did), context);
  }
};

/// The text that `date_time::parse` reads.
template <>
struct std::formatter<fictive::date_time> : std::formatter<std::string_view> {
  template <class Context>
  auto format(fictive::date_time const& time, Context& context) const {
    char text[fictive::date_time::max_text_size];
    return std::formatter<std::string_view>::format(std::string_view(text, time.to_chars(text)), context);
  }
};

#endif

#endif
