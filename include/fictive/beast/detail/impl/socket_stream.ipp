// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_SOCKET_STREAM_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_SOCKET_STREAM_IPP

#include <fictive/beast/detail/exchange_machine.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/socket_stream.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <utility>

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
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

FICTIVE_DECL std::size_t socket_stream::read(asio::mutable_buffer buffer, error_code& ec) {
  int const flags = std::exchange(must_wait_, false) ? 0 : MSG_DONTWAIT;
  auto const size = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), flags);
  if (size == 0) ec = asio::error::eof;
  return size_or_error(size, ec);
}

FICTIVE_DECL bool socket_stream::wait_at_next_read(std::chrono::milliseconds longest) noexcept {
  using std::chrono::milliseconds;
  auto const left = (std::max)(milliseconds(1), longest);
  // Not much shorter than the time that is left, so that it need not be set for each response.
  if (receive_timeout_ > left || receive_timeout_ <= left / 2) {
    error_code ec;
    if (receive_timeout_ == milliseconds(0)) socket_.non_blocking(false, ec);
    auto const timeout = (std::max)(milliseconds(1), left - left / 8);
    timeval value{};
    value.tv_sec = static_cast<decltype(value.tv_sec)>(timeout.count() / 1000);
    value.tv_usec = static_cast<decltype(value.tv_usec)>(timeout.count() % 1000 * 1000);
    if (ec || ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value) != 0) return false;
    receive_timeout_ = timeout;
  }
  return must_wait_ = true;
}

FICTIVE_DECL std::size_t socket_stream::write(std::array<asio::const_buffer, 2> const& buffers, error_code& ec) {
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

FICTIVE_DECL std::size_t socket_stream::read(asio::mutable_buffer buffer, error_code& ec) {
  socket_.non_blocking(true, ec);
  return ec ? 0 : socket_.read_some(buffer, ec);
}

FICTIVE_DECL bool socket_stream::wait_at_next_read(std::chrono::milliseconds) noexcept {
  return false;
}

FICTIVE_DECL std::size_t socket_stream::write(std::array<asio::const_buffer, 2> const& buffers, error_code& ec) {
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
