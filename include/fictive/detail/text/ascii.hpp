// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_TEXT_ASCII_HPP
#define FICTIVE_DETAIL_TEXT_ASCII_HPP

#include <fictive/config.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Character classes of the protocols: ASCII, independent of the locale.

namespace fictive::detail {

constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Of texts of the same length. Apart, so that callers contain only the comparison of the lengths.
FICTIVE_NOINLINE constexpr bool has_equal_letters(std::string_view a, std::string_view b) noexcept {
  if (a == b) return true;  // the common case, and fast
  for (std::size_t i = 0; i < a.size(); ++i)
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  return true;
}

constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && has_equal_letters(a, b);
}

/// The same for a literal, whose length is known to the compiler: faster.
template <std::size_t Size>
bool is_named(std::string_view text, char const (&name)[Size]) noexcept {
  if (text.size() != Size - 1) return false;
  return std::memcmp(text.data(), name, Size - 1) == 0 || has_equal_letters(text, name);
}

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

constexpr bool is_alphanumeric(char c) noexcept {
  return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
}

/// C0 and DEL.
constexpr bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// White space between tokens of JSON and, except for line ends, of HTTP.
constexpr bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

FICTIVE_NOINLINE constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// Eight characters as one number, the first in its lowest byte. Compilers turn this into a load.
constexpr std::uint64_t word_of(char const* text) noexcept {
  auto const byte = [text](int i) { return std::uint64_t{static_cast<unsigned char>(text[i])} << 8 * i; };
  return byte(0) | byte(1) | byte(2) | byte(3) | byte(4) | byte(5) | byte(6) | byte(7);
}

/// Characters that never need percent-encoding (RFC 3986, section 2.3).
constexpr bool is_unreserved(char c) noexcept {
  return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/// Whether the text is ASCII without control characters. Checks eight bytes at a time.
constexpr bool is_printable_ascii(std::string_view text) noexcept {
  constexpr std::uint64_t each = 0x0101010101010101, high = 0x80 * each;
  while (text.size() >= 8) {
    auto const bytes = word_of(text.data());
    auto const delete_is_zero = bytes ^ 0x7f * each;
    if (((bytes | (bytes - 0x20 * each) | (delete_is_zero - each)) & high) != 0) return false;
    text.remove_prefix(8);
  }
  for (char c : text)
    if (is_control(c) || static_cast<unsigned char>(c) >= 0x80) return false;
  return true;
}

}  // namespace fictive::detail

#endif
