// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_IMPL_RESPONSE_HEADERS_IPP
#define FICTIVE_DETAIL_HTTP_IMPL_RESPONSE_HEADERS_IPP

#include <fictive/detail/http/response_headers.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/printable.hpp>

#include <string>
#include <string_view>

namespace fictive::detail {

FICTIVE_DECL std::string request_id_of(http_headers const& headers) {
  for (std::string_view name : {"X-Request-Id", "Request-Id", "X-Correlation-Id"})
    if (auto const* value = find_header(headers, name); value && !value->empty())
      return printable(*value, max_request_id_size);
  return {};
}

FICTIVE_DECL bool is_json_media_type(std::string_view content_type) noexcept {
  auto const type = trim(content_type.substr(0, content_type.find(';')));
  auto const ends_in_json = type.size() > 5 && equals_ignoring_case(type.substr(type.size() - 5), "+json");
  return equals_ignoring_case(type, "application/json") || equals_ignoring_case(type, "text/json") || ends_in_json;
}

FICTIVE_DECL bool announces_json(http_response const& response) noexcept {
  if (auto const* type = find_header(response.headers, "Content-Type")) return is_json_media_type(*type);
  auto const body = trim(response.body);
  return body.starts_with('{') || body.starts_with("\xEF\xBB\xBF{");
}

FICTIVE_DECL bool is_encoded(http_headers const& headers) noexcept {
  auto const* encoding = find_header(headers, "Content-Encoding");
  return encoding && !trim(*encoding).empty() && !equals_ignoring_case(trim(*encoding), "identity");
}

}  // namespace fictive::detail

#endif
