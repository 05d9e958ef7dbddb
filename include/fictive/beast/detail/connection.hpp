// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_CONNECTION_HPP
#define FICTIVE_BEAST_DETAIL_CONNECTION_HPP

#include <fictive/beast/detail/fork_generation.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/tls.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/ascii.hpp>
#include <fictive/detail/url.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace FICTIVE_BEAST_NAMESPACE::detail {

namespace asio = boost::asio;

/// Longer timeouts are cut to this one, so that adding them to a time cannot overflow.
inline constexpr std::chrono::milliseconds longest_timeout = std::chrono::hours(24 * 365);

/// Scheme, host and port: who is on the other end of a connection.
class origin {
 public:
  explicit origin(fictive::detail::url_parts const& url)
      : is_https_(url.is_https()), host_(url.host), port_(url.port_or_default()) {}

  [[nodiscard]] bool is_of(fictive::detail::url_parts const& url) const noexcept {
    return is_https_ == url.is_https() && port_ == url.port_or_default() &&
           fictive::detail::equals_ignoring_case(host_, url.host);
  }

  friend bool operator==(origin const& a, origin const& b) noexcept {
    return a.is_https_ == b.is_https_ && a.port_ == b.port_ && fictive::detail::equals_ignoring_case(a.host_, b.host_);
  }

 private:
  bool is_https_;
  std::string host_, port_;
};

/// A connection to one origin, new or reused, with all that an exchange over it needs time and again.
struct connection {
  static constexpr std::size_t expected_response_size = 16 * 1024, expected_request_size = 2048;

  /// On whatever executor an `any_io_executor` is made of.
  template <class Executor>
  connection(fictive::detail::url_parts const& url, Executor const& executor)
      : to(url), stream(executor), timer(executor) {
    buffer.reserve(expected_response_size);
    front.reserve(expected_request_size);
  }

  /// One that runs on a context of its own: for whoever waits for it.
  template <class Context>
  connection(fictive::detail::url_parts const& url, std::unique_ptr<Context> own)
      : connection(url, own->get_executor()) {
    own_context = std::move(own);
  }

  origin to;
  std::unique_ptr<asio::io_context> own_context;
  byte_stream stream;
  asio::steady_timer timer;
  boost::beast::flat_buffer buffer;                ///< what has arrived and was not parsed yet
  std::string front;                               ///< of the request; holds secrets, so that it is wiped after each
  std::chrono::milliseconds receive_timeout = {};  ///< of the socket, where it blocks; 0 where it does not
  std::chrono::steady_clock::time_point idle_since = {};
  unsigned generation = fork_generation();
};

/// Idle connections, the last used first. They belong to the process that used them: a child process made by `fork()`
/// closes its copies of the descriptors, which the peer does not notice, and connects anew. Thread-safe.
template <class = void>
class idle_connections {
 public:
  idle_connections(std::size_t max_count, std::chrono::milliseconds max_time)
      : max_count_(max_count), max_time_((std::min)(max_time, longest_timeout)) {}

  /// One to this URL's origin that is still alive; null if there is none.
  std::unique_ptr<connection> take(fictive::detail::url_parts const& url, std::chrono::steady_clock::time_point now) {
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

  /// Closes those to this URL's origin.
  void drop(fictive::detail::url_parts const& url) {
    std::lock_guard lock(mutex_);
    std::erase_if(connections_, [&](auto const& one) { return one->to.is_of(url); });
  }

  /// Beyond the maximal number, the one to the same origin that was used longest ago goes.
  void keep(std::unique_ptr<connection> idle) {
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
    connections_.push_back(std::move(idle));
  }

 private:
  void drop_parent_process() {
    if (std::exchange(generation_, fork_generation()) != generation_) connections_.clear();
  }

  std::size_t max_count_;
  std::chrono::milliseconds max_time_;
  std::mutex mutex_;
  unsigned generation_ = fork_generation();
  std::vector<std::unique_ptr<connection>> connections_;  // the last used at the end
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
