// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_BLOCKING_EXCHANGE_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_BLOCKING_EXCHANGE_IPP

#include <fictive/beast/detail/blocking_exchange.hpp>
#include <fictive/beast/detail/namespace.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <system_error>
#include <utility>

#if defined(__linux__)
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#endif

namespace FICTIVE_BEAST_NAMESPACE::detail {

#if defined(__linux__)

FICTIVE_DECL blocking_exchange::blocking_exchange(target to, std::unique_ptr<connection> over,
                                                  http_request const& request)
    : target_(std::move(to)),
      connection_(std::move(over)),
      machine_(target_.url, request, connection_->buffers, target_.began, longest_timeout, target_.proxy.get()),
      now_(target_.connecting_since),
      socket_(connection_->stream.socket().native_handle()) {
  machine_.reuse_connection();
}

FICTIVE_DECL bool blocking_exchange::supports(connection const& over, http_request const& request) noexcept {
  if (!over.stream.has_tls()) return true;
  constexpr std::size_t largest_at_once = 8 * 1024;
  auto size = request.url.size() + request.body.size();
  for (auto const& header : request.headers) size += header.name.size() + header.value.size() + 4;
  return size <= largest_at_once;
}

FICTIVE_DECL result<http_response> blocking_exchange::run(stop_token stop, std::unique_ptr<connection>& reusable) {
  stop_ = std::move(stop);
  // The socket stays open as long as this may shut it down, else its number could be that of another one.
  if (stop_.stop_possible()) on_stop_.emplace(stop_, stopper{socket_});
  for (auto step = machine_.next(now_); step != exchange_step::done; step = machine_.next(now_)) {
    try {
      perform(step);
    } catch (std::bad_alloc const&) {
      machine_.fail(exchange_step::wait, std::make_error_code(std::errc::not_enough_memory));
    }
  }
  on_stop_.reset();
  bool const is_reusable = machine_.connection_is_reusable() && !stop_.stop_requested();
  auto response = machine_.outcome();
  if (is_reusable) reusable = std::move(connection_);
  return response;
}

FICTIVE_DECL void blocking_exchange::stopper::operator()() const noexcept {
  ::shutdown(socket, SHUT_RDWR);
}

FICTIVE_DECL void blocking_exchange::perform(exchange_step step) {
  switch (step) {
    case exchange_step::write: is_writing_ = true; return write();
    case exchange_step::read: is_reading_ = true; return;
    case exchange_step::read_available: is_reading_ = true; return read(true);
    case exchange_step::wait: return wait();
    case exchange_step::close:
      on_stop_.reset();
      connection_->stream.close();
      return abort_operations();
    default: return abort_operations();  // cancel: there are no other steps once the connection is open
  }
}

FICTIVE_DECL void blocking_exchange::write() {
  error_code ec;
  auto const size = connection_->stream.write_available(machine_.unwritten(), ec);
  if (ec == asio::error::would_block && !connection_->stream.has_tls()) return;
  check_stop(ec);
  is_writing_ = false;
  machine_.wrote(ec, size);
}

FICTIVE_DECL void blocking_exchange::read(bool is_late) {
  error_code ec;
  auto const size = connection_->stream.read_available(machine_.read_buffer(), ec);
  may_have_buffered_ = !ec;
  if (ec == asio::error::would_block && !is_late) return;
  check_stop(ec);
  is_reading_ = false;
  if (is_certificate_required(ec)) return machine_.fail(exchange_step::read, client_certificate_required());
  machine_.received(ec, size, is_stream_truncated(ec));
}

FICTIVE_DECL void blocking_exchange::wait() {
  if (is_writing_ || connection_->stream.has_tls()) {
    if (!may_have_buffered_) poll();
    if (is_writing_) write();
    if (is_reading_) read(false);
  } else {
    receive();
  }
  now_ = clock::now();
  machine_.time_passed(now_);
}

FICTIVE_DECL void blocking_exchange::receive() {
  if (auto const ec = set_receive_timeout()) {
    is_reading_ = false;
    return machine_.received(ec, 0);
  }
  auto const buffer = machine_.read_buffer();
  auto const size = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  error_code ec;
  if (size < 0) ec.assign(errno, asio::error::get_system_category());
  if (size == 0) ec = asio::error::eof;
  check_stop(ec);
  is_reading_ = false;
  machine_.received(ec, static_cast<std::size_t>((std::max<ssize_t>)(size, 0)));
}

FICTIVE_DECL void blocking_exchange::poll() {
  auto const left = std::chrono::ceil<std::chrono::milliseconds>(machine_.wait_until() - now_);
  auto const timeout =
      std::clamp<std::chrono::milliseconds>(left, std::chrono::milliseconds(0), std::chrono::minutes(1));
  auto const events = (is_writing_ ? POLLOUT : 0) | (is_reading_ ? POLLIN : 0);
  pollfd one{.fd = socket_, .events = static_cast<short>(events), .revents = 0};
  ::poll(&one, 1, static_cast<int>(timeout.count()));
}

FICTIVE_DECL void blocking_exchange::abort_operations() {
  if (std::exchange(is_writing_, false)) machine_.wrote(asio::error::operation_aborted, 0);
  if (std::exchange(is_reading_, false)) machine_.received(asio::error::operation_aborted, 0);
}

FICTIVE_DECL error_code blocking_exchange::set_receive_timeout() {
  using std::chrono::milliseconds;
  auto const left = (std::max)(milliseconds(1), std::chrono::ceil<milliseconds>(machine_.wait_until() - now_));
  auto& current = connection_->receive_timeout;
  if (current <= left && current > left / 2) return {};
  error_code ec;
  if (current == milliseconds(0)) connection_->stream.socket().native_non_blocking(false, ec);
  current = (std::max)(milliseconds(1), left - left / 8);
  timeval value{};
  value.tv_sec = static_cast<decltype(value.tv_sec)>(current.count() / 1000);
  value.tv_usec = static_cast<decltype(value.tv_usec)>(current.count() % 1000 * 1000);
  if (!ec && ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value) != 0)
    ec.assign(errno, asio::error::get_system_category());
  return ec;
}

FICTIVE_DECL void blocking_exchange::check_stop(error_code const& ec) noexcept {
  if (ec && stop_.stop_requested()) machine_.stop();
}

#else

FICTIVE_DECL blocking_exchange::blocking_exchange(target, std::unique_ptr<connection>, http_request const&) {}

FICTIVE_DECL bool blocking_exchange::supports(connection const&, http_request const&) noexcept {
  return false;
}

FICTIVE_DECL result<http_response> blocking_exchange::run(stop_token, std::unique_ptr<connection>&) {
  return transport_error(std::make_error_code(std::errc::operation_not_supported), effect::none);
}

#endif

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
