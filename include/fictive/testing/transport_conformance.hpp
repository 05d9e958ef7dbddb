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

// Does a transport of yours do what the library relies on? Needs Boost.Asio (headers) and threads; include it where you
// test your transport, and nowhere else. For https there is transport_conformance_tls.hpp.

namespace fictive::testing {

/// Can be called for a transport.
template <class T>
concept makes_transport = std::invocable<T&> && transport<std::invoke_result_t<T&>>;

/// Runs a transport against a server on loopback that misbehaves on purpose, and says of each promise in
/// `fictive/transport.hpp` whether it was kept.
///
///     for (auto const& check : fictive::testing::check_transport([] { return my_transport(); })) {
///       INFO(to_string(check));
///       CHECK(check.passed());
///     }
///
/// `make` returns a fresh transport each time it is called; it is called on this thread, many times. So are the
/// transports; no two calls overlap. The whole takes a few seconds for a transport that keeps its limits, and ends by
/// itself for one that does not, since the server then hangs up; only a transport that never returns although its
/// connections ended is waited for.
///
/// Whatever else a check is about, it fails as dangerous if a request was begun more than once, on one connection
/// or several, or if an error claims `effect::none` although a byte of its request arrived.
///
/// The checks are listed below, under their names; "cancellation is supported" is for transports that take a
/// `stop_token`, where the standard library has one.
///
/// Throws `std::invalid_argument` if the options name a check that there is not, and what the system throws when it
/// has no port or thread left; never what the transport throws, for that fails the check.
template <makes_transport MakeTransport>
std::vector<conformance_check> check_transport(MakeTransport make, conformance_options const& options = {}) {
  namespace kit = fictive::detail::conformance;
  std::vector<kit::named_check> const checks = {
      {"the request arrives as it was given", kit::request_arrives_as_given},
      {"the target is sent as it is", kit::target_is_sent_as_it_is},
      {"any method is sent", kit::any_method_is_sent},
      {"header values arrive unchanged", kit::header_values_arrive_unchanged},
      {"a large request arrives whole", kit::large_request_arrives_whole},
      {"no cookie is sent", kit::no_cookie_is_sent},
      {"every status is a response", kit::every_status_is_a_response},
      {"every header is returned", kit::every_header_is_returned},
      {"the body is read to its end", kit::body_is_read_to_its_end},
      {"trailers are passed over", kit::trailers_are_passed_over},
      {"a response without a body ends with its headers", kit::response_without_a_body_ends_with_its_headers},
      {"interim responses are passed over", kit::interim_responses_are_passed_over},
      {"content codings are not undone", kit::content_codings_are_not_undone},
      {"redirects are not followed", kit::redirects_are_not_followed},
      {"a refused connection has no effect", kit::refused_connection_has_no_effect},
      {"a failure does not spoil the next request", kit::failure_does_not_spoil_the_next_request},
      {"a connection may end before the request", kit::connection_may_end_before_the_request},
      {"a connection that ends before the status is an error", kit::connection_ended_before_the_status},
      {"a connection that ends within the headers is an error", kit::connection_ended_within_the_headers},
      {"a connection that ends within the body is an error", kit::connection_ended_within_the_body},
      {"a success whose body is lost is an error", kit::lost_success_was_applied},
      {"what is not HTTP is an error", kit::what_is_not_http_is_an_error},
      {"ambiguous framing does not shift responses", kit::ambiguous_framing_does_not_shift_responses},
      {"bytes behind a response are not the next one", kit::bytes_behind_a_response_are_not_the_next_one},
      {"an idle connection that ended is not used", kit::idle_connection_that_ended_is_not_used},
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
