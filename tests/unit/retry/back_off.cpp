#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
#include "support/scenario.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <utility>
#include <vector>

namespace retry_back_off_tests {

using fictive::http_request;
using namespace tests;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds longest_waits[] = {500ms, 1s, 2s, 4s, 8s, 16s, 20s, 20s, 20s};

/// Fails as long as all of these are waited for.
void fail_for_long(scenario& s) {
  s.config.retry.max_attempts = 10;
  s.config.retry.deadline = 10min;
  s.network.set_default([](http_request const&) { return refused; });
}

}  // namespace

TEST_CASE("the first attempt is not delayed", "[retry][back_off]") {
  scenario s;
  s.config.retry.jitter = always(0.999);
  s.config.retry.base_delay = 10s;
  s.network.answer(empty_success);
  REQUIRE(s.invite());
  CHECK(s.sent_at() == times{0s});
}

TEST_CASE("a jitter of zero means no delay", "[retry][back_off]") {
  scenario s;
  s.config.retry.jitter = always(0);
  fail_for_long(s);
  CHECK(s.fail().attempts == 10);
  CHECK(s.waits() == times(9, 0ns));
}

TEST_CASE("the delay is a random part of the longest back-off, which doubles up to the cap", "[retry][back_off]") {
  scenario s;
  fail_for_long(s);
  CHECK(s.fail().attempts == 10);
  CHECK(s.waits() == times{250ms, 500ms, 1s, 2s, 4s, 8s, 10s, 10s, 10s});
}

TEST_CASE("the delay is less than the longest back-off", "[retry][back_off]") {
  scenario s;
  s.config.retry.jitter = always(std::nextafter(1.0, 0.0));
  fail_for_long(s);
  CHECK(s.fail().attempts == 10);
  auto const waits = s.waits();
  REQUIRE(waits.size() == std::size(longest_waits));
  for (std::size_t i = 0; i < waits.size(); ++i) {
    CHECK(waits[i] < longest_waits[i]);
    CHECK(waits[i] > longest_waits[i] - 1us);
  }
}

TEST_CASE("jitter is called before each delay", "[retry][back_off]") {
  scenario s;
  s.config.retry.jitter = [next = 0.0]() mutable { return std::exchange(next, next + 0.25); };
  s.config.retry.max_attempts = 4;
  s.network.set_default([](http_request const&) { return refused; });
  CHECK(s.fail().attempts == 4);
  CHECK(s.waits() == times{0ms, 250ms, 1000ms});
}

TEST_CASE("without a jitter function the delays are random, and below the longest back-off", "[retry][back_off]") {
  scenario s;
  s.config.retry.jitter = nullptr;
  s.config.retry.budget = nullptr;
  std::vector<double> fractions;
  for (int call = 0; call < 100; ++call) {
    auto const already = s.sent();
    fail_for_long(s);
    REQUIRE(s.fail().attempts == 10);
    auto const waits = s.waits();
    for (std::size_t i = 0; i < std::size(longest_waits); ++i) {
      auto const wait = waits[already + i];
      REQUIRE(wait >= 0ms);
      REQUIRE(wait < longest_waits[i]);
      fractions.push_back(std::chrono::duration<double>(wait) / std::chrono::duration<double>(longest_waits[i]));
    }
  }
  std::sort(fractions.begin(), fractions.end());
  CHECK(std::unique(fractions.begin(), fractions.end()) - fractions.begin() > 890);
  CHECK(fractions.size() == 900);
  CHECK(fractions[90] < 0.2);
  CHECK(fractions[450] > 0.4);
  CHECK(fractions[450] < 0.6);
  CHECK(fractions[810] > 0.8);
}

TEST_CASE("base_delay and max_delay determine the delays", "[retry][back_off]") {
  scenario s;
  s.config.retry.base_delay = 100ms;
  s.config.retry.max_delay = 300ms;
  s.config.retry.max_attempts = 5;
  s.network.set_default([](http_request const&) { return refused; });
  CHECK(s.fail().attempts == 5);
  CHECK(s.waits() == times{50ms, 100ms, 150ms, 150ms});
}

TEST_CASE("a cap below the base delay applies from the first delay on", "[retry][back_off]") {
  scenario s;
  s.config.retry.max_delay = 100ms;
  s.network.set_default([](http_request const&) { return refused; });
  CHECK(s.fail().attempts == 3);
  CHECK(s.waits() == times{50ms, 50ms});
}

TEST_CASE("a base_delay or max_delay that is not positive means no delay", "[retry][back_off]") {
  scenario s;
  auto const delay = GENERATE(0ms, -1ms, std::chrono::milliseconds(std::chrono::milliseconds::min()));
  SECTION("the first one") {
    s.config.retry.base_delay = delay;
  }
  SECTION("the longest one") {
    s.config.retry.max_delay = delay;
  }
  s.network.set_default([](http_request const&) { return refused; });
  CHECK(s.fail().attempts == 3);
  CHECK(s.waits() == times{0ms, 0ms});
}

TEST_CASE("delays near the limit of their type exceed the deadline", "[retry][back_off]") {
  scenario s;
  s.config.retry.base_delay = s.config.retry.max_delay = unlimited;
  s.network.set_default([](http_request const&) { return refused; });
  CHECK(s.fail().attempts == 1);
  CHECK(s.ended == 0s);
}

TEST_CASE("delays near the limit of their type do not overflow", "[retry][back_off]") {
  scenario s;
  s.config.retry.base_delay = s.config.retry.max_delay = unlimited;
  s.config.retry.deadline = unlimited;
  s.network.set_default([](http_request const&) { return refused; });
  (void)s.fail();
  for (auto const wait : s.waits()) CHECK(wait > 24h * 100);
}

TEST_CASE("the back-off stays below the cap after many attempts", "[retry][back_off]") {
  scenario s;
  s.config.retry.budget = nullptr;
  s.config.retry.max_attempts = 3000;
  s.config.retry.deadline = unlimited;
  s.config.retry.max_delay = 1h;
  s.network.set_default([](http_request const&) { return refused; });
  REQUIRE(s.fail().attempts == 3000);
  CHECK(s.waits().back() == 30min);
}

}  // namespace retry_back_off_tests
