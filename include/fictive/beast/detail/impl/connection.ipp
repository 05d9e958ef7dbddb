// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_CONNECTION_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_CONNECTION_IPP

#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/namespace.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace FICTIVE_BEAST_NAMESPACE::detail {

FICTIVE_DECL connection::connection(fictive::detail::url_parts const& url, asio::any_io_executor const& executor)
    : to(url), stream(executor), timer(executor) {
  buffer.reserve(expected_response_size);
  head.reserve(expected_request_size);
}

FICTIVE_DECL connection::connection(fictive::detail::url_parts const& url, std::unique_ptr<asio::io_context> own)
    : connection(url, own->get_executor()) {
  own_context = std::move(own);
}

FICTIVE_DECL idle_connections::idle_connections(std::size_t max_count, std::chrono::milliseconds max_time)
    : max_count_(max_count), max_time_(std::clamp(max_time, std::chrono::milliseconds(0), longest_timeout)) {}

FICTIVE_DECL std::unique_ptr<connection> idle_connections::take(fictive::detail::url_parts const& url,
                                                                std::chrono::steady_clock::time_point now) {
  std::lock_guard lock(mutex_);
  drop_parent_process();
  std::erase_if(connections_, [&](auto const& one) { return now - one->idle_since >= max_time_; });
  for (auto i = connections_.size(); i-- > 0;) {
    if (!connections_[i]->to.is_of(url)) continue;
    auto found = std::move(connections_[i]);
    connections_.erase(connections_.begin() + static_cast<std::ptrdiff_t>(i));
    if (!found->stream.problem_before_request()) return found;
  }
  return nullptr;
}

FICTIVE_DECL void idle_connections::keep(std::unique_ptr<connection> idle) noexcept {
  idle->idle_since = std::chrono::steady_clock::now();
  std::unique_ptr<connection> dropped;
  std::lock_guard lock(mutex_);
  drop_parent_process();
  if (idle->generation != generation_) return;
  auto const is_to_same_origin = [&to = idle->to](auto const& one) { return one->to == to; };
  auto const count = std::count_if(connections_.begin(), connections_.end(), is_to_same_origin);
  if (static_cast<std::size_t>(count) >= max_count_) {
    auto const oldest = std::find_if(connections_.begin(), connections_.end(), is_to_same_origin);
    if (oldest == connections_.end()) return;
    dropped = std::move(*oldest);
    connections_.erase(oldest);
  }
  try {
    connections_.push_back(std::move(idle));
  } catch (std::bad_alloc const&) {  // then it is closed
  }
}

FICTIVE_DECL void idle_connections::drop(fictive::detail::url_parts const& url) noexcept {
  std::lock_guard lock(mutex_);
  std::erase_if(connections_, [&](auto const& one) { return one->to.is_of(url); });
}

FICTIVE_DECL void idle_connections::drop_parent_process() {
  if (std::exchange(generation_, fork_generation()) != generation_) connections_.clear();
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
