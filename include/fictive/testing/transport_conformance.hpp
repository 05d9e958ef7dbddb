// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_TESTING_TRANSPORT_CONFORMANCE_HPP
#define FICTIVE_TESTING_TRANSPORT_CONFORMANCE_HPP

#include <fictive/config.hpp>
#include <fictive/testing/conformance.hpp>
#include <fictive/testing/detail/exchange_checks.hpp>
#include <fictive/testing/detail/failure_checks.hpp>
#include <fictive/testing/detail/limit_checks.hpp>
#include <fictive/testing/detail/misbehaving_server.hpp>
#include <fictive/testing/detail/trial.hpp>
#include <fictive/transport.hpp>

#include <concepts>
#include <type_traits>
#include <vector>

// The conformance kit for transports. Needs Boost.Asio (headers only) and threads; include it only in tests. For https,
// see transport_conformance_tls.hpp.

namespace fictive::testing {

/// A callable that returns a transport.
template <class T>
concept makes_transport = std::invocable<T&> && transport<std::invoke_result_t<T&>>;

/// Runs a transport against a server on loopback that misbehaves on purpose. Returns, for each requirement of
/// `fictive/transport.hpp`, whether the transport meets it.
///
///     for (auto const& check : fictive::testing::check_transport([] { return my_transport(); })) {
///       INFO(to_string(check));
///       CHECK(check.passed());
///     }
///
/// `make` returns a new transport each time that it is called; it is called many times, on this thread. Each call of a
/// transport runs on a thread of its own; no two calls overlap. The checks take a few seconds for a transport that
/// enforces its limits, and `options.max_duration` at most for any other: the server ends its connections.
/// `options.on_result` gets each result at once.
///
/// If a call does not return although its connections have ended, its check and all later ones are reported as broken,
/// and its thread is left behind: it keeps its copies of the transport and the request, but what the transport refers
/// to must outlive it. The kit cannot leave a `make` or a destructor that does not return.
///
/// Every check also fails, as dangerous, if a request was started more than once, on one connection or several, or if
/// an error reports `effect::none` although a byte of its request arrived.
///
/// The checks are listed below by their names. "cancellation is supported" is left out for transports that do not take
/// a `stop_token`.
///
/// Throws `std::invalid_argument` if the options name an unknown check, and `std::system_error` or
/// `boost::system::system_error` if the system provides no port or thread. An exception of the transport fails the
/// check.
template <makes_transport MakeTransport>
std::vector<conformance_check> check_transport(MakeTransport make, conformance_options const& options = {}) {
  namespace kit = fictive::detail::conformance;
  std::vector<kit::named_check> const checks = {
      {"the request arrives unchanged", kit::request_arrives_unchanged},
      {"the target is sent unchanged", kit::target_is_sent_unchanged},
      {"any method is sent", kit::any_method_is_sent},
      {"header values arrive unchanged", kit::header_values_arrive_unchanged},
      {"a large request arrives completely", kit::large_request_arrives_completely},
      {"no cookie is sent", kit::no_cookie_is_sent},
      {"every status is a response", kit::every_status_is_a_response},
      {"every header is returned", kit::every_header_is_returned},
      {"the body is read to its end", kit::body_is_read_to_its_end},
      {"trailers are ignored", kit::trailers_are_ignored},
      {"a response without a body ends with its headers", kit::response_without_a_body_ends_with_its_headers},
      {"interim responses are skipped", kit::interim_responses_are_skipped},
      {"content codings are not decoded", kit::content_codings_are_not_decoded},
      {"redirects are not followed", kit::redirects_are_not_followed},
      {"a refused connection has no effect", kit::refused_connection_has_no_effect},
      {"a failure does not affect the next request", kit::failure_does_not_affect_the_next_request},
      {"a connection may end before the request", kit::connection_may_end_before_the_request},
      {"a connection that ends before the status is an error", kit::connection_ended_before_the_status},
      {"a connection that ends within the headers is an error", kit::connection_ended_within_the_headers},
      {"a connection that ends within the body is an error", kit::connection_ended_within_the_body},
      {"a success whose body is lost is an error", kit::lost_success_is_an_error},
      {"what is not HTTP is an error", kit::what_is_not_http_is_an_error},
      {"ambiguous framing does not shift responses", kit::ambiguous_framing_does_not_shift_responses},
      {"bytes after a response are not the next response", kit::bytes_after_a_response_are_not_the_next_response},
      {"a closed idle connection is not reused", kit::closed_idle_connection_is_not_reused},
      {"a request is not sent again when its connection dies", kit::request_is_not_sent_again},
      {"the connect timeout holds", kit::connect_timeout_holds},
      {"the total timeout holds against silence", kit::total_timeout_holds_against_silence},
      {"the total timeout holds against a trickle", kit::total_timeout_holds_against_a_trickle},
      {"headers beyond the limit are an error", kit::headers_beyond_the_limit_are_an_error},
      {"a body beyond the limit is an error", kit::body_beyond_the_limit_is_an_error},
      {"a body of the limit's size is returned", kit::body_of_the_limit_is_returned},
      {"cancellation is supported", kit::cancellation_is_supported_by<std::invoke_result_t<MakeTransport&>>},
  };
  return kit::run(
      checks, [&make] { return kit::erase_type(make()); }, options);
}

}  // namespace fictive::testing

#endif
