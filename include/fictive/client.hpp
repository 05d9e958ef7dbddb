// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_CLIENT_HPP
#define FICTIVE_CLIENT_HPP

#include <fictive/call.hpp>
#include <fictive/call_options.hpp>
#include <fictive/client_config.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/driver/clock.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/invite.hpp>
#include <fictive/invite_endpoint.hpp>
#include <fictive/transport.hpp>

#include <utility>

namespace fictive {

/// The blocking client, over any transport.
///
///     fictive::client client{send, {.api_version = "9.0.0", .credentials = {.session_id = session}}};
///     auto reply = client.invite({.account_group_token = group, .email_addresses = {"jamie.muir@fictiveglobal.com"}});
///
/// The transport is moved in; pass `std::ref(transport)` to share one. A client is as thread-safe as its transport.
/// Copies share the retry budget.
template <transport Transport>
class client {
 public:
  /// Sends nothing yet. The configuration is checked when a call is made.
  client(Transport transport, client_config config) : transport_(std::move(transport)), config_(std::move(config)) {}

  /// Sends the invitations. Retries attempts that had no effect, as configured in `retry`. Rejected addresses are not
  /// an error: see `invalid_email_addresses`. The `effect` of an error covers all attempts. Throws only what the
  /// transport throws, and `std::bad_alloc`.
  [[nodiscard]] result<invite_response> invite(invite_request const& request, call_options const& options = {}) {
    return call<invite_endpoint>(request, options);
  }

 protected:
  /// Calls any endpoint, for derived clients.
  template <class Endpoint>
  result<typename Endpoint::response_type> call(typename Endpoint::request_type const& request,
                                                call_options const& options) {
    basic_call<Endpoint> call(config_, request, detail::now(transport_));
    while (call.next() != call_step::done) {
      if (options.stop.stop_requested())
        call.stop(detail::now(transport_));
      else if (call.next() == call_step::wait) {
        if (detail::wait_until(transport_, call.wait_until(), options.stop)) call.waited(detail::now(transport_));
      } else {
        result<http_response> const response = detail::send(transport_, call.request(), options.stop);
        call.responded(response, detail::now(transport_));
        if (call.connections_are_suspect()) detail::drop_idle_connections(transport_, call.request().url);
      }
    }
    return std::move(call).outcome();
  }

 private:
  Transport transport_;
  client_config config_;
};

namespace detail {

template <class T>
struct not_a_transport {
  static_assert(transport<T>, "fictive::client needs a transport: see fictive/transport.hpp for its requirements");
};

}  // namespace detail

/// Gives a readable diagnostic on clang if `T` is not a transport.
template <class T>
requires(!transport<T>) client(T, client_config)
->client<detail::not_a_transport<T>>;

}  // namespace fictive

#endif
