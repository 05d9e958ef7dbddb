// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_PRINTABLE_HPP
#define FICTIVE_EXAMPLES_PRINTABLE_HPP

#include <cstddef>
#include <string>
#include <string_view>

// Makes untrusted text safe to print on a terminal: no control or invisible characters.

namespace examples {

struct code_point {
  char32_t value = 0;
  std::size_t size = 0;  ///< in bytes; 0 if the text does not begin with well-formed UTF-8
};

inline code_point first_code_point(std::string_view text) {
  auto const byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  unsigned const lead = byte(0);
  if (lead < 0x80) return {lead, text.empty() ? 0u : 1u};

  std::size_t const size = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (size == 0) return {};
  char32_t value = lead & (0xFFu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0u) != 0x80u) return {};
    value = (value << 6) | (byte(i) & 0x3Fu);
  }
  bool const overlong = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
  if (overlong || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
  return {value, size};
}

/// False for characters that control a terminal, change the direction of text, or are invisible.
inline bool is_printable(char32_t c) {
  bool const control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  bool const invisible = c == 0xAD || c == 0x61C || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
                         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
                         (c >= 0xE0000 && c <= 0xE0FFF);
  return !control && !invisible;
}

/// `text` on one line, with a '?' for each character that is not printable.
inline std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    auto const [value, size] = first_code_point(text);
    if (size != 0 && is_printable(value))
      shown += text.substr(0, size);
    else
      shown += '?';
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return shown;
}

}  // namespace examples

#endif
