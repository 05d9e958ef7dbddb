// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_RETRY_STATE_HPP
#define FICTIVE_DETAIL_RETRY_STATE_HPP

#include <fictive/config.hpp>
#include <fictive/detail/http/outcomes.hpp>
#include <fictive/error.hpp>
#include <fictive/retry.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <system_error>

namespace fictive::detail {

/// SplitMix64: good enough for jitter, and small.
double random_fraction(std::uint64_t& state) noexcept;

/// The longest back-off after `attempts` attempts; at most a year.
std::chrono::nanoseconds longest_back_off(retry_policy const& policy, unsigned attempts) noexcept;

/// The delay after `attempts` attempts: `random` (0 to 1) of the longest back-off, added to `retry_after`. `time_left`
/// is the time until the deadline. Negative if the delay would not end before it.
std::chrono::nanoseconds delay_before_retry(retry_policy const& policy, unsigned attempts,
                                            std::optional<std::chrono::seconds> retry_after,
                                            std::chrono::nanoseconds time_left, double random) noexcept;

/// Decides whether a failed attempt is retried, and when. Holds no request, so that it is the same for every endpoint.
class retry_state {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `deadline` is in place of the policy's. A safe endpoint (RFC 9110, section 9.2.1) has no effect, so its failures
  /// have none.
  retry_state(retry_policy policy, std::chrono::milliseconds deadline, time_point now, bool is_safe);

  [[nodiscard]] time_point deadline() const noexcept { return deadline_; }

  /// The time until the deadline, rounded up; zero if it has passed.
  [[nodiscard]] std::chrono::milliseconds time_left(time_point now) const noexcept;

  [[nodiscard]] unsigned attempts() const noexcept { return attempts_; }

  /// Whether the next attempt must not reuse a connection.
  [[nodiscard]] bool needs_new_connection() const noexcept { return needs_new_connection_; }

  /// The effect of the last attempt alone.
  [[nodiscard]] effect attempt_effect() const noexcept { return attempt_effect_; }

  /// @{ The events: an attempt begins, and then succeeds or fails. `failed` returns whether there is a next one, at the
  /// time `next_attempt()`. It completes the error as the caller shall see it: a call may have had any effect that one of its
  /// attempts may have had, and the message says what ended the retries.
  void attempted() noexcept { ++attempts_; }
  void succeeded() noexcept;
  bool failed(error& e, time_point now);
  /// @}
  [[nodiscard]] time_point next_attempt() const noexcept { return next_attempt_; }

  /// Whether the attempt that failed with `e` is repeated with renewed credentials: once in a call, besides
  /// `max_attempts`, since it had no effect.
  bool renews_after(error const& e, time_point now) noexcept;

  /// @{ The error of a call that ends before or between attempts; `last` is that of the last attempt.
  [[nodiscard]] error cancelled(error last) const;
  [[nodiscard]] error out_of_time(error last) const;
  /// @}
  /// Any other error between attempts, completed with the effect of those before.
  [[nodiscard]] error ended(error e) const;

  /// Whether `renews_after` returned true.
  [[nodiscard]] bool has_renewed() const noexcept { return renewals_ > 0; }

  /// The error of an attempt after which there is no memory, or whose transport threw. Allocates nothing if `message`
  /// is short.
  error abandoned(error last, std::error_code cause, char const* message);

 private:
  /// Adds the effect of the attempt that failed with `e` to that of the call.
  void note_effect(error const& e) noexcept;

  /// Why no attempt follows, as the end of a message; null if one may follow.
  [[nodiscard]] char const* obstacle_to(retry_rule rule) const noexcept;

  retry_policy policy_;
  time_point deadline_, next_attempt_ = {};
  std::uint64_t random_state_;
  unsigned attempts_ = 0, renewals_ = 0, acquired_tokens_ = 0;
  bool is_safe_;
  bool needs_new_connection_ = false;
  bool was_retried_on_new_connection_ = false;
  effect attempt_effect_ = effect::none, worst_effect_ = effect::none;
};

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/impl/retry_state.ipp>
#endif

#endif
