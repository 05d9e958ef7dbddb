// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_CONNECTION_HPP
#define FICTIVE_BEAST_DETAIL_CONNECTION_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/tls.hpp>
#include <fictive/config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
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

/// A connection to one origin, new or reused.
struct connection {
  static constexpr std::size_t expected_response_size = 16 * 1024;

  connection(std::string to, asio::any_io_executor const& executor) : origin(std::move(to)), stream(executor) {
    buffer.reserve(expected_response_size);
  }

  /// One that runs on a context of its own: for whoever waits for it.
  explicit connection(std::string to)
      : origin(std::move(to)), own_context(std::make_unique<asio::io_context>(1)), stream(own_context->get_executor()) {
    buffer.reserve(expected_response_size);
  }

  std::string origin;  ///< scheme, host and port
  std::unique_ptr<asio::io_context> own_context;
  byte_stream stream;
  boost::beast::flat_buffer buffer;
  std::chrono::steady_clock::time_point idle_since = {};
};

/// Idle connections, the last used first. Thread-safe.
class idle_connections {
 public:
  idle_connections(std::size_t max_count, std::chrono::milliseconds max_time)
      : max_count_(max_count), max_time_(max_time) {}

  /// One to this origin that is still alive; null if there is none.
  std::unique_ptr<connection> take(std::string const& origin) {
    std::lock_guard lock(mutex_);
    auto const now = std::chrono::steady_clock::now();
    std::erase_if(connections_, [&](auto const& one) { return now - one->idle_since >= max_time_; });
    for (auto i = connections_.size(); i-- > 0;) {
      if (connections_[i]->origin != origin) continue;
      auto found = std::move(connections_[i]);
      connections_.erase(connections_.begin() + static_cast<std::ptrdiff_t>(i));
      if (found->stream.is_quiet()) return found;
    }
    return nullptr;
  }

  /// Beyond the maximal number, the one to the same origin that was used longest ago goes.
  void keep(std::unique_ptr<connection> idle) {
    idle->idle_since = std::chrono::steady_clock::now();
    std::unique_ptr<connection> dropped;
    std::lock_guard lock(mutex_);
    auto const is_to_same_origin = [&origin = idle->origin](auto const& one) { return one->origin == origin; };
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
  std::size_t max_count_;
  std::chrono::milliseconds max_time_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<connection>> connections_;  // the last used at the end
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
