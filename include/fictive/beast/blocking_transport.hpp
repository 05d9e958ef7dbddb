// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_BLOCKING_TRANSPORT_HPP
#define FICTIVE_BEAST_BLOCKING_TRANSPORT_HPP

#include <fictive/beast/detail/blocking_exchange.hpp>
#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/exchange.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/target.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/url.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/transport.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace FICTIVE_BEAST_NAMESPACE {

/// A blocking transport over HTTP/1.1 and TLS.
///
///  - The limits of a request hold at every stage: look-up, connect, handshake, write, read. `stop_token` ends each at
///    once.
///  - Certificates and host names are verified, with the system's authorities or `tls_options`' own.
///  - Connections are kept and used again, if they are still alive: one whose end has arrived is not written to.
///  - The addresses of a host are tried one after the other, all within the connect timeout.
///  - `effect::none` means that no byte of the request was written. A certificate that was not accepted has a
///    `cause` that equals `std::errc::permission_denied`.
///  - It follows no redirect, knows no proxy, and sends nothing twice.
///  - A process that `fork()` makes shares no connection with its parent. Do not fork while another thread is in a call.
///
/// It can be moved, and called from several threads at once: each call runs its own connection on its own thread.
/// Errors are returned; nothing is thrown but `std::bad_alloc`.
class blocking_transport {
 public:
  /// Connects to nothing yet.
  template <class = void>
  blocking_transport() : blocking_transport(transport_options()) {}

  /// The same, connecting as these options have it.
  template <class = void>
  explicit blocking_transport(transport_options options)
      : state_(std::make_unique<detail::shared_state<>>(std::move(options))) {}

  /// Sends one request; see `fictive::transport`.
  template <class = void>
  result<http_response> operator()(http_request const& request, stop_token stop = {}) {
    auto to = state_->target_of(request);
    if (!to) return to.error();
    if (stop.stop_requested())
      return transport_error(std::make_error_code(std::errc::operation_canceled), effect::none);

    auto connection = request.new_connection ? nullptr : state_->idle.take(to->url, to->began);
    if (connection && detail::blocking_exchange<>::is_fit_for(*connection)) {
      std::unique_ptr<detail::connection> reusable;
      auto response =
          detail::blocking_exchange<>(std::move(*to), std::move(connection), request).run(std::move(stop), reusable);
      if (reusable) state_->idle.keep(std::move(reusable));
      return response;
    }
    return run(std::move(*to), std::move(connection), request, std::move(stop));
  }

  /// Closes the idle connections to this URL's origin. Does nothing if `url` is not a URL.
  void drop_idle_connections(std::string_view url) noexcept {
    if (auto const parts = fictive::detail::split_url(url)) state_->idle.drop(*parts);
  }

 private:
  template <class Nothing = void>
  struct awaited final : detail::exchange<Nothing> {
    using detail::exchange<Nothing>::exchange;
    using outcome = typename detail::exchange<Nothing>::outcome;
    void completed(outcome how) override { how_it_ended = std::move(how); }
    std::optional<outcome> how_it_ended;
  };

  /// Runs the asynchronous exchange to its end.
  template <class Nothing = void>
  result<http_response> run(detail::target to, std::unique_ptr<detail::connection> connection,
                            http_request const& request, stop_token stop) {
    try {
      if (!connection)
        connection = std::make_unique<detail::connection>(to.url, std::make_unique<boost::asio::io_context>(1));
    } catch (boost::system::system_error const& no_more) {  // descriptors, say
      return transport_error(no_more.code(), effect::none);
    }
    auto& context = *connection->own_context;
    context.restart();
    auto const exchange =
        std::make_shared<awaited<Nothing>>(std::move(to), std::move(connection), request, state_->resolver);
    exchange->start(std::move(stop));
    context.run();

    auto outcome = *std::move(exchange->how_it_ended);
    if (outcome.connection_is_reusable) state_->idle.keep(std::move(outcome.connection));
    return std::move(outcome.response);
  }

  std::unique_ptr<detail::shared_state<>> state_;
};

}  // namespace FICTIVE_BEAST_NAMESPACE

#endif
