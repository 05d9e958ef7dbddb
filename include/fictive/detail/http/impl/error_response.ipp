// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_IMPL_ERROR_RESPONSE_IPP
#define FICTIVE_DETAIL_HTTP_IMPL_ERROR_RESPONSE_IPP

#include <fictive/detail/http/error_body.hpp>
#include <fictive/detail/http/error_response.hpp>
#include <fictive/detail/http/outcomes.hpp>
#include <fictive/detail/http/response_headers.hpp>
#include <fictive/detail/http/retry_after.hpp>
#include <fictive/detail/text/ascii.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace fictive::detail {

FICTIVE_DECL error response_error(http_response const& response, errc code, effect did, std::string message) {
  return {.code = code,
          .effect = did,
          .status = response.status,
          .message = std::move(message),
          .request_id = request_id_of(response.headers)};
}

/// The evidence that a row for the response's status may need.
FICTIVE_DECL evidence evidence_in(http_response const& response, retry_after const& retry) noexcept {
  if (is_success(response.status)) return announces_json(response) ? evidence::json : evidence::none;
  return retry.is_readable ? evidence::retry_after : evidence::none;
}

/// Whether a body is that of nginx, Apache, Go or Tomcat for a request of plain http to a port for https.
FICTIVE_DECL bool is_answer_to_plain_http(std::string_view body) noexcept {
  constexpr std::string_view texts[] = {
      "plain HTTP request was sent to HTTPS port", "speaking plain HTTP to an SSL-enabled server port",
      "sent an HTTP request to an HTTPS server", "combination of host and port requires TLS"};
  for (auto const text : texts)
    if (body.substr(0, max_error_body_size).find(text) != std::string_view::npos) return true;
  return false;
}

/// Adds the best message of the response, and its id of the request if no header had one.
FICTIVE_DECL void add_server_message(error& e, http_response const& response) {
  if (!is_encoded(response)) {
    auto body = read_error_body(response.body);
    e.server_message = std::move(body.message);
    if (e.request_id.empty()) e.request_id = std::move(body.id);
  }
  if (e.server_message.empty()) e.server_message = challenge_description_of(response.headers);
}

FICTIVE_DECL error parse_error_response(http_response const& response) {
  auto const retry = retry_after_of(response.headers);
  auto const& row = outcome_of_status(response.status, evidence_in(response, retry));
  auto e = response_error(response, row.code, row.effect, row.message);
  e.retry_after = retry.delay;
  if (e.effect == effect::applied) return e;
  if (response.status == 400 && is_answer_to_plain_http(response.body)) e.message = needs_https;
  add_server_message(e, response);
  return e;
}

/// The row of a complete response whose headers and body are not read any further.
FICTIVE_DECL status_outcome const& outcome_of(http_response const& response) noexcept {
  bool const was_meant = announces_json(response) || has_no_content(response);
  return outcome_of_status(response.status, was_meant ? evidence::json : evidence::none);
}

FICTIVE_DECL error outcome_without_body(http_response const& response) noexcept {
  auto const& row = outcome_of(response);
  bool const may_list_results = !is_success(response.status) && begins_json_object(response.body);
  return {.code = row.code,
          .effect = may_list_results ? (std::max)(row.effect, effect::unknown) : row.effect,
          .status = response.status};
}

FICTIVE_DECL error malformed_success(http_response const& response, std::string_view problem, std::error_code cause) {
  auto const& row = outcome_of(response);
  auto e = response_error(response, row.code, row.effect, std::string(row.message).append(problem));
  e.cause = cause;
  return e;
}

FICTIVE_DECL error unexpected_success(http_response const& response, std::string message) {
  auto e = response_error(response, errc::malformed_response, effect::unknown, std::move(message));
  add_server_message(e, response);
  return e;
}

FICTIVE_DECL bool is_unreadable_success(http_response const& response, std::size_t max_body_bytes, error& out) {
  char const* problem = nullptr;
  if (trim(response.body).empty())
    problem = "the response has no body";
  else if (is_encoded(response))
    problem = "its body is compressed, which was not requested";
  else if (response.body.size() > max_body_bytes)
    problem = "its body is larger than limits.max_body_bytes";
  else if (announces_json(response))
    return false;
  out = problem ? malformed_success(response, problem)
                : unexpected_success(response, "the response may not be the service's: its body is not JSON");
  return true;
}

}  // namespace fictive::detail

#endif
