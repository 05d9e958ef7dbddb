#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/mutator.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <ratio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace date_time_tests {

using fictive::date_time;
using namespace std::chrono_literals;
namespace chrono = std::chrono;

namespace {

using ticks = date_time::duration;

constexpr chrono::local_days day_of(int year, unsigned month, unsigned day) {
  return chrono::local_days(chrono::year(year) / chrono::month(month) / chrono::day(day));
}

bool is_readable(std::string_view text) {
  date_time out;
  return date_time::try_parse(text, out);
}

std::string padded(std::int64_t number, std::size_t digits) {
  auto const text = std::to_string(number);
  return std::string(digits - text.size(), '0') + text;
}

/// The text of a civil time, written with nothing but std::chrono's calendar.
std::string text_of(chrono::local_time<ticks> time) {
  auto const midnight = chrono::floor<chrono::days>(time);
  chrono::year_month_day const date(midnight);
  chrono::hh_mm_ss const clock(time - midnight);
  auto text = padded(int(date.year()), 4) + "-" + padded(unsigned(date.month()), 2) + "-" +
              padded(unsigned(date.day()), 2) + "T" + padded(clock.hours().count(), 2) + ":" +
              padded(clock.minutes().count(), 2) + ":" + padded(clock.seconds().count(), 2);
  if (clock.subseconds().count() == 0) return text;
  text += "." + padded(clock.subseconds().count(), 7);
  return text.substr(0, text.find_last_not_of('0') + 1);
}

/// Reads and writes one time, and compares both with std::chrono.
bool agrees_with_chrono(chrono::local_time<ticks> time) {
  auto const text = text_of(time);
  date_time read;
  return date_time::try_parse(text, read) && read.local_time() == time && read.to_string() == text &&
         read == date_time(time);
}

}  // namespace

// -------------------------------------------------------------------------------------------------------- reading

TEST_CASE("a date-time is read and written unchanged", "[date_time]") {
  std::string const text = GENERATE(
      as<std::string>(), "2017-07-07T15:41:30", "2017-07-03T11:31:41.0353603Z", "2017-07-03T11:31:41.0353603+01:00",
      "2017-07-07T15:41:30.1", "2017-07-07T15:41:30.01", "2017-07-07T15:41:30.0000001", "2017-07-07T15:41:30.9999999",
      "2017-07-07T00:00:00Z", "2017-07-07T23:59:59-00:01", "2017-07-07T15:41:30+23:59", "2017-07-07T15:41:30-23:59",
      "2017-07-07T15:41:30+05:45", "0001-01-01T00:00:00", "9999-12-31T23:59:59.9999999", "2000-02-29T00:00:00",
      "2024-02-29T00:00:00", "1600-02-29T00:00:00", "1969-12-31T23:59:59.9999999", "1970-01-01T00:00:00");
  CHECK(date_time::parse(text).to_string() == text);
}

TEST_CASE("a fraction may have one to seven digits, and is written as short as it can be", "[date_time]") {
  auto const [fraction, expected, shortest] = GENERATE(table<std::string, ticks, std::string>({
      {"", ticks(0), ""},
      {".0", ticks(0), ""},
      {".0000000", ticks(0), ""},
      {".5", ticks(5'000'000), ".5"},
      {".50", ticks(5'000'000), ".5"},
      {".12", ticks(1'200'000), ".12"},
      {".123", ticks(1'230'000), ".123"},
      {".1234", ticks(1'234'000), ".1234"},
      {".12345", ticks(1'234'500), ".12345"},
      {".123456", ticks(1'234'560), ".123456"},
      {".1234567", ticks(1'234'567), ".1234567"},
      {".1234500", ticks(1'234'500), ".12345"},
      {".0000001", ticks(1), ".0000001"},
      {".9999999", ticks(9'999'999), ".9999999"},
  }));
  auto const zone = GENERATE(as<std::string>(), "", "Z", "+01:00", "-01:00");
  auto const time = date_time::parse("2017-07-07T15:41:30" + fraction + zone);
  CHECK(time.local_time() == day_of(2017, 7, 7) + 15h + 41min + 30s + expected);
  CHECK(time.to_string() == "2017-07-07T15:41:30" + shortest + zone);
}

