// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_BULK_CONCURRENCY_HPP
#define FICTIVE_DETAIL_BULK_CONCURRENCY_HPP

#include <fictive/config.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace fictive::detail {

/// The number of concurrent requests: grows by one when as many have succeeded, and shrinks by a tenth, at most once a
/// round trip, when the service is slow or fails.
class bulk_concurrency {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  bulk_concurrency(std::size_t initial, std::size_t max, std::chrono::milliseconds slow) noexcept
      : limit_(static_cast<double>((std::min)(initial, max))),
        min_(static_cast<double>((std::min)(std::size_t{2}, (std::min)(initial, max)))),
        max_(static_cast<double>(max)),
        slow_(slow) {}

  [[nodiscard]] std::size_t limit() const noexcept { return static_cast<std::size_t>(limit_); }

  /// A request that was sent at this time has succeeded; `in_flight` counts it.
  void succeeded(time_point sent_at, time_point now, std::size_t in_flight) noexcept {
    if (now - sent_at > slow_) return failed(sent_at, now);
    if (static_cast<double>(in_flight) * 2 >= limit_) limit_ = (std::min)(limit_ + 1 / limit_, max_);
  }

  /// It failed with 5xx, or timed out.
  void failed(time_point sent_at, time_point now) noexcept {
    if (has_shrunk_ && sent_at < shrunk_at_) return;
    has_shrunk_ = true;
    shrunk_at_ = now;
    limit_ = (std::max)(limit_ * 0.9, min_);
  }

 private:
  double limit_, min_, max_;
  std::chrono::milliseconds slow_;
  bool has_shrunk_ = false;
  time_point shrunk_at_ = {};
};

}  // namespace fictive::detail

#endif
