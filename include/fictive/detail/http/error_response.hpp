// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_ERROR_RESPONSE_HPP
#define FICTIVE_DETAIL_HTTP_ERROR_RESPONSE_HPP

#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

namespace fictive::detail {

/// The message if plain http was sent to a port for https.
inline constexpr char const* needs_https = "the port of base_url is for https: write https:// instead of http://";

/// An error that refers to a response: its status and request id.
error response_error(http_response const& response, errc code, effect did, std::string message);

/// The error of a response that is not a success, or whose body is incomplete: the row of its status, the best message
/// of its body, and `Retry-After`.
error parse_error_response(http_response const& response);

/// Code, effect and status of a complete response whose body cannot be read because memory is exhausted. A refusal in
/// JSON may list what was done nevertheless, so its effect is unknown. Allocates nothing.
error outcome_without_body(http_response const& response) noexcept;

/// The error of a success (2xx) whose body is not the JSON of the endpoint. The effect is `applied` if the body was
/// meant to be JSON; otherwise something between client and service may have answered.
error malformed_success(http_response const& response, std::string_view problem, std::error_code cause = {});

/// The error of a success whose body is not a response of the endpoint at all: unknown effect, and the best message of
/// the body.
error unexpected_success(http_response const& response, std::string message);

/// Whether the body of a success cannot be JSON, by its beginning, its headers and its size; then `out` is the error.
bool is_unreadable_success(http_response const& response, std::size_t max_body_bytes, error& out);

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/http/impl/error_response.ipp>
#endif

#endif
