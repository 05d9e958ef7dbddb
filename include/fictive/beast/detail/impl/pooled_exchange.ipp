// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_POOLED_EXCHANGE_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_POOLED_EXCHANGE_IPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/pooled_exchange.hpp>

#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <new>
#include <system_error>
#include <utility>

namespace FICTIVE_BEAST_NAMESPACE::detail {

FICTIVE_DECL error no_free_connection(bool is_stopped) {
  auto e = transport_error(std::make_error_code(is_stopped ? std::errc::operation_canceled : std::errc::timed_out),
                           effect::none);
  e.message = is_stopped ? "the call was cancelled while it waited for a free connection"
                         : "no connection was free within limits.total_timeout: raise options.max_connections, or make "
                           "fewer calls at once";
  return e;
}

FICTIVE_DECL std::chrono::steady_clock::time_point end_of_wait(target const& to, http_request const& request) noexcept {
  return to.began + std::clamp(request.limits.total_timeout, std::chrono::milliseconds(0), longest_timeout);
}

FICTIVE_DECL pooled_exchange::pooled_exchange(target to, http_request const& request,
                                              std::shared_ptr<shared_state> state)
    : async_exchange(std::move(to), request, *state), place(request.force_new_connection), state_(std::move(state)) {}

FICTIVE_DECL pooled_exchange::~pooled_exchange() {
  received = nullptr;  // with its context, if that is destroyed: no timer may be set for it
  state_->release(*this);
}

FICTIVE_DECL void pooled_exchange::start(stop_token stop) {
  stop_ = std::move(stop);
  return state_->acquire(*this, target_) ? use_slot() : wait();
}

FICTIVE_DECL void pooled_exchange::wait() {
  if (stop_.stop_possible()) on_stop_.emplace(stop_, stopper{this});
  auto const lock = state_->lock_pool();
  timer_.emplace(state_->io_executor());
  bool const has_ended = has_slot() || stop_.stop_requested();
  timer_->expires_at(has_ended ? target_.began : end_of_wait(target_, request_));
  timer_->async_wait(
      [self = std::static_pointer_cast<pooled_exchange>(shared_from_this())](error_code) { self->wait_ended(); });
}

FICTIVE_DECL void pooled_exchange::stopper::operator()() const noexcept {
  auto const lock = which->state_->lock_pool();
  which->end_wait();
}

FICTIVE_DECL void pooled_exchange::end_wait() noexcept {
  if (timer_) timer_->cancel();
}

FICTIVE_DECL void pooled_exchange::wait_ended() {
  on_stop_.reset();
  auto lock = state_->lock_pool();
  bool const has_received_slot = has_slot();
  lock.unlock();
  bool const is_stopped = stop_.stop_requested();
  try {
    target_.connecting_since = std::chrono::steady_clock::now();
    bool const is_late = target_.connecting_since >= end_of_wait(target_, request_);
    if (!has_received_slot || is_late || is_stopped) return fail(no_free_connection(is_stopped));
    use_slot();
  } catch (std::bad_alloc const&) {
    if (has_ended_) throw;
    fail({.code = errc::transport_failure,
          .cause = std::make_error_code(std::errc::not_enough_memory),
          .effect = effect::none});
  }
}

FICTIVE_DECL void pooled_exchange::use_slot() {
  auto over = state_->take_connection(*this);
  try {
    if (!over) over = std::make_unique<connection>(state_->io_executor());
  } catch (boost::system::system_error const& no_more) {  // for example, too many open files
    return fail(transport_error(no_more.code(), effect::none));
  }
  async_exchange::start(std::move(over));
}

FICTIVE_DECL void pooled_exchange::fail(error e) {
  has_ended_ = true;
  state_->release(*this);
  respond(std::move(e));
}

FICTIVE_DECL void pooled_exchange::completed(outcome how) {
  has_ended_ = true;
  if (!how.connection_is_reusable) how.connection = nullptr;
  auto const idle_time = how.response ? idle_time_of(how.response->headers) : longest_timeout;
  state_->release(*this, std::move(how.connection), idle_time);
  respond(std::move(how.response));
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
