// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_SOCKET_STREAM_HPP
#define FICTIVE_BEAST_DETAIL_SOCKET_STREAM_HPP

#include <fictive/beast/detail/exchange_machine.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace FICTIVE_BEAST_NAMESPACE::detail {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// A plain socket.
class socket_stream {
 public:
  using executor_type = tcp::socket::executor_type;

  explicit socket_stream(executor_type const& executor) : socket_(executor) {}

  executor_type get_executor() { return socket_.get_executor(); }
  tcp::socket& socket() noexcept { return socket_; }

  template <class Buffers, class Handler>
  void async_read_some(Buffers const& buffers, Handler&& handler) {
    socket_.async_read_some(buffers, std::forward<Handler>(handler));
  }

  template <class Buffers, class Handler>
  void async_write_some(Buffers const& buffers, Handler&& handler) {
    socket_.async_write_some(buffers, std::forward<Handler>(handler));
  }

  /// Replaces the socket by one of the same executor.
  void assign(tcp::socket socket) { socket_ = std::move(socket); }

  /// Operations in progress end soon.
  void close() noexcept {
    error_code ignored;
    socket_.close(ignored);
  }

  /// Reads or writes without waiting; `would_block` if that is not possible.
  /// @{
  std::size_t read_available(asio::mutable_buffer buffer, error_code& ec);
  std::size_t write_available(std::array<asio::const_buffer, 2> const& buffers, error_code& ec);
  /// @}

  /// Why no request may be written to a connection on which no response is pending: it has ended, or data has arrived
  /// that would be taken for the next response.
  [[nodiscard]] error_code problem_before_request();

 private:
  tcp::socket socket_;
};

/// Opens the socket, close-on-exec.
error_code open_socket(tcp::socket& socket, tcp const& protocol);

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/socket_stream.ipp>
#endif

#endif
