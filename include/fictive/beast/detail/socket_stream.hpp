// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_SOCKET_STREAM_HPP
#define FICTIVE_BEAST_DETAIL_SOCKET_STREAM_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <cerrno>
#include <utility>

namespace FICTIVE_BEAST_NAMESPACE::detail {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// A socket, read and written as it is.
class socket_stream {
 public:
  using executor_type = tcp::socket::executor_type;

  template <class = void>
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

  /// Whether an idle connection can be written to: an end of stream or a byte that nobody asked for says no.
  [[nodiscard]] bool is_quiet() {
    char byte = 0;
#if defined(MSG_DONTWAIT)
    auto const size = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
#else
    error_code ec;
    socket_.non_blocking(true, ec);
    socket_.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, ec);
    return ec == asio::error::would_block;
#endif
  }

 private:
  tcp::socket socket_;
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
