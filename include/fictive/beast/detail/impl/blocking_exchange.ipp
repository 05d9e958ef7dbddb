// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_BLOCKING_EXCHANGE_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_BLOCKING_EXCHANGE_IPP

#include <fictive/beast/detail/blocking_exchange.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/stop_callback.hpp>
#include <fictive/detail/text/wipe.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#if defined(__linux__)
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#endif

namespace FICTIVE_BEAST_NAMESPACE::detail {

#if defined(__linux__)

struct socket_stopper {
  int socket;
  void operator()() const noexcept { ::shutdown(socket, SHUT_RDWR); }
};

FICTIVE_DECL bool blocking_exchange::supports(connection const& over) noexcept {
  return !over.stream.has_tls();
}

FICTIVE_DECL result<http_response> blocking_exchange::run(stop_token stop, std::unique_ptr<connection>& reusable) {
  deadline_ = time_after(request_.limits.total_timeout);
  socket_ = connection_->stream.socket().native_handle();
  stop_ = std::move(stop);
  now_ = target_.began;
  {
    // The socket stays open as long as this may shut it down, else its number could be that of another one.
    std::optional<stop_callback<socket_stopper>> on_stop;
    if (stop_.stop_possible()) on_stop.emplace(stop_, socket_stopper{socket_});
    write();
    read();
  }
  auto response = response_or_error();
  fictive::detail::wipe(connection_->head);
  if (connection_is_reusable() && !stop_.stop_requested()) reusable = std::move(connection_);
  return response;
}

FICTIVE_DECL void blocking_exchange::write() {
  stage_ = stage::write;
  while (!ended_ && !is_written()) {
    auto const sent = send(unwritten());
    if (sent >= 0)
      written_bytes_ += static_cast<std::size_t>(sent);
    else if (errno == EAGAIN || errno == EWOULDBLOCK)
      wait_until_writable();
    else if (errno != EINTR)
      return failed([this](error_code ec) { writing_failed(ec); });
  }
}

FICTIVE_DECL ssize_t blocking_exchange::send(std::array<asio::const_buffer, 2> const& parts) const {
  constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
  if (parts[1].size() == 0) return ::send(socket_, parts[0].data(), parts[0].size(), flags);
  iovec vector[2] = {};
  for (std::size_t i = 0; i < parts.size(); ++i)
    vector[i] = {const_cast<void*>(parts[i].data()), parts[i].size()};  // sendmsg does not write to it
  msghdr message{};
  message.msg_iov = vector;
  message.msg_iovlen = parts.size();
  return ::sendmsg(socket_, &message, flags);
}

FICTIVE_DECL void blocking_exchange::read() {
  if (!ended_) stage_ = stage::read;
  while (!ended_) {
    if (!set_receive_timeout()) return;
    auto& buffer = connection_->buffer;
    auto const room = buffer.prepare((std::max<std::size_t>)(512, buffer.capacity() - buffer.size()));
    auto const received = ::recv(socket_, room.data(), room.size(), 0);
    if (received > 0) {
      buffer.commit(static_cast<std::size_t>(received));
      consume_received();
    } else if (received == 0) {
      failed([this](error_code) { reading_failed(asio::error::eof); });
    } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
      failed([this](error_code ec) { reading_failed(ec); });
    }
    if (!ended_) now_ = clock::now();
  }
}

FICTIVE_DECL bool blocking_exchange::set_receive_timeout() {
  auto const left = time_left();
  if (left <= milliseconds(0)) return end(std::make_error_code(std::errc::timed_out)), false;
  auto& current = connection_->receive_timeout;
  if (current <= left && current > left / 2) return true;
  error_code ec;
  if (current == milliseconds(0)) connection_->stream.socket().native_non_blocking(false, ec);
  current = (std::max)(milliseconds(1), left - left / 8);
  timeval value{};
  value.tv_sec = static_cast<decltype(value.tv_sec)>(current.count() / 1000);
  value.tv_usec = static_cast<decltype(value.tv_usec)>(current.count() % 1000 * 1000);
  if (!ec && ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value) == 0) return true;
  return end(ec ? std::error_code(ec) : std::error_code(errno, std::system_category())), false;
}

FICTIVE_DECL void blocking_exchange::wait_until_writable() {
  auto const left = time_left();
  if (left <= milliseconds(0)) return end(std::make_error_code(std::errc::timed_out));
  constexpr milliseconds longest = std::chrono::minutes(1);
  pollfd poll{.fd = socket_, .events = POLLOUT, .revents = 0};
  ::poll(&poll, 1, static_cast<int>((std::min)(left, longest).count()));
  now_ = clock::now();
}

template <class Otherwise>
void blocking_exchange::failed(Otherwise otherwise) {
  error_code const ec(errno, asio::error::get_system_category());
  if (stop_.stop_requested())
    end(std::make_error_code(std::errc::operation_canceled));
  else
    otherwise(ec);
}

#else

FICTIVE_DECL bool blocking_exchange::supports(connection const&) noexcept {
  return false;
}

FICTIVE_DECL result<http_response> blocking_exchange::run(stop_token, std::unique_ptr<connection>&) {
  return transport_error(std::make_error_code(std::errc::operation_not_supported), effect::none);
}

#endif

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
