// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_SOCKET_STREAM_HPP
#define FICTIVE_BEAST_DETAIL_SOCKET_STREAM_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <utility>

namespace FICTIVE_BEAST_NAMESPACE::detail {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// A plain socket. Its functions do not wait: they fail with `would_block` instead.
class socket_stream {
 public:
  explicit socket_stream(asio::any_io_executor const& executor) : socket_(executor) {}

  asio::any_io_executor get_executor() { return socket_.get_executor(); }
  tcp::socket& socket() noexcept { return socket_; }

  /// Replaces the socket by one of the same executor.
  void assign(tcp::socket socket) {
    socket_ = std::move(socket);
    receive_timeout_ = std::chrono::milliseconds(0);
    must_wait_ = false;
  }

  void close() noexcept {
    error_code ignored;
    socket_.close(ignored);
  }

  std::size_t read(asio::mutable_buffer buffer, error_code& ec);
  std::size_t write(std::array<asio::const_buffer, 2> const& buffers, error_code& ec);

  /// Lets the next `read` wait for data, once and for at most this time: one system call less than to wait first.
  /// Returns false if that is not possible.
  bool wait_at_next_read(std::chrono::milliseconds longest) noexcept;
  /// What is decrypted already may have been read instead.
  void do_not_wait() noexcept { must_wait_ = false; }

  /// Why no request may be written to a connection on which no response is pending: it has ended, or data has arrived
  /// that would be taken for the next response.
  [[nodiscard]] error_code problem_before_request();

 private:
  tcp::socket socket_;
  std::chrono::milliseconds receive_timeout_ = {};  // SO_RCVTIMEO; 0 while the socket is non-blocking
  bool must_wait_ = false;
};

/// Opens the socket, close-on-exec.
error_code open_socket(tcp::socket& socket, tcp const& protocol);

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/socket_stream.ipp>
#endif

#endif
