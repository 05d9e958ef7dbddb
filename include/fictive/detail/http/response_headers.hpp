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

/// The id that the service or a gateway gave to the request, by the headers in common use; empty if there is none.
std::string request_id_of(http_headers const& headers);

/// `application/json`, `text/json` or a type with the suffix `+json` (RFC 6839).
bool is_json_media_type(std::string_view content_type) noexcept;

/// Whether a response is JSON: by its Content-Type or, without one, if its body begins a JSON object.
bool announces_json(http_response const& response) noexcept;

/// Whether the body has a content coding other than `identity`.
bool is_encoded(http_headers const& headers) noexcept;

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/http/impl/response_headers.ipp>
#endif

#endif
