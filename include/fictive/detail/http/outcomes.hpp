// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_OUTCOMES_HPP
#define FICTIVE_DETAIL_HTTP_OUTCOMES_HPP

#include <fictive/config.hpp>
#include <fictive/error.hpp>

#include <array>
#include <limits>
#include <system_error>

// The classification of statuses: error code, effect, and whether they are retried.

namespace fictive::detail {

/// Whether a failed attempt is retried. In any case, an attempt that may have had an effect is retried only with
/// `retry_policy::retry_unknown_effect`, and one that had an effect never.
enum class retry_rule : unsigned char {
  never,
  always,
  once_on_new_connection,  ///< the connection may be the reason
  if_safe,                 ///< if the endpoint is safe (RFC 9110, section 9.2.1)
};

/// What a response has besides its status.
enum class evidence : unsigned char {
  none,
  retry_after,  ///< a `Retry-After` that can be read
  json,         ///< it announces JSON
};

/// The statuses of a row: some, or a range.
struct status_set {
  std::array<int, 5> listed = {};
  int first = 1, last = 0;

  [[nodiscard]] constexpr bool contains(int status) const noexcept {
    for (auto const one : listed)
      if (one == status && one != 0) return true;
    return status >= first && status <= last;
  }
};

template <class... Status>
constexpr status_set one_of(Status... statuses) noexcept {
  return {.listed = {int{statuses}...}};
}

constexpr status_set status_range(int first, int last) noexcept {
  return {.first = first, .last = last};
}

/// A row: the responses of these statuses that have the evidence, if the row asks for one.
struct status_outcome {
  status_set statuses;
  evidence needed;
  errc code;
  fictive::effect effect;
  retry_rule retry;
  char const* message;  ///< of a success, whose problem is in its body: the beginning of the message
};

/// Begins the message of an error of a success (2xx). It holds for a safe endpoint, too, which has no effect.
inline constexpr char const* result_is_lost = "the service reported success, but the result is lost: ";

/// The first row that applies counts. It also applies to a response of which only the head was received: the head says
/// what became of the request. Sources: the service's reference, RFC 9110, RFC 6585 and RFC 8470.
inline constexpr status_outcome status_outcomes[] = {
    {status_range(200, 299), evidence::json, errc::malformed_response, effect::applied, retry_rule::if_safe,
     result_is_lost},
    {status_range(200, 299), evidence::none, errc::malformed_response, effect::unknown, retry_rule::if_safe,
     "the response may not be the service's: "},
    {one_of(304, 305, 307, 308), evidence::none, errc::unexpected_status, effect::none, retry_rule::never,
     "the request was redirected, and redirects are never followed: correct base_url"},
    {status_range(300, 399), evidence::none, errc::unexpected_status, effect::unknown, retry_rule::never,
     "the service answered with a redirect, which is never followed: check base_url"},
    {one_of(400, 412, 415, 422), evidence::none, errc::invalid_request, effect::none, retry_rule::never,
     "the service rejected the request as invalid: correct it"},
    {one_of(413), evidence::none, errc::invalid_request, effect::none, retry_rule::never,
     "the request is too large for the service: divide it into smaller ones"},
    {one_of(401, 403), evidence::none, errc::not_authenticated, effect::none, retry_rule::never,
     "the service did not accept the session, token or bearer"},
    {one_of(404), evidence::none, errc::not_found, effect::none, retry_rule::never,
     "the service did not find what the request refers to: check base_url, and the tokens and references in the "
     "request"},
    {one_of(409), evidence::none, errc::conflict, effect::none, retry_rule::never,
     "the request conflicts with what exists already"},
    {one_of(408, 421, 425), evidence::none, errc::unexpected_status, effect::none, retry_rule::once_on_new_connection,
     "the service asks to repeat the request"},
    {one_of(429), evidence::none, errc::too_many_requests, effect::none, retry_rule::always,
     "the service was called too often: wait before the next call"},
    {one_of(499), evidence::none, errc::unexpected_status, effect::unknown, retry_rule::never,
     "a gateway gave up before the service answered"},
    {status_range(400, 499), evidence::none, errc::unexpected_status, effect::none, retry_rule::never,
     "the service rejected the request with a status that it does not document"},
    {one_of(503), evidence::retry_after, errc::server_error, effect::none, retry_rule::always,
     "the service is unavailable and says when to retry"},
    {status_range(500, 599), evidence::none, errc::server_error, effect::unknown, retry_rule::always,
     "the service failed"},
    // Any other status.
    {status_range((std::numeric_limits<int>::min)(), (std::numeric_limits<int>::max)()), evidence::none,
     errc::unexpected_status, effect::unknown, retry_rule::never,
     "the transport returned a status that is not one of a final HTTP response (200 to 599)"},
};

constexpr status_outcome const& outcome_of_status(int status, evidence found) noexcept {
  auto const* row = status_outcomes;  // the last one applies to every status
  while (!row->statuses.contains(status) || (row->needed != evidence::none && row->needed != found)) ++row;
  return *row;
}

constexpr bool is_success(int status) noexcept {
  return status >= 200 && status <= 299;
}

/// Whether the service has accepted the credentials of a request to which it responds with this status.
constexpr bool shows_accepted_credentials(int status) noexcept {
  return is_success(status) || one_of(400, 404, 409).contains(status) || one_of(412, 422).contains(status);
}

/// Whether a failed attempt is retried, by its status or, without a response, by its effect alone. An attempt of a safe
/// endpoint never has an effect.
inline retry_rule retry_rule_of(error const& e, bool is_safe) noexcept {
  // The effect is that of the attempt, which the evidence has decided; the rule does not depend on the evidence.
  bool const is_pointless =
      e.code == errc::invalid_argument || e.code == errc::cancelled || e.cause == std::errc::permission_denied;
  if (is_pointless || e.effect == effect::applied) return retry_rule::never;
  if (e.status == 0 && (e.code == errc::transport_failure || e.code == errc::timed_out)) return retry_rule::always;
  auto const rule = outcome_of_status(e.status, evidence::none).retry;
  if (rule == retry_rule::if_safe) return is_safe ? retry_rule::always : retry_rule::never;
  return rule;
}

}  // namespace fictive::detail

#endif
