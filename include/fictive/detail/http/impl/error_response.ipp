// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_IMPL_ERROR_RESPONSE_IPP
#define FICTIVE_DETAIL_HTTP_IMPL_ERROR_RESPONSE_IPP

#include <fictive/detail/http/error_body.hpp>
#include <fictive/detail/http/error_response.hpp>
#include <fictive/detail/http/outcomes.hpp>
#include <fictive/detail/http/response_headers.hpp>
#include <fictive/detail/http/retry_after.hpp>
#include <fictive/detail/text/ascii.hpp>

#include <cstddef>
#include <optional>
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

FICTIVE_DECL error parse_error_response(http_response const& response) {
  auto const retry = retry_after_of(response.headers);
  auto const& row = outcome_of_status(response.status, retry.present);
  auto e = response_error(response, row.code, row.effect, row.message);
  e.retry_after = retry.delay;
  if (is_encoded(response.headers)) return e;
  auto body = read_error_body(response.body);
  e.server_message = std::move(body.message);
  if (e.request_id.empty()) e.request_id = std::move(body.trace_id);
  return e;
}

FICTIVE_DECL error malformed_success(http_response const& response, std::string_view problem, std::error_code cause) {
  bool const has_no_content = trim(response.body).empty() && !find_header(response.headers, "Content-Type");
  bool const was_applied = announces_json(response) || has_no_content;
  std::string message = was_applied ? result_is_lost : "the response may not be the service's: ";
  auto e = response_error(response, errc::malformed_response, was_applied ? effect::applied : effect::unknown,
                          message.append(problem));
  e.cause = cause;
  return e;
}

FICTIVE_DECL std::optional<error> unreadable_success(http_response const& response, std::size_t max_body_bytes) {
  if (trim(response.body).empty()) return malformed_success(response, "the response has no body");
  if (is_encoded(response.headers))
    return malformed_success(response, "its body is compressed, which was not requested");
  if (response.body.size() > max_body_bytes)
    return malformed_success(response, "its body is larger than limits.max_body_bytes");
  if (announces_json(response)) return std::nullopt;
  auto e = malformed_success(response, "its body is not JSON");
  e.server_message = read_error_body(response.body).message;
  return e;
}

}  // namespace fictive::detail

#endif
