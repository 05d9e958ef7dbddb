// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_RETRY_HPP
#define FICTIVE_RETRY_HPP

#include <fictive/config.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace fictive {

/// Keeps retries from making an outage worse: a bucket of tokens that retries take from and successes give back to.
/// When it is empty, failures are returned at once. Thread-safe; share one among all clients of a service.
class retry_budget {
 public:
  /// @{ In tokens. A success also gives back what its call took.
  static constexpr unsigned cost_of_retry = 5, cost_of_retry_after_timeout = 10, gain_of_success = 1;
  /// @}

  /// Full.
  explicit retry_budget(unsigned capacity = 500) noexcept : capacity_(capacity), tokens_(capacity) {}

  /// Takes `cost` tokens, or none and returns false if there are fewer.
  bool take(unsigned cost) noexcept {
    auto tokens = tokens_.load(std::memory_order_relaxed);
    while (tokens >= cost)
      if (tokens_.compare_exchange_weak(tokens, tokens - cost, std::memory_order_relaxed)) return true;
    return false;
  }

  /// Gives tokens back, up to the capacity.
  void give(unsigned gain) noexcept {
    auto tokens = tokens_.load(std::memory_order_relaxed);
    while (!tokens_.compare_exchange_weak(tokens, tokens + (std::min)(gain, capacity_ - tokens),
                                          std::memory_order_relaxed)) {
    }
  }

  /// How many there are at this moment.
  [[nodiscard]] unsigned tokens() const noexcept { return tokens_.load(std::memory_order_relaxed); }

 private:
  unsigned capacity_;
  std::atomic<unsigned> tokens_;
};

/// When a failed request is sent again. By default only what surely had no effect is, so nobody is invited twice: no
/// connection, or none in time; 429; 503 with `Retry-After`; and 408, 421 and 425, once. Never what the service
/// answered otherwise, a certificate that was not accepted, and what the caller stopped.
struct retry_policy {
  /// Requests in all, the first one included; 0 counts as 1.
  unsigned max_attempts = 3;
  /// The back-off before attempt n + 1 is random between 0 and the lesser of `max_delay` and `base_delay` * 2^(n - 1).
  /// It is added to the delay that the service asks for in `Retry-After`, so that clients do not return all at once;
  /// there it takes at most half of the time that is left until the deadline.
  std::chrono::milliseconds base_delay = std::chrono::milliseconds(500);
  /// See `base_delay`.
  std::chrono::milliseconds max_delay = std::chrono::seconds(20);
  /// For the whole call, waits included. A wait that would not end before it is not begun.
  std::chrono::milliseconds deadline = std::chrono::minutes(2);
  /// The longest `Retry-After` that is waited for; a longer one is returned with the error.
  std::chrono::seconds max_retry_after = std::chrono::seconds(120);
  /// Also sends again what may have had an effect. CAREFUL: that may invite the same people twice.
  bool unknown_effect = false;
  /// Takes a 503 with `Retry-After` at its word, that nothing was done. Turn it off behind a gateway that may answer so
  /// after it passed the request on.
  bool trust_503 = true;
  /// Shared by the copies of this policy. Null for no limit.
  std::shared_ptr<retry_budget> budget = std::make_shared<retry_budget>();
  /// A number from 0 to less than 1, for the jitter; unset for this library's own. It is copied for each call, so what
  /// it remembers must be elsewhere, and called by whatever thread makes the call.
  std::function<double()> random = {};
};

namespace detail {

/// SplitMix64: as good as jitter needs, and small.
constexpr double random_fraction(std::uint64_t& state) noexcept {
  state += 0x9E3779B97F4A7C15u;
  auto z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1p-53;
}

/// The longest back-off after `attempts` attempts; at most a year.
template <class = void>
inline std::chrono::nanoseconds longest_back_off(retry_policy const& policy, unsigned attempts) noexcept {
  using milliseconds = std::chrono::duration<double, std::milli>;
  milliseconds const a_year = std::chrono::hours(24 * 365);
  milliseconds const cap = (std::min)(milliseconds(policy.max_delay), a_year);
  milliseconds longest = policy.base_delay;
  for (unsigned i = 1; i < attempts && longest.count() > 0 && longest < cap; ++i) longest *= 2;
  longest = (std::max)((std::min)(longest, cap), milliseconds(0));
  return std::chrono::duration_cast<std::chrono::nanoseconds>(longest);
}

/// The wait after `attempts` attempts: `random` of the longest back-off, added to what the service asked for.
/// `time_left` is the time until the deadline. Nothing if the wait would not end before it.
template <class = void>
inline std::optional<std::chrono::nanoseconds> wait_before_retry(retry_policy const& policy, unsigned attempts,
                                                                 std::optional<std::chrono::seconds> retry_after,
                                                                 std::chrono::nanoseconds time_left,
                                                                 double random) noexcept {
  constexpr std::chrono::seconds beyond_any_deadline = std::chrono::hours(24 * 365 * 200);
  auto longest = longest_back_off(policy, attempts);
  auto least = std::chrono::nanoseconds(0);
  if (retry_after) {
    if (*retry_after > policy.max_retry_after) return std::nullopt;
    least = std::clamp(*retry_after, std::chrono::seconds(0), beyond_any_deadline);
    if (least >= time_left) return std::nullopt;
    longest = (std::min)(longest, (time_left - least) / 2);  // the rest is for the attempt
  }
  std::chrono::duration<double, std::nano> const jitter = longest * (random > 0 ? (std::min)(random, 1.0) : 0);
  auto const wait = least + std::chrono::duration_cast<std::chrono::nanoseconds>(jitter);
  if (wait >= time_left) return std::nullopt;
  return wait;
}

}  // namespace detail

}  // namespace fictive

#endif
