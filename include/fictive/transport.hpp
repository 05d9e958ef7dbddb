// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_TRANSPORT_HPP
#define FICTIVE_TRANSPORT_HPP

#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/stop_token.hpp>

#include <chrono>
#include <concepts>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

// The concepts of transports: how requests are sent, over any HTTP stack.

namespace fictive {

/// A response, or an error made by `transport_error`.
template <class T>
concept converts_to_result_of_http_response = std::convertible_to<T, result<http_response>>;

/// Can be called with a request.
template <class T>
concept callable_with_http_request = requires(T& transport, http_request const& request) {
  transport(request);
};

/// Can be called with a request and a stop token.
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

/// Called after a response that did not answer its request (see `basic_call::connections_are_suspect`).
template <class T>
void drop_idle_connections([[maybe_unused]] T& transport, [[maybe_unused]] std::string_view url) noexcept {
  if constexpr (requires { transport.drop_idle_connections(url); }) {
    static_assert(noexcept(transport.drop_idle_connections(url)),
                  "a transport's drop_idle_connections(std::string_view) must be noexcept");
    transport.drop_idle_connections(url);
  }
}

}  // namespace detail

/// Returns a response that a client can use.
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
/// It may take a `stop_token` as well. Requirements:
///  - It sends the request at most once, unchanged, and adds only `Host`, `Content-Length` and `Connection`. It follows
///    no redirects (the credentials would travel along), does not retry, and sends no cookies.
///  - Every status is a response; an error means that there was no complete response. All headers are returned, without
///    trailers.
///  - It enforces `request.limits` while it reads. (A transport that ignores limits is still correct, but unbounded.)
///  - On failure it returns `transport_error(cause)`, whose effect is `effect::unknown`: that is always correct. A
///    transport that can prove that no byte of the request was written passes `effect::none`, and the call may be
///    retried. If a certificate was not accepted, the cause equals `std::errc::permission_denied`: a retry would not
///    help.
///  - If it takes a `stop_token`, it returns soon after a stop is requested.
///  - It reuses a connection only if that is still alive, and never if `request.force_new_connection` is set.
///
/// A transport, of either kind, that keeps connections for later requests should have a member
///
///     void drop_idle_connections(std::string_view url) noexcept;
///
/// A client calls it after a response that did not answer its request. It closes the idle connections to the URL's
/// origin: on one of them, every later response could answer an earlier request.
///
/// Exceptions of the transport propagate to the caller of the client.
///
/// @see @ref transports-page
template <class T>
concept transport = std::move_constructible<T> && callable_as_transport<T> && returns_http_response<T>;

/// A transport may have a clock of its own, which is used for the delays between attempts: time is virtual in tests.
/// `wait_until` returns false, and early, when a stop is requested.
template <class T>
concept has_clock = requires(T& transport, std::chrono::steady_clock::time_point time, stop_token stop) {
  { transport.now() } -> std::same_as<std::chrono::steady_clock::time_point>;
  { transport.wait_until(time, stop) } -> std::same_as<bool>;
};

namespace detail {

/// Archetype for the concept check: a move-only handler.
template <class Result>
struct archetypal_handler {
  archetypal_handler(archetypal_handler&&) = default;  // NOLINT(performance-noexcept-move-constructor): minimal
  void operator()(Result) {}
};

template <>
struct archetypal_handler<void> {
  archetypal_handler(archetypal_handler&&) = default;
  void operator()() {}
};

}  // namespace detail

/// Sends; see `async_transport`.
template <class T>
concept has_async_send = requires(T& transport, http_request const& request, stop_token stop,
                                  detail::archetypal_handler<result<http_response>> handler) {
  transport.async_send(request, stop, std::move(handler));
};

/// Waits; see `async_transport`.
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
/// Handlers are move-only and are called exactly once, immediately or later. The request lives until then. When a stop
/// is requested, both end early: a wait as if its time had passed, a send as soon as it can. The other requirements of
/// a blocking transport apply to `async_send`.
template <class T>
concept async_transport = std::move_constructible<T> && has_async_send<T> && has_async_wait<T>;

/// The error of a transport that received no response. `cause` is the transport's own code: one that equals
/// `std::errc::timed_out` or `std::errc::operation_canceled` makes the error `timed_out` or `cancelled`, any other
/// `transport_failure`. Pass `effect::none` only with proof that no byte of the request was written.
[[nodiscard]] error transport_error(std::error_code cause, effect did = effect::unknown);

/// The same for a response whose status and headers were received, but not the whole body. Its status decides the
/// effect and whether the call is retried, as for a whole response: a 404 had no effect, a 500 may have had one. If it
/// is a success that announces JSON, the request took effect (`effect::applied`), and unless it timed out or was
/// cancelled, the error is a `malformed_response`. Any other success may have had an effect, and so may a response whose
/// body begins to list what was done, whatever its status. The error also has the response's request id, `Retry-After`,
/// and the message in the part of the body that was received. A date in `Retry-After` counts from the response's `Date`
/// or, if there is none, from now.
[[nodiscard]] error transport_error(std::error_code cause, http_response const& partial);

}  // namespace fictive

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/impl/transport.ipp>
#endif

#endif
