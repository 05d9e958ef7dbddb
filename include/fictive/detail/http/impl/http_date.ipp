// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_IMPL_HTTP_DATE_IPP
#define FICTIVE_DETAIL_HTTP_IMPL_HTTP_DATE_IPP

#include <fictive/detail/http/http_date.hpp>
#include <fictive/detail/text/fixed_width.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fictive::detail {

/// Removes one of the names from the front and returns its index; -1 if the text begins with none of them.
template <std::size_t Count>
constexpr int take_name(std::string_view& text, std::string_view const (&names)[Count]) noexcept {
  for (std::size_t i = 0; i < Count; ++i)
    if (text.starts_with(names[i])) {
      text.remove_prefix(names[i].size());
      return static_cast<int>(i);
    }
  return -1;
}

inline constexpr std::string_view month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
inline constexpr std::string_view day_names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
inline constexpr std::string_view long_day_names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                      "Friday", "Saturday", "Sunday"};

FICTIVE_DECL std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) noexcept {
  namespace chrono = std::chrono;
  bool const rfc850 = take_name(text, long_day_names) >= 0;
  if (!rfc850 && take_name(text, day_names) < 0) return std::nullopt;

  fixed_width_reader in{text};
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  auto const read_time = [&] {
    hour = in.number(2);
    in.expect(':');
    minute = in.number(2);
    in.expect(':');
    second = in.number(2);
    in.expect(' ');
  };

  if (in.skip(',')) {
    char const separator = rfc850 ? '-' : ' ';
    in.expect(' ');
    day = in.number(2);
    in.expect(separator);
    month = take_name(in.rest, month_names);
    in.expect(separator);
    year = in.number(rfc850 ? 2 : 4);
    if (rfc850) year += year < 70 ? 2000 : 1900;
    in.expect(' ');
    read_time();
    in.failed |= in.rest != "GMT";
  } else {
    in.failed = rfc850;
    in.expect(' ');
    month = take_name(in.rest, month_names);
    in.expect(' ');
    day = in.skip(' ') ? in.number(1) : in.number(2);
    in.expect(' ');
    read_time();
    year = in.number(4);
    in.failed |= !in.rest.empty();
  }

  auto const date =
      chrono::year{year} / chrono::month{static_cast<unsigned>(month + 1)} / chrono::day{static_cast<unsigned>(day)};
  if (in.failed || month < 0 || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return chrono::sys_days{date} + chrono::seconds((hour * 60 + minute) * 60 + second);
}

FICTIVE_DECL std::string format_http_date(std::chrono::sys_seconds time) {
  namespace chrono = std::chrono;
  constexpr std::int64_t seconds_per_day = 24 * 60 * 60;
  auto second = time.time_since_epoch().count() % seconds_per_day;
  auto day = time.time_since_epoch().count() / seconds_per_day;
  if (second < 0) {
    second += seconds_per_day;
    --day;
  }
  chrono::year_month_day const date{chrono::sys_days(chrono::days(day))};
  auto const weekday = static_cast<std::size_t>((day % 7 + 10) % 7);  // 1970-01-01 was a Thursday

  char text[] = "   , 00     0000 00:00:00 GMT";
  day_names[weekday].copy(text, 3);
  write_number(text + 5, unsigned{date.day()}, 2);
  month_names[unsigned{date.month()} - 1].copy(text + 8, 3);
  write_number(text + 12, int{date.year()}, 4);
  write_number(text + 17, second / 3600, 2);
  write_number(text + 20, second / 60 % 60, 2);
  write_number(text + 23, second % 60, 2);
  return text;
}

}  // namespace fictive::detail

#endif
