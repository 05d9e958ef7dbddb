// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_IMPL_TRANSPORT_IPP
#define FICTIVE_BEAST_IMPL_TRANSPORT_IPP

#include <fictive/beast/detail/blocking_exchange.hpp>
#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/connection_pool.hpp>
#include <fictive/beast/detail/exchange.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/pooled_exchange.hpp>
#include <fictive/beast/detail/shared_state.hpp>
#include <fictive/beast/detail/stop_callback.hpp>
#include <fictive/beast/transport.hpp>
#include <fictive/detail/http/url.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace FICTIVE_BEAST_NAMESPACE {

namespace detail {

/// The place of a blocking call, on its thread's stack.
class blocking_place final : public connection_pool::place {
 public:
  blocking_place(shared_state& state, http_request const& request)
      : place(request.force_new_connection), state_(state), request_(request) {}

  ~blocking_place() { state_.release(*this); }

  /// Waits for a slot; returns an error if there is none in time.
  std::optional<error> wait(target& to, stop_token const& stop);

  /// Performs the exchange.
  result<http_response> run(target to, stop_token stop);

 private:
  struct stopper {
    blocking_place* which;
    void operator()() const noexcept {
      auto const lock = which->state_.lock_pool();
      which->received_slot();
    }
  };

  void received_slot() noexcept override { changed_.notify_one(); }

  shared_state& state_;
  http_request const& request_;
  std::condition_variable changed_;
};

FICTIVE_DECL std::optional<error> blocking_place::wait(target& to, stop_token const& stop) {
  if (state_.acquire(*this, to)) return std::nullopt;
  stop_callback<stopper> const on_stop(stop, stopper{this});
  auto lock = state_.lock_pool();
  auto const end = end_of_wait(to, request_);
  changed_.wait_until(lock, end, [&] { return has_slot() || stop.stop_requested(); });
  to.connecting_since = std::chrono::steady_clock::now();
  bool const is_late = to.connecting_since >= end;
  if (!has_slot() || is_late || stop.stop_requested()) return no_free_connection(stop.stop_requested());
  return std::nullopt;
}

FICTIVE_DECL result<http_response> blocking_place::run(target to, stop_token stop) {
  auto over = state_.take_connection(*this);
  try {
    if (!over) over = std::make_unique<connection>(state_.io_executor());
  } catch (boost::system::system_error const& no_more) {  // for example, too many open files
    return transport_error(no_more.code(), effect::none);
  }
  auto outcome = blocking_exchange(std::move(to), request_, state_).run(std::move(over), std::move(stop));
  if (!outcome.connection_is_reusable) outcome.connection = nullptr;
  auto const idle_time = outcome.response ? idle_time_of(outcome.response->headers) : longest_timeout;
  state_.release(*this, std::move(outcome.connection), idle_time);
  return std::move(outcome.response);
}

}  // namespace detail

FICTIVE_DECL transport::transport() : transport(transport_options()) {}

FICTIVE_DECL transport::transport(transport_options options)
    : state_(std::make_unique<detail::shared_state>(std::move(options))) {}

FICTIVE_DECL transport::transport(transport&&) noexcept = default;

FICTIVE_DECL transport& transport::operator=(transport&&) noexcept = default;

FICTIVE_DECL transport::~transport() = default;

FICTIVE_DECL result<http_response> transport::operator()(http_request const& request, stop_token stop) {
  auto to = state_->target_of(request);
  if (!to) return to.error();
  if (stop.stop_requested()) return transport_error(std::make_error_code(std::errc::operation_canceled), effect::none);

  detail::blocking_place place(*state_, request);
  if (auto const problem = place.wait(*to, stop)) return *problem;
  return place.run(std::move(*to), std::move(stop));
}

FICTIVE_DECL void transport::drop_idle_connections(std::string_view url) noexcept {
  if (auto const parts = fictive::detail::split_url(url)) state_->close_idle(*parts);
}

}  // namespace FICTIVE_BEAST_NAMESPACE

#endif
