// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_CONNECTION_HPP
#define FICTIVE_BEAST_DETAIL_CONNECTION_HPP

#include <fictive/beast/detail/fork_generation.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/tls.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/http/url.hpp>
#include <fictive/detail/text/ascii.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace FICTIVE_BEAST_NAMESPACE::detail {

namespace asio = boost::asio;

/// Longer timeouts are cut to this one, so that adding them to a time cannot overflow.
inline constexpr std::chrono::milliseconds longest_timeout = std::chrono::hours(24 * 365);

/// Scheme, host and port.
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

/// A connection to one origin, new or reused, with the buffers of its exchanges.
struct connection {
  static constexpr std::size_t expected_response_size = 16 * 1024, expected_request_size = 2048;

  connection(fictive::detail::url_parts const& url, asio::any_io_executor const& executor);

  /// For blocking use: owns its io_context.
  connection(fictive::detail::url_parts const& url, std::unique_ptr<asio::io_context> own);

  origin to;
  std::unique_ptr<asio::io_context> own_context;
  byte_stream stream;
  asio::steady_timer timer;
  boost::beast::flat_buffer buffer;  ///< received, but not parsed yet
  std::string head;                  ///< of the request; wiped after each exchange, since it holds secrets
  std::chrono::milliseconds receive_timeout = {};  ///< SO_RCVTIMEO; 0 while the socket is non-blocking
  std::chrono::steady_clock::time_point idle_since = {};
  unsigned generation = fork_generation();
};

/// Idle connections, the last used first. They belong to the process that used them: a child process made by `fork()`
/// closes its copies of the descriptors, which the peer does not notice, and connects anew. Thread-safe.
class idle_connections {
 public:
  idle_connections(std::size_t max_count, std::chrono::milliseconds max_time);

  /// A connection to this URL's origin that is still alive; null if there is none.
  std::unique_ptr<connection> take(fictive::detail::url_parts const& url, std::chrono::steady_clock::time_point now);

  /// Beyond the maximum number, closes the connection to the same origin that has been idle for longest. Closes this
  /// one if there is no memory.
  void keep(std::unique_ptr<connection> idle) noexcept;

  /// Closes the connections to this URL's origin.
  void drop(fictive::detail::url_parts const& url) noexcept;

 private:
  void drop_parent_process();

  std::size_t max_count_;
  std::chrono::milliseconds max_time_;
  std::mutex mutex_;
  unsigned generation_ = fork_generation();
  std::vector<std::unique_ptr<connection>> connections_;  // the last used at the end
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/connection.ipp>
#endif

#endif