TEST_CASE("an offset is how far the clock is ahead of UTC", "[date_time]") {
  auto const [zone, expected, written] = GENERATE(table<std::string, std::optional<chrono::minutes>, std::string>({
      {"", std::nullopt, ""},
      {"Z", 0min, "Z"},
      {"+00:00", 0min, "Z"},
      {"-00:00", 0min, "Z"},
      {"+01:00", 60min, "+01:00"},
      {"-01:00", -60min, "-01:00"},
      {"-00:30", -30min, "-00:30"},
      {"+23:59", 1439min, "+23:59"},
      {"-23:59", -1439min, "-23:59"},
  }));
  auto const time = date_time::parse("2017-07-07T15:41:30" + zone);
  CHECK(time.local_time() == day_of(2017, 7, 7) + 15h + 41min + 30s);
  CHECK((time.utc_offset() == expected));
  CHECK(time.to_string() == "2017-07-07T15:41:30" + written);
}

TEST_CASE("text in any other form is rejected", "[date_time]") {
  auto const text = GENERATE(
      as<std::string>(),
      // days and times that there are not
      "2017-02-30T00:00:00", "2017-02-29T00:00:00", "1900-02-29T00:00:00", "2017-04-31T00:00:00", "2017-00-01T00:00:00",
      "2017-13-01T00:00:00", "2017-01-00T00:00:00", "2017-01-32T00:00:00", "0000-01-01T00:00:00", "0000-12-31T23:59:59",
      "2017-07-07T24:00:00", "2017-07-07T25:00:00", "2017-07-07T15:60:00", "2017-07-07T15:41:60",
      "2016-12-31T23:59:60Z",
      // fractions
      "2017-07-07T15:41:30.", "2017-07-07T15:41:30.Z", "2017-07-07T15:41:30.12345678", "2017-07-07T15:41:30.00000000Z",
      "2017-07-07T15:41:30,5", "2017-07-07T15:41:30.-1", "2017-07-07T15:41:30.1x", "2017-07-07T15:41:30.1 ",
      // offsets
      "2017-07-07T15:41:30z", "2017-07-07T15:41:30+01", "2017-07-07T15:41:30+0100", "2017-07-07T15:41:30+1:00",
      "2017-07-07T15:41:30+24:00", "2017-07-07T15:41:30-24:00", "2017-07-07T15:41:30+00:60", "2017-07-07T15:41:30+",
      "2017-07-07T15:41:30-", "2017-07-07T15:41:30+-1:00", "2017-07-07T15:41:30+01:00:00", "2017-07-07T15:41:30 Z",
      "2017-07-07T15:41:30Z+01:00", "2017-07-07T15:41:30ZZ", "2017-07-07T15:41:30GMT",
      "2017-07-07T15:41:30\xE2\x88\x92"
      "01:00",
      // other forms
      "", " ", "T", "2017-07-07", "15:41:30", "2017-07-07T15:41", "2017-07-07T15:41Z", "2017-07-07t15:41:30",
      "2017-07-07 15:41:30", "20170707T154130", "17-07-07T15:41:30", "+2017-07-07T15:41:30", "-017-07-07T15:41:30",
      "10000-01-01T00:00:00", "12017-07-07T15:41:30", "2017-7-7T15:41:30", "2017-07-07T5:41:30", "2017/07/07T15:41:30",
      "2017-07-07T15.41.30", "2017-W27-5T15:41:30", "2017-188T15:41:30", " 2017-07-07T15:41:30", "2017-07-07T15:41:30 ",
      "2017-07-07T15:41:30\n", "2017-07-07T15:41:30x", "2017-07-07T15:41:300", "2017-07-07T+5:41:30",
      "2017-07-07T-1:41:30", "20 7-07-07T15:41:30", "/Date(1499442090000)/", "now");
  CAPTURE(text);
  CHECK(!is_readable(text));
  CHECK_THROWS_AS(date_time::parse(text), std::invalid_argument);
}

TEST_CASE("a character that is not a digit is rejected at every position of a number", "[date_time]") {
  std::string const whole = "2017-07-03T11:31:41.0353603+01:00";
  REQUIRE(is_readable(whole));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (char c : {'/', ':', 'x', ' ', '\0', '\xB2', '\xFF'}) {
      if (c == whole[at]) continue;
      auto damaged = whole;
      damaged[at] = c;
      CAPTURE(damaged);
      CHECK(!is_readable(damaged));
    }
  }
}

