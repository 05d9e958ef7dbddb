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

/// An exchange whose outcome is waited for.
class awaited_exchange final : public exchange {
 public:
  using exchange::exchange;

  std::optional<exchange::outcome> outcome;

 private:
  void completed(exchange::outcome how) override { outcome = std::move(how); }
};

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

  /// Runs the asynchronous exchange to its end, on a context of the connection's own.
  result<http_response> run_exchange(target to, std::unique_ptr<connection> over, stop_token stop);
  void release(std::unique_ptr<connection> reusable, result<http_response> const& response) noexcept;

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
  if (!over || !blocking_exchange::supports(*over, request_))
    return run_exchange(std::move(to), std::move(over), std::move(stop));
  std::unique_ptr<connection> reusable;
  auto response = blocking_exchange(std::move(to), std::move(over), request_).run(std::move(stop), reusable);
  release(std::move(reusable), response);
  return response;
}

FICTIVE_DECL result<http_response> blocking_place::run_exchange(target to, std::unique_ptr<connection> over,
                                                                stop_token stop) {
  try {
    if (!over) over = std::make_unique<connection>(std::make_unique<boost::asio::io_context>(1));
  } catch (boost::system::system_error const& no_more) {  // for example, too many open files
    return transport_error(no_more.code(), effect::none);
  }
  auto& context = *over->own_context;
  context.restart();
  auto const exchange = std::make_shared<awaited_exchange>(std::move(to), request_, state_);
  exchange->start(std::move(over), std::move(stop));
  context.run();

  auto outcome = *std::move(exchange->outcome);
  if (!outcome.connection_is_reusable) outcome.connection = nullptr;
  release(std::move(outcome.connection), outcome.response);
  return std::move(outcome.response);
}

FICTIVE_DECL void blocking_place::release(std::unique_ptr<connection> reusable,
                                          result<http_response> const& response) noexcept {
  state_.release(*this, std::move(reusable), response ? idle_time_of(response->headers) : longest_timeout);
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
