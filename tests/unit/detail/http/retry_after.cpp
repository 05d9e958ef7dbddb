#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/invite_responses.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace detail_retry_after_tests {

using fictive::effect;
using fictive::errc;
using fictive::http_headers;
using namespace tests;
using namespace std::chrono_literals;

TEST_CASE("a 503 with Retry-After had no effect", "[retry_after][outcomes]") {
  auto const value =
      GENERATE(as<std::string>(), "0", "7", "120", " 7 ", "999999999999999999999999999999",
               "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994");
  auto const e = failure_of({.status = 503, .headers = {{"Retry-After", value}}});
  CHECK(e.code == errc::server_error);
  CHECK(e.effect == effect::none);
}

TEST_CASE("a Retry-After that cannot be read is a delay of a second, and no proof that a 503 had no effect",
          "[retry_after]") {
  auto const value = GENERATE(as<std::string>(), "abc", "-1", "+7", ".", "7 8", "7m", "500ms", "7,", ",7", "7, abc",
                              "0x7", "\xD9\xA7", "2017-07-07T15:41:30Z", "Sun, 06 Nov 1994 08:49:37",
                              "Sun, 06 Nov 1994 08:49:37 PST", "06 Nov 1994 08:49:37 GMT", "Sun");
  http_headers const headers = {{"Retry-After", value}, {"Date", "Sun, 06 Nov 1994 08:49:30 GMT"}};
  CAPTURE(value);
  auto const unavailable = failure_of({.status = 503, .headers = headers});
  CHECK(unavailable.effect == effect::unknown);
  CHECK(unavailable.retry_after == 1s);
  CHECK(unavailable == fictive::condition::throttled);
  CHECK(failure_of({.status = 429, .headers = headers}).retry_after == 1s);
}

TEST_CASE("a blank Retry-After is treated as absent", "[retry_after]") {
  auto const value = GENERATE(as<std::string>(), "", " ", "\t");
  auto const e = failure_of({.status = 503, .headers = {{"Retry-After", value}}});
  CHECK(e.effect == effect::unknown);
  CHECK(!e.retry_after);
  CHECK(e != fictive::condition::throttled);
}

TEST_CASE("Retry-After does not change the effect of another 5xx", "[retry_after][outcomes]") {
  auto const status = GENERATE(500, 501, 502, 504, 599);
  auto const e = failure_of({.status = status, .headers = {{"Retry-After", "7"}}});
  CHECK(e.effect == effect::unknown);
  CHECK(e.retry_after == 7s);
}

TEST_CASE("Retry-After in seconds is read, rounded up, and saturates", "[retry_after]") {
  auto const [value, expected] = GENERATE(table<std::string, std::chrono::seconds>({
      {"0", 0s},
      {"7", 7s},
      {" 7\t", 7s},
      {"00120", 120s},
      {"2147483647", 2147483647s},
      {"2147483648", 2147483647s},
      {"18446744073709551623", 2147483647s},
      {"999999999999999999999999999999", 2147483647s},
      {"999999999999999999999999999999.5 s", 2147483647s},
      {"2147483647.5", 2147483647s},
      {"2.5", 3s},
      {"2.0", 2s},
      {"2.", 2s},
      {".5", 1s},
      {"0.0000000000000000000000001", 1s},
      {"3s", 3s},
      {"3 S", 3s},
      {"3 sec", 3s},
      {"2.5 seconds", 3s},
      {"3, 3", 3s},
      {"3,7 ,5", 7s},
  }));
  auto const status = GENERATE(429, 503);
  CHECK(failure_of({.status = status, .headers = {{"retry-AFTER", value}}}).retry_after == expected);
}

