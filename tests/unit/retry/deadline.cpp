#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
#include "support/scenario.hpp"

#include <chrono>
#include <cstddef>

namespace retry_deadline_tests {

using fictive::effect;
using fictive::errc;
using fictive::http_request;
using namespace tests;
using namespace std::chrono_literals;

TEST_CASE("an attempt is limited by the deadline as well as by its limits", "[retry][deadline]") {
  scenario s;
  s.config.retry.deadline = 30s;
  s.network.fail(refused, 5s);
  s.network.fail(refused, 19s);
  s.network.answer(empty_success, 1min);
  auto const e = s.fail();
  REQUIRE(s.sent() == 3);
  CHECK(s.sent_at() == times{0s, 5250ms, 24750ms});
  CHECK(s.request(0).limits.total_timeout == 30s);
  CHECK(s.request(0).limits.connect_timeout == 10s);
  CHECK(s.request(1).limits.total_timeout == 24750ms);
  CHECK(s.request(1).limits.connect_timeout == 10s);
  CHECK(s.request(2).limits.total_timeout == 5250ms);
  CHECK(s.request(2).limits.connect_timeout == 5250ms);
  CHECK(e.code == errc::timed_out);
  CHECK(e.effect == effect::unknown);
  CHECK(e.attempts == 3);
  CHECK(s.ended == 30s);
}

TEST_CASE("a distant deadline leaves the limits of an attempt unchanged", "[retry][deadline]") {
  scenario s;
  s.config.limits = {.connect_timeout = 3s, .total_timeout = 4s};
  s.network.fail(refused);
  s.network.answer(empty_success);
  REQUIRE(s.invite());
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(s.request(i).limits.connect_timeout == 3s);
    CHECK(s.request(i).limits.total_timeout == 4s);
  }
}

TEST_CASE("a delay that would not end before the deadline is not begun", "[retry][deadline]") {
  scenario s;
  s.config.retry.deadline = 1s;
  auto const first = GENERATE(749ms, 750ms, 751ms);
  s.network.fail(refused, first);
  s.network.fail(lost);
  auto const e = s.fail();
  if (first < 750ms) {
    CHECK(e.attempts == 2);
    CHECK(s.ended == 999ms);
    CHECK(s.request(1).limits.total_timeout == 1ms);
  } else {
    CHECK(e.attempts == 1);
    CHECK(e.code == errc::transport_failure);
    CHECK(e.effect == effect::none);
    CHECK(s.ended == first);
  }
}

TEST_CASE("the limit of an attempt is rounded up to a millisecond before the deadline", "[retry][deadline]") {
  scenario s;
  s.config.retry.deadline = 1s;
  s.network.fail(refused, 749ms + 999us);
  s.network.fail(lost);
  CHECK(s.fail().attempts == 2);
  CHECK(s.request(1).limits.total_timeout == 1ms);
}

TEST_CASE("a deadline that is not positive fails the call before it sends", "[retry][deadline]") {
  scenario s;
  s.config.retry.deadline = GENERATE(0ms, -1ms, std::chrono::milliseconds((std::chrono::milliseconds::min)()));
  s.network.set_default([](http_request const&) { return empty_success; });
  auto const e = s.fail();
  CHECK(e.code == errc::timed_out);
  CHECK(e.effect == effect::none);
  CHECK(e.attempts == 0);
  CHECK(!e.message.empty());
  CHECK(s.sent() == 0);
  CHECK(s.ended == 0s);
}

TEST_CASE("a deadline near the limit of its type has no effect", "[retry][deadline]") {
  scenario s;
  s.config.retry.deadline = GENERATE(as<std::chrono::milliseconds>(), unlimited, unlimited - 1ms, unlimited / 1'000'000,
                                     unlimited / 1'000'000 + 1ms);
  s.network.fail(refused, 5s);
  s.network.fail(refused, 5s);
  s.network.answer(empty_success);
  CHECK(s.invite());
  REQUIRE(s.sent() == 3);
  CHECK(s.sent_at() == times{0s, 5250ms, 10750ms});
  CHECK(s.request(2).limits.total_timeout == 60s);
  s.check_limits();
}

TEST_CASE("limits near the limit of their type are cut by the deadline", "[retry][deadline]") {
  scenario s;
  s.config.limits = {.connect_timeout = unlimited, .total_timeout = unlimited};
  s.network.fail(refused);
  s.network.answer(empty_success);
  CHECK(s.invite());
  CHECK(s.request(0).limits.total_timeout == 2min);
  CHECK(s.request(1).limits.connect_timeout == 2min - 250ms);
}

TEST_CASE("limits and deadline near the limit of their type do not overflow", "[retry][deadline]") {
  scenario s;
  s.config.retry.deadline = unlimited;
  s.config.limits = {.connect_timeout = unlimited, .total_timeout = unlimited};
  s.network.fail(refused);
  s.network.answer(empty_success);
  CHECK(s.invite());
  CHECK(s.sent() == 2);
  s.check_limits();
}

}  // namespace retry_deadline_tests
