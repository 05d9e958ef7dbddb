// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_TEXT_UTF8_HPP
#define FICTIVE_DETAIL_TEXT_UTF8_HPP

#include <fictive/config.hpp>
#include <fictive/detail/text/ascii.hpp>

#include <cstddef>
#include <string_view>

namespace fictive::detail {

/// The code point at the front of `text` (which is not empty) and how many bytes it takes.
/// A size of 0 says that the text is not well-formed UTF-8 there: by the Unicode standard's
/// table 3-7, so no overlong form, no surrogate and nothing above U+10FFFF.
struct code_point {
  char32_t value = 0;
  std::size_t size = 0;
};

constexpr code_point decode_utf8(std::string_view text) noexcept {
  auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned const lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xC2 || lead > 0xF4) return {};

  std::size_t const size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() < size) return {};

  unsigned const lowest_second = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned const highest_second = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < lowest_second || byte(1) > highest_second) return {};

  char32_t value = lead & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0u) != 0x80u) return {};
    value = (value << 6) | (byte(i) & 0x3Fu);
  }
  return {value, size};
}

constexpr bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    if (text.size() >= 8 && (word_of(text.data()) & 0x8080808080808080) == 0) {  // ASCII
      text.remove_prefix(8);
      continue;
    }
    auto const size = decode_utf8(text).size;
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace fictive::detail

#endif
