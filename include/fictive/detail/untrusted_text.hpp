// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_UNTRUSTED_TEXT_HPP
#define FICTIVE_DETAIL_UNTRUSTED_TEXT_HPP

#include <fictive/config.hpp>
#include <fictive/detail/ascii.hpp>
#include <fictive/detail/utf8.hpp>
#include <fictive/http.hpp>

#include <cstddef>
#include <string>
#include <string_view>

// Text from the network, made fit to be shown: one line, printable, bounded.

namespace fictive::detail {

/// What can move the cursor, end a line or turn the reading direction of what follows.
constexpr bool is_unprintable(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7F && c < 0xA0)             // C0, DEL, C1
         || c == 0xAD || c == 0x61C                      // soft hyphen, Arabic letter mark
         || (c >= 0x200B && c <= 0x200F)                 // zero width, direction marks
         || (c >= 0x2028 && c <= 0x202E)                 // line and paragraph ends, direction overrides
         || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF  // invisible operators, direction isolates
         || (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

/// `text` as one line of at most `max_size` bytes of printable UTF-8: runs of white space and of what is
/// unprintable become a space, ill-formed bytes U+FFFD; a cut end is marked by "...".
inline std::string printable(std::string_view text, std::size_t max_size) {
  constexpr std::string_view ellipsis = "...";
  std::string line;
  std::size_t cut = 0;  // where the ellipsis would still fit
  bool gap = false;
  while (!text.empty()) {
    auto const [value, size] = decode_utf8(text);
    auto const piece = size == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
    if (size != 0 && (value == ' ' || is_unprintable(value))) {
      gap = !line.empty();
      continue;
    }
    if (line.size() + gap + piece.size() > max_size) return line.erase(cut).append(ellipsis);
    if (gap) line += ' ';
    gap = false;
    line += piece;
    if (line.size() + ellipsis.size() <= max_size) cut = line.size();
  }
  return line;
}

inline constexpr std::size_t max_server_message_size = 1024;
inline constexpr std::size_t max_request_id_size = 128;

/// The name that the service or a gateway gave to this call, by the headers in common use; empty if there is none.
inline std::string request_id_of(http_headers const& headers) {
  for (std::string_view name : {"X-Request-Id", "Request-Id", "X-Correlation-Id"})
    if (auto const* value = find_header(headers, name); value && !value->empty())
      return printable(*value, max_request_id_size);
  return {};
}

/// `application/json`, `text/json` or a type with the suffix `+json` (RFC 6839).
constexpr bool is_json_media_type(std::string_view content_type) noexcept {
  auto const type = trim(content_type.substr(0, content_type.find(';')));
  auto const ends_in_json = type.size() > 5 && equals_ignoring_case(type.substr(type.size() - 5), "+json");
  return equals_ignoring_case(type, "application/json") || equals_ignoring_case(type, "text/json") || ends_in_json;
}

inline bool announces_json(http_headers const& headers) noexcept {
  auto const* type = find_header(headers, "Content-Type");
  return type && is_json_media_type(*type);
}

constexpr bool is_success(unsigned status) noexcept {
  return status >= 200 && status <= 299;
}

}  // namespace fictive::detail

#endif
