// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DATE_TIME_HPP
#define FICTIVE_DATE_TIME_HPP

#include <fictive/config.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/fixed_width.hpp>
#include <fictive/detail/text/throw_error.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ratio>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fictive {

class date_time;

namespace detail {

bool try_parse_leniently(std::string_view text, date_time& out) noexcept;

}  // namespace detail

/// A civil date and time with a resolution of 100 ns, years 1 to 9999, with or without an offset from UTC: exactly the
/// values of the service's date-times (`System.DateTime`). A time without a zone stays without one; nothing is
/// converted silently.
///
///     auto expiry = fictive::date_time::parse("2017-07-07T15:41:30");
///     auto in_a_week = fictive::date_time::utc(std::chrono::system_clock::now() + std::chrono::days(7));
///
/// A value type of 16 bytes. Everything except `to_string` works in constant expressions, does not allocate and is
/// independent of the locale.
class date_time {
 public:
  /// The resolution, one tick of `System.DateTime`.
  using duration = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;

  /// The longest text: `2017-07-03T11:31:41.0353603+01:00`.
  static constexpr std::size_t max_text_size = 33;

  /// 0001-01-01T00:00:00 without an offset: `DateTime.MinValue`.
  constexpr date_time() noexcept = default;

  /// The civil time `local`, truncated to the tick, `utc_offset` ahead of UTC; without an offset, the time has no zone.
  /// Throws `std::out_of_range` if the year is not within 1 to 9999 or the offset not within ±23:59.
  template <class Duration>
  explicit constexpr date_time(std::chrono::local_time<Duration> local,
                               std::optional<std::chrono::minutes> utc_offset = std::nullopt)
      : local_(in_range(local)), offset_minutes_(in_range(utc_offset)) {}

  /// The time point `time`, in UTC. Throws like the constructor.
  template <class Duration>
  [[nodiscard]] static constexpr date_time utc(std::chrono::sys_time<Duration> time) {
    return date_time(std::chrono::local_time<Duration>(time.time_since_epoch()), std::chrono::minutes(0));
  }

  /// Parses `2017-07-07T15:41:30`, optionally with one to seven fractional digits, then `Z`, `+hh:mm`, `-hh:mm` or
  /// nothing: ISO 8601's extended format, the contract's DateTime. Nothing else is accepted: no 24:00, leap second,
  /// space or shorter form. Throws `std::invalid_argument`.
  [[nodiscard]] static constexpr date_time parse(std::string_view text) {
    date_time read;
    if (!try_parse(text, read))
      detail::throw_error<std::invalid_argument>(
          "fictive: not a date-time: write YYYY-MM-DDThh:mm:ss, then up to 7 fractional digits, then Z, +hh:mm, "
          "-hh:mm or nothing");
    return read;
  }

  /// Like `parse`, but returns false and leaves `out` unchanged on failure. (It returns no optional: as an
  /// `expiry_date`, an empty one would turn a typing error into "never expires".)
  [[nodiscard]] static constexpr bool try_parse(std::string_view text, date_time& out) noexcept;

  /// Writes the text that `parse` reads to `out`, which has room for `max_text_size` characters, and returns its end.
  /// Trailing zeros of the fraction are omitted; an offset of zero is `Z`.
  [[nodiscard]] constexpr char* to_chars(char* out) const noexcept;

  /// The text that `parse` reads.
  [[nodiscard]] std::string to_string() const {
    char text[max_text_size];
    return std::string(text, to_chars(text));
  }

  /// The local (wall-clock) time.
  [[nodiscard]] constexpr std::chrono::local_time<duration> local_time() const noexcept { return local_; }

  /// The UTC offset, if specified.
  [[nodiscard]] constexpr std::optional<std::chrono::minutes> utc_offset() const noexcept {
    if (offset_minutes_ == no_offset) return std::nullopt;
    return std::chrono::minutes(offset_minutes_);
  }

