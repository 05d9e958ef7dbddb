// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_IMPL_RETRY_AFTER_IPP
#define FICTIVE_DETAIL_HTTP_IMPL_RETRY_AFTER_IPP

#include <fictive/detail/http/http_date.hpp>
#include <fictive/detail/http/retry_after.hpp>
#include <fictive/detail/text/ascii.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fictive::detail {

inline constexpr std::int64_t longest_retry_after = 0x7FFFFFFF;

/// As in `3`, `2.5`, `3s` or `3 seconds`; a fraction is rounded up. Negative if it cannot be read.
FICTIVE_DECL std::int64_t parse_delay(std::string_view text) noexcept {
  auto const digits = text.substr(0, text.find_first_not_of("0123456789"));
  text.remove_prefix(digits.size());
  std::string_view fraction;
  if (text.starts_with('.')) {
    fraction = text.substr(1, text.find_first_not_of("0123456789", 1) - 1);
    text.remove_prefix(1 + fraction.size());
  }
  bool has_unit = false;
  for (std::string_view const unit : {"", "s", "sec", "secs", "second", "seconds"})
    has_unit = has_unit || equals_ignoring_case(trim(text), unit);
  if (digits.size() + fraction.size() == 0 || !has_unit) return -1;

  std::int64_t whole = 0;
  for (char c : digits) whole = (std::min)(whole * 10 + (c - '0'), longest_retry_after);
  if (fraction.find_first_not_of('0') != std::string_view::npos) ++whole;
  return (std::min)(whole, longest_retry_after);
}

/// The longest delay of a list; negative if one cannot be read.
FICTIVE_DECL std::int64_t parse_delays(std::string_view list) noexcept {
  std::int64_t longest = 0;
  while (true) {
    auto const comma = list.find(',');
    auto const delay = parse_delay(trim(list.substr(0, comma)));
    if (delay < 0) return delay;
    longest = (std::max)(longest, delay);
    if (comma == std::string_view::npos) return longest;
    list.remove_prefix(comma + 1);
  }
}

FICTIVE_DECL retry_after retry_after_of(http_headers const& headers) noexcept {
  using std::chrono::seconds;
  auto const* header = find_header(headers, "Retry-After");
  auto const text = header ? trim(*header) : std::string_view();
  if (text.empty()) return {};
  if (auto const delay = parse_delays(text); delay >= 0) return {true, seconds(delay)};
  auto const then = parse_http_date(text);
  if (!then) return {false, default_retry_after};
  auto const* date = find_header(headers, "Date");
  auto const now = date ? parse_http_date(trim(*date)) : std::nullopt;
  if (!now) return {true, default_retry_after};
  auto const delay = (*then - *now).count();
  return {true, seconds((std::min)((std::max)(delay, seconds::rep{0}), seconds::rep{longest_retry_after}))};
}

}  // namespace fictive::detail

#endif
