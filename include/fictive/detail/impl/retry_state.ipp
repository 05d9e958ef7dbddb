// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_IMPL_RETRY_STATE_IPP
#define FICTIVE_DETAIL_IMPL_RETRY_STATE_IPP

#include <fictive/detail/http/outcomes.hpp>
#include <fictive/detail/retry_state.hpp>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

namespace fictive::detail {

FICTIVE_DECL double random_fraction(std::uint64_t& state) noexcept {
  state += 0x9E3779B97F4A7C15u;
  auto z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1p-53;
}

FICTIVE_DECL std::chrono::nanoseconds longest_back_off(retry_policy const& policy, unsigned attempts) noexcept {
  using std::chrono::milliseconds;
  constexpr milliseconds a_year = std::chrono::hours(24 * 365);
  auto const cap = (std::min)(policy.max_delay, a_year);
  auto longest = (std::min)(policy.base_delay, cap);
  for (unsigned i = 1; i < attempts && longest.count() > 0 && longest < cap; ++i)
    longest = (std::min)(longest + longest, cap);
  return (std::max)(longest, milliseconds(0));
}

FICTIVE_DECL std::chrono::nanoseconds delay_before_retry(retry_policy const& policy, unsigned attempts,
                                                         std::optional<std::chrono::seconds> retry_after,
                                                         std::chrono::nanoseconds time_left, double random) noexcept {
  using std::chrono::nanoseconds;
  constexpr std::chrono::seconds beyond_any_deadline = std::chrono::hours(24 * 365 * 200);
  constexpr nanoseconds none(-1);
  auto longest = longest_back_off(policy, attempts);
  nanoseconds least(0);
  if (retry_after) {
    if (*retry_after > policy.max_retry_after) return none;
    if (*retry_after > std::chrono::seconds(0)) least = (std::min)(*retry_after, beyond_any_deadline);
    if (least >= time_left) return none;
    longest = (std::min)(longest, (time_left - least) / 2);  // the rest is for the attempt
  }
  auto const fraction = random > 0 ? (std::min)(random, 1.0) : 0;
  auto const jitter = static_cast<nanoseconds::rep>(static_cast<double>(longest.count()) * fraction);
  auto const delay = least + nanoseconds(jitter);
  return delay < time_left ? delay : none;
}

/// Cuts the duration to a hundred years, so that the sum does not overflow.
FICTIVE_DECL retry_state::time_point later(retry_state::time_point now, std::chrono::milliseconds duration) noexcept {
  using time_point = retry_state::time_point;
  constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365 * 100);
  std::chrono::nanoseconds const wanted = std::clamp(duration, std::chrono::milliseconds(0), longest);
  auto const room = (time_point::max)() - (std::max)(now, time_point());
  return wanted >= room ? (time_point::max)() : now + wanted;
}

FICTIVE_DECL retry_state::retry_state(retry_policy policy, std::chrono::milliseconds deadline, time_point now,
                                      bool is_safe)
    : policy_(std::move(policy)),
      deadline_(later(now, deadline)),
      // Differs between calls (the address, the time), and between machines whose addresses are randomized.
      random_state_(reinterpret_cast<std::uintptr_t>(this) ^
                    std::bit_cast<std::uint64_t>(now.time_since_epoch().count())),
      is_safe_(is_safe) {}

FICTIVE_DECL std::chrono::milliseconds retry_state::time_left(time_point now) const noexcept {
  if (now >= deadline_) return std::chrono::milliseconds(0);
  return std::chrono::ceil<std::chrono::milliseconds>(deadline_ - now);
}

FICTIVE_DECL void retry_state::succeeded() noexcept {
  if (policy_.budget) policy_.budget->release(retry_budget::gain_of_success + acquired_tokens_);
}

FICTIVE_DECL void retry_state::note_effect(error const& e) noexcept {
  attempt_effect_ = e.effect;
  if (e.status == 503 && !policy_.trust_503) attempt_effect_ = (std::max)(attempt_effect_, effect::unknown);
  if (is_safe_) attempt_effect_ = effect::none;
  worst_effect_ = (std::max)(worst_effect_, attempt_effect_);
}

FICTIVE_DECL bool retry_state::failed(error& e, time_point now) {
  note_effect(e);
  e.attempts = attempts_;

  e.effect = attempt_effect_;
  auto const rule = retry_rule_of(e, is_safe_);
  e.effect = worst_effect_;
  auto const* obstacle = obstacle_to(rule);
  std::chrono::nanoseconds delay(0);
  if (!obstacle) {
    delay = delay_before_retry(policy_, attempts_, e.retry_after, deadline_ - now,
                               policy_.jitter ? policy_.jitter() : random_fraction(random_state_));
    if (delay < std::chrono::nanoseconds(0))
      obstacle = e.retry_after && *e.retry_after > policy_.max_retry_after
                     ? "; not retried, since Retry-After is longer than retry.max_retry_after"
                     : "; not retried, since the next attempt would begin after the deadline of the call";
  }
  auto const cost = e.code == errc::timed_out ? retry_budget::cost_of_retry_after_timeout : retry_budget::cost_of_retry;
  if (!obstacle && policy_.budget && !policy_.budget->try_acquire(cost))
    obstacle = "; not retried, since retry.budget is empty: too many calls fail";
  if (obstacle) {
    e.message.append(obstacle);
    return false;
  }
  acquired_tokens_ += cost;
  needs_new_connection_ = rule == retry_rule::once_on_new_connection;
  was_retried_on_new_connection_ = was_retried_on_new_connection_ || needs_new_connection_;
  next_attempt_ = now + std::chrono::duration_cast<time_point::duration>(delay);
  return true;
}

FICTIVE_DECL bool retry_state::renews_after(error const& e, time_point now) noexcept {
  bool const is_refused = e.code == errc::not_authenticated && (e.status == 401 || e.status == 403);
  if (!is_refused || attempt_effect_ != effect::none || renewals_ > 0 || now >= deadline_) return false;
  ++renewals_;
  return true;
}

FICTIVE_DECL error retry_state::cancelled(error last) const {
  last.code = errc::cancelled;
  last.cause = std::make_error_code(std::errc::operation_canceled);
  last.effect = worst_effect_;
  last.message = attempts_ == 0 ? "the call was cancelled before its first attempt"
                                : "the call was cancelled between two attempts";
  return last;
}

FICTIVE_DECL error retry_state::out_of_time(error last) const {
  last.code = errc::timed_out;
  last.cause = std::make_error_code(std::errc::timed_out);
  last.effect = worst_effect_;
  last.message = "the deadline of the call has passed while its credentials were renewed";
  return last;
}

FICTIVE_DECL error retry_state::ended(error e) const {
  e.effect = worst_effect_;
  e.attempts = attempts_;
  return e;
}

FICTIVE_DECL error retry_state::abandoned(error last, std::error_code cause, char const* message) {
  note_effect(last);
  last.cause = cause;
  last.effect = worst_effect_;
  last.message = message;
  last.attempts = attempts_;
  return last;
}

FICTIVE_DECL char const* retry_state::obstacle_to(retry_rule rule) const noexcept {
  if (rule == retry_rule::never) return "";
  if (rule == retry_rule::once_on_new_connection && was_retried_on_new_connection_)
    return "; not retried again, since a new connection did not help";
  if (attempt_effect_ != effect::none && !policy_.retry_unknown_effect)
    return "; not retried, since it may have taken effect";
  if (attempts_ - renewals_ >= policy_.max_attempts) return "; not retried, since retry.max_attempts is reached";
  return nullptr;
}

}  // namespace fictive::detail

#endif
