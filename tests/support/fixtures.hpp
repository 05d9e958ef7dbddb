#ifndef FICTIVE_TESTS_SUPPORT_FIXTURES_HPP
#define FICTIVE_TESTS_SUPPORT_FIXTURES_HPP

#include <fictive/fictive.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <system_error>
#include <utility>

// The requests, responses, errors and configurations that many tests share.

namespace tests {

inline std::string const jamie = "jamie.muir@fictiveglobal.com";
inline fictive::invite_request const invite_jamie = {.account_group_token = "group", .email_addresses = {jamie}};

inline constexpr std::chrono::milliseconds unlimited = (std::chrono::milliseconds::max)();

/// @{ Errors of a transport.
inline fictive::error failure(std::errc cause, fictive::effect did) {
  return fictive::transport_error(std::make_error_code(cause), did);
}
inline fictive::error const refused = failure(std::errc::connection_refused, fictive::effect::none);
inline fictive::error const lost = failure(std::errc::connection_reset, fictive::effect::unknown);
/// @}

/// @{ Responses.
inline fictive::http_response status(int number) {
  return {.status = number};
}
inline fictive::http_response status_with(int number, std::string name, std::string value) {
  return {.status = number, .headers = {{std::move(name), std::move(value)}}};
}
inline fictive::http_response ok(std::string content_type, std::string body) {
  return {.status = 200, .headers = {{"Content-Type", std::move(content_type)}}, .body = std::move(body)};
}
/// Its `Date` is in 1994, whatever the local clock says.
inline fictive::http_response throttled(int number, std::string retry_after) {
  return {.status = number,
          .headers = {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"Retry-After", std::move(retry_after)}}};
}
/// Invites and rejects no address.
inline fictive::http_response const empty_success =
    ok("application/json", R"({"validInvitations":[],"invalidEmailAddresses":[]})");
/// @}

/// A source of jitter that always returns `value`.
inline std::function<double()> always(double value) {
  return [value] { return value; };
}

/// Waits for half of the longest back-off.
inline fictive::retry_policy steady() {
  return {.jitter = always(0.5)};
}

/// Authenticates with a session.
inline fictive::client_config session_config(fictive::retry_policy retry = {}) {
  return {.credentials = {.session_id = "session"}, .retry = std::move(retry)};
}

}  // namespace tests

#endif
