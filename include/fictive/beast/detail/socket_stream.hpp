// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_SOCKET_STREAM_HPP
#define FICTIVE_BEAST_DETAIL_SOCKET_STREAM_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/errc.hpp>
#include <boost/system/error_code.hpp>

#include <cerrno>
#include <utility>

#if !defined(BOOST_ASIO_WINDOWS)
#include <fcntl.h>
#endif

namespace FICTIVE_BEAST_NAMESPACE::detail {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

inline error_code unsolicited_data() noexcept {
  return make_error_code(boost::system::errc::protocol_error);
}

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

  /// Opens the socket. It is closed in programs that this one starts with `exec`.
  error_code open(tcp const& protocol) {
    error_code ec;
    socket_.open(protocol, ec);
#if !defined(BOOST_ASIO_WINDOWS)
    if (!ec && ::fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC) != 0)
      ec.assign(errno, boost::system::system_category());
#endif
    return ec;
  }

  /// The reason why a connection that no response is expected on cannot be written to: its end, or data that nobody
  /// asked for, which would be taken for the response to the next request.
  [[nodiscard]] error_code problem_before_request() {
    char byte = 0;
#if defined(MSG_DONTWAIT)
    auto const size = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (size > 0) return unsolicited_data();
    if (size == 0) return asio::error::eof;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {};
    return {errno, boost::system::system_category()};
#else
    error_code ec;
    socket_.non_blocking(true, ec);
    if (!ec) socket_.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, ec);
    if (!ec) return unsolicited_data();
    return ec == asio::error::would_block ? error_code() : ec;
#endif
  }

 private:
  tcp::socket socket_;
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
