// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_JSON_WRITER_HPP
#define FICTIVE_DETAIL_JSON_WRITER_HPP

#include <fictive/config.hpp>
#include <fictive/detail/ascii.hpp>

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

// JSON text (RFC 8259), measured first and then written into memory that was allocated once.

namespace fictive::detail {

/// How many bytes `c` takes within a JSON string: all but '"', '\' and C0 stand for themselves.
constexpr std::size_t json_size(char c) noexcept {
  if (c == '"' || c == '\\' || c == '\n' || c == '\t' || c == '\r' || c == '\b' || c == '\f') return 2;
  return static_cast<unsigned char>(c) < 0x20 ? 6 : 1;
}

/// With the quotes.
constexpr std::size_t json_size(std::string_view text) noexcept {
  std::size_t size = 2;
  for (char c : text) size += json_size(c);
  return size;
}

/// With the brackets; every element is followed by a comma or by the closing bracket.
inline std::size_t json_size(std::vector<std::string> const& texts) noexcept {
  std::size_t size = texts.empty() ? 2 : 1;
  for (auto const& text : texts) size += json_size(std::string_view(text)) + 1;
  return size;
}

inline char* write_raw(char* out, std::string_view text) noexcept {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

constexpr char* write_json(char* out, std::string_view text) noexcept {
  constexpr std::string_view digits = "0123456789abcdef";
  *out++ = '"';
  for (char c : text) {
    if (json_size(c) == 1) {
      *out++ = c;
      continue;
    }
    *out++ = '\\';
    switch (c) {
      case '\n': *out++ = 'n'; break;
      case '\t': *out++ = 't'; break;
      case '\r': *out++ = 'r'; break;
      case '\b': *out++ = 'b'; break;
      case '\f': *out++ = 'f'; break;
      case '"':
      case '\\': *out++ = c; break;
      default:
        *out++ = 'u';
        *out++ = '0';
        *out++ = '0';
        *out++ = digits[static_cast<unsigned char>(c) >> 4];
        *out++ = digits[static_cast<unsigned char>(c) & 0xF];
    }
  }
  *out++ = '"';
  return out;
}

inline char* write_json(char* out, std::vector<std::string> const& texts) noexcept {
  *out++ = '[';
  for (auto const& text : texts) {
    out = write_json(out, std::string_view(text));
    *out++ = ',';
  }
  if (texts.empty()) ++out;
  out[-1] = ']';
  return out;
}

}  // namespace fictive::detail

#endif
