#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
#include "support/scenario.hpp"
#include "support/text.hpp"

#include <chrono>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace retry_after_tests {

using fictive::effect;
using namespace tests;
using namespace std::chrono_literals;

namespace {

struct retry_after_case {
  std::string value;
  std::optional<std::chrono::seconds> delay;  // nothing if the value is as if it were not there
};

}  // namespace

TEST_CASE("Retry-After is honoured, in seconds or as a date relative to the response's own", "[retry][retry_after]") {
  scenario s;
  auto const number = GENERATE(429, 503);
  auto const c = GENERATE(values<retry_after_case>({
      {"0", 0s},
      {"7", 7s},
      {" 7 ", 7s},
      {"6.5", 7s},
      {"7s", 7s},
      {"7, 7", 7s},
      {"119", 119s},
      {"Sun, 06 Nov 1994 08:49:07 GMT", 0s},
      {"Sun, 06 Nov 1994 07:49:37 GMT", 0s},
      {"Sun, 06 Nov 1994 08:49:46 GMT", 9s},
      {"Sunday, 06-Nov-94 08:50:37 GMT", 60s},
      {"Sun Nov  6 08:50:47 1994", 70s},
  }));
  CAPTURE(number, c.value);
  s.config.retry.jitter = always(0);
  s.network.answer(throttled(number, c.value));
  s.network.answer(empty_success);
  REQUIRE(s.invite());
  CHECK(s.sent_at() == times{0s, *c.delay});
}

TEST_CASE("a Retry-After that cannot be read is a delay of at least a second", "[retry][retry_after]") {
  scenario s;
  auto const value = GENERATE(as<std::string>(), "-1", "abc", "+7", "0x7", "Sun, 99 Nov 1994");
  CAPTURE(value);
  SECTION("on 429, which is retried") {
    s.network.answer(throttled(429, value));
    s.network.answer(empty_success);
    REQUIRE(s.invite());
    CHECK(s.sent_at() == times{0s, 1s + 250ms});
  }
  SECTION("on 503, which may have had an effect") {
    s.network.answer(throttled(503, value));
    auto const e = s.fail();
    CHECK(e.effect == effect::unknown);
    CHECK(e.attempts == 1);
    CHECK(e == fictive::condition::throttled);
  }
  SECTION("on 503, with retry_unknown_effect") {
    s.config.retry.retry_unknown_effect = true;
    s.network.answer(throttled(503, value));
    s.network.answer(empty_success);
    REQUIRE(s.invite());
    CHECK(s.sent_at() == times{0s, 1s + 250ms});
  }
}

TEST_CASE("a Retry-After date without a Date header is a delay of at least a second", "[retry][retry_after]") {
  fictive::invite_call call({.retry = {.jitter = always(0)}}, invite_jamie, {});
  call.responded(status_with(429, "Retry-After", "Sun, 06 Nov 1994 08:49:46 GMT"), {});
  CHECK(call.next() == fictive::call_step::wait);
  CHECK(call.wait_until().time_since_epoch() == 1s);
}

TEST_CASE("a Retry-After above the maximum ends the call with its value", "[retry][retry_after]") {
  scenario s;
  auto const number = GENERATE(429, 503);
  s.config.retry.deadline = 10min;
  s.config.retry.jitter = always(0);
  SECTION("120 seconds are not") {
    s.network.answer(throttled(number, "120"));
    s.network.answer(empty_success);
    CHECK(s.invite());
    CHECK(s.sent_at() == times{0s, 120s});
  }
  SECTION("121 are") {
    s.network.answer(throttled(number, "121"));
    auto const e = s.fail();
    CHECK(e.retry_after == 121s);
    CHECK(e.status == number);
    CHECK(e.attempts == 1);
    CHECK(e.effect == effect::none);
    CHECK(s.ended == 0s);
  }
  SECTION("a date may be") {
    s.network.answer(throttled(number, "Sun, 06 Nov 1994 09:49:37 GMT"));
    CHECK(s.fail().retry_after == 1h);
  }
  SECTION("thirty digits are, and saturate") {
    s.network.answer(throttled(number, std::string(30, '9')));
    CHECK(s.fail().retry_after == std::chrono::seconds(0x7FFFFFFF));
  }
  SECTION("the policy says what is too long") {
    s.config.retry.max_retry_after = 6s;
    s.network.answer(throttled(number, "7"));
    CHECK(s.fail().retry_after == 7s);
  }
  CHECK(s.sent() == (s.now() == 120s ? 2 : 1));
}

TEST_CASE("a Retry-After past the deadline ends the call with its value", "[retry][retry_after][deadline]") {
  scenario s;
  s.config.retry.deadline = 10s;
  s.config.retry.jitter = always(0);
  s.config.retry.max_attempts = 2;
  auto const value = GENERATE(9, 10, 11);
  s.network.answer(throttled(429, std::to_string(value)));
  s.network.answer(throttled(429, "0"));
  auto const e = s.fail();
  CHECK(e.attempts == (value < 10 ? 2 : 1));
  CHECK(e.retry_after == std::chrono::seconds(value < 10 ? 0 : value));
  CHECK(s.ended == (value < 10 ? 9s : 0s));
}

