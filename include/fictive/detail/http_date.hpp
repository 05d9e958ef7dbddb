// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_DATE_HPP
#define FICTIVE_DETAIL_HTTP_DATE_HPP

#include <fictive/config.hpp>
#include <fictive/date_time.hpp>
#include <fictive/detail/ascii.hpp>
#include <fictive/http.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

// HTTP's dates (RFC 9110, section 5.6.7) and Retry-After (section 10.2.3).

namespace fictive::detail {

/// Takes one of the names off the front and returns its index; -1 if it is none of them.
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

/// All three forms: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
/// The weekday is not checked against the date. A two-digit year below 70 is of this century.
template <class = void>
constexpr std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) noexcept {
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
  return chrono::sys_days{date} + chrono::hours(hour) + chrono::minutes(minute) + chrono::seconds(second);
}

/// What a response says about when to come back.
struct retry_after {
  bool present = false;                       ///< a well-formed `Retry-After` is there
  std::optional<std::chrono::seconds> delay;  ///< nothing for a date in a response that does not tell its own `Date`
};

/// Seconds saturate at 2^31 - 1; a date counts from the response's own `Date`, whatever our clock says, and is 0
/// if it is past. What is neither is as if it were not there.
template <class = void>
inline retry_after retry_after_of(http_headers const& headers) noexcept {
  constexpr std::chrono::seconds longest(0x7FFFFFFF);
  auto const* header = find_header(headers, "Retry-After");
  if (!header) return {};
  auto const text = trim(*header);

  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
    auto delay = std::chrono::seconds(0);
    for (char c : text) {
      delay = delay * 10 + std::chrono::seconds(c - '0');
      if (delay > longest) return {true, longest};
    }
    return {true, delay};
  }

  auto const then = parse_http_date(text);
  if (!then) return {};
  auto const* date = find_header(headers, "Date");
  auto const now = date ? parse_http_date(trim(*date)) : std::nullopt;
  if (!now) return {true, std::nullopt};
  auto const delay = *then - *now;
  return {true, delay < std::chrono::seconds(0) ? std::chrono::seconds(0) : delay > longest ? longest : delay};
}

}  // namespace fictive::detail

#endif
