// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_BULK_PACING_HPP
#define FICTIVE_DETAIL_BULK_PACING_HPP

#include <fictive/config.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace fictive::detail {

/// Paces the requests of a run. Unlimited until the first 429. From then on, the rate follows a cubic curve around the
/// rate at the last throttle (`top_`), which it has reached again after `growth_time`:
///
///     rate(t) = top * (1 + growth * ((t - growth_time) / growth_time)^3)
///
/// After a 429 there is a pause, and then a single request, a probe, until one is accepted.
class bulk_pacing {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `max_rate` is in requests per second; 0 if there is none.
  bulk_pacing(double max_rate, time_point now) noexcept
      : max_rate_(max_rate), epoch_(now), active_since_(now), next_send_(now) {}

  /// Starts with a limit that was learnt before.
  void resume(double rate, time_point now) noexcept;

  [[nodiscard]] bool may_send(time_point now) const noexcept {
    return !is_probe_in_flight_ && now >= next_send_ && now >= paused_until_;
  }
  /// The time from which `may_send` is true; the maximum if an answer is needed first.
  [[nodiscard]] time_point next_time() const noexcept;

  /// How many requests may be sent until then, as things are.
  [[nodiscard]] std::size_t capacity(time_point now, time_point until) const noexcept;

  /// @{ The events. `sent` returns whether the request is a probe, which is told to `ended` when it has ended.
  bool sent(time_point now) noexcept;
  void ended(bool is_probe) noexcept {
    if (is_probe) is_probe_in_flight_ = false;
  }
  void accepted(time_point sent_at, time_point now) noexcept;
  /// A 429. `random` is from 0 to less than 1.
  void throttled(time_point sent_at, time_point now, std::optional<std::chrono::seconds> retry_after,
                 double random) noexcept;
  /// Any other response that asks for a delay.
  void pause_until(time_point until) noexcept { paused_until_ = (std::max)(paused_until_, until); }
  /// @}

  /// The end of a pause that the service has asked for or caused.
  [[nodiscard]] time_point paused_until() const noexcept { return paused_until_; }
  /// The learnt limit in requests per second; 0 if none was met.
  [[nodiscard]] double learnt_rate() const noexcept { return top_; }
  /// The present limit in requests per second; 0 if there is none.
  [[nodiscard]] double rate(time_point now) const noexcept;

 private:
  /// The new top after a 429: between the rate that was sent, which is too high, and the rate that was accepted since
  /// the last throttle, its pause included, which may be too low.
  [[nodiscard]] double rate_after_throttle(time_point now) const noexcept;

  double max_rate_;
  double top_ = 0;           // 0: no limit was met
  time_point epoch_;         // the last throttle
  time_point active_since_;  // the end of the last pause
  time_point curve_begin_ = {};
  time_point next_send_;
  time_point paused_until_ = {};
  std::uint64_t accepted_ = 0;  // since the last pause
  unsigned throttles_ = 0;      // since something was accepted
  bool is_probing_ = false, is_probe_in_flight_ = false;
};

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/bulk/impl/pacing.ipp>
#endif

#endif
