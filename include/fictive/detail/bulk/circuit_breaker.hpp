// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_BULK_CIRCUIT_BREAKER_HPP
#define FICTIVE_DETAIL_BULK_CIRCUIT_BREAKER_HPP

#include <fictive/config.hpp>

#include <bitset>
#include <cstddef>

namespace fictive::detail {

/// Ends a run after too many batches that failed.
class circuit_breaker {
 public:
  circuit_breaker(std::size_t max_unknown_in_a_row, std::size_t max_unknown_of_50, std::size_t max_failures_in_a_row)
      : max_unknown_in_a_row_(max_unknown_in_a_row),
        max_unknown_of_50_(max_unknown_of_50),
        max_failures_in_a_row_(max_failures_in_a_row) {}

  void succeeded() noexcept {
    unknown_in_a_row_ = failures_in_a_row_ = 0;
    remember(false);
  }
  /// A batch had an unknown effect. Returns whether the run must end.
  [[nodiscard]] bool was_unknown() noexcept {
    remember(true);
    return ++unknown_in_a_row_ >= max_unknown_in_a_row_ || last_.count() >= max_unknown_of_50_;
  }
  /// A batch had no effect. Returns whether the run must end.
  [[nodiscard]] bool failed() noexcept {
    unknown_in_a_row_ = 0;
    remember(false);
    return ++failures_in_a_row_ >= max_failures_in_a_row_;
  }

 private:
  void remember(bool was_unknown) noexcept {
    last_ <<= 1;
    last_[0] = was_unknown;
  }

  std::size_t max_unknown_in_a_row_, max_unknown_of_50_, max_failures_in_a_row_;
  std::size_t unknown_in_a_row_ = 0, failures_in_a_row_ = 0;
  std::bitset<50> last_;
};

}  // namespace fictive::detail

#endif
