// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_HOOKS_HPP
#define FICTIVE_HOOKS_HPP

#include <fictive/config.hpp>
#include <fictive/error.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <system_error>

namespace fictive {

/// One attempt: a request that was handed to the transport, and its result. Contains no credential, account-group token
/// or address and no text of the service but its `request_id`, so all of it may be logged. Valid while the hook runs.
struct attempt_event {
  /// The template of the URL's path, the name of an endpoint in traces and metrics.
  std::string_view route = {};
  /// Counts from 1.
  unsigned attempt = 0;
  /// The HTTP status; 0 without a response.
  unsigned status = 0;
  /// The duration of this attempt.
  std::chrono::nanoseconds duration = {};
  /// @{ Sizes of the bodies.
  std::size_t request_bytes = 0, response_bytes = 0;
  /// @}
  /// @{ As in `error`; without a code if the attempt succeeded.
  std::optional<errc> code = {};
  std::error_code cause = {};
  fictive::effect effect = fictive::effect::applied;
  std::string_view message = {}, request_id = {};
  /// @}
  /// The delay before the next attempt; negative if this was the last one.
  std::chrono::nanoseconds next_in = std::chrono::nanoseconds(-1);
};

/// A call, retries included. What `attempt_event` says of its contents and lifetime applies here, too.
struct result_event {
  /// The template of the URL's path.
  std::string_view route = {};
  /// Number of requests that were handed to the transport; 0 if the call was refused before.
  unsigned attempts = 0;
  /// The HTTP status of the last attempt.
  unsigned status = 0;
  /// The duration of the call, delays between attempts included.
  std::chrono::nanoseconds duration = {};
  /// @{ Number of items of the request (addresses, for example) that the service accepted and rejected.
  std::size_t accepted = 0, rejected = 0;
  /// @}
  /// @{ As in `error`; without a code if the call succeeded.
  std::optional<errc> code = {};
  std::error_code cause = {};
  fictive::effect effect = fictive::effect::applied;
  std::string_view message = {}, request_id = {};
  /// @}
};

/// Functions for logs, metrics and traces; those that are not set cost nothing. They run synchronously, on the thread
/// that drives the call, and must not throw.
struct hooks {
  /// Called after each attempt.
  std::function<void(attempt_event const&)> on_attempt = {};
  /// Called once, when the call is complete.
  std::function<void(result_event const&)> on_result = {};
};

}  // namespace fictive

#endif
