#include <fictive/fictive.hpp>
#if __has_include(<fictive/detail/http/http_date.hpp>)  // else it is in fictive.hpp
#include <fictive/detail/http/http_date.hpp>
#endif

#include "support/catch.hpp"

#include <chrono>
#include <string>

namespace http_date_tests {

using fictive::detail::parse_http_date;
using std::chrono::sys_days;
using namespace std::chrono_literals;

TEST_CASE("the three forms of an HTTP date are read", "[http_date]") {
  auto const text = GENERATE(as<std::string>(), "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                             "Sun Nov  6 08:49:37 1994");
  CHECK(parse_http_date(text) == sys_days(1994y / 11 / 6) + 8h + 49min + 37s);
}

TEST_CASE("a leap second is read", "[http_date]") {
  CHECK(parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT") == sys_days(2017y / 1 / 1));
}

TEST_CASE("a two-digit year below 70 is of this century, and any other of the last", "[http_date]") {
  auto const [text, year] = GENERATE(table<std::string, std::chrono::year>({
      {"00", 2000y},
      {"69", 2069y},
      {"70", 1970y},
      {"99", 1999y},
  }));
  CHECK(parse_http_date("Monday, 01-Jan-" + text + " 00:00:00 GMT") == sys_days(year / 1 / 1));
}

TEST_CASE("anything else is no HTTP date", "[http_date]") {
  auto const text = GENERATE(
      as<std::string>(), "", "Sun", "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37",
      "Sun, 06 Nov 1994 08:49:37 PST", "Sun, 06 Nov 1994 08:49:37 GMT+1", "Sun, 6 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
      "Sun, 06 Nix 1994 08:49:37 GMT", "Xxx, 06 Nov 1994 08:49:37 GMT", "06 Nov 1994 08:49:37 GMT",
      "Sunday, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT",
      "Sunday Nov  6 08:49:37 1994", "Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 1994 GMT", "Sun Nov  6 08:49:37");
  CHECK(!parse_http_date(text));
}

TEST_CASE("a time is written as an HTTP date, which reads as the same time", "[http_date]") {
  auto const [time, text] = GENERATE(table<std::chrono::sys_seconds, std::string>({
      {sys_days(1994y / 11 / 6) + 8h + 49min + 37s, "Sun, 06 Nov 1994 08:49:37 GMT"},
      {sys_days(2024y / 2 / 29) + 23h + 59min + 59s, "Thu, 29 Feb 2024 23:59:59 GMT"},
      {sys_days(1969y / 12 / 31), "Wed, 31 Dec 1969 00:00:00 GMT"},
      {sys_days(9999y / 12 / 31), "Fri, 31 Dec 9999 00:00:00 GMT"},
  }));
  CHECK(fictive::detail::format_http_date(time) == text);
  CHECK(parse_http_date(text) == time);
}

}  // namespace http_date_tests
