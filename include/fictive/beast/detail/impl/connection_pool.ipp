// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_CONNECTION_POOL_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_CONNECTION_POOL_IPP

#include <fictive/beast/detail/connection_pool.hpp>
#include <fictive/beast/detail/namespace.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace FICTIVE_BEAST_NAMESPACE::detail {

FICTIVE_DECL connection_pool::connection_pool(pool_limits limits) noexcept : limits_(limits) {
  limits_.max_connections = (std::max<std::size_t>)(limits.max_connections, 1);
  limits_.max_idle = (std::min)(limits.max_idle, limits_.max_connections);
  limits_.max_idle_time = std::clamp(limits.max_idle_time, std::chrono::milliseconds(0), longest_timeout);
  limits_.max_age = std::clamp(limits.max_age, std::chrono::milliseconds(0), longest_timeout);
}

FICTIVE_DECL void connection_pool::acquire(place& caller, fictive::detail::url_parts const& url, time_point now) {
  close_expired(now);
  auto& at = state_of(url);
  caller.at_ = &at;
  if (at.active == limits_.max_connections) return enqueue(caller);
  if (!caller.needs_new_connection_) return activate(caller, take_last_idle(at));
  if (at.active + at.idle.size() == limits_.max_connections) at.idle.erase(at.idle.begin());
  activate(caller, nullptr);
}

FICTIVE_DECL void connection_pool::replace_connection(place& caller, time_point now) noexcept {
  close_expired(now);
  caller.received = take_last_idle(*caller.at_);
}

FICTIVE_DECL connection_pool::time_point connection_pool::release(place& caller,
                                                                  std::unique_ptr<pooled_connection> reusable,
                                                                  std::chrono::milliseconds idle_time,
                                                                  time_point now) noexcept {
  constexpr auto never = (time_point::max)();
  if (caller.stage_ == place::stage::outside) return never;
  auto& at = *caller.at_;
  bool const had_slot = std::exchange(caller.stage_, place::stage::outside) == place::stage::active;
  if (!had_slot) {
    dequeue(caller);
    return never;
  }

  if (reusable) {
    reusable->expires_at =
        (std::min)(now + (std::min)(idle_time, limits_.max_idle_time), reusable->opened_at + limits_.max_age);
  } else {
    reusable = std::move(caller.received);
  }
  if (reusable && now >= reusable->expires_at) reusable = nullptr;
  --at.active;
  auto expiry = never;
  if (auto* const next = at.first) {
    dequeue(*next);
    activate(*next, next->needs_new_connection_ ? nullptr : std::move(reusable));
    next->received_slot();
  } else if (reusable && limits_.max_idle > 0) {
    expiry = reusable->expires_at;
    if (at.idle.size() == limits_.max_idle) at.idle.erase(at.idle.begin());
    at.idle.push_back(std::move(reusable));
  }
  close_expired(now);
  return expiry;
}

FICTIVE_DECL void connection_pool::close_expired(time_point now) noexcept {
  for (auto& one : origins_) std::erase_if(one.idle, [now](auto const& idle) { return now >= idle->expires_at; });
  erase_unused();
}

FICTIVE_DECL connection_pool::time_point connection_pool::next_expiry() const noexcept {
  auto next = (time_point::max)();
  for (auto const& one : origins_)
    for (auto const& idle : one.idle) next = (std::min)(next, idle->expires_at);
  return next;
}

FICTIVE_DECL void connection_pool::close_idle(fictive::detail::url_parts const& url) noexcept {
  for (auto& one : origins_)
    if (one.to.is_of(url)) one.idle.clear();
  erase_unused();
}

FICTIVE_DECL void connection_pool::close_idle() noexcept {
  for (auto& one : origins_) one.idle.clear();
  erase_unused();
}

FICTIVE_DECL connection_pool::origin_state& connection_pool::state_of(fictive::detail::url_parts const& url) {
  auto found = std::find_if(origins_.begin(), origins_.end(), [&](auto const& one) { return one.to.is_of(url); });
  if (found == origins_.end()) found = origins_.insert(found, origin_state{origin(url)});
  // Here rather than when a connection becomes idle, so that a release cannot fail.
  auto const needed = (std::min)(found->active + found->idle.size() + 1, limits_.max_idle);
  if (found->idle.capacity() < needed) found->idle.reserve((std::min)(2 * needed, limits_.max_idle));
  return *found;
}

FICTIVE_DECL void connection_pool::enqueue(place& caller) noexcept {
  auto& at = *caller.at_;
  caller.stage_ = place::stage::waiting;
  caller.next_ = nullptr;
  caller.previous_ = std::exchange(at.last, &caller);
  (caller.previous_ ? caller.previous_->next_ : at.first) = &caller;
}

FICTIVE_DECL void connection_pool::dequeue(place& caller) noexcept {
  auto& at = *caller.at_;
  (caller.previous_ ? caller.previous_->next_ : at.first) = caller.next_;
  (caller.next_ ? caller.next_->previous_ : at.last) = caller.previous_;
}

FICTIVE_DECL void connection_pool::activate(place& caller, std::unique_ptr<pooled_connection> connection) noexcept {
  ++caller.at_->active;
  caller.stage_ = place::stage::active;
  caller.received = std::move(connection);
}

FICTIVE_DECL std::unique_ptr<pooled_connection> connection_pool::take_last_idle(origin_state& at) noexcept {
  if (at.idle.empty()) return nullptr;
  auto last = std::move(at.idle.back());
  at.idle.pop_back();
  return last;
}

FICTIVE_DECL void connection_pool::erase_unused() noexcept {
  std::erase_if(origins_, [](auto const& one) { return one.active == 0 && one.idle.empty(); });
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
