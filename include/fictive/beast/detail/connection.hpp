// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_CONNECTION_HPP
#define FICTIVE_BEAST_DETAIL_CONNECTION_HPP

#include <fictive/config.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fictive::beast::detail {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// A socket, with TLS over it or without. One type for both, so that reading and writing HTTP is compiled once.
class byte_stream {
 public:
  using executor_type = tcp::socket::executor_type;

  explicit byte_stream(asio::io_context& io) : socket_(io) {}

  executor_type get_executor() { return socket_.get_executor(); }
  tcp::socket& socket() noexcept { return socket_; }
  asio::ssl::stream<tcp::socket&>& add_tls(asio::ssl::context& context) { return tls_.emplace(socket_, context); }
  [[nodiscard]] bool has_tls() const noexcept { return tls_.has_value(); }

  template <class Buffers, class Handler>
  void async_read_some(Buffers const& buffers, Handler&& handler) {
    if (tls_)
      tls_->async_read_some(buffers, std::forward<Handler>(handler));
    else
      socket_.async_read_some(buffers, std::forward<Handler>(handler));
  }

  template <class Buffers, class Handler>
  void async_write_some(Buffers const& buffers, Handler&& handler) {
    if (tls_)
      tls_->async_write_some(buffers, std::forward<Handler>(handler));
    else
      socket_.async_write_some(buffers, std::forward<Handler>(handler));
  }

  /// Whether an idle connection can be written to: an end of stream or a byte that nobody asked for says no.
  [[nodiscard]] bool is_quiet() {
    error_code ec;
    char byte = 0;
    socket_.non_blocking(true, ec);
    socket_.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, ec);
    return ec == asio::error::would_block;
  }

 private:
  tcp::socket socket_;
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
};

/// A connection to one origin, new or reused, with the io_context that it runs on.
struct connection {
  static constexpr std::size_t expected_response_size = 16 * 1024;

  explicit connection(std::string to) : origin(std::move(to)) { buffer.reserve(expected_response_size); }

  std::string origin;  ///< scheme, host and port
  asio::io_context io{1};
  byte_stream stream{io};
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
    for (auto i = connections_.size(); i-- > 0;) {
      if (connections_[i]->origin != origin) continue;
      auto found = std::move(connections_[i]);
      connections_.erase(connections_.begin() + static_cast<std::ptrdiff_t>(i));
      bool const fresh = std::chrono::steady_clock::now() - found->idle_since < max_time_;
      if (fresh && found->stream.is_quiet()) return found;
    }
    return nullptr;
  }

  void keep(std::unique_ptr<connection> idle) {
    idle->idle_since = std::chrono::steady_clock::now();
    std::lock_guard lock(mutex_);
    connections_.push_back(std::move(idle));
    if (connections_.size() > max_count_) connections_.erase(connections_.begin());
  }

 private:
  std::size_t max_count_;
  std::chrono::milliseconds max_time_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<connection>> connections_;  // the last used at the end
};

}  // namespace fictive::beast::detail

#endif
