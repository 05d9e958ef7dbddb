#ifndef FICTIVE_TESTS_DIFFERENTIAL_DATE_TEXT_HPP
#define FICTIVE_TESTS_DIFFERENTIAL_DATE_TEXT_HPP

#include <fictive/fictive.hpp>

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <regex>
#include <string>

// Date-times, HTTP dates and `Retry-After`, read by regular expressions and the C library's calendar.

namespace differential {

/// Seconds since 1970 of a civil time in UTC; nothing if there is no such day or time.
inline std::optional<std::int64_t> seconds_of(int year, int month, int day, int hour, int minute, int second,
                                              int last_second = 59) {
  if (hour > 23 || minute > 59 || second > last_second) return std::nullopt;
  std::tm civil{};
  civil.tm_year = year - 1900;
  civil.tm_mon = month - 1;
  civil.tm_mday = day;
  std::tm const wanted = civil;
  auto const midnight = timegm(&civil);  // which turns 31 February into March
  if (civil.tm_mday != wanted.tm_mday || civil.tm_mon != wanted.tm_mon || civil.tm_year != wanted.tm_year)
    return std::nullopt;
  return midnight + (hour * 60 + minute) * 60 + second;
}

inline int number(std::string const& digits) {
  return std::atoi(digits.c_str());
}

inline fictive::date_time made_of(std::int64_t ticks, std::optional<int> offset_minutes) {
  using fictive::date_time;
  auto const offset = offset_minutes ? std::optional(std::chrono::minutes(*offset_minutes)) : std::nullopt;
  return date_time(std::chrono::local_time<date_time::duration>(date_time::duration(ticks)), offset);
}

/// The offset from UTC in minutes: `Z`, `±hh:mm`, or leniently `z`, `±hhmm` and `±hh`.
inline std::optional<int> offset_of(std::string const& text) {
  static std::regex const form("([+-])(\\d\\d):?(\\d\\d)?");
  std::smatch part;
  if (text == "Z" || text == "z") return 0;
  if (!std::regex_match(text, part, form) || text.back() == ':') return std::nullopt;
  if (number(part[2]) > 23 || number(part[3]) > 59) return std::nullopt;
  return (part[1] == "-" ? -1 : 1) * (number(part[2]) * 60 + number(part[3]));
}

/// The civil time that the first six parts of a match spell, and the fraction that the seventh does.
inline std::optional<std::int64_t> ticks_of(std::smatch const& part) {
  auto const year = number(part[1]);
  auto const seconds =
      seconds_of(year, number(part[2]), number(part[3]), number(part[4]), number(part[5]), number(part[6]));
  if (!seconds || year < 1) return std::nullopt;
  auto const fraction = (part[7].str() + "0000000").substr(0, 7);
  return *seconds * 10'000'000 + number(fraction);
}

/// The strict form of a date-time.
inline std::optional<fictive::date_time> read_date_time(std::string const& text) {
  static std::regex const form(
      "(\\d{4})-(\\d\\d)-(\\d\\d)T(\\d\\d):(\\d\\d):(\\d\\d)(?:\\.(\\d{1,7}))?(Z|[+-]\\d\\d:\\d\\d)?");
  std::smatch part;
  if (!std::regex_match(text, part, form)) return std::nullopt;
  auto const ticks = ticks_of(part);
  auto const offset = offset_of(part[8]);
  if (!ticks || (part[8].length() > 0 && !offset)) return std::nullopt;
  return made_of(*ticks, offset);
}

/// A time of a response in any form that is read. Not set for .NET's first and last time, which mean "not set".
inline std::optional<fictive::date_time> read_service_time(std::string const& text) {
  static std::regex const iso(
      "(\\d{4})-(\\d\\d)-(\\d\\d)[Tt ](\\d\\d):(\\d\\d):(\\d\\d)(?:\\.(\\d+))?([Zz]|[+-]\\d\\d(?::?\\d\\d)?)?");
  static std::regex const milliseconds("/Date\\((-?)0*(\\d{1,15})([+-]\\d\\d(?::?\\d\\d)?)?\\)/");
  constexpr std::int64_t first = -621'355'968'000'000'000, after_last = 2'534'023'008'000'000'000;
  std::smatch part;
  std::optional<std::int64_t> ticks;
  std::optional<int> offset;
  if (text.size() < 100 && std::regex_match(text, part, milliseconds)) {
    offset = part[3].length() > 0 ? offset_of(part[3]) : 0;
    auto const count = (part[1].length() > 0 ? -1 : 1) * std::atoll(part[2].str().c_str());
    if (!offset || count < first / 10'000 || count >= after_last / 10'000) return std::nullopt;
    ticks = count * 10'000 + *offset * 600'000'000LL;
    if (*ticks < first || *ticks >= after_last) return std::nullopt;
  } else if (text.size() < 1000 && std::regex_match(text, part, iso)) {
    ticks = ticks_of(part);
    offset = offset_of(part[8]);
    if (part[8].length() > 0 && !offset) return std::nullopt;
  }
  if (!ticks) return std::nullopt;
  bool const means_not_set = *ticks == first || *ticks >= after_last - 10'000'000;
  return means_not_set ? std::nullopt : std::optional(made_of(*ticks, offset));
}

/// Seconds since 1970 of an HTTP date in one of its three forms.
inline std::optional<std::int64_t> read_http_date(std::string const& text) {
  static std::string const day = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)", months = "JanFebMarAprMayJunJulAugSepOctNovDec",
                           month = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)",
                           time = "(\\d\\d):(\\d\\d):(\\d\\d)",
                           long_day = "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)";
  static std::regex const fixdate(day + ", (\\d\\d) " + month + " (\\d{4}) " + time + " GMT");
  static std::regex const rfc850(long_day + ", (\\d\\d)-" + month + "-(\\d\\d) " + time + " GMT");
  static std::regex const asctime(day + " " + month + " (\\d\\d| \\d) " + time + " (\\d{4})");
  std::smatch part;
  auto const seconds = [&](int year, std::string const& name, int number_of_day, std::size_t first) {
    return seconds_of(year, static_cast<int>(months.find(name) / 3) + 1, number_of_day, number(part[first]),
                      number(part[first + 1]), number(part[first + 2]), 60);
  };
  if (text.size() > 60) return std::nullopt;
  if (std::regex_match(text, part, fixdate)) return seconds(number(part[3]), part[2], number(part[1]), 4);
  if (std::regex_match(text, part, rfc850)) {
    auto const year = number(part[3]);
    return seconds(year + (year < 70 ? 2000 : 1900), part[2], number(part[1]), 4);
  }
  if (std::regex_match(text, part, asctime)) return seconds(number(part[6]), part[1], number(part[2]), 3);
  return std::nullopt;
}

