#include <fictive/detail/http/http_date.hpp>
#include <fictive/detail/http/retry_after.hpp>

#include "differential/date_text.hpp"
#include "fuzz/support/fuzz.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Two lines: the values of `Retry-After` and `Date`.

namespace fuzz {

void check_date(std::string const& text) {
  auto const ours = fictive::detail::parse_http_date(text);
  auto const theirs = differential::read_http_date(text);
  require(ours.has_value() == theirs.has_value(), "an HTTP date has one of three forms");
  if (!ours) return;
  require(ours->time_since_epoch().count() == *theirs, "an HTTP date is the C library's");
  auto const written = fictive::detail::format_http_date(*ours);
  require(fictive::detail::parse_http_date(written) == ours, "an HTTP date that was written reads as itself");
}

void test(std::string_view input) {
  auto const lines = split(input, '\n');
  auto const& value = lines[0];
  auto const text = differential::without_spaces_around(value);
  auto const date = lines.size() > 1 ? lines[1] : std::string();
  check_date(value);
  check_date(date);

  fictive::http_headers headers = {{"Retry-After", value}};
  if (lines.size() > 1) headers.push_back({"Date", date});
  auto const ours = fictive::detail::retry_after_of(headers);
  require(ours.delay.has_value() == !text.empty(), "a Retry-After that is not blank is a delay");
  if (text.empty() || text.size() > 1000) return;
  require(ours.is_readable == differential::is_delay(value), "a Retry-After is delays or a date");

  std::int64_t expected = 1;
  auto const then = differential::read_http_date(text);
  auto const now = differential::read_http_date(differential::without_spaces_around(date));
  if (auto const delay = differential::read_delays(text))
    expected = *delay;
  else if (then && now)
    expected = std::clamp<std::int64_t>(*then - *now, 0, 0x7FFFFFFF);
  require(ours.delay->count() == expected, "the delay is the longest one, or until the date");
}

}  // namespace fuzz
