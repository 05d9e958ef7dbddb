#ifndef FICTIVE_TESTS_SUPPORT_RATE_LIMITERS_HPP
#define FICTIVE_TESTS_SUPPORT_RATE_LIMITERS_HPP

#include <fictive/fictive.hpp>
#include <fictive/invite_all.hpp>

#include "support/bulk_world.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

// Services with rate limits, and bulk runs against them in virtual time.

namespace rate_limiters {

/// Decides whether a request is accepted at a time, in seconds. Otherwise it returns the time until one would be.
using limiter = std::function<std::optional<double>(double now)>;

inline limiter unlimited() {
  return [](double) { return std::nullopt; };
}

inline limiter token_bucket(double rate, double burst) {
  return [rate, burst, tokens = burst, last = 0.0](double now) mutable -> std::optional<double> {
    tokens = std::min(burst, tokens + (now - last) * rate);
    last = now;
    if (tokens < 1) return (1 - tokens) / rate;
    --tokens;
    return std::nullopt;
  };
}

inline limiter fixed_window(int count, double seconds) {
  return [count, seconds, window = -1.0, used = 0](double now) mutable -> std::optional<double> {
    auto const current = std::floor(now / seconds);
    if (current != window) used = 0;
    window = current;
    if (used >= count) return (current + 1) * seconds - now;
    ++used;
    return std::nullopt;
  };
}

inline limiter sliding_window(std::size_t count, double seconds) {
  return [count, seconds, accepted = std::deque<double>()](double now) mutable -> std::optional<double> {
    while (!accepted.empty() && accepted.front() <= now - seconds) accepted.pop_front();
    if (accepted.size() >= count) return accepted.front() + seconds - now;
    accepted.push_back(now);
    return std::nullopt;
  };
}

struct model {
  char const* name;
  double rate;  // requests per second that it accepts, or that can be sent
  std::function<limiter()> make;
};

inline std::vector<model> const& models() {
  static std::vector<model> const all{{"token bucket 100/s, burst 100", 100, [] { return token_bucket(100, 100); }},
                                      {"token bucket 30/s, burst 30", 30, [] { return token_bucket(30, 30); }},
                                      {"30 per 1 s window", 30, [] { return fixed_window(30, 1); }},
                                      {"300 per 10 s window", 30, [] { return fixed_window(300, 10); }},
                                      {"token bucket 100/s, burst 10", 100, [] { return token_bucket(100, 10); }},
                                      {"30 in any 1 s", 30, [] { return sliding_window(30, 1); }},
                                      {"token bucket 5/s, burst 5", 5, [] { return token_bucket(5, 5); }},
                                      {"300 per 60 s window", 5, [] { return fixed_window(300, 60); }},
                                      {"100 in any 10 s", 10, [] { return sliding_window(100, 10); }},
                                      {"token bucket 100/s, burst 1", 100, [] { return token_bucket(100, 1); }},
                                      {"token bucket 30/s, burst 1", 30, [] { return token_bucket(30, 1); }},
                                      {"no limit", 160, [] { return unlimited(); }}};
  return all;
}

struct outcome {
  double share = 0;      // of the rate
  double throttled = 0;  // of the requests
};

/// One address in a request, round trips of 50 ms +- 10 %, eight at once.
inline outcome measure(model const& of, bool says_when, std::uint64_t seed, std::chrono::seconds duration) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> fraction(0, 1);
  auto const accepts = of.make();
  double accepted = 0, refused = 0;
  bulk_world::simulation world(
      [&](fictive::http_request const& request, bulk_world::time_point now) -> fictive::result<fictive::http_response> {
        auto const wait = accepts(std::chrono::duration<double>(now - bulk_world::start).count());
        if (!wait) {
          ++accepted;
          return bulk_world::invited(bulk_world::addresses_in(request));
        }
        ++refused;
        if (!says_when) return bulk_world::throttled();
        return bulk_world::throttled(static_cast<unsigned>(std::ceil(*wait)));
      });
  world.latency = [&] {
    return std::chrono::nanoseconds(static_cast<std::int64_t>(50e6 * (0.9 + 0.2 * fraction(random))));
  };
  world.until = bulk_world::start + duration;
  world.checks = false;
  auto with = bulk_world::config();
  with.retry.jitter = [&] { return fraction(random); };
  std::size_t index = 0;
  fictive::bulk_request request{.account_group_token = "group", .email_addresses = [&index](std::string& address) {
                                  address = bulk_world::address(index++);
                                  return true;
                                }};
  (void)world.run(std::move(request), {.max_batch = 1, .canary = 1, .duplicates = fictive::duplicate_detection::off},
                  with);
  return {.share = accepted / (of.rate * static_cast<double>(duration.count())),
          .throttled = accepted + refused == 0 ? 0 : refused / (accepted + refused)};
}

}  // namespace rate_limiters

#endif
