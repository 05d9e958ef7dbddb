// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_OUTCOMES_HPP
#define FICTIVE_DETAIL_HTTP_OUTCOMES_HPP

#include <fictive/config.hpp>
#include <fictive/error.hpp>

#include <system_error>

// The classification of statuses: error code, effect, and whether they are retried.

namespace fictive::detail {

/// Whether a failed attempt is retried. An attempt that may have had an effect needs `retry_unknown_effect` in any
/// case.
enum class retry_rule : unsigned char {
  never,
  always,
  once_on_new_connection,  ///< the connection may be the reason
  opt_in,                  ///< with `retry_policy::retry_unknown_effect`
};

/// A row: the responses of status `first` to `last`, with a `Retry-After` header if the row asks for one.
struct status_outcome {
  unsigned first, last;
  bool needs_retry_after;
  errc code;
  fictive::effect effect;
  retry_rule retry;
  char const* message;
};

/// The first row that applies counts. Sources: the service's reference, RFC 9110, RFC 6585 and RFC 8470.
inline constexpr status_outcome status_outcomes[] = {
    {200, 299, false, errc::malformed_response, effect::unknown, retry_rule::never, "the response is malformed"},
    {304, 305, false, errc::unexpected_status, effect::none, retry_rule::never,
     "the service answered with a redirect, which is never followed"},
    {307, 308, false, errc::unexpected_status, effect::none, retry_rule::never,
     "the service answered with a redirect, which is never followed"},
    {300, 399, false, errc::unexpected_status, effect::unknown, retry_rule::never,
     "the service answered with a redirect, which is never followed"},
    {400, 400, false, errc::invalid_request, effect::none, retry_rule::never,
     "the service rejected the request as invalid"},
    {412, 413, false, errc::invalid_request, effect::none, retry_rule::never,
     "the service rejected the request as invalid"},
    {415, 415, false, errc::invalid_request, effect::none, retry_rule::never,
     "the service rejected the request as invalid"},
    {422, 422, false, errc::invalid_request, effect::none, retry_rule::never,
     "the service rejected the request as invalid"},
    {401, 401, false, errc::not_authenticated, effect::none, retry_rule::never,
     "the service did not accept the session, token or bearer"},
    {403, 403, false, errc::not_authenticated, effect::none, retry_rule::never,
     "the service did not accept the session, token or bearer"},
    {404, 404, false, errc::not_found, effect::none, retry_rule::never,
     "the service did not find what the request refers to"},
    {409, 409, false, errc::conflict, effect::none, retry_rule::never,
     "the request conflicts with what exists already"},
    {408, 408, false, errc::unexpected_status, effect::none, retry_rule::once_on_new_connection,
     "the service asks to repeat the request"},
    {421, 421, false, errc::unexpected_status, effect::none, retry_rule::once_on_new_connection,
     "the service asks to repeat the request"},
    {425, 425, false, errc::unexpected_status, effect::none, retry_rule::once_on_new_connection,
     "the service asks to repeat the request"},
    {429, 429, false, errc::too_many_requests, effect::none, retry_rule::always, "the service was called too often"},
    {499, 499, false, errc::unexpected_status, effect::unknown, retry_rule::never,
     "a gateway gave up before the service answered"},
    {400, 499, false, errc::unexpected_status, effect::none, retry_rule::never,
     "the service rejected the request with a status that it does not document"},
    {503, 503, true, errc::server_error, effect::none, retry_rule::always,
     "the service is unavailable and says when to retry"},
    {500, 599, false, errc::server_error, effect::unknown, retry_rule::opt_in, "the service failed"},
    {0, static_cast<unsigned>(-1), false, errc::unexpected_status, effect::unknown, retry_rule::never,
     "the transport returned a status that is not one of a final HTTP response (200 to 599)"},
};

constexpr status_outcome const& outcome_of_status(unsigned status, bool has_retry_after) noexcept {
  for (auto const& row : status_outcomes)
    if (status >= row.first && status <= row.last && (has_retry_after || !row.needs_retry_after)) return row;
  return status_outcomes[0];  // not reached: the last row applies to every status
}

/// Begins the message of an error with `effect::applied`.
inline constexpr char const* result_is_lost = "the request took effect, but its result is lost: ";

constexpr bool is_success(unsigned status) noexcept {
  return status >= 200 && status <= 299;
}

/// The failures without a complete response: whether they are retried depends on their effect alone.
inline retry_rule retry_rule_of_lost_response(error const& e, bool is_safe) noexcept {
  if (e.code == errc::cancelled || e.cause == std::errc::permission_denied) return retry_rule::never;
  if (e.effect == effect::none || is_safe) return retry_rule::always;
  return e.status >= 200 && e.status < 400 ? retry_rule::never : retry_rule::opt_in;
}

/// Whether a failure is retried. If the endpoint is safe (RFC 9110, section 9.2.1), an attempt never has an effect.
inline retry_rule retry_rule_of(error const& e, bool is_safe) noexcept {
  if (e.code == errc::invalid_argument || (e.effect == effect::applied && !is_safe)) return retry_rule::never;
  bool const is_lost_response = e.code == errc::transport_failure || e.code == errc::timed_out ||
                                e.code == errc::cancelled || e.code == errc::malformed_response;
  if (is_lost_response) return retry_rule_of_lost_response(e, is_safe);
  auto const rule = outcome_of_status(e.status, e.effect == effect::none && !is_safe).retry;
  return is_safe && rule == retry_rule::opt_in ? retry_rule::always : rule;
}

}  // namespace fictive::detail

#endif