TEST_CASE("a truncated text is rejected, unless the rest is a valid time", "[date_time]") {
  std::string const whole = "2017-07-03T11:31:41.0353603+01:00";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    CAPTURE(size);
    bool const ends_after_seconds = size == 19;
    bool const ends_in_fraction = size >= 21 && size <= 27;
    CHECK(is_readable(whole.substr(0, size)) == (ends_after_seconds || ends_in_fraction || size == whole.size()));
  }
}

TEST_CASE("a text that cannot be parsed leaves the value unchanged", "[date_time]") {
  auto const text =
      GENERATE(as<std::string>(), "", "2018-01-01T00:00:00+24:00", "2018-01-01T00:00:00.5x", "2018-02-30T00:00:00Z");
  auto const before = date_time::parse("2017-07-07T15:41:30.5+01:00");
  auto time = before;
  CHECK(!date_time::try_parse(text, time));
  CHECK(time == before);
}

TEST_CASE("a text that is part of a larger one is read to its own end only", "[date_time]") {
  std::string_view const text("2017-07-07T15:41:30.1234567Z", 19);
  CHECK(date_time::parse(text).to_string() == "2017-07-07T15:41:30");
}

TEST_CASE("a damaged text never throws, and a text that is read is written unchanged", "[date_time]") {
  mutator mutate(20170703);
  for (int i = 0; i < 20'000; ++i) {
    auto const text = mutate("2017-07-03T11:31:41.0353603+01:00");
    date_time time;
    if (!date_time::try_parse(text, time)) continue;
    if (text.size() > date_time::max_text_size || date_time::parse(time.to_string()) != time) FAIL(text);
  }
}

// ---------------------------------------------------------------------------------------- agreement with std::chrono

TEST_CASE("every day of every kind of year is read and written as std::chrono has it", "[date_time]") {
  auto const year = GENERATE(1, 4, 100, 400, 1582, 1600, 1899, 1900, 1904, 1969, 1970, 1972, 1999, 2000, 2017, 2024,
                             2038, 2100, 9996, 9999);
  for (auto day = day_of(year, 1, 1); day <= day_of(year, 12, 31); day += chrono::days(1))
    if (!agrees_with_chrono(day + 23h + 59min + 58s)) FAIL(text_of(day));
}

