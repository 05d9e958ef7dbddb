// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_TEXT_INVISIBLE_HPP
#define FICTIVE_DETAIL_TEXT_INVISIBLE_HPP

#include <fictive/config.hpp>

// Classes of code points that a person does not see, from the Unicode Character Database 15.

namespace fictive::detail {

/// C0, DEL and C1.
constexpr bool is_control_character(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

/// White_Space beyond ASCII and C1.
constexpr bool is_wide_space(char32_t c) noexcept {
  return c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

/// Default_Ignorable_Code_Point (zero-width characters, joiners, direction marks and overrides, variation selectors,
/// tags) and the interlinear annotations.
constexpr bool is_invisible(char32_t c) noexcept {
  return c == 0xAD || c == 0x34F || c == 0x61C || c == 0x115F || c == 0x1160 || c == 0x17B4 || c == 0x17B5 ||
         (c >= 0x180B && c <= 0x180F) || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0x3164 || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF || c == 0xFFA0 ||
         (c >= 0xFFF0 && c <= 0xFFFB) || (c >= 0x1BCA0 && c <= 0x1BCA3) || (c >= 0x1D173 && c <= 0x1D17A) ||
         (c >= 0xE0000 && c <= 0xE0FFF);
}

}  // namespace fictive::detail

#endif
