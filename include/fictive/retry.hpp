// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_RETRY_HPP
#define FICTIVE_RETRY_HPP

#include <fictive/config.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

namespace fictive {

/// Prevents retries from making an outage worse: a token bucket from which retries take and to which successes give
/// back. When it is empty, failures are returned at once. Thread-safe; share one among all clients of a service.
class retry_budget {
 public:
  /// @{ In tokens. A success also releases the tokens that its call acquired.
  static constexpr unsigned cost_of_retry = 5, cost_of_retry_after_timeout = 10, gain_of_success = 1;
  /// @}

  /// Starts full.
  explicit retry_budget(unsigned capacity = 500) noexcept : capacity_(capacity), tokens_(capacity) {}

  /// Takes `cost` tokens; takes none and returns false if there are fewer.
  [[nodiscard]] bool try_acquire(unsigned cost) noexcept {
    auto tokens = tokens_.load(std::memory_order_relaxed);
    while (tokens >= cost)
      if (tokens_.compare_exchange_weak(tokens, tokens - cost, std::memory_order_relaxed)) return true;
    return false;
  }

  /// Adds tokens, up to the capacity.
  void release(unsigned gain) noexcept {
    auto tokens = tokens_.load(std::memory_order_relaxed);
    while (!tokens_.compare_exchange_weak(tokens, tokens + (std::min)(gain, capacity_ - tokens),
                                          std::memory_order_relaxed)) {
    }
  }

  /// The current number of tokens.
  [[nodiscard]] unsigned tokens() const noexcept { return tokens_.load(std::memory_order_relaxed); }

 private:
  unsigned capacity_;
  std::atomic<unsigned> tokens_;
};

/// When a failed attempt is retried. By default only if it had no effect, so that nothing is applied twice: no
/// connection, or none in time; 429; 503 with `Retry-After`; and 408, 421 and 425, once. Never retried: other
/// responses, certificate failures, and calls cancelled by the caller.
/// @see @ref errors-retry-policy
struct retry_policy {
  /// Maximum number of attempts, the first one included; 0 counts as 1.
  unsigned max_attempts = 3;
  /// The back-off before attempt n + 1 is random between 0 and the lesser of `max_delay` and `base_delay` * 2^(n - 1).
  /// It is added to the delay requested by `Retry-After`, so that clients do not return all at once; there it takes at
  /// most half of the time that is left until the deadline.
  std::chrono::milliseconds base_delay = std::chrono::milliseconds(500);
  /// See `base_delay`.
  std::chrono::milliseconds max_delay = std::chrono::seconds(20);
  /// The deadline of the whole call, delays included. If the back-off would exceed it, the call fails at once.
  std::chrono::milliseconds deadline = std::chrono::minutes(2);
  /// The longest `Retry-After` that is honoured; a longer one ends the call, with the value in the error.
  std::chrono::seconds max_retry_after = std::chrono::seconds(120);
  /// Also retries attempts that may have had an effect. CAREFUL: the request may then be applied twice.
  bool retry_unknown_effect = false;
  /// Treats a 503 with `Retry-After` as a response without effect. Turn it off behind a gateway that may send one after
  /// it forwarded the request.
  bool trust_503 = true;
  /// Limits retries; shared by the copies of this policy. Null for no limit.
  std::shared_ptr<retry_budget> budget = std::shared_ptr<retry_budget>(new retry_budget());
  /// The random source of the back-off: returns a number from 0 to less than 1. If not set, the library's own. It is
  /// copied for each call, so its state must be elsewhere, and it is called on the thread that drives the call.
  std::function<double()> jitter = {};
};

}  // namespace fictive

#endif
