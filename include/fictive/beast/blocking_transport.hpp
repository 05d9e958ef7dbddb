// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_BLOCKING_TRANSPORT_HPP
#define FICTIVE_BEAST_BLOCKING_TRANSPORT_HPP

#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/exchange.hpp>
#include <fictive/beast/detail/tls.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/ascii.hpp>
#include <fictive/detail/header_value.hpp>
#include <fictive/detail/url.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/transport.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace fictive::beast {

/// A blocking transport over HTTP/1.1 and TLS.
///
///  - The limits of a request hold at every stage: look-up, connect, handshake, write, read. `stop_token` ends each at
///  once.
///  - Certificates and host names are verified, with the system's authorities or `tls_options`' own.
///  - Connections are kept and used again, if they are still alive; an idle one is never written to after its end.
///  - `effect::none` means that no byte of the request was written. A certificate that was not accepted has a
///    `cause` that equals `std::errc::permission_denied`.
///  - It follows no redirect, knows no proxy, and sends nothing twice.
///
/// It can be moved, and called from several threads at once: each call runs its own connection on its own thread.
/// Errors are returned; nothing is thrown but `std::bad_alloc`.
class blocking_transport {
 public:
  explicit blocking_transport(transport_options options = {}) : state_(std::make_unique<state>(std::move(options))) {}

  result<http_response> operator()(http_request const& request, stop_token stop = {}) {
    auto const began = std::chrono::steady_clock::now();
    auto const url = fictive::detail::split_url(request.url);
    if (!url || url->has_user_info || !url->fragment.empty())
      return fictive::detail::refused("the request's url is not an http or https URL without user info and fragment");
    if (auto const* problem = problem_with(request)) return fictive::detail::refused(problem);
    if (stop.stop_requested())
      return transport_error(std::make_error_code(std::errc::operation_canceled), effect::none);

    std::shared_ptr<boost::asio::ssl::context> tls;
    if (url->is_https()) {
      auto context = state_->tls_context();
      if (!context) return context.error();
      tls = *context;
    }

    auto const origin = origin_of(*url);
    auto connection = state_->idle.take(origin);
    if (!connection) connection = std::make_unique<detail::connection>(origin);
    auto [response, connection_is_reusable] =
        detail::exchange(*connection, request, *url, state_->options, tls.get(), began).run(stop);
    if (connection_is_reusable) state_->idle.keep(std::move(connection));
    return std::move(response);
  }

 private:
  struct state {
    explicit state(transport_options given)
        : options(std::move(given)), idle(options.max_idle_connections, options.max_idle_time) {}

    /// Made when it is needed first: loading the system's authorities takes a while.
    result<std::shared_ptr<boost::asio::ssl::context>> tls_context() {
      std::lock_guard lock(mutex);
      if (!tls) {
        auto made = detail::make_tls_context(options.tls);
        if (!made) return made;
        tls = *made;
      }
      return tls;
    }

    transport_options const options;
    detail::idle_connections idle;
    std::mutex mutex;
    std::shared_ptr<boost::asio::ssl::context> tls;
  };

  /// What could make the request say something else on the wire than here; null if nothing.
  static char const* problem_with(http_request const& request) {
    if (!fictive::detail::is_token(request.method)) return "the request's method is not one";
    for (auto const& header : request.headers) {
      if (!fictive::detail::is_token(header.name)) return "the request has a header whose name is not one";
      if (fictive::detail::is_transport_header(header.name))
        return "the request has a header that only the transport may set";
      if (fictive::detail::header_value_problem(header.value))
        return "the request has a header whose value cannot be sent";
    }
    return nullptr;
  }

  static std::string origin_of(fictive::detail::url_parts const& url) {
    std::string origin(url.is_https() ? "https" : "http");
    origin.append(" ").append(url.host).append(" ").append(url.port_or_default());
    for (auto& c : origin) c = fictive::detail::to_lower(c);
    return origin;
  }

  std::unique_ptr<state> state_;
};

}  // namespace fictive::beast

#endif
