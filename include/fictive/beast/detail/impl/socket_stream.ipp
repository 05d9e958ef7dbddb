// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_SOCKET_STREAM_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_SOCKET_STREAM_IPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/socket_stream.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <array>
#include <cerrno>
#include <cstddef>

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#endif

namespace FICTIVE_BEAST_NAMESPACE::detail {

FICTIVE_DECL error_code open_socket(tcp::socket& socket, tcp const& protocol) {
  error_code ec;
  socket.open(protocol, ec);
#if !defined(_WIN32)
  if (!ec && ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC) != 0)
    ec.assign(errno, boost::system::system_category());
#endif
  return ec;
}

#if defined(MSG_DONTWAIT) && defined(MSG_NOSIGNAL)

inline std::size_t size_or_error(ssize_t size, error_code& ec) {
  if (size >= 0) return static_cast<std::size_t>(size);
  ec.assign(errno == EINTR ? EAGAIN : errno, asio::error::get_system_category());
  return 0;
}

FICTIVE_DECL std::size_t socket_stream::read_available(asio::mutable_buffer buffer, error_code& ec) {
  auto const size = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size == 0) ec = asio::error::eof;
  return size_or_error(size, ec);
}

FICTIVE_DECL std::size_t socket_stream::write_available(std::array<asio::const_buffer, 2> const& buffers,
                                                        error_code& ec) {
  constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
  auto const& [first, second] = buffers;
  if (second.size() == 0) return size_or_error(::send(socket_.native_handle(), first.data(), first.size(), flags), ec);
  iovec vector[2] = {{const_cast<void*>(first.data()), first.size()},  // sendmsg does not write to it
                     {const_cast<void*>(second.data()), second.size()}};
  msghdr message{};
  message.msg_iov = vector;
  message.msg_iovlen = 2;
  return size_or_error(::sendmsg(socket_.native_handle(), &message, flags), ec);
}

#else

FICTIVE_DECL std::size_t socket_stream::read_available(asio::mutable_buffer buffer, error_code& ec) {
  socket_.non_blocking(true, ec);
  return ec ? 0 : socket_.read_some(buffer, ec);
}

FICTIVE_DECL std::size_t socket_stream::write_available(std::array<asio::const_buffer, 2> const& buffers,
                                                        error_code& ec) {
  socket_.non_blocking(true, ec);
  return ec ? 0 : socket_.write_some(buffers, ec);
}

#endif

FICTIVE_DECL error_code socket_stream::problem_before_request() {
  char byte = 0;
#if defined(MSG_DONTWAIT)
  auto const size = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (size > 0) return unsolicited_data();
  if (size == 0) return asio::error::eof;
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {};
  return {errno, boost::system::system_category()};
#else
  error_code ec;
  socket_.non_blocking(true, ec);
  if (!ec) socket_.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, ec);
  if (!ec) return unsolicited_data();
  return ec == asio::error::would_block ? error_code() : ec;
#endif
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
