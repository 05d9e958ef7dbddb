// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXPECTED_HPP
#define FICTIVE_EXPECTED_HPP

// Conversions to and from `std::expected`, if the standard library has it (C++23); otherwise this header defines
// nothing. <fictive/fictive.hpp> does not include it.

#include <fictive/config.hpp>
#include <fictive/error.hpp>

#include <version>

#if defined(__cpp_lib_expected)

#include <expected>
#include <type_traits>
#include <utility>

namespace fictive {

/// The same value or error. Pass an rvalue to move it.
template <class T>
[[nodiscard]] std::expected<T, error> to_expected(result<T> from) {
  if (!from) return std::unexpected(from.error());
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return std::expected<T, error>(std::in_place, *std::move(from));
}

/// The same value or error. Pass an rvalue to move it.
template <class T>
[[nodiscard]] result<T> to_result(std::expected<T, error> from) {
  if (!from) return std::move(from).error();
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return result<T>(boost::system::in_place_value, *std::move(from));
}

}  // namespace fictive

#endif

#endif
