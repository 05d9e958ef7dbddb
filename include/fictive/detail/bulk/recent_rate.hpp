// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_BULK_RECENT_RATE_HPP
#define FICTIVE_DETAIL_BULK_RECENT_RATE_HPP

#include <fictive/config.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace fictive::detail {

/// The number of events per second over the last ten seconds and the current one.
class recent_rate {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit recent_rate(time_point now) noexcept : began_(now) {}

  void add(std::uint64_t count, time_point now) noexcept {
    auto const second = second_of(now);
    auto& one = slots_[static_cast<std::size_t>(second) % slots_.size()];
    if (one.second != second) one = {second, 0};
    one.count += count;
  }

  [[nodiscard]] double per_second(time_point now) const noexcept {
    auto const second = second_of(now);
    std::uint64_t sum = 0;
    for (auto const& one : slots_)
      if (one.second > second - static_cast<std::int64_t>(slots_.size())) sum += one.count;
    auto const first = (std::max)(second + 1 - static_cast<std::int64_t>(slots_.size()), std::int64_t{0});
    std::chrono::duration<double> const covered = now - (began_ + std::chrono::seconds(first));
    return static_cast<double>(sum) / (std::max)(covered.count(), 1.0);
  }

 private:
  struct slot {
    std::int64_t second = -100;
    std::uint64_t count = 0;
  };

  [[nodiscard]] std::int64_t second_of(time_point now) const noexcept {
    return (std::max)(std::chrono::floor<std::chrono::seconds>(now - began_).count(), std::chrono::seconds::rep{0});
  }

  time_point began_;
  std::array<slot, 11> slots_ = {};
};

}  // namespace fictive::detail

#endif
