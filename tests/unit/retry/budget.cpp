#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
#include "support/scenario.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <climits>
#include <memory>
#include <thread>
#include <vector>

namespace retry_budget_tests {

using fictive::effect;
using fictive::errc;
using fictive::http_request;
using fictive::retry_budget;
using fictive::retry_policy;
using namespace tests;
using namespace std::chrono_literals;

TEST_CASE("a budget is limited by its capacity", "[retry][budget]") {
  retry_budget budget(20);
  CHECK(budget.tokens() == 20);
  budget.release(1);
  CHECK(budget.tokens() == 20);
  CHECK(budget.try_acquire(15));
  CHECK(!budget.try_acquire(6));
  CHECK(budget.tokens() == 5);
  CHECK(budget.try_acquire(5));
  CHECK(!budget.try_acquire(1));
  CHECK(budget.try_acquire(0));
  CHECK(budget.tokens() == 0);
  budget.release(7);
  CHECK(budget.tokens() == 7);
  budget.release(UINT_MAX);
  CHECK(budget.tokens() == 20);
}

TEST_CASE("a policy has 500 tokens, and shares them with its copies only", "[retry][budget]") {
  retry_policy const policy, other;
  auto const copy = policy;
  REQUIRE(policy.budget);
  CHECK(policy.budget->tokens() == 500);
  CHECK(copy.budget == policy.budget);
  CHECK(other.budget != policy.budget);
}

TEST_CASE("a retry costs 5 tokens, one after a timeout 10", "[retry][budget]") {
  scenario s;
  SECTION("a refused connection") {
    s.network.set_default([](http_request const&) { return refused; });
    CHECK(s.fail().attempts == 3);
    CHECK(s.config.retry.budget->tokens() == 490);
  }
  SECTION("a status") {
    s.network.set_default([](http_request const&) { return status(429); });
    CHECK(s.fail().attempts == 3);
    CHECK(s.config.retry.budget->tokens() == 490);
  }
  SECTION("a timeout") {
    s.network.set_default([](http_request const&) { return failure(std::errc::timed_out, effect::none); });
    CHECK(s.fail().attempts == 3);
    CHECK(s.config.retry.budget->tokens() == 480);
  }
  SECTION("what is not retried takes none") {
    s.network.fail(lost);
    CHECK(s.fail().attempts == 1);
    CHECK(s.config.retry.budget->tokens() == 500);
  }
  SECTION("a wait that is not begun takes none") {
    s.config.retry.deadline = 100ms;
    s.network.fail(refused);
    CHECK(s.fail().attempts == 1);
    CHECK(s.config.retry.budget->tokens() == 500);
  }
}

TEST_CASE("with an exhausted budget, failures are returned at once", "[retry][budget]") {
  scenario s;
  auto const [tokens, attempts] = GENERATE(table<unsigned, unsigned>({{0, 1}, {4, 1}, {5, 2}, {9, 2}, {10, 3}}));
  s.config.retry.budget = std::make_shared<retry_budget>(tokens);
  s.network.set_default([](http_request const&) { return refused; });
  auto const e = s.fail();
  CHECK(e.code == errc::transport_failure);
  CHECK(e.effect == effect::none);
  CHECK(e.attempts == attempts);
  CHECK(s.config.retry.budget->tokens() == tokens - 5 * (attempts - 1));
  CHECK(s.fail().attempts == (attempts == 1 || tokens < 5 * attempts ? 1 : 2));
}

TEST_CASE("an exhausted budget does not prevent a first attempt", "[retry][budget]") {
  scenario s;
  s.config.retry.budget = std::make_shared<retry_budget>(0);
  s.network.answer(empty_success);
  CHECK(s.invite());
}

TEST_CASE("successes refill the budget", "[retry][budget]") {
  scenario s;
  SECTION("by one each") {
    REQUIRE(s.config.retry.budget->try_acquire(500));
    s.network.set_default([](http_request const&) { return empty_success; });
    for (int i = 0; i < 5; ++i) CHECK(s.invite());
    CHECK(s.config.retry.budget->tokens() == 5);
    s.network.fail(refused);
    CHECK(s.invite());
  }
  SECTION("and by what their own retries took") {
    REQUIRE(s.config.retry.budget->try_acquire(100));
    s.network.fail(refused);
    s.network.fail(failure(std::errc::timed_out, effect::none));
    s.network.answer(empty_success);
    CHECK(s.invite());
    CHECK(s.config.retry.budget->tokens() == 401);
  }
  SECTION("failures do not") {
    REQUIRE(s.config.retry.budget->try_acquire(100));
    s.network.fail(refused);
    s.network.answer(status(404));
    CHECK(s.fail().attempts == 2);
    CHECK(s.config.retry.budget->tokens() == 395);
  }
}

TEST_CASE("without a budget, retries are limited by max_attempts only", "[retry][budget]") {
  scenario s;
  s.config.retry.budget = nullptr;
  s.config.retry.max_attempts = 200;
  s.config.retry.jitter = always(0);
  SECTION("that fail") {
    s.network.set_default([](http_request const&) { return refused; });
    CHECK(s.fail().attempts == 200);
  }
  SECTION("that work in the end") {
    for (int i = 0; i < 199; ++i) s.network.fail(refused);
    s.network.answer(empty_success);
    CHECK(s.invite());
  }
}

TEST_CASE("copies of a blocking client share the budget, two clients do not", "[retry][budget]") {
  fictive::testing::scripted_transport network;
  network.set_default([](http_request const&) { return refused; });
  auto const attempts_of = [](auto& client) { return client.invite(invite_jamie).error().attempts; };

  fictive::client client{network, {.retry = {.deadline = 1h, .jitter = always(0)}}};
  auto copy = client;
  for (int i = 0; i < 25; ++i) {
    CHECK(attempts_of(client) == 3);
    CHECK(attempts_of(copy) == 3);
  }
  CHECK(attempts_of(client) == 1);
  CHECK(attempts_of(copy) == 1);
  fictive::client other{network, {.retry = {.deadline = 1h, .jitter = always(0)}}};
  CHECK(attempts_of(other) == 3);
}

namespace {

/// Does this on four threads that start together.
template <class Work>
void on_many_threads(Work work) {
  std::atomic<unsigned> waiting = 4;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      --waiting;
      while (waiting != 0) std::this_thread::yield();
      work(i);
    });
  for (auto& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("a budget that many threads use neither loses nor gains tokens", "[retry][budget][threads]") {
  constexpr unsigned capacity = 64;
  retry_budget budget(capacity);
  std::vector<unsigned> most(4);
  on_many_threads([&](unsigned thread) {
    for (unsigned i = 0; i < 200'000; ++i) {
      unsigned const cost = 1 + i % 20;
      if (budget.try_acquire(cost)) budget.release(cost);
      most[thread] = (std::max)(most[thread], budget.tokens());
    }
  });
  CHECK(budget.tokens() == capacity);
  for (auto const highest : most) CHECK(highest <= capacity);
}

TEST_CASE("a budget that many threads empty grants its capacity", "[retry][budget][threads]") {
  constexpr unsigned capacity = 5'000'000;
  retry_budget budget(capacity);
  std::vector<unsigned> taken(4);
  on_many_threads([&](unsigned thread) {
    while (budget.try_acquire(5)) taken[thread] += 5;
  });
  CHECK(taken[0] + taken[1] + taken[2] + taken[3] == capacity);
  CHECK(budget.tokens() == 0);
}

TEST_CASE("a budget that many threads refill receives every token", "[retry][budget][threads]") {
  retry_budget budget(2'000'000);
  REQUIRE(budget.try_acquire(2'000'000));
  on_many_threads([&](unsigned) {
    for (int i = 0; i < 400'000; ++i) budget.release(1);
  });
  CHECK(budget.tokens() == 1'600'000);
}

}  // namespace retry_budget_tests
