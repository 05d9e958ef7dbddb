#include <fictive/fictive.hpp>
#if __has_include(<fictive/detail/lenient_date_time.hpp>)  // else it is in fictive.hpp
#include <fictive/detail/lenient_date_time.hpp>
#endif

#include "support/catch.hpp"

#include <string>

namespace lenient_date_time_tests {

namespace {

/// The text as it is read; empty if it is not.
std::string read(std::string const& text) {
  fictive::date_time time;
  return fictive::detail::try_parse_leniently(text, time) ? time.to_string() : "";
}

}  // namespace

TEST_CASE("milliseconds since 1970 are read if their UTC and their local time are of the years 1 to 9999",
          "[date_time][lenient]") {
  CHECK(read("/Date(-62135596800000)/") == "0001-01-01T00:00:00Z");
  CHECK(read("/Date(-62135596800001)/").empty());
  CHECK(read("/Date(-62135596800001+0001)/").empty());
  CHECK(read("/Date(-62135596740000-0001)/") == "0001-01-01T00:00:00-00:01");
  CHECK(read("/Date(-62135596740001-0001)/").empty());
  CHECK(read("/Date(253402300799999)/") == "9999-12-31T23:59:59.999Z");
  CHECK(read("/Date(253402300800000)/").empty());
  CHECK(read("/Date(253402300800000-0001)/").empty());
  CHECK(read("/Date(253402300739999+0001)/") == "9999-12-31T23:59:59.999+00:01");
  CHECK(read("/Date(253402300740000+0001)/").empty());
}

TEST_CASE("an offset without a colon is at most 23:59", "[date_time][lenient]") {
  CHECK(read("2017-07-07T15:41:30+2359") == "2017-07-07T15:41:30+23:59");
  CHECK(read("2017-07-07T15:41:30+2400").empty());
  CHECK(read("2017-07-07T15:41:30+2360").empty());
}

}  // namespace lenient_date_time_tests
