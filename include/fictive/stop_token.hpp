// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_STOP_TOKEN_HPP
#define FICTIVE_STOP_TOKEN_HPP

#include <fictive/config.hpp>

#include <version>

#if defined(__cpp_lib_jthread)
#include <stop_token>
#endif

namespace fictive {

/// @{ `std::stop_token` and its source; if the standard library has none (libc++ before 20), a token that never requests
/// a stop.
#if defined(__cpp_lib_jthread)
using std::stop_source;
using std::stop_token;
#else
class stop_token {
 public:
  /// Never.
  [[nodiscard]] bool stop_requested() const noexcept { return false; }
  /// Never.
  [[nodiscard]] bool stop_possible() const noexcept { return false; }
  /// Always.
  friend bool operator==(stop_token const&, stop_token const&) = default;
};

class stop_source {
 public:
  /// A token that never requests a stop.
  [[nodiscard]] stop_token get_token() const noexcept { return {}; }
  /// No effect: false.
  bool request_stop() noexcept { return false; }
};
#endif
/// @}

}  // namespace fictive

#endif
