// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_OBSERVE_HPP
#define FICTIVE_OBSERVE_HPP

#include <fictive/config.hpp>
#include <fictive/error.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace fictive {

/// One request that was handed to the transport, and what it came to. Holds no credential, group token or address and
/// no word of the service's but its `request_id`, so all of it may be logged. Valid during the call of the hook.
struct attempt_event {
  /// The template of the URL's path, as traces and metrics name an endpoint.
  std::string_view route = {};
  /// From 1.
  unsigned attempt = 0;
  /// The HTTP status; 0 without a response.
  unsigned status = 0;
  /// Of the attempt alone.
  std::chrono::nanoseconds duration = {};
  /// @{ Of the bodies.
  std::size_t request_bytes = 0, response_bytes = 0;
  /// @}
  /// @{ As in `error`; without a code if it succeeded.
  std::optional<errc> code = {};
  std::error_code cause = {};
  fictive::effect effect = fictive::effect::applied;
  std::string_view message = {}, request_id = {};
  /// @}
  /// How long the call waits before the next attempt; negative if this was the last.
  std::chrono::nanoseconds next_in = std::chrono::nanoseconds(-1);
};

/// A whole call, retries included. The same holds for it.
struct result_event {
  /// The template of the URL's path.
  std::string_view route = {};
  /// How many requests were handed to the transport; 0 if refused before.
  unsigned attempts = 0;
  /// Of the last attempt.
  unsigned status = 0;
  /// Of the whole call, waits included.
  std::chrono::nanoseconds duration = {};
  /// @{ How many addresses.
  std::size_t invited = 0, refused = 0;
  /// @}
  /// @{ As in `error`; without a code if it succeeded.
  std::optional<errc> code = {};
  std::error_code cause = {};
  fictive::effect effect = fictive::effect::applied;
  std::string_view message = {}, request_id = {};
  /// @}
};

/// Hooks for logs, metrics and traces; what is not set costs nothing. They are called by whatever thread drives the
/// call, must not throw, and hold the call up while they run.
struct observer {
  /// After each attempt.
  std::function<void(attempt_event const&)> on_attempt = {};
  /// Once, when the call is done.
  std::function<void(result_event const&)> on_result = {};
};

namespace detail {

template <class = void>
inline std::shared_ptr<observer const> shared_if_set(observer hooks) {
  if (!hooks.on_attempt && !hooks.on_result) return nullptr;
  return std::make_shared<observer const>(std::move(hooks));
}

}  // namespace detail

}  // namespace fictive

#endif
