// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_ASYNC_EXCHANGE_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_ASYNC_EXCHANGE_IPP

#include <fictive/beast/detail/async_exchange.hpp>
#include <fictive/beast/detail/namespace.hpp>

#include <boost/asio/post.hpp>

#include <memory>
#include <mutex>
#include <new>
#include <system_error>
#include <utility>

namespace FICTIVE_BEAST_NAMESPACE::detail {

FICTIVE_DECL async_exchange::~async_exchange() {
  abandon_query();
}

FICTIVE_DECL void async_exchange::start(std::unique_ptr<connection> over) {
  timer_.emplace(over->stream.get_executor());
  begin(std::move(over));
  if (stop_.stop_possible()) on_stop_.emplace(stop_, stopper{this});
  handle([] {});
}

FICTIVE_DECL void async_exchange::wake() noexcept {
  try {  // A context may be destroyed while a handler is posted, but not while a timer is cancelled.
    asio::post(timer_->get_executor(), [which = weak_from_this()] {
      if (auto const self = which.lock()) self->handle([] {});
    });
  } catch (std::bad_alloc const&) {
    std::lock_guard const lock(mutex_);
    is_woken_ = true;
    timer_->cancel();
  }
}

template <class Event>
void async_exchange::handle(Event event) {
  {
    std::lock_guard const lock(mutex_);
    if (is_completed_) return;
    for (bool is_waiting = advance(event); is_waiting;) {
      try {
        return wait();
      } catch (std::bad_alloc const&) {
        is_waiting = advance([this] { fail(); });
      }
    }
    is_completed_ = true;
  }
  complete();
}

FICTIVE_DECL void async_exchange::begin_connect(tcp::socket& socket, tcp::endpoint const& to, std::size_t attempt) {
  socket.async_connect(
      to, [this, self = shared_from_this(), attempt](error_code ec) { handle([&] { connected(attempt, ec); }); });
}

FICTIVE_DECL void async_exchange::wait() {
  if (awaits_data()) wait_for(tcp::socket::wait_read, is_waiting_to_read_);
  if (awaits_space()) wait_for(tcp::socket::wait_write, is_waiting_to_write_);
  set_timer();
}

FICTIVE_DECL void async_exchange::wait_for(tcp::socket::wait_type what, bool& is_waiting) {
  if (is_waiting) return;
  connection_->stream.socket().async_wait(what, [this, self = shared_from_this(), &is_waiting](error_code) {
    handle([&] {
      is_waiting = false;
      continue_operations();
    });
  });
  is_waiting = true;
}

FICTIVE_DECL void async_exchange::set_timer() {
  auto const until = wait_until();
  if (has_ended() || timer_expiry_ == until) return;
  timer_->expires_at(until);
  timer_->async_wait([this, self = shared_from_this()](error_code ec) {
    handle([&] {
      if (!ec || std::exchange(is_woken_, false)) timer_expiry_ = {};
    });
  });
  timer_expiry_ = until;
}

FICTIVE_DECL void async_exchange::complete() {
  on_stop_.reset();
  abandon_query();
  error_code ignored;
  if (is_waiting_to_read_ || is_waiting_to_write_) connection_->stream.socket().cancel(ignored);
  timer_->cancel();
  completed(take_outcome());
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
