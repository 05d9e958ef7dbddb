// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_IMPL_LENIENT_DATE_TIME_IPP
#define FICTIVE_DETAIL_IMPL_LENIENT_DATE_TIME_IPP

#include <fictive/detail/lenient_date_time.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/fixed_width.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fictive::detail {

/// Reads `+hh:mm`, `+hhmm`, `+hh` or the same with a minus, up to the end of `in`.
FICTIVE_DECL bool read_lenient_offset(fixed_width_reader in, std::int16_t& offset) noexcept {
  bool const behind = in.skip('-');
  if (!behind) in.expect('+');
  auto const hours = in.number(2);
  bool const has_minutes = in.skip(':') || !in.rest.empty();
  auto const minutes = has_minutes ? in.number(2) : 0;
  if (in.failed || !in.rest.empty() || hours > 23 || minutes > 59) return false;
  offset = static_cast<std::int16_t>((behind ? -1 : 1) * (hours * 60 + minutes));
  return true;
}

/// Reads the content of `/Date(…)/`. `local` is in milliseconds since 1970.
FICTIVE_DECL bool read_milliseconds(std::string_view text, std::int64_t& local, std::int16_t& offset) noexcept {
  namespace chrono = std::chrono;
  constexpr std::int64_t begin =
      chrono::milliseconds(chrono::sys_days(chrono::year(1) / 1 / 1).time_since_epoch()).count();
  constexpr std::int64_t end =
      chrono::milliseconds(chrono::sys_days(chrono::year(10000) / 1 / 1).time_since_epoch()).count();

  fixed_width_reader in{text};
  bool const is_negative = in.skip('-');
  std::int64_t count = in.number(1);
  while (!in.rest.empty() && is_digit(in.rest.front()) && count < end) count = count * 10 + in.number(1);
  if (is_negative) count = -count;
  offset = 0;
  if (in.failed || (!in.rest.empty() && !read_lenient_offset(in, offset))) return false;
  local = count + std::int64_t{offset} * 60'000;
  return count >= begin && count < end && local >= begin && local < end;
}

FICTIVE_DECL bool try_parse_leniently(std::string_view text, date_time& out) noexcept {
  constexpr std::string_view before = "/Date(", after = ")/";
  date_time read;
  if (text.starts_with(before) && text.ends_with(after)) {
    constexpr std::int64_t ticks_per_millisecond = 10'000;
    std::int64_t local = 0;
    text = text.substr(before.size(), text.size() - before.size() - after.size());
    if (!read_milliseconds(text, local, read.offset_minutes_)) return false;
    read.local_ = std::chrono::local_time<date_time::duration>(date_time::duration(local * ticks_per_millisecond));
    out = read;
    return true;
  }

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
  if (!date_time::try_parse({strict, static_cast<std::size_t>(strict_end - strict)}, read)) return false;

  if (in.rest == "Z" || in.rest == "z")
    read.offset_minutes_ = 0;
  else if (!in.rest.empty() && !read_lenient_offset(in, read.offset_minutes_))
    return false;
  out = read;
  return true;
}

}  // namespace fictive::detail

#endif
