// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_CLIENT_HPP
#define FICTIVE_CLIENT_HPP

#include <fictive/call.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/clock.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/invite.hpp>
#include <fictive/observe.hpp>
#include <fictive/retry.hpp>
#include <fictive/service.hpp>
#include <fictive/transport.hpp>

#include <memory>
#include <utility>

namespace fictive {

/// Invites people, and waits for the answer.
///
///     fictive::client client{fictive::beast::blocking_transport{}, {.credentials = {.session_id = session}}};
///     auto reply = client.invite({.account_group_token = group, .email_addresses = {"jamie.muir@fictiveglobal.com"}});
///
/// The transport is moved in; give `std::ref(transport)` to share one. A client is as thread-safe as its transport is.
/// Copies share the retry budget.
template <transport Transport>
class client {
 public:
  /// Sends nothing yet. What the service's members hold is looked at when a call is made.
  client(Transport transport, fictive::service service, retry_policy policy = {}, observer hooks = {})
      : transport_(std::move(transport)),
        service_(std::move(service)),
        policy_(std::move(policy)),
        observer_(detail::shared_if_set(std::move(hooks))) {}

  /// Invites, and tries again what surely had no effect, as the policy has it. That addresses are refused is no error:
  /// look at `invalid_email_addresses`. An error's `effect` says whether anybody may have been invited by any of the
  /// attempts. When `stop` stops, a wait ends at once, and a request as soon as the transport can. Throws only what the
  /// transport throws, and `std::bad_alloc`.
  result<invite_response> invite(invite_request const& request, stop_token stop = {}) {
    invite_call call(service_, request, policy_, detail::now(transport_), observer_);
    while (call.next() != call_step::done) {
      if (stop.stop_requested())
        call.stop(detail::now(transport_));
      else if (call.next() == call_step::wait) {
        if (detail::wait_until(transport_, call.wait_until(), stop)) call.waited(detail::now(transport_));
      } else {
        result<http_response> const response = detail::send(transport_, call.request(), stop);
        call.responded(response, detail::now(transport_));
        if (call.connections_are_suspect()) detail::drop_idle_connections(transport_, call.request().url);
      }
    }
    return std::move(call).outcome();
  }

 private:
  Transport transport_;
  fictive::service service_;
  retry_policy policy_;
  std::shared_ptr<observer const> observer_;
};

namespace detail {

template <class T>
struct not_a_transport {
  static_assert(transport<T>, "fictive::client needs a transport: see fictive/transport.hpp for what it must be");
};

}  // namespace detail

/// For what is no transport: else clang does not say what it lacks.
template <class T>
requires(!transport<T>) client(T, service)
->client<detail::not_a_transport<T>>;

}  // namespace fictive

#endif
