// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_TEXT_IMPL_PRINTABLE_IPP
#define FICTIVE_DETAIL_TEXT_IMPL_PRINTABLE_IPP

#include <fictive/detail/text/invisible.hpp>
#include <fictive/detail/text/printable.hpp>
#include <fictive/detail/text/utf8.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace fictive::detail {

FICTIVE_DECL std::string printable(std::string_view text, std::size_t max_size) {
  constexpr std::string_view ellipsis = "...";
  std::string line;
  std::size_t cut = 0;  // where the ellipsis still fits
  bool gap = false;
  while (!text.empty()) {
    auto const [value, size] = decode_utf8(text);
    auto const piece = size == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
    if (size != 0 && (value == ' ' || is_control_character(value) || is_wide_space(value) || is_invisible(value))) {
      gap = !line.empty();
      continue;
    }
    if (line.size() + gap + piece.size() > max_size) return line.erase(cut).append(ellipsis);
    if (gap) line += ' ';
    gap = false;
    line += piece;
    if (line.size() + ellipsis.size() <= max_size) cut = line.size();
  }
  return line;
}

}  // namespace fictive::detail

#endif