TEST_CASE("Retry-After as a date is relative to the response's own date", "[retry_after][http_date]") {
  auto const [retry_after, date, expected] = GENERATE(table<std::string, std::string, std::chrono::seconds>({
      {"Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:30 GMT", 7s},
      {"Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:30 GMT", 7s},
      {"Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:30 GMT", 7s},
      {"Wed Nov 16 08:49:37 1994", "Wed, 16 Nov 1994 08:49:30 GMT", 7s},
      {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:30 GMT", 7s},
      {"Sun, 06 Nov 1994 08:49:37 GMT", "Sun Nov  6 08:49:30 1994", 7s},
      {" Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:30 GMT ", 7s},
      {"Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", 0s},
      {"Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:38 GMT", 0s},
      {"Sun, 06 Nov 1994 08:49:37 GMT", "Mon, 06 Nov 2017 08:49:37 GMT", 0s},
      {"Thu, 29 Feb 2024 00:00:01 GMT", "Wed, 28 Feb 2024 23:59:59 GMT", 2s},
      {"Sat, 01 Jan 2000 00:00:00 GMT", "Fri, 31 Dec 1999 23:59:59 GMT", 1s},
      {"Saturday, 01-Jan-00 00:00:00 GMT", "Friday, 31-Dec-99 23:59:59 GMT", 1s},
      {"Sat, 31 Dec 2016 23:59:60 GMT", "Sat, 31 Dec 2016 23:59:59 GMT", 1s},
      {"Fri, 31 Dec 9999 23:59:59 GMT", "Sun, 06 Nov 1994 08:49:30 GMT", 2147483647s},
  }));
  auto const e = failure_of({.status = 429, .headers = {{"Retry-After", retry_after}, {"Date", date}}});
  CHECK(e.retry_after == expected);
}

TEST_CASE("Retry-After may be in any month", "[retry_after][http_date]") {
  auto const [month, days] = GENERATE(table<std::string, int>({{"Feb", 31},
                                                               {"Mar", 59},
                                                               {"Apr", 90},
                                                               {"May", 120},
                                                               {"Jun", 151},
                                                               {"Jul", 181},
                                                               {"Aug", 212},
                                                               {"Sep", 243},
                                                               {"Oct", 273},
                                                               {"Nov", 304},
                                                               {"Dec", 334}}));
  auto const e = failure_of({.status = 429,
                             .headers = {{"Retry-After", "Sun, 01 " + month + " 2017 00:00:00 GMT"},
                                         {"Date", "Sun, 01 Jan 2017 00:00:00 GMT"}}});
  CHECK(e.retry_after == std::chrono::days(days));
}

TEST_CASE("a Retry-After date without a valid Date header is a delay of a second", "[retry_after][http_date]") {
  auto const headers = GENERATE(values<http_headers>({
      {{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"}},
      {{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"Date", "yesterday"}},
      {{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"Date", ""}},
  }));
  auto const e = failure_of({.status = 503, .headers = headers});
  CHECK(e.effect == effect::none);
  CHECK(e.retry_after == 1s);
}

namespace {

/// Without a clock of its own, as a transport over real connections.
struct transport_without_clock {
  fictive::http_response response;

  fictive::result<fictive::http_response> operator()(fictive::http_request const&) const { return response; }

  template <class Handler>
  void async_send(fictive::http_request const&, fictive::stop_token, Handler handler) const {
    std::move(handler)(fictive::result<fictive::http_response>(response));
  }

  template <class Handler>
  void async_wait(std::chrono::nanoseconds, fictive::stop_token, Handler) const {
    FAIL("an hour is too long to wait");
  }
};

}  // namespace

TEST_CASE("a Retry-After date of a response whose body is lost counts from the Date header",
          "[retry_after][transport]") {
  auto const e = fictive::transport_error(
      std::make_error_code(std::errc::connection_reset),
      {.status = 429,
       .headers = {{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"Date", "Sun, 06 Nov 1994 08:49:30 GMT"}}});
  CHECK(e.retry_after == 7s);
}

TEST_CASE("a Retry-After date without a Date header counts from the time of receipt", "[retry_after][client]") {
  auto const in_an_hour = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + 1h;
  auto const number = GENERATE(429, 503);
  transport_without_clock const transport{
      {.status = number, .headers = {{"Retry-After", fictive::detail::format_http_date(in_an_hour)}}}};
  std::optional<std::chrono::seconds> delay;
  SECTION("in a client") {
    fictive::client client{transport, {}};
    delay = client.invite(invite_everybody).error().retry_after;
  }
  SECTION("in an asynchronous client") {
    fictive::async_client client{transport, {}};
    client.async_invite(invite_everybody,
                        [&](fictive::result<fictive::invite_response> reply) { delay = reply.error().retry_after; });
  }
  SECTION("of a response whose body is lost") {
    delay = fictive::transport_error(std::make_error_code(std::errc::connection_reset), transport.response).retry_after;
  }
  REQUIRE(delay);
  CHECK(*delay > 50min);
  CHECK(*delay <= 1h);
}

}  // namespace detail_retry_after_tests