inline std::string without_spaces_around(std::string const& text) {
  auto const first = text.find_first_not_of(" \t\r\n");
  return first == std::string::npos ? std::string() : text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

/// The delay of one element of a `Retry-After`, in seconds.
inline std::optional<std::int64_t> read_delay(std::string const& text) {
  static std::regex const form("([0-9]*)(?:\\.([0-9]*))?[ \t\r\n]*(?:s|sec|secs|second|seconds)?", std::regex::icase);
  std::smatch part;
  if (text.size() > 1000 || !std::regex_match(text, part, form) || part[1].length() + part[2].length() == 0)
    return std::nullopt;
  constexpr std::int64_t longest = 0x7FFFFFFF;
  std::int64_t whole = 0;
  for (char const digit : part[1].str()) whole = std::min<std::int64_t>(whole * 10 + (digit - '0'), longest);
  bool const has_rest = part[2].str().find_first_not_of('0') != std::string::npos;
  return std::min<std::int64_t>(whole + (has_rest ? 1 : 0), longest);
}

/// The longest delay of a list; nothing if one of them is none.
inline std::optional<std::int64_t> read_delays(std::string const& text) {
  std::optional<std::int64_t> longest;
  for (std::size_t begin = 0; begin <= text.size();) {
    auto const end = std::min(text.find(',', begin), text.size());
    auto const one = read_delay(without_spaces_around(text.substr(begin, end - begin)));
    if (!one) return std::nullopt;
    longest = std::max(longest.value_or(*one), *one);
    begin = end + 1;
  }
  return longest;
}

/// Whether it is a `Retry-After` that can be read.
inline bool is_delay(std::string const& header) {
  auto const text = without_spaces_around(header);
  return !text.empty() && (read_delays(text) || read_http_date(text));
}

}  // namespace differential

#endif
