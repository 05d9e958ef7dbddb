// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_BULK_IMPL_PACING_IPP
#define FICTIVE_DETAIL_BULK_IMPL_PACING_IPP

#include <fictive/detail/bulk/pacing.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>

namespace fictive::detail {

namespace pacing {

// Tuned in the simulation of tests/benchmark/bulk_pacing.cpp, with other seeds.
inline constexpr double growth = 0.07;          // the curve begins at 0.93 of the top
inline constexpr double min_growth_time = 15;   // s
inline constexpr double growth_requests = 150;  // the growth takes at least this many requests
inline constexpr double margin = 0.97;          // of the rate at a throttle: the plateau is below the limit
inline constexpr double steepest = 0.92;        // a throttle reduces the rate at most to this, times `margin`
inline constexpr double base_pause = 0.4, max_pause = 20;  // s
inline constexpr double min_rate = 0.02;                   // requests per second
inline constexpr double max_rate = 1e9;
inline constexpr unsigned min_answers = 20;  // before the accepted rate is trusted

inline double seconds(std::chrono::nanoseconds duration) noexcept {
  return std::chrono::duration<double>(duration).count();
}

/// At most a year.
inline std::chrono::nanoseconds duration(double seconds) noexcept {
  std::chrono::duration<double> const a_year = std::chrono::hours(24 * 365);
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      (std::min)(std::chrono::duration<double>(seconds), a_year));
}

}  // namespace pacing

FICTIVE_DECL void bulk_pacing::resume(double rate, time_point now) noexcept {
  if (!(rate > 0)) return;
  top_ = (std::min)(rate, pacing::max_rate);
  curve_begin_ = now;
}

FICTIVE_DECL bulk_pacing::time_point bulk_pacing::next_time() const noexcept {
  if (is_probe_in_flight_) return (time_point::max)();
  return (std::max)(next_send_, paused_until_);
}

FICTIVE_DECL std::size_t bulk_pacing::capacity(time_point now, time_point until) const noexcept {
  auto const begin = next_time();
  if (begin > until) return 0;
  auto const limit = rate(now);
  if (is_probing_) return 1;
  if (!(limit > 0)) return (std::numeric_limits<std::size_t>::max)();
  return 1 + static_cast<std::size_t>((std::min)(pacing::seconds(until - (std::max)(begin, now)) * limit, 1e6));
}

FICTIVE_DECL double bulk_pacing::rate(time_point now) const noexcept {
  if (top_ == 0) return max_rate_;
  auto const growth_time = (std::max)(pacing::min_growth_time, pacing::growth_requests / top_);
  auto const x = pacing::seconds(now - curve_begin_) / growth_time - 1;
  auto const wanted = top_ * (1 + pacing::growth * x * x * x);
  return max_rate_ > 0 ? (std::min)(wanted, max_rate_) : wanted;
}

FICTIVE_DECL bool bulk_pacing::sent(time_point now) noexcept {
  if (auto const limit = rate(now); limit > 0) {
    auto const interval = pacing::duration(1 / limit);
    next_send_ = (std::max)(next_send_, now - interval) + interval;  // a request that was late does not cost rate
  }
  is_probe_in_flight_ = is_probing_;
  return is_probing_;
}

FICTIVE_DECL void bulk_pacing::accepted(time_point sent_at, time_point now) noexcept {
  ++accepted_;
  if (!is_probing_ || sent_at < epoch_) return;
  throttles_ = 0;
  is_probing_ = is_probe_in_flight_ = false;
  curve_begin_ = active_since_ = now;
  accepted_ = 1;
  next_send_ = (std::max)(next_send_, now);
}

FICTIVE_DECL double bulk_pacing::rate_after_throttle(time_point now) const noexcept {
  auto const accepted_since = [&](time_point begin) {
    return static_cast<double>(accepted_) / (std::max)(pacing::seconds(now - begin), 0.05);
  };
  bool const is_measured = accepted_ >= pacing::min_answers && pacing::seconds(now - active_since_) >= 1;
  auto sent = top_ == 0 ? accepted_since(active_since_) : pacing::margin * rate(now);
  if (is_measured) sent = (std::min)(sent, accepted_since(active_since_));
  auto const sustained = (std::min)(accepted_since(epoch_), sent);
  return (std::max)(std::sqrt(sent * sustained), pacing::steepest * sent);
}

FICTIVE_DECL void bulk_pacing::throttled(time_point sent_at, time_point now,
                                         std::optional<std::chrono::seconds> retry_after, double random) noexcept {
  bool const is_echo = sent_at < epoch_;  // sent before the last throttle
  if (!is_echo) {
    top_ = (std::max)(throttles_ == 0 ? rate_after_throttle(now) : top_ * (1 - pacing::growth), pacing::min_rate);
    auto const longest =
        (std::min)(pacing::base_pause * static_cast<double>(1u << (std::min)(throttles_, 16u)), pacing::max_pause);
    pause_until(now + pacing::duration(longest * (0.5 + random / 2)));
    ++throttles_;
    epoch_ = now;
    is_probing_ = true;
  }
  if (retry_after) {
    auto const floor =
        std::clamp<std::chrono::seconds>(*retry_after, std::chrono::seconds(0), std::chrono::hours(24 * 365));
    pause_until(now + floor);
  }
}

}  // namespace fictive::detail

#endif
