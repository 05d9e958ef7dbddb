// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_HOOKS_HPP
#define FICTIVE_HOOKS_HPP

#include <fictive/config.hpp>
#include <fictive/error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <system_error>

namespace fictive {

/// The begin of a call. What `attempt_event` says of its contents and lifetime applies here, too.
struct start_event {
  /// The template of the URL's path, the name of an endpoint in traces and metrics.
  std::string_view route = {};
  /// The number of the call, unique in this process, which is the same in all events of a call.
  std::uint64_t call_id = 0;
  /// `call_options::label`.
  std::string_view label = {};
};

/// One attempt: a request that was handed to the transport, and its result. Contains no credential, account-group token
/// or address and no text of the service but its `request_id`, so all of it may be logged. Valid while the hook runs.
struct attempt_event {
  /// The template of the URL's path, the name of an endpoint in traces and metrics.
  std::string_view route = {};
  /// @{ As in `start_event`.
  std::uint64_t call_id = 0;
  std::string_view label = {};
  /// @}
  /// Counts from 1.
  unsigned attempt = 0;
  /// The HTTP status; 0 without a response.
  int status = 0;
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
  /// The delay before the next attempt; negative if this was the last one, zero if the credentials are renewed first.
  std::chrono::nanoseconds next_in = std::chrono::nanoseconds(-1);
};

/// A call, retries included. What `attempt_event` says of its contents and lifetime applies here, too.
struct result_event {
  /// The template of the URL's path.
  std::string_view route = {};
  /// @{ As in `start_event`.
  std::uint64_t call_id = 0;
  std::string_view label = {};
  /// @}
  /// Number of requests that were handed to the transport; 0 if the call was refused before.
  unsigned attempts = 0;
  /// The HTTP status of the last attempt.
  int status = 0;
  /// The duration of the call, delays between attempts included.
  std::chrono::nanoseconds duration = {};
  /// @{ Number of items of the request (addresses, for example) that the service accepted, rejected, and did not mention.
  std::size_t accepted = 0, rejected = 0, unaccounted = 0;
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
/// @see @ref logging-page
struct hooks {
  /// Called once, before the first attempt.
  std::function<void(start_event const&)> on_start = {};
  /// Called after each attempt.
  std::function<void(attempt_event const&)> on_attempt = {};
  /// Called once, when the call is complete, also if the transport threw.
  std::function<void(result_event const&)> on_result = {};
};

namespace detail {

/// A number for a call, unique in this process.
std::uint64_t next_call_id() noexcept;

}  // namespace detail

}  // namespace fictive

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/impl/hooks.ipp>
#endif

#endif