  /// The time point. A time without a zone is taken to be `assumed_offset` ahead of UTC, at most 23:59 either way; for
  /// times of the service, which are in UTC, pass 0.
  [[nodiscard]] constexpr std::chrono::sys_time<duration> sys_time(std::chrono::minutes assumed_offset) const noexcept {
    auto const assumed = std::clamp(assumed_offset, -max_offset, max_offset);
    return std::chrono::sys_time<duration>(local_.time_since_epoch() - utc_offset().value_or(assumed));
  }

  /// The same in the resolution of the system clock, or its first or last time if it is outside of the clock's range
  /// (with nanoseconds, the years 1677 to 2262). Comparing `sys_time` with `system_clock::now()` overflows there.
  [[nodiscard]] constexpr std::chrono::system_clock::time_point system_clock_time(
      std::chrono::minutes assumed_offset) const noexcept;

  /// Whether this time is before `time`, as in `is_before(std::chrono::system_clock::now())`. Never overflows. A time
  /// without a zone is taken to be `assumed_offset` ahead of UTC.
  [[nodiscard]] constexpr bool is_before(std::chrono::system_clock::time_point time,
                                         std::chrono::minutes assumed_offset = std::chrono::minutes(0)) const noexcept {
    return system_clock_time(assumed_offset) < time;
  }

  /// Equal if both the civil time and the offset (or its absence) are equal. To compare time points, compare
  /// `sys_time`.
  friend constexpr bool operator==(date_time const&, date_time const&) noexcept = default;

 private:
  friend bool detail::try_parse_leniently(std::string_view text, date_time& out) noexcept;

  static constexpr std::int16_t no_offset = INT16_MIN;
  static constexpr std::chrono::minutes max_offset = std::chrono::hours(24) - std::chrono::minutes(1);

  static constexpr std::chrono::local_days first_day{std::chrono::year{1} / 1 / 1};
  static constexpr std::chrono::local_days last_day{std::chrono::year{9999} / 12 / 31};

  template <class Duration>
  static constexpr std::chrono::local_time<duration> in_range(std::chrono::local_time<Duration> local) {
    // Days in a double cannot overflow, whatever the caller's unit, and are precise enough for a first check.
    using days = std::chrono::duration<double, std::chrono::days::period>;
    auto const about = std::chrono::duration_cast<days>(local.time_since_epoch()).count();
    if (about > -1e6 && about < 1e7) {
      auto const ticks = std::chrono::floor<duration>(local);
      auto const day = std::chrono::floor<std::chrono::days>(ticks);
      if (day >= first_day && day <= last_day) return ticks;
    }
    detail::throw_error<std::out_of_range>("fictive: a date_time's year must be within 1 to 9999");
  }

  static constexpr std::int16_t in_range(std::optional<std::chrono::minutes> offset) {
    if (!offset) return no_offset;
    if (*offset < -max_offset || *offset > max_offset)
      detail::throw_error<std::out_of_range>("fictive: a date_time's offset must be within -23:59 to +23:59");
    return static_cast<std::int16_t>(offset->count());
  }

  static constexpr bool try_parse_rest(std::string_view text, std::int64_t& fraction, std::int16_t& offset) noexcept;

  std::chrono::local_time<duration> local_{first_day};
  std::int16_t offset_minutes_ = no_offset;
};

