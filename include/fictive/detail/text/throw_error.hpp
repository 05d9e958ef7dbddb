// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_TEXT_THROW_ERROR_HPP
#define FICTIVE_DETAIL_TEXT_THROW_ERROR_HPP

#include <fictive/config.hpp>

#include <cstdlib>

namespace fictive::detail {

/// Throws an exception of this type. Without exceptions (-fno-exceptions), aborts the program.
template <class Exception>
[[noreturn]] void throw_error([[maybe_unused]] char const* text) {
#if defined(__cpp_exceptions)
  throw Exception(text);
#else
  std::abort();
#endif
}

}  // namespace fictive::detail

#endif
