// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_TEXT_FIXED_WIDTH_HPP
#define FICTIVE_DETAIL_TEXT_FIXED_WIDTH_HPP

#include <fictive/config.hpp>
#include <fictive/detail/text/ascii.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fictive::detail {

/// Reads fixed-width text from the front; `failed` stays true after the first mismatch.
struct fixed_width_reader {
  std::string_view rest;
  bool failed = false;

  constexpr int number(std::size_t digits) noexcept {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest.empty() || !is_digit(rest.front())) {
        failed = true;
        return 0;
      }
      value = value * 10 + (rest.front() - '0');
      rest.remove_prefix(1);
    }
    return value;
  }

  constexpr bool skip(char c) noexcept {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }

  constexpr void expect(char c) noexcept { failed |= !skip(c); }
};

/// Writes the last digits of a number that is not negative, and returns their end.
constexpr char* write_number(char* out, std::int64_t value, std::size_t digits) noexcept {
  for (std::size_t i = digits; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + digits;
}

/// The layout of eight characters: a '0' stands for any digit, every other character for itself.
struct digit_layout {
  explicit constexpr digit_layout(char const (&layout)[9]) noexcept : characters(word_of(layout)) {
    for (int i = 0; i < 8; ++i) headroom |= std::uint64_t{layout[i] == '0' ? 0x7Fu - 9u : 0x7Fu} << 8 * i;
  }

  std::uint64_t characters;
  std::uint64_t headroom = 0;  ///< added to a byte, it carries into the highest bit if the byte is too large
};

/// Eight characters, digits and separators, compared with a layout all at once.
class fixed_digits {
 public:
  constexpr fixed_digits(char const* text, digit_layout layout) noexcept {
    auto const digits = word_of(text) ^ layout.characters;  // 0 to 9 where the layout has one, else 0
    constexpr std::uint64_t low_bits = 0x7F7F7F7F7F7F7F7F;
    match_ = ((((digits & low_bits) + layout.headroom) | digits) & ~low_bits) == 0;
    pairs_ = digits * 10 + (digits >> 8);
  }

  [[nodiscard]] constexpr bool match() const noexcept { return match_; }

  /// The number of the two digits that start at `begin`.
  [[nodiscard]] constexpr unsigned number(int begin) const noexcept { return pairs_ >> 8 * begin & 0xFF; }

 private:
  std::uint64_t pairs_ = 0;
  bool match_ = false;
};

}  // namespace fictive::detail

#endif
