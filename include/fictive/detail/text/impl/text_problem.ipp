// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_TEXT_IMPL_TEXT_PROBLEM_IPP
#define FICTIVE_DETAIL_TEXT_IMPL_TEXT_PROBLEM_IPP

#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/invisible.hpp>
#include <fictive/detail/text/text_problem.hpp>
#include <fictive/detail/text/utf8.hpp>

#include <cstddef>
#include <string_view>

namespace fictive::detail {

FICTIVE_DECL std::string_view character_problem(char32_t c) noexcept {
  if (c == '\r' || c == '\n')
    return " contains a control character, a line end left over from the file that it was read from: remove it";
  if (c == '\t')
    return " contains a control character, a tab left over from the table that it was read from: remove it";
  if (is_control_character(c)) return " contains a control character: remove it";
  if (c == 0xFEFF) return " contains U+FEFF, the byte order mark of the file that it was read from: remove it";
  if (is_wide_space(c))
    return " contains a no-break space or another white-space character of word processors and web pages: remove it";
  if (is_invisible(c))
    return " contains an invisible character, such as a zero-width space or a direction mark, that was copied along: "
           "type the text again";
  return {};
}

FICTIVE_DECL std::string_view text_problem(std::string_view text) noexcept {
  if (!is_printable_ascii(text)) {
    if (!is_utf8(text)) return " is not UTF-8: re-encode it";
    for (auto rest = text; !rest.empty();) {
      auto const [value, size] = decode_utf8(rest);
      if (auto const problem = character_problem(value); !problem.empty()) return problem;
      rest.remove_prefix(size);
    }
  }
  if (text.starts_with(' ') || text.ends_with(' ')) return " begins or ends with a space: remove it";
  return {};
}

constexpr bool is_enclosed_in(std::string_view text, char quote) noexcept {
  return text.size() >= 2 && text.front() == quote && text.back() == quote;
}

FICTIVE_DECL std::string_view identifier_problem(std::string_view text) noexcept {
  if (auto const problem = text_problem(text); !problem.empty()) return problem;
  if (is_enclosed_in(text, '"') || is_enclosed_in(text, '\'')) return " is enclosed in quotes: remove them";
  return {};
}

FICTIVE_DECL std::string_view address_problem(std::string_view text) noexcept {
  if (auto const problem = identifier_problem(text); !problem.empty()) return problem;
  bool quoted = false;  // within a quoted-string of RFC 5322, which may contain all of these
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if (c == '"') quoted = !quoted;
    if (quoted && c == '\\') ++i;
    if (quoted) continue;
    if (c == ',' || c == ';') return " contains a comma or a semicolon: give each address as an element of its own";
    if (c == '<' || c == '>') return " contains an angle bracket: give the address alone, without a name";
  }
  return {};
}

}  // namespace fictive::detail

#endif
