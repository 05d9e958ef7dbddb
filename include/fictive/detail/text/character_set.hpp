// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_TEXT_CHARACTER_SET_HPP
#define FICTIVE_DETAIL_TEXT_CHARACTER_SET_HPP

#include <fictive/config.hpp>

#include <string_view>

namespace fictive::detail {

/// A set of letters, digits and given other characters.
class character_set {
 public:
  constexpr explicit character_set(std::string_view others) noexcept {
    add("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    add(others);
  }

  [[nodiscard]] constexpr bool has_all_of(std::string_view text) const noexcept {
    for (char c : text)
      if (!has_[static_cast<unsigned char>(c)]) return false;
    return true;
  }

 private:
  // Evaluated by the compiler in every file that includes this, so only as many steps as there are characters.
  constexpr void add(std::string_view characters) noexcept {
    for (char c : characters) has_[static_cast<unsigned char>(c)] = true;
  }

  bool has_[256] = {};
};

/// The characters of a method or a header's name (RFC 9110, section 5.6.2).
inline constexpr character_set token_characters("!#$%&'*+-.^_`|~");

constexpr bool is_token(std::string_view text) noexcept {
  return !text.empty() && token_characters.has_all_of(text);
}

}  // namespace fictive::detail

#endif