TEST_CASE("days and times of every year from 1 to 9999 are read and written as std::chrono has them", "[date_time]") {
  std::mt19937_64 random(9999);
  for (int year = 1; year <= 9999; ++year) {
    auto const last = day_of(year, 12, 31);
    auto const days = static_cast<std::uint64_t>((last - day_of(year, 1, 1)).count()) + 1;
    auto const any_day = last - chrono::days(random() % days);
    auto const any_time = ticks(random() % 864'000'000'000);
    for (auto const time : {chrono::local_time<ticks>(day_of(year, 1, 1)), day_of(year, 2, 28) + ticks(1),
                            day_of(year, 3, 1) - ticks(1), last + 24h - ticks(1), any_day + any_time})
      if (!agrees_with_chrono(time)) FAIL(text_of(time));
  }
}

TEST_CASE("every second of a day and every offset is read and written", "[date_time]") {
  for (auto second = 0s; second < 24h; second += 7s)
    if (!agrees_with_chrono(day_of(2017, 7, 7) + second)) FAIL(second.count());
  for (auto offset = -1439min; offset <= 1439min; offset += 1min) {
    date_time const time(day_of(2017, 7, 7), offset);
    if (date_time::parse(time.to_string()) != time || time.utc_offset() != offset) FAIL(offset.count());
  }
}

// ---------------------------------------------------------------------------------------------------- construction

TEST_CASE("a default-constructed date-time is DateTime.MinValue", "[date_time]") {
  CHECK(date_time().to_string() == "0001-01-01T00:00:00");
  CHECK(!date_time().utc_offset());
}

TEST_CASE("a time is truncated to ticks, before 1970 too", "[date_time]") {
  auto const [time, expected] = GENERATE(table<chrono::nanoseconds, std::string>({
      {0ns, "1970-01-01T00:00:00Z"},
      {99ns, "1970-01-01T00:00:00Z"},
      {100ns, "1970-01-01T00:00:00.0000001Z"},
      {199ns, "1970-01-01T00:00:00.0000001Z"},
      {-1ns, "1969-12-31T23:59:59.9999999Z"},
      {-100ns, "1969-12-31T23:59:59.9999999Z"},
      {-101ns, "1969-12-31T23:59:59.9999998Z"},
  }));
  CHECK(date_time::utc(chrono::sys_time<chrono::nanoseconds>(time)).to_string() == expected);
  CHECK(date_time(chrono::local_time<chrono::nanoseconds>(time), 0min).to_string() == expected);
}

TEST_CASE("a date-time is made of a time in any unit", "[date_time]") {
  using half_seconds = chrono::duration<std::int64_t, std::ratio<1, 2>>;
  CHECK(date_time(day_of(2017, 7, 7)).to_string() == "2017-07-07T00:00:00");
  CHECK(date_time(chrono::local_time<chrono::hours>(-1h)).to_string() == "1969-12-31T23:00:00");
  CHECK(date_time(chrono::local_time<chrono::milliseconds>(1ms)).to_string() == "1970-01-01T00:00:00.001");
  CHECK(date_time(chrono::local_time<half_seconds>(half_seconds(3))).to_string() == "1970-01-01T00:00:01.5");
  CHECK(date_time(chrono::local_time<chrono::duration<double>>(chrono::duration<double>(-0.25))).to_string() ==
        "1969-12-31T23:59:59.75");
}

TEST_CASE("an instant is written in UTC", "[date_time]") {
  auto const time = date_time::utc(chrono::sys_days(2017y / 7 / 7) + 15h + 41min + 30s);
  CHECK(time.to_string() == "2017-07-07T15:41:30Z");
  CHECK((time.utc_offset() == 0min));
}

TEST_CASE("the first and the last tick are in range, and their neighbours are not", "[date_time]") {
  auto const first = chrono::local_time<ticks>(day_of(1, 1, 1));
  auto const last = day_of(9999, 12, 31) + 24h - ticks(1);
  CHECK(date_time(first).to_string() == "0001-01-01T00:00:00");
  CHECK(date_time(last).to_string() == "9999-12-31T23:59:59.9999999");
  CHECK_THROWS_AS(date_time(first - ticks(1)), std::out_of_range);
  CHECK_THROWS_AS(date_time(last + ticks(1)), std::out_of_range);
  CHECK_THROWS_AS(date_time::utc(chrono::sys_time<ticks>(last.time_since_epoch()) + ticks(1)), std::out_of_range);
}

TEST_CASE("times beyond the range of ticks are out of range, without overflow", "[date_time]") {
  using centuries = chrono::duration<std::int64_t, std::ratio<3'155'695'200>>;
  auto const count = GENERATE(std::int64_t(20'000), std::int64_t(292'277'026'596), std::int64_t(1) << 40,
                              std::numeric_limits<std::int64_t>::max());
  CHECK_THROWS_AS(date_time(chrono::local_time<centuries>(centuries(count))), std::out_of_range);
  CHECK_THROWS_AS(date_time(chrono::local_time<centuries>(centuries(-count))), std::out_of_range);
  CHECK_THROWS_AS(date_time::utc(chrono::sys_time<centuries>(centuries(count))), std::out_of_range);
}

TEST_CASE("seconds beyond the range of ticks are out of range", "[date_time]") {
  auto const count = GENERATE(std::int64_t(922'337'203'686), std::numeric_limits<std::int64_t>::max() / 1000,
                              std::numeric_limits<std::int64_t>::max());
  CHECK_THROWS_AS(date_time(chrono::local_time<chrono::seconds>(chrono::seconds(count))), std::out_of_range);
  CHECK_THROWS_AS(date_time(chrono::local_time<chrono::seconds>(chrono::seconds(-count))), std::out_of_range);
}

TEST_CASE("years as a unit are out of range beyond 9999", "[date_time]") {
  auto const years = GENERATE(-2'000'000'000, -1971, 8031, 60'000, 2'000'000'000);
  CHECK_THROWS_AS(date_time(chrono::local_time<chrono::years>(chrono::years(years))), std::out_of_range);
}

TEST_CASE("a time that is not a number, or infinite, is out of range", "[date_time]") {
  using seconds = chrono::duration<double>;
  auto const count = GENERATE(std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                              std::numeric_limits<double>::quiet_NaN(), 1e300, -1e300);
  CHECK_THROWS_AS(date_time(chrono::local_time<seconds>(seconds(count))), std::out_of_range);
}

TEST_CASE("an offset of a day or more is out of range", "[date_time]") {
  CHECK(date_time(day_of(2017, 7, 7), 23h + 59min).to_string() == "2017-07-07T00:00:00+23:59");
  CHECK(date_time(day_of(2017, 7, 7), -23h - 59min).to_string() == "2017-07-07T00:00:00-23:59");
  auto const offset = GENERATE(24h + 0min, 32'768min, 65'536min, 1'000'000'000min, chrono::minutes::max());
  CHECK_THROWS_AS(date_time(day_of(2017, 7, 7), offset), std::out_of_range);
  CHECK_THROWS_AS(date_time(day_of(2017, 7, 7), -offset), std::out_of_range);
}

// --------------------------------------------------------------------------------------------------------- instants

TEST_CASE("a time without a zone converts with the offset that is assumed", "[date_time]") {
  auto const time = date_time::parse("2017-07-07T15:41:30.0000001");
  auto const as_utc = chrono::sys_days(2017y / 7 / 7) + 15h + 41min + 30s + ticks(1);
  CHECK((time.sys_time(0min) == as_utc));
  CHECK((time.sys_time(120min) == as_utc - 2h));
  CHECK((time.sys_time(-90min) == as_utc + 90min));
}

TEST_CASE("an offset that is assumed is at most 23:59, either way", "[date_time]") {
  using clock = chrono::system_clock;
  auto const offset = GENERATE(24h + 0min, 1'000'000'000min, chrono::minutes::max());
  auto const time = date_time::parse(GENERATE("0001-01-01T00:00:00", "2017-07-07T15:41:30", "9999-12-31T23:59:59"));
  CHECK((time.sys_time(offset) == time.sys_time(23h + 59min)));
  CHECK((time.sys_time(-offset) == time.sys_time(-23h - 59min)));
  CHECK(time.system_clock_time(offset) == time.system_clock_time(23h + 59min));
  CHECK(time.is_before((clock::time_point::min)(), offset) == time.is_before((clock::time_point::min)(), 23h + 59min));
  CHECK((date_time::parse("2017-07-07T15:41:30Z").sys_time(offset) ==
         chrono::sys_days(2017y / 7 / 7) + 15h + 41min + 30s));
}

TEST_CASE("a time with an offset converts with its own", "[date_time]") {
  auto const [text, hour] = GENERATE(table<std::string, chrono::hours>({
      {"2017-07-07T15:00:00Z", 15h},
      {"2017-07-07T15:00:00+01:00", 14h},
      {"2017-07-07T15:00:00-08:00", 23h},
      {"2017-07-08T01:00:00+02:00", 23h},
  }));
  CHECK((date_time::parse(text).sys_time(300min) == chrono::sys_days(2017y / 7 / 7) + hour));
}

TEST_CASE("the first and the last time convert with any offset", "[date_time]") {
  CHECK((date_time::parse("0001-01-01T00:00:00+23:59").sys_time(0min) == chrono::sys_days(1y / 1 / 1) - 23h - 59min));
  CHECK((date_time::parse("9999-12-31T23:59:59-23:59").sys_time(0min) ==
         chrono::sys_days(9999y / 12 / 31) + 47h + 58min + 59s));
}

// --------------------------------------------------------------------------------------------------------- equality

TEST_CASE("a time is compared with a clock without overflow", "[date_time]") {
  using clock = chrono::system_clock;
  auto const now =
      clock::time_point(chrono::duration_cast<clock::duration>(chrono::sys_days(2026y / 11 / 26) - chrono::sys_days()));
  auto const offset = GENERATE(as<std::string>(), "", "Z", "+23:59", "-23:59");
  for (int year = 1; year <= 9999; ++year) {
    char text[date_time::max_text_size];
    fictive::detail::write_number(text, year, 4);
    auto const time = date_time::parse(std::string(text, 4) + "-06-15T12:00:00.1234567" + offset);
    INFO(year);
    REQUIRE(time.is_before(now) == (year <= 2026));
    REQUIRE(time.is_before(now, 14h) == (year <= 2026));
    REQUIRE((time.system_clock_time(0min) < now) == (year <= 2026));
  }
  CHECK(date_time::parse("0001-01-01T00:00:00+23:59").is_before(now));
  CHECK(!date_time::parse("9999-12-31T23:59:59.9999999-23:59").is_before(now));
  constexpr bool ends_before_year_9999 = std::ratio_less_equal_v<clock::period, std::nano>;
  CHECK(date_time::parse("9999-12-31T23:59:59.9999999").is_before((clock::time_point::max)()) != ends_before_year_9999);
}

TEST_CASE("a time of the clock's range converts to the tick, others to its first or last one", "[date_time]") {
  using clock = chrono::system_clock;
  auto const time = date_time::parse("2017-07-07T15:41:30.1234567+01:00");
  CHECK(time.system_clock_time(0min) == chrono::floor<clock::duration>(time.sys_time(0min)));
  CHECK(date_time::parse("1969-12-31T23:59:59.9999999").system_clock_time(0min) < clock::time_point());
  if (std::ratio_less_v<clock::period, date_time::duration::period>) {
    CHECK(date_time::parse("1677-01-01T00:00:00").system_clock_time(0min) == (clock::time_point::min)());
    CHECK(date_time::parse("2263-01-01T00:00:00").system_clock_time(0min) == (clock::time_point::max)());

    date_time::duration const tick(1);
    auto const first = chrono::ceil<date_time::duration>((clock::time_point::min)());
    CHECK(date_time::utc(first).system_clock_time(0min) == chrono::floor<clock::duration>(first));
    CHECK(date_time::utc(first - tick).system_clock_time(0min) == (clock::time_point::min)());
    auto const last = chrono::floor<date_time::duration>((clock::time_point::max)());
    CHECK(date_time::utc(last).system_clock_time(0min) == chrono::floor<clock::duration>(last));
    CHECK(date_time::utc(last + tick).system_clock_time(0min) == (clock::time_point::max)());
  }
}

TEST_CASE("a time is before the next tick, and not before itself", "[date_time]") {
  auto const time = date_time::parse("2017-07-07T15:41:30.1234567");
  auto const same = time.system_clock_time(0min);
  CHECK(!time.is_before(same));
  CHECK(time.is_before(same + 1us));
  CHECK(!time.is_before(same - 1us));
  CHECK(!time.is_before(same, -1min));
  CHECK(time.is_before(same, 1min));
}

TEST_CASE("two date-times are equal if their civil times and offsets are", "[date_time]") {
  std::string const texts[] = {"2017-07-07T15:00:00",       "2017-07-07T15:00:00Z",      "2017-07-07T15:00:00+01:00",
                               "2017-07-07T15:00:00-01:00", "2017-07-07T16:00:00+01:00", "2017-07-07T15:00:00.1",
                               "2017-07-08T15:00:00"};
  for (auto const& a : texts)
    for (auto const& b : texts) CHECK((date_time::parse(a) == date_time::parse(b)) == (a == b));
  CHECK(date_time::parse("2017-07-07T15:00:00+00:00") == date_time::parse("2017-07-07T15:00:00Z"));
  CHECK(date_time::parse("2017-07-07T15:00:00.10") == date_time::parse("2017-07-07T15:00:00.1"));
}

// ------------------------------------------------------------------------------------------------ constant expressions

namespace {

constexpr auto documented = date_time::parse("2017-07-07T15:41:30.5+01:00");
static_assert(documented.local_time() == day_of(2017, 7, 7) + 15h + 41min + 30s + 500ms);
static_assert(documented.utc_offset() == 60min);
static_assert(documented.sys_time(0min) == chrono::sys_days(2017y / 7 / 7) + 14h + 41min + 30s + 500ms);
static_assert(documented == date_time(day_of(2017, 7, 7) + 15h + 41min + 30s + 500ms, 60min));
static_assert(documented != date_time());
static_assert(date_time::utc(chrono::sys_days(2017y / 7 / 7)) == date_time::parse("2017-07-07T00:00:00Z"));
static_assert([] {
  char text[date_time::max_text_size] = {};
  char const* const end = documented.to_chars(text);
  return std::string_view(text, static_cast<std::size_t>(end - text)) == "2017-07-07T15:41:30.5+01:00";
}());
static_assert([] {
  date_time out;
  return !date_time::try_parse("2017-02-30T00:00:00", out) && out == date_time();
}());

static_assert(sizeof(date_time) == 16);
static_assert(std::is_trivially_copyable_v<date_time>);
static_assert(!std::is_convertible_v<chrono::local_seconds, date_time>, "a time without a zone is not so by accident");
static_assert(date_time::max_text_size == std::string_view("2017-07-03T11:31:41.0353603+01:00").size());

}  // namespace

}  // namespace date_time_tests
