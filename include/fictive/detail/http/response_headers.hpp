// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_RESPONSE_HEADERS_HPP
#define FICTIVE_DETAIL_HTTP_RESPONSE_HEADERS_HPP

#include <fictive/config.hpp>
#include <fictive/http.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace fictive::detail {

inline constexpr std::size_t max_request_id_size = 128;
inline constexpr std::size_t max_server_message_size = 1024;

/// The id that the service or a gateway gave to the request, by the headers in common use; empty if there is none.
std::string request_id_of(http_headers const& headers);

/// The `error_description` of a challenge (RFC 6750, section 3: in `WWW-Authenticate`), made printable; empty if there
/// is none.
std::string challenge_description_of(http_headers const& headers);

/// `application/json`, `text/json` or a type with the suffix `+json` (RFC 6839), whatever follows it: parameters, or the
/// value of a second header that was merged into this one.
bool is_json_media_type(std::string_view content_type) noexcept;

/// Whether the text begins a JSON object.
bool begins_json_object(std::string_view text) noexcept;

/// Whether a response is JSON, by its Content-Type or because its body begins a JSON object.
bool announces_json(http_response const& response) noexcept;

/// Whether a complete response has neither a body nor a Content-Type, as a 204 of the service.
bool has_no_content(http_response const& response) noexcept;

/// Whether the body is compressed, by its Content-Encoding or the first bytes of gzip. Names that are no registered
/// coding, such as `UTF-8` or `none`, do not count.
bool is_encoded(http_response const& response) noexcept;

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/http/impl/response_headers.ipp>
#endif

#endif
