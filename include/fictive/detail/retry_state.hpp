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

namespace fictive::detail {

/// SplitMix64: good enough for jitter, and small.
double random_fraction(std::uint64_t& state) noexcept;

/// The longest back-off after `attempts` attempts; at most a year.
std::chrono::nanoseconds longest_back_off(retry_policy const& policy, unsigned attempts) noexcept;

/// The delay after `attempts` attempts: `random` (0 to 1) of the longest back-off, added to `retry_after`. `time_left`
/// is the time until the deadline. Nothing if the delay would not end before it.
std::optional<std::chrono::nanoseconds> delay_before_retry(retry_policy const& policy, unsigned attempts,
                                                           std::optional<std::chrono::seconds> retry_after,
                                                           std::chrono::nanoseconds time_left, double random) noexcept;

/// Decides whether a failed attempt is retried, and when. Holds no request, so that it is the same for every endpoint.
class retry_state {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// A safe endpoint (RFC 9110, section 9.2.1) has no effect, so its failures have none.
  retry_state(retry_policy policy, time_point now, bool is_safe);

  /// The time until the deadline, rounded up; zero if it has passed.
  [[nodiscard]] std::chrono::milliseconds time_left(time_point now) const noexcept;

  [[nodiscard]] unsigned attempts() const noexcept { return attempts_; }

  /// Whether the next attempt must not reuse a connection.
  [[nodiscard]] bool needs_new_connection() const noexcept { return needs_new_connection_; }

  /// The effect of the last attempt alone.
  [[nodiscard]] effect attempt_effect() const noexcept { return attempt_effect_; }

  /// @{ The events: an attempt begins, and then succeeds or fails. `failed` returns the time of the next attempt if
  /// there is one. It completes the error as the caller shall see it: a call may have had any effect that one of its
  /// attempts may have had.
  void attempted() noexcept { ++attempts_; }
  void succeeded() noexcept;
  std::optional<time_point> failed(error& e, time_point now);
  /// @}

  /// The error of a call that is cancelled before or between attempts; `last` is that of the last attempt.
  [[nodiscard]] error cancelled(error last) const;

 private:
  [[nodiscard]] bool may_retry(retry_rule rule) const noexcept;

  retry_policy policy_;
  time_point deadline_;
  std::uint64_t random_state_;
  unsigned attempts_ = 0, acquired_tokens_ = 0;
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
