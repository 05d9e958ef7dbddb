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

/// Straight, typographic and angle quotation marks, and the backtick.
constexpr bool is_quotation_mark(char32_t c) noexcept {
  return c == '"' || c == '\'' || c == '`' || c == 0xAB || c == 0xBB || (c >= 0x2018 && c <= 0x201F) || c == 0x2039 ||
         c == 0x203A;
}

/// @{ Of a text that is UTF-8 and not empty. Letters and digits, which are usual, are no reason to decode it.
constexpr bool begins_with_quotation_mark(std::string_view text) noexcept {
  return !is_alphanumeric(text.front()) && is_quotation_mark(decode_utf8(text).value);
}
constexpr bool ends_with_quotation_mark(std::string_view text) noexcept {
  if (is_alphanumeric(text.back())) return false;
  auto last = text.size() - 1;
  while ((static_cast<unsigned char>(text[last]) & 0xC0u) == 0x80u) --last;
  return is_quotation_mark(decode_utf8(text.substr(last)).value);
}
/// @}

inline constexpr std::string_view quotation_mark_problem = " begins or ends with a quotation mark: remove it";

FICTIVE_DECL std::string_view identifier_problem(std::string_view text) noexcept {
  if (auto const problem = text_problem(text); !problem.empty()) return problem;
  if (text.empty()) return {};
  if (begins_with_quotation_mark(text) || ends_with_quotation_mark(text)) return quotation_mark_problem;
  return {};
}

FICTIVE_DECL std::string_view address_problem(std::string_view text) noexcept {
  if (auto const problem = text_problem(text); !problem.empty()) return problem;
  if (text.empty()) return {};
  // It may begin with a quoted-string (RFC 5321, section 4.1.2), which may contain all that is refused below.
  bool const begins_with_mark = text.front() != '"' && begins_with_quotation_mark(text);
  if (begins_with_mark || ends_with_quotation_mark(text)) return quotation_mark_problem;
  bool quoted = false, has_space = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if (c == '"') quoted = !quoted;
    if (quoted && c == '\\') ++i;
    if (quoted) continue;
    if (c == ',' || c == ';') return " contains a comma or a semicolon: give each address as an element of its own";
    if (c == '<' || c == '>') return " contains an angle bracket: give the address alone, without a name";
    has_space = has_space || c == ' ';
  }
  if (quoted) return " contains a quotation mark that is not closed: remove it";
  if (has_space) return " contains a space: remove it, or give each address as an element of its own";
  return {};
}

}  // namespace fictive::detail

#endif
