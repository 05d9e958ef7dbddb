// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_IMPL_TRANSPORT_IPP
#define FICTIVE_BEAST_IMPL_TRANSPORT_IPP

#include <fictive/beast/detail/blocking_exchange.hpp>
#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/exchange.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/shared_state.hpp>
#include <fictive/beast/transport.hpp>
#include <fictive/detail/http/url.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

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

/// Runs the asynchronous exchange to its end, on a context of the connection's own.
FICTIVE_DECL result<http_response> run_exchange(shared_state& state, target to, std::unique_ptr<connection> over,
                                                http_request const& request, stop_token stop) {
  try {
    if (!over) over = std::make_unique<connection>(to.url, std::make_unique<boost::asio::io_context>(1));
  } catch (boost::system::system_error const& no_more) {  // for example, too many open files
    return transport_error(no_more.code(), effect::none);
  }
  auto& context = *over->own_context;
  context.restart();
  auto const exchange = std::make_shared<awaited_exchange>(std::move(to), std::move(over), request, state.resolver);
  exchange->start(std::move(stop));
  context.run();

  auto outcome = *std::move(exchange->outcome);
  if (outcome.connection_is_reusable) state.idle.keep(std::move(outcome.connection));
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

  auto connection = request.force_new_connection ? nullptr : state_->idle.take(to->url, to->began);
  if (!connection || !detail::blocking_exchange::supports(*connection))
    return detail::run_exchange(*state_, std::move(*to), std::move(connection), request, std::move(stop));

  std::unique_ptr<detail::connection> reusable;
  auto response =
      detail::blocking_exchange(std::move(*to), std::move(connection), request).run(std::move(stop), reusable);
  if (reusable) state_->idle.keep(std::move(reusable));
  return response;
}

FICTIVE_DECL void transport::drop_idle_connections(std::string_view url) noexcept {
  if (auto const parts = fictive::detail::split_url(url)) state_->idle.drop(*parts);
}

}  // namespace FICTIVE_BEAST_NAMESPACE

#endif
