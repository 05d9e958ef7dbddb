// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_CHARACTER_SET_HPP
#define FICTIVE_DETAIL_CHARACTER_SET_HPP

#include <fictive/config.hpp>
#include <fictive/detail/ascii.hpp>

#include <array>
#include <cstddef>
#include <string_view>

namespace fictive::detail {

/// Letters, digits and some more, to be asked for byte by byte.
class character_set {
 public:
  constexpr explicit character_set(std::string_view others) noexcept {
    for (std::size_t i = 0; i < has_.size(); ++i) has_[i] = is_alphanumeric(static_cast<char>(i));
    for (char c : others) has_[static_cast<unsigned char>(c)] = true;
  }

  [[nodiscard]] constexpr bool has_all_of(std::string_view text) const noexcept {
    for (char c : text)
      if (!has_[static_cast<unsigned char>(c)]) return false;
    return true;
  }

 private:
  std::array<bool, 256> has_ = {};
};

/// RFC 9110, section 5.6.2: what a method or a header's name is made of.
inline constexpr character_set token_characters("!#$%&'*+-.^_`|~");

constexpr bool is_token(std::string_view text) noexcept {
  return !text.empty() && token_characters.has_all_of(text);
}

}  // namespace fictive::detail

#endif
