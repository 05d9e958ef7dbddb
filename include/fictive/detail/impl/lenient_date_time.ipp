// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_IMPL_LENIENT_DATE_TIME_IPP
#define FICTIVE_DETAIL_IMPL_LENIENT_DATE_TIME_IPP

#include <fictive/detail/lenient_date_time.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/fixed_width.hpp>

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace fictive::detail {

/// `+hh:mm`, `+hhmm`, `+hh` or the same with a minus, at the end of `in`.
FICTIVE_DECL std::optional<std::chrono::minutes> lenient_offset(fixed_width_reader in) noexcept {
  bool const behind = in.skip('-');
  if (!behind) in.expect('+');
  auto const hours = in.number(2);
  bool const has_minutes = in.skip(':') || !in.rest.empty();
  auto const minutes = has_minutes ? in.number(2) : 0;
  if (in.failed || !in.rest.empty() || hours > 23 || minutes > 59) return std::nullopt;
  return std::chrono::minutes((behind ? -1 : 1) * (hours * 60 + minutes));
}

/// The content of `/Date(…)/`.
FICTIVE_DECL bool try_parse_milliseconds(std::string_view text, date_time& out) noexcept {
  namespace chrono = std::chrono;
  std::int64_t count = 0;
  auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (problem != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  auto const offset = text.empty() ? std::optional(chrono::minutes(0)) : lenient_offset({text});

  constexpr chrono::milliseconds first = chrono::sys_days(chrono::year(1) / 1 / 1).time_since_epoch();
  constexpr chrono::milliseconds last =
      chrono::sys_days(chrono::year(10000) / 1 / 1).time_since_epoch() - chrono::milliseconds(1);
  if (!offset || count < first.count() || count > last.count()) return false;
  auto const local = chrono::milliseconds(count) + *offset;
  if (local < first || local > last) return false;
  out = date_time(chrono::local_time<chrono::milliseconds>(local), offset);
  return true;
}

FICTIVE_DECL bool try_parse_leniently(std::string_view text, date_time& out) noexcept {
  constexpr std::string_view before = "/Date(", after = ")/";
  if (text.starts_with(before) && text.ends_with(after))
    return try_parse_milliseconds(text.substr(before.size(), text.size() - before.size() - after.size()), out);

  // The date, the time and at most seven digits of the fraction, as `date_time::try_parse` reads them.
  constexpr std::size_t shortest = 19, separator = 10, most_digits = 7;
  if (text.size() < shortest) return false;
  char strict[date_time::max_text_size];
  auto* strict_end = strict + text.copy(strict, shortest);
  if (strict[separator] == ' ' || strict[separator] == 't') strict[separator] = 'T';
  fixed_width_reader in{text.substr(shortest)};
  if (in.skip('.')) {
    *strict_end++ = '.';
    std::size_t digits = 0;
    for (; !in.rest.empty() && is_digit(in.rest.front()); in.rest.remove_prefix(1))
      if (digits++ < most_digits) *strict_end++ = in.rest.front();
  }
  date_time read;
  if (!date_time::try_parse({strict, static_cast<std::size_t>(strict_end - strict)}, read)) return false;

  std::optional<std::chrono::minutes> offset;
  bool const has_offset = !in.rest.empty();
  if (in.rest == "Z" || in.rest == "z")
    offset = std::chrono::minutes(0);
  else if (has_offset)
    offset = lenient_offset(in);
  if (has_offset && !offset) return false;
  out = date_time(read.local_time(), offset);
  return true;
}

}  // namespace fictive::detail

#endif
