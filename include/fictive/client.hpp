// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_CLIENT_HPP
#define FICTIVE_CLIENT_HPP

#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/invite.hpp>
#include <fictive/request.hpp>
#include <fictive/response.hpp>
#include <fictive/service.hpp>
#include <fictive/transport.hpp>

#include <utility>

namespace fictive {

/// Invites people, and waits for the answer.
///
///     fictive::client client{fictive::beast::blocking_transport{}, {.version = "9.0", .credentials = {.session_id =
///     session}}}; auto reply = client.invite({.account_group_token = group, .email_addresses =
///     {"jamie.muir@fictiveglobal.com"}});
///
/// The transport is moved in; give `std::ref(transport)` to share one. A client is as thread-safe as its transport is.
template <transport Transport>
class client {
 public:
  client(Transport transport, fictive::service service)
      : transport_(std::move(transport)), service_(std::move(service)) {}

  /// Sends one invitation request and reads the answer. That addresses are refused is no error: look at
  /// `invalid_email_addresses`. An error's `effect` says whether anybody may have been invited. When `stop` stops,
  /// the call ends as soon as the transport can. Throws only what the transport throws, and `std::bad_alloc`.
  result<invite_response> invite(invite_request const& request, stop_token stop = {}) {
    auto outgoing = make_request(service_, request);
    if (!outgoing) return outgoing.error();
    if (stop.stop_requested())
      return error{.code = errc::cancelled, .effect = effect::none, .message = "the call was stopped before it began"};
    return attempt(*outgoing, stop);
  }

 private:
  result<invite_response> attempt(http_request const& outgoing, stop_token const& stop) {
    result<http_response> incoming = detail::send(transport_, outgoing, stop);
    auto outcome = incoming ? parse_response(*incoming, outgoing.limits.max_body_bytes)
                            : result<invite_response>(incoming.error());
    if (outcome) return outcome;
    auto e = outcome.error();
    e.attempts = 1;
    return e;
  }

  Transport transport_;
  fictive::service service_;
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