constexpr bool date_time::try_parse(std::string_view text, date_time& out) noexcept {
  namespace chrono = std::chrono;
  constexpr std::size_t shortest = 19;  // YYYY-MM-DDThh:mm:ss
  if (text.size() < shortest) return false;

  constexpr detail::digit_layout date_layout("0000-00-"), day_layout("0-00-00T"), time_layout("00:00:00");
  detail::fixed_digits const date(text.data(), date_layout), day(text.data() + 3, day_layout),
      time(text.data() + 11, time_layout);
  if (!date.match() || !day.match() || !time.match()) return false;

  auto const year = date.number(0) * 100 + date.number(2);
  auto const hour = time.number(0), minute = time.number(3), second = time.number(6);
  chrono::year_month_day const calendar_day(chrono::year(static_cast<int>(year)), chrono::month(date.number(5)),
                                            chrono::day(day.number(5)));
  if (year < 1 || !calendar_day.ok() || hour > 23 || minute > 59 || second > 59) return false;

  std::int64_t fraction = 0;
  std::int16_t offset = no_offset;
  if (text.size() > shortest && !try_parse_rest(text.substr(shortest), fraction, offset)) return false;

  out.local_ =
      chrono::local_days(calendar_day) + chrono::seconds((hour * 60 + minute) * 60 + second) + duration(fraction);
  out.offset_minutes_ = offset;
  return true;
}

/// The fraction and the offset from UTC, each of which may be missing.
constexpr bool date_time::try_parse_rest(std::string_view text, std::int64_t& fraction, std::int16_t& offset) noexcept {
  detail::fixed_width_reader in{text};
  if (in.skip('.')) {
    fraction = in.number(1);
    for (int digit = 1; digit < 7; ++digit) {
      bool const more = !in.rest.empty() && detail::is_digit(in.rest.front());
      fraction = fraction * 10 + (more ? in.number(1) : 0);
    }
  }

  if (in.skip('Z')) {
    offset = 0;
  } else if (!in.rest.empty()) {
    bool const behind = in.skip('-');
    if (!behind) in.expect('+');
    auto const hours = in.number(2);
    in.expect(':');
    auto const minutes = in.number(2);
    if (hours > 23 || minutes > 59) return false;
    offset = static_cast<std::int16_t>((behind ? -1 : 1) * (hours * 60 + minutes));
  }
  return !in.failed && in.rest.empty();
}

constexpr std::chrono::system_clock::time_point date_time::system_clock_time(
    std::chrono::minutes assumed_offset) const noexcept {
  using clock = std::chrono::system_clock;
  auto const time = sys_time(assumed_offset);
  if constexpr (std::ratio_less_v<clock::period, duration::period>) {  // else every date-time is within its range
    if (time < std::chrono::ceil<duration>((clock::time_point::min)())) return (clock::time_point::min)();
    if (time > std::chrono::floor<duration>((clock::time_point::max)())) return (clock::time_point::max)();
  }
  return std::chrono::floor<clock::duration>(time);
}

constexpr char* date_time::to_chars(char* out) const noexcept {
  namespace chrono = std::chrono;
  auto const midnight = chrono::floor<chrono::days>(local_);
  chrono::year_month_day const date{midnight};
  auto const time = local_ - midnight;
  auto const whole_seconds = chrono::floor<chrono::seconds>(time);

  out = detail::write_number(out, int{date.year()}, 4);
  *out++ = '-';
  out = detail::write_number(out, unsigned{date.month()}, 2);
  *out++ = '-';
  out = detail::write_number(out, unsigned{date.day()}, 2);
  *out++ = 'T';
  out = detail::write_number(out, whole_seconds.count() / 3600, 2);
  *out++ = ':';
  out = detail::write_number(out, whole_seconds.count() / 60 % 60, 2);
  *out++ = ':';
  out = detail::write_number(out, whole_seconds.count() % 60, 2);

  if (auto const fraction = time - whole_seconds; fraction.count() != 0) {
    *out++ = '.';
    out = detail::write_number(out, fraction.count(), 7);
    while (out[-1] == '0') --out;
  }

  if (offset_minutes_ == no_offset) return out;
  if (offset_minutes_ == 0) {
    *out++ = 'Z';
    return out;
  }
  auto const minutes = offset_minutes_ < 0 ? -offset_minutes_ : offset_minutes_;
  *out++ = offset_minutes_ < 0 ? '-' : '+';
  out = detail::write_number(out, minutes / 60, 2);
  *out++ = ':';
  return detail::write_number(out, minutes % 60, 2);
}

}  // namespace fictive

#endif
