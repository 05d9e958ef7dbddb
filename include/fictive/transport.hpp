// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_TRANSPORT_HPP
#define FICTIVE_TRANSPORT_HPP

#include <fictive/config.hpp>
#include <fictive/detail/untrusted_text.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>

#include <chrono>
#include <concepts>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <version>

#if defined(__cpp_lib_jthread)
#include <stop_token>
#endif

// How requests get to the service: on whatever HTTP stack the program has already.

namespace fictive {

/// `std::stop_token`; where the standard library has none (libc++ before 20), a token that never stops.
#if defined(__cpp_lib_jthread)
using std::stop_token;
#else
class stop_token {
 public:
  /// Never.
  [[nodiscard]] bool stop_requested() const noexcept { return false; }
  /// Never.
  [[nodiscard]] bool stop_possible() const noexcept { return false; }
  /// Always.
  friend bool operator==(stop_token const&, stop_token const&) = default;
};
#endif

/// A response, or an error made by `transport_error`.
template <class T>
concept converts_to_result_of_http_response = std::convertible_to<T, result<http_response>>;

/// Can be called with a request.
template <class T>
concept callable_with_http_request = requires(T& transport, http_request const& request) {
  transport(request);
};

/// Can be called with a request, and hears a stop.
template <class T>
concept callable_with_http_request_and_stop_token = requires(T& transport, http_request const& request,
                                                             stop_token stop) {
  transport(request, stop);
};

/// Either of the two.
template <class T>
concept callable_as_transport = callable_with_http_request<T> || callable_with_http_request_and_stop_token<T>;

namespace detail {

template <class T>
decltype(auto) send(T& transport, http_request const& request, stop_token const& stop) {
  if constexpr (callable_with_http_request_and_stop_token<T>)
    return transport(request, stop);
  else
    return transport(request);
}

/// After a response that was not the answer to its request (see `invite_call::connections_are_suspect`).
template <class T>
void drop_idle_connections([[maybe_unused]] T& transport, [[maybe_unused]] std::string_view url) noexcept {
  if constexpr (requires { transport.drop_idle_connections(url); }) {
    static_assert(noexcept(transport.drop_idle_connections(url)),
                  "a transport's drop_idle_connections(std::string_view) must be noexcept");
    transport.drop_idle_connections(url);
  }
}

inline constexpr char const* answer_is_lost = "; the service took the invitations, but whom it invited is lost";

}  // namespace detail

/// Returns what a client can use.
template <class T>
concept returns_http_response = requires(T& transport, http_request const& request, stop_token stop) {
  { detail::send(transport, request, stop) } -> converts_to_result_of_http_response;
};

/// A blocking transport: a callable, so a lambda is enough.
///
///     auto send = [&](fictive::http_request const& request) -> fictive::result<fictive::http_response> {
///       auto reply = my_stack.post(request.url, request.headers, request.body);
///       if (!reply) return fictive::transport_error(reply.error_code());
///       return fictive::http_response{.status = reply.status, .headers = reply.headers, .body = reply.body};
///     };
///
/// It may take a `stop_token` as well. What it owes its callers:
///  - It sends the request once at most, as it is, and adds only `Host`, `Content-Length` and `Connection`. It does not
///    follow redirects (the credentials would go along), retry, or send cookies.
///  - Every status is a response; an error means that there was no whole response. All headers are returned.
///  - It keeps to `request.limits` while it reads. (Who cannot is safe, but at the network's mercy.)
///  - On failure it returns `transport_error(cause)`. That says `effect::unknown`, which is always safe; a transport
///    that can prove that no byte of the request was written adds `effect::none`, and the call may be repeated. The
///    cause of a certificate that was not accepted equals `std::errc::permission_denied`: repeating would not help.
///  - If it takes a `stop_token`, it returns soon after that stops.
///  - It uses a connection again only if it finds that alive, and never if `request.new_connection` is set.
///
/// A transport, of either kind, that keeps connections for later requests should have a member
///
///     void drop_idle_connections(std::string_view url) noexcept;
///
/// A client calls it after a response that was not the answer to its request. It closes the connections to the URL's
/// origin that are idle: on one of them, every later response may be the answer to an earlier request.
///
/// What it throws goes through to the caller of the client.
template <class T>
concept transport = std::move_constructible<T> && callable_as_transport<T> && returns_http_response<T>;

/// A transport may keep the time as well: then waits between attempts are its own, and a test's can be virtual.
/// `wait_until` returns early, and false, when the token stops.
template <class T>
concept timekeeper = requires(T& transport, std::chrono::steady_clock::time_point time, stop_token stop) {
  { transport.now() } -> std::same_as<std::chrono::steady_clock::time_point>;
  { transport.wait_until(time, stop) } -> std::same_as<bool>;
};

namespace detail {

/// The least that a transport may ask of a completion handler.
template <class Result>
struct archetypal_handler {
  archetypal_handler(archetypal_handler&&) = default;  // NOLINT(performance-noexcept-move-constructor): the least
  void operator()(Result) {}
};

template <>
struct archetypal_handler<void> {
  archetypal_handler(archetypal_handler&&) = default;
  void operator()() {}
};

}  // namespace detail

/// Sends, as `async_transport` says.
template <class T>
concept has_async_send = requires(T& transport, http_request const& request, stop_token stop,
                                  detail::archetypal_handler<result<http_response>> handler) {
  transport.async_send(request, stop, std::move(handler));
};

/// Waits, as `async_transport` says.
template <class T>
concept has_async_wait = requires(T& transport, std::chrono::nanoseconds duration, stop_token stop,
                                  detail::archetypal_handler<void> handler) {
  transport.async_wait(duration, stop, std::move(handler));
};

/// An asynchronous transport:
///
///     void async_send(http_request const&, stop_token, Handler);              // Handler: void(result<http_response>)
///     void async_wait(std::chrono::nanoseconds, stop_token, Handler);         // Handler: void()
///
/// Handlers are move-only and are called exactly once, now or later, whatever happens. The request lives until
/// then. When the token stops, both end early: a wait as if its time were over, a send as it can. For the rest,
/// `async_send` owes what a blocking transport owes.
template <class T>
concept async_transport = std::move_constructible<T> && has_async_send<T> && has_async_wait<T>;

/// The error of a transport that got no response. `cause` is the transport's own code: one that equals
/// `std::errc::timed_out` or `std::errc::operation_canceled` makes the error `timed_out` or `cancelled`, any other
/// `transport_failure`. State `effect::none` only with proof that no byte of the request was written.
[[nodiscard]] inline error transport_error(std::error_code cause, effect did = effect::unknown) {
  error e{.code = errc::transport_failure,
          .cause = cause,
          .effect = did,
          .message = "the request failed without a whole response"};
  if (cause == std::errc::timed_out) {
    e.code = errc::timed_out;
    e.message = "no whole response in time";
  } else if (cause == std::errc::operation_canceled) {
    e.code = errc::cancelled;
    e.message = "the call was stopped";
  }
  return e;
}

/// The same for a response whose status and headers came and whose body was lost. A success that announced
/// JSON was the service's: the invitations were made (`effect::applied`), and unless time ran out or the call
/// was stopped, that is a `malformed_response`. All else may have had an effect.
[[nodiscard]] inline error transport_error(std::error_code cause, http_response const& partial) {
  bool const applied = detail::is_success(partial.status) && detail::announces_json(partial.headers);
  auto e = transport_error(cause, applied ? effect::applied : effect::unknown);
  if (applied && e.code == errc::transport_failure) e.code = errc::malformed_response;
  e.status = partial.status;
  e.request_id = detail::request_id_of(partial.headers);
  if (applied) e.message += detail::answer_is_lost;
  return e;
}

}  // namespace fictive

#endif
