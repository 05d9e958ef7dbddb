// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_IMPL_RESPONSE_HEADERS_IPP
#define FICTIVE_DETAIL_HTTP_IMPL_RESPONSE_HEADERS_IPP

#include <fictive/detail/http/response_headers.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/printable.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace fictive::detail {

/// In order of preference: of the service, of a gateway or platform, of a trace.
inline constexpr std::string_view request_id_names[] = {
    "X-Request-Id",      "Request-Id",        "X-Correlation-Id",      "Correlation-Id",
    "X-Ms-Request-Id",   "X-Amzn-RequestId",  "X-Amz-Request-Id",      "Apim-Request-Id",
    "X-Kong-Request-Id", "X-Vcap-Request-Id", "X-Goog-Request-Id",     "X-Operation-Id",
    "X-Transaction-Id",  "X-Azure-Ref",       "X-Amz-Cf-Id",           "CF-Ray",
    "Fly-Request-Id",    "X-Vercel-Id",       "X-Akamai-Request-Id",   "X-Trace-Id",
    "X-Amzn-Trace-Id",   "X-B3-TraceId",      "X-Cloud-Trace-Context", "traceparent",
};

FICTIVE_DECL std::string request_id_of(http_headers const& headers) {
  for (auto const name : request_id_names)
    if (auto const* value = find_header(headers, name); value && !trim(*value).empty())
      return printable(*value, max_request_id_size);
  return {};
}

/// The value of a parameter, at the front of the text: a token, or a quoted string without its quotes and escapes (RFC
/// 9110, section 5.6.4). At most `max_size` bytes.
FICTIVE_DECL std::string parameter_value(std::string_view text, std::size_t max_size) {
  if (!text.starts_with('"')) return std::string(text.substr(0, (std::min)(text.find_first_of(", \t"), max_size)));
  std::string value;
  for (std::size_t i = 1; i < text.size() && text[i] != '"' && value.size() < max_size; ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    value += text[i];
  }
  return value;
}

FICTIVE_DECL std::string challenge_description_of(http_headers const& headers) {
  constexpr std::string_view name = "error_description";
  for (auto const& header : headers) {
    if (!equals_ignoring_case(header.name, "WWW-Authenticate")) continue;
    std::string_view rest = header.value;
    for (auto equals = rest.find('='); equals != std::string_view::npos; equals = rest.find('=')) {
      auto const before = trim(rest.substr(0, equals));
      rest = trim(rest.substr(equals + 1));
      if (equals_ignoring_case(before.substr(before.find_last_of(" \t,\"") + 1), name))
        return printable(parameter_value(rest, 4 * max_server_message_size), max_server_message_size);
    }
  }
  return {};
}

FICTIVE_DECL bool is_json_media_type(std::string_view content_type) noexcept {
  auto type = trim(content_type);
  type = type.substr(0, type.find_first_of("; \t,"));
  auto const ends_in_json = type.size() > 5 && equals_ignoring_case(type.substr(type.size() - 5), "+json");
  return equals_ignoring_case(type, "application/json") || equals_ignoring_case(type, "text/json") || ends_in_json;
}

FICTIVE_DECL bool begins_json_object(std::string_view text) noexcept {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  auto const first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

FICTIVE_DECL bool announces_json(http_response const& response) noexcept {
  auto const* type = find_header(response.headers, "Content-Type");
  return (type && is_json_media_type(*type)) || begins_json_object(response.body);
}

FICTIVE_DECL bool has_no_content(http_response const& response) noexcept {
  return trim(response.body).empty() && !find_header(response.headers, "Content-Type");
}

FICTIVE_DECL bool is_encoded(http_response const& response) noexcept {
  if (response.body.starts_with("\x1F\x8B")) return true;
  auto const* encodings = find_header(response.headers, "Content-Encoding");
  if (!encodings) return false;
  for (std::string_view rest = *encodings; !rest.empty();) {
    auto const name = trim(rest.substr(0, rest.find(',')));
    rest.remove_prefix((std::min)(rest.find(','), rest.size() - 1) + 1);
    for (std::string_view coding : {"gzip", "x-gzip", "deflate", "compress", "x-compress", "br", "zstd", "dcb", "dcz"})
      if (equals_ignoring_case(name, coding)) return true;
  }
  return false;
}

}  // namespace fictive::detail

#endif
