// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_SOCKET_STREAM_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_SOCKET_STREAM_IPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/socket_stream.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <cerrno>

#if !defined(_WIN32)
#include <fcntl.h>
#endif

namespace FICTIVE_BEAST_NAMESPACE::detail {

FICTIVE_DECL error_code socket_stream::open(tcp const& protocol) {
  error_code ec;
  socket_.open(protocol, ec);
#if !defined(_WIN32)
  if (!ec && ::fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC) != 0)
    ec.assign(errno, boost::system::system_category());
#endif
  return ec;
}

FICTIVE_DECL error_code socket_stream::problem_before_request() {
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

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
