// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_BLOCKING_EXCHANGE_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_BLOCKING_EXCHANGE_IPP

#include <fictive/beast/detail/blocking_exchange.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/stop_callback.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#if !defined(_WIN32)
#include <poll.h>
#include <sys/socket.h>
#endif

namespace FICTIVE_BEAST_NAMESPACE::detail {

#if defined(_WIN32)

/// As POSIX's `poll`; WSAPoll of older systems does not report all connections that failed.
FICTIVE_DECL void wait_until_ready(std::vector<pollfd>& sockets, std::chrono::milliseconds longest) noexcept {
  fd_set readable, writable, failed;
  FD_ZERO(&readable);
  FD_ZERO(&writable);
  FD_ZERO(&failed);
  for (auto const& one : sockets) {
    if (one.events & POLLIN) FD_SET(one.fd, &readable);
    if (one.events & POLLOUT) FD_SET(one.fd, &writable);
    FD_SET(one.fd, &failed);
  }
  timeval timeout{};
  timeout.tv_sec = static_cast<long>(longest.count() / 1000);
  timeout.tv_usec = static_cast<long>(longest.count() % 1000 * 1000);
  if (sockets.empty()) return ::Sleep(static_cast<DWORD>(longest.count()));
  if (::select(0, &readable, &writable, &failed, &timeout) <= 0) return;
  for (auto& one : sockets)
    if (FD_ISSET(one.fd, &readable) || FD_ISSET(one.fd, &writable) || FD_ISSET(one.fd, &failed)) one.revents = POLLOUT;
}

inline error_code last_error() noexcept {
  return {::WSAGetLastError(), asio::error::get_system_category()};
}

#else

inline void wait_until_ready(std::vector<pollfd>& sockets, std::chrono::milliseconds longest) noexcept {
  ::poll(sockets.data(), static_cast<nfds_t>(sockets.size()), static_cast<int>(longest.count()));
}

inline error_code last_error() noexcept {
  return {errno, asio::error::get_system_category()};
}

#endif

/// Why a connection could not be established.
FICTIVE_DECL error_code connect_error(tcp::socket& socket) noexcept {
  int value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&value), &size) != 0)
    return last_error();
  return {value, asio::error::get_system_category()};
}

FICTIVE_DECL blocking_exchange::~blocking_exchange() {
  abandon_query();
}

FICTIVE_DECL exchange::outcome blocking_exchange::run(std::unique_ptr<connection> over, stop_token stop) {
  stop_ = std::move(stop);
  begin(std::move(over));
  std::optional<stop_callback<stopper>> on_stop;
  if (stop_.stop_possible()) on_stop.emplace(stop_, stopper{this});
  for (bool is_waiting = advance([] {}); is_waiting;) is_waiting = advance([this] { wait(); });
  return take_outcome();
}

FICTIVE_DECL void blocking_exchange::begin_connect(tcp::socket& socket, tcp::endpoint const& to, std::size_t attempt) {
  error_code ec;
  socket.non_blocking(true, ec);
  if (ec) return connected(attempt, ec);
  connecting_.push_back(attempt);
  if (::connect(socket.native_handle(), to.data(), static_cast<socklen_t>(to.size())) != 0) ec = last_error();
  if (ec == asio::error::in_progress || ec == asio::error::would_block || ec == asio::error::interrupted) return;
  connecting_.pop_back();
  connected(attempt, ec);
}

FICTIVE_DECL void blocking_exchange::wake() noexcept {
  std::lock_guard const lock(mutex_);
  is_woken_ = true;
  changed_.notify_one();
}

FICTIVE_DECL void blocking_exchange::wait() {
  auto& stream = connection_->stream;
  bool const only_reads = awaits_data() && !awaits_space() && connecting_.empty();
  if (awaits_addresses()) {
    wait_for_addresses();
  } else if (only_reads && !stop_.stop_possible() && stream.wait_at_next_read(time_left())) {
    continue_operations();
    stream.do_not_wait();
  } else {
    wait_for_sockets();
  }
}

FICTIVE_DECL void blocking_exchange::wait_for_addresses() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time_left(), [this] { return is_woken_; });
}

FICTIVE_DECL void blocking_exchange::wait_for_sockets() {
  auto const report = [this](std::size_t index, error_code ec) {
    auto const attempt = connecting_[index];
    connecting_.erase(connecting_.begin() + static_cast<std::ptrdiff_t>(index));
    connected(attempt, ec);
  };
  std::vector<pollfd> polled;
  for (std::size_t i = 0; i < connecting_.size(); ++i) {
    auto& socket = sockets_.at(connecting_[i]);
    if (!socket.is_open()) return report(i, asio::error::operation_aborted);
    polled.push_back({socket.native_handle(), POLLOUT, 0});
  }
  auto const events = (awaits_data() ? POLLIN : 0) | (awaits_space() ? POLLOUT : 0);
  if (events != 0) polled.push_back({connection_->stream.socket().native_handle(), static_cast<short>(events), 0});
  wait_until_ready(polled, stop_.stop_possible() ? (std::min)(time_left(), stop_interval) : time_left());
  if (events != 0 && polled.back().revents != 0) continue_operations();
  for (auto i = connecting_.size(); i-- > 0;)
    if (polled[i].revents != 0) report(i, connect_error(sockets_.at(connecting_[i])));
}

FICTIVE_DECL std::chrono::milliseconds blocking_exchange::time_left() const {
  using std::chrono::milliseconds;
  auto const left = std::chrono::ceil<milliseconds>(wait_until() - now());
  return std::clamp<milliseconds>(left, milliseconds(0), std::chrono::minutes(1));
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
