#include <fictive/date_time.hpp>
#include <fictive/detail/lenient_date_time.hpp>

#include "differential/date_text.hpp"
#include "fuzz/support/fuzz.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

// A date-time, strict or in one of the forms that services send.

namespace fuzz {

void test(std::string_view input) {
  using fictive::date_time;
  using namespace std::chrono_literals;
  std::string const text(input);

  auto const expected = differential::read_date_time(text);
  date_time strict;
  bool const is_strict = date_time::try_parse(input, strict);
  require(is_strict == expected.has_value(), "the strict form is what ISO 8601 and the calendar allow");
  if (is_strict) {
    require(strict == *expected, "a date-time is that of the C library");
    date_time again;
    require(date_time::try_parse(strict.to_string(), again) && again == strict,
            "the text of a date-time reads as itself");
    require(strict.to_string().size() <= date_time::max_text_size, "a text is at most max_text_size long");
    auto const utc = strict.local_time().time_since_epoch() - strict.utc_offset().value_or(0min);
    require(strict.sys_time(0min).time_since_epoch() == utc, "the offset is subtracted");
    auto const now = strict.system_clock_time(0min);
    require(!strict.is_before(now) || now == std::chrono::system_clock::time_point::min(), "no time is before itself");
  }

  date_time lenient;
  bool const is_lenient = is_strict || fictive::detail::try_parse_leniently(input, lenient);
  if (is_strict) lenient = strict;
  auto const service_time = differential::read_service_time(text);
  if (service_time) require(is_lenient && lenient == *service_time, "a service's time is read");
  if (is_lenient && !service_time) {
    auto const means_never = date_time::parse("9999-12-31T23:59:59").local_time();
    bool const is_not_set = lenient.local_time() == date_time().local_time() || lenient.local_time() >= means_never;
    require(is_not_set || text.size() >= 100, "nothing else is read");
  }
}

}  // namespace fuzz