TEST_CASE("a Retry-After of the maximum that ends the call does so for the deadline",
          "[retry][retry_after][deadline]") {
  scenario s;
  s.config.retry.deadline = s.config.retry.max_retry_after = 10s;
  s.network.answer(throttled(429, "10"));
  CHECK(contains(s.fail().message, "would begin after the deadline"));
}

TEST_CASE("without a deadline, the longest Retry-After is honoured", "[retry][retry_after][deadline]") {
  scenario s;
  s.config.retry.deadline = unlimited;
  s.config.retry.jitter = always(0);
  s.config.retry.max_retry_after = (std::chrono::seconds::max)();
  s.network.answer(throttled(429, std::string(30, '9')));
  s.network.answer(empty_success);
  REQUIRE(s.invite());
  CHECK(s.sent_at() == times{0s, std::chrono::seconds(0x7FFFFFFF)});
}

TEST_CASE("Retry-After is a floor to which the back-off is added", "[retry][retry_after][back_off]") {
  scenario s;
  s.config.retry.max_attempts = 4;
  s.network.answer(throttled(429, "7"));
  s.network.answer(throttled(503, "Sun, 06 Nov 1994 08:49:46 GMT"));
  s.network.answer(throttled(429, "0"));
  s.network.answer(empty_success);
  REQUIRE(s.invite());
  CHECK(s.waits() == times{7s + 250ms, 9s + 500ms, 1s});
}

TEST_CASE("a thousand calls with the same Retry-After are spread out, and none is early",
          "[retry][retry_after][back_off]") {
  auto const* value = GENERATE("2", "Sun, 06 Nov 1994 08:49:39 GMT");
  auto const random = [state = std::make_shared<std::mt19937>(1u)] {
    return std::uniform_real_distribution<double>()(*state);
  };
  std::vector<unsigned> calls_in_slice(10);
  std::set<std::chrono::nanoseconds> distinct;
  for (int i = 0; i < 1000; ++i) {
    fictive::testing::scripted_transport network;
    network.answer(throttled(429, value));
    network.answer(empty_success);
    fictive::client client{network, {.retry = {.jitter = random}}};
    REQUIRE(client.invite(invite_jamie));
    auto const wait = network.now().time_since_epoch();
    REQUIRE(wait >= 2s);
    REQUIRE(wait < 2500ms);
    ++calls_in_slice[static_cast<std::size_t>((wait - 2s) / 50ms)];
    distinct.insert(wait);
  }
  CHECK(distinct.size() > 990);
  for (auto const calls : calls_in_slice) {
    CHECK(calls >= 70);
    CHECK(calls <= 130);
  }
}

TEST_CASE("jitter out of range neither shortens Retry-After nor exceeds the back-off",
          "[retry][retry_after][back_off]") {
  scenario s;
  auto const value = GENERATE(-1.0, 2.0, std::numeric_limits<double>::quiet_NaN());
  s.config.retry.jitter = always(value);
  s.network.answer(throttled(429, "7"));
  s.network.answer(empty_success);
  REQUIRE(s.invite());
  CHECK(s.waits() == times{value > 1 ? 7s + 500ms : 7s});
}

TEST_CASE("the back-off after Retry-After takes at most half of the time that is left",
          "[retry][retry_after][deadline]") {
  scenario s;
  s.config.retry.jitter = always(std::nextafter(1.0, 0.0));
  s.config.retry.deadline = 10s;
  s.config.retry.base_delay = 20s;
  auto const value = GENERATE(0s, 6s, 9s);
  s.network.answer(throttled(429, std::to_string(value.count())));
  s.network.answer(empty_success);
  REQUIRE(s.invite());
  REQUIRE(s.sent() == 2);
  auto const half = (10s - value) / 2.0;
  CHECK(s.waits()[0] > value + half * 0.999);
  CHECK(s.waits()[0] <= value + half);
  CHECK(s.request(1).limits.total_timeout >= half);
}

TEST_CASE("a transport's own Retry-After may be any number", "[retry][retry_after]") {
  scenario s;
  s.config.retry.deadline = unlimited;
  s.config.retry.max_retry_after = (std::chrono::seconds::max)();
  auto throttled_by_transport = failure(std::errc::resource_unavailable_try_again, effect::none);
  SECTION("below zero is none") {
    throttled_by_transport.retry_after = (std::chrono::seconds::min)();
    s.network.fail(throttled_by_transport);
    s.network.answer(empty_success);
    REQUIRE(s.invite());
    CHECK(s.waits() == times{250ms});
  }
  SECTION("past the deadline ends the call") {
    throttled_by_transport.retry_after = (std::chrono::seconds::max)();
    s.network.fail(throttled_by_transport);
    CHECK(s.fail().attempts == 1);
  }
}

TEST_CASE("the last error holds the Retry-After of its own response", "[retry][retry_after]") {
  scenario s;
  SECTION("if it has one") {
    for (auto const* value : {"1", "2", "3"}) s.network.answer(throttled(503, value));
    CHECK(s.fail().retry_after == 3s);
  }
  SECTION("and none of an earlier one") {
    s.network.answer(throttled(503, "1"));
    s.network.fail(lost);
    CHECK(!s.fail().retry_after);
  }
}

}  // namespace retry_after_tests
