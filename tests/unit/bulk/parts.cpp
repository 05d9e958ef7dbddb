#include <fictive/fictive.hpp>
#include <fictive/invite_all.hpp>

#include "support/bulk_world.hpp"
#include "support/catch.hpp"

#if __has_include(<fictive/detail/bulk/pacing.hpp>)

#include <fictive/detail/bulk/batch.hpp>
#include <fictive/detail/bulk/circuit_breaker.hpp>
#include <fictive/detail/bulk/concurrency.hpp>
#include <fictive/detail/bulk/duplicates.hpp>
#include <fictive/detail/bulk/match_response.hpp>
#include <fictive/detail/bulk/pacing.hpp>
#include <fictive/detail/bulk/recent_rate.hpp>
#include <fictive/detail/bulk/recovery.hpp>
#include <fictive/detail/text/siphash.hpp>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

// The parts of the machine of bulk runs, each alone.

namespace bulk_parts_test {

namespace {

using namespace std::chrono_literals;
using bulk_world::start;
using fictive::bulk_verdict;
namespace detail = fictive::detail;

bool is_near(double a, double b) {
  return std::abs(a - b) < 1e-6 * std::abs(b);
}

std::string hex(detail::hash128 const& hash) {
  std::string text;
  for (auto const word : hash)
    for (unsigned i = 0; i < 8; ++i)
      for (unsigned const shift : {4u, 0u}) text += "0123456789abcdef"[(word >> (8 * i + shift)) & 15];
  return text;
}

TEST_CASE("SipHash-128 is that of its reference", "[bulk][siphash]") {
  detail::hash128 const key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  std::string text;
  auto const hash_of = [&](std::size_t size) {
    text.clear();
    for (std::size_t i = 0; i < size; ++i) text.push_back(static_cast<char>(i));
    return hex(detail::siphash128(key, text));
  };
  CHECK(hash_of(0) == "a3817f04ba25a8e66df67214c7550293");
  CHECK(hash_of(1) == "da87c1d86b99af44347659119b22fc45");
  CHECK(hash_of(8) == "3b62a9ba6258f5610f83e264f31497b4");
  CHECK(hash_of(15) == "5493e99933b0a8117e08ec0f97cfc3d9");
  CHECK(hash_of(63) == "5150d1772f50834a503e069a973fbd7c");
}

TEST_CASE("the set of duplicates takes at most 20 bytes for each address", "[bulk][duplicates][long]") {
  detail::duplicate_set set({1, 2}, fictive::duplicate_detection::same_domain);
  for (std::size_t i = 0; i < 200'000; ++i) REQUIRE(!set.insert(bulk_world::address(i)));
  CHECK(set.bytes() <= 20 * 200'000);
  for (std::size_t i = 0; i < 200'000; i += 17) REQUIRE(set.contains(bulk_world::address(i)));
  CHECK(set.insert("person5@EXAMPLE.com"));
  CHECK(!set.insert("Person5@example.com"));
  CHECK(set.size() == 200'001);
}

TEST_CASE("an address without a domain is compared exactly", "[bulk][duplicates]") {
  detail::duplicate_set set({1, 2}, fictive::duplicate_detection::same_domain);
  CHECK(!set.contains("a"));
  CHECK(!set.insert("a"));
  CHECK(!set.insert("A"));
  CHECK(set.insert("a"));
}

TEST_CASE("entries of a response answer one address each, in any order", "[bulk][match]") {
  fictive::invite_response response;
  for (auto const* address : {"c@x", "A@x", "a@x", "z@x"})
    response.valid_invitations.push_back({.email_address = address});
  response.invalid_email_addresses = {"d@x", "d@x"};
  auto const matched = detail::match_response({"a@x", "A@X", "b@x", "c@x", "d@x"}, response);
  std::vector<bulk_verdict> verdicts;
  for (auto const& one : matched.answers) verdicts.push_back(one.verdict);
  CHECK(verdicts == std::vector{bulk_verdict::invited, bulk_verdict::invited, bulk_verdict::unaccounted,
                                bulk_verdict::invited, bulk_verdict::refused});
  CHECK(matched.answers[0].entry == 2);  // exactly
  CHECK(matched.answers[1].entry == 1);  // but for case
  CHECK(matched.foreign == 2);
}

TEST_CASE("an entry answers one address only", "[bulk][match]") {
  fictive::invite_response response;
  bool const is_refused = GENERATE(false, true);
  if (is_refused)
    response.invalid_email_addresses = {"a@x", "foreign@x"};
  else
    response.valid_invitations = {{.invitation_reference = "r", .email_address = "a@x"},
                                  {.invitation_reference = "r", .email_address = "foreign@x"}};
  auto const matched = detail::match_response({"a@x", "A@x"}, response);
  CHECK(matched.answers[0].verdict == (is_refused ? bulk_verdict::refused : bulk_verdict::invited));
  CHECK(matched.answers[1].verdict == bulk_verdict::unaccounted);
  CHECK(matched.foreign == 1);
}

TEST_CASE("a batch has ranges of indices, and halves", "[bulk][batch]") {
  detail::bulk_batch batch;
  for (std::uint64_t const index : {3u, 4u, 5u, 9u, 10u}) batch.add(index, "\"@x");
  CHECK(batch.json_bytes == 5 * 7);
  CHECK(batch.ranges() == std::vector<fictive::index_range>{{3, 3}, {9, 2}});
  auto const second = batch.take_second_half();
  CHECK(batch.ranges() == std::vector<fictive::index_range>{{3, 3}});
  CHECK(second.ranges() == std::vector<fictive::index_range>{{9, 2}});
  CHECK(batch.json_bytes == 3 * 7);
}

TEST_CASE("concurrency grows by one a round, and shrinks at most once a round", "[bulk][concurrency]") {
  detail::bulk_concurrency concurrency(2, 8, 5s);
  CHECK(concurrency.limit() == 2);
  for (int i = 0; i < 3; ++i) concurrency.succeeded(start, start + 50ms, 2);
  CHECK(concurrency.limit() == 3);
  for (int i = 0; i < 200; ++i) concurrency.succeeded(start, start + 50ms, 8);
  CHECK(concurrency.limit() == 8);
  for (int i = 0; i < 8; ++i) concurrency.failed(start, start + 1s);  // one round
  CHECK(concurrency.limit() == 7);
  for (int i = 1; i < 50; ++i) concurrency.failed(start + i * 1s, start + i * 1s + 1ms);
  CHECK(concurrency.limit() == 2);
}

TEST_CASE("concurrency does not grow while it is not used, and shrinks if the service is slow", "[bulk][concurrency]") {
  detail::bulk_concurrency concurrency(4, 8, 5s);
  for (int i = 0; i < 100; ++i) concurrency.succeeded(start, start + 50ms, 1);
  CHECK(concurrency.limit() == 4);
  concurrency.succeeded(start, start + 6s, 4);
  CHECK(concurrency.limit() == 3);
}

TEST_CASE("concurrency grows if half of it is used, and the service is just quick enough", "[bulk][concurrency]") {
  detail::bulk_concurrency concurrency(4, 8, 5s);
  concurrency.succeeded(start, start + 5s, 2);
  for (int i = 0; i < 4; ++i) concurrency.succeeded(start, start + 5s, 4);
  CHECK(concurrency.limit() == 5);
}

TEST_CASE("what is sent when the concurrency shrinks is of the next round", "[bulk][concurrency]") {
  detail::bulk_concurrency concurrency(8, 8, 5s);
  concurrency.failed(start, start + 1s);
  concurrency.failed(start + 1s - 1ns, start + 2s);
  CHECK(concurrency.limit() == 7);
  concurrency.failed(start + 1s, start + 2s);
  CHECK(concurrency.limit() == 6);
}

TEST_CASE("pacing is unlimited until the first 429", "[bulk][pacing]") {
  detail::bulk_pacing pacing(0, start);
  for (int i = 0; i < 100; ++i) {
    CHECK(pacing.may_send(start));
    CHECK(!pacing.sent(start));
  }
  CHECK(pacing.rate(start) == 0);
}

TEST_CASE("after a 429, one probe is sent until something is accepted", "[bulk][pacing]") {
  detail::bulk_pacing pacing(0, start);
  (void)pacing.sent(start);
  (void)pacing.sent(start);
  pacing.throttled(start, start + 50ms, 2s, 0.5);
  CHECK(!pacing.may_send(start + 2s));
  auto const again = start + 50ms + 2s;
  CHECK(pacing.next_time() == again);
  CHECK(pacing.may_send(again));
  CHECK(pacing.sent(again));
  CHECK(!pacing.may_send(again + 10s));
  pacing.accepted(start, again);  // one of before does not count
  CHECK(!pacing.may_send(again + 10s));
  pacing.ended(true);
  pacing.accepted(again, again + 50ms);
  CHECK(pacing.may_send(again + 2s));
  CHECK(!pacing.sent(again + 2s));
}

TEST_CASE("pauses without Retry-After double up to 20 s", "[bulk][pacing]") {
  detail::bulk_pacing pacing(0, start);
  auto now = start;
  std::vector<std::chrono::nanoseconds> pauses;
  for (int i = 0; i < 9; ++i) {
    pacing.ended(pacing.sent(now));
    pacing.throttled(now, now, {}, 1);
    pauses.push_back(pacing.paused_until() - now);
    now = pacing.next_time();
  }
  CHECK(pauses.front() == 400ms);
  CHECK(pauses[1] == 800ms);
  CHECK(pauses.back() == 20s);

  pacing.ended(pacing.sent(now));
  pacing.accepted(now, now);
  pacing.throttled(now, now, {}, 1);
  CHECK(pacing.paused_until() - now == 400ms);  // after a request that was accepted, from the begin
}

TEST_CASE("several 429 of one round are one throttle", "[bulk][pacing]") {
  detail::bulk_pacing pacing(0, start);
  for (int i = 0; i < 8; ++i) (void)pacing.sent(start);
  for (int i = 0; i < 8; ++i) pacing.throttled(start, start + 50ms, {}, 1);
  CHECK(pacing.paused_until() == start + 450ms);
}

TEST_CASE("the rate returns to that of the throttle, and exceeds it later", "[bulk][pacing]") {
  detail::bulk_pacing pacing(0, start);
  pacing.resume(100, start);
  CHECK(is_near(pacing.rate(start), 93));
  CHECK(is_near(pacing.rate(start + 15s), 100));
  CHECK(pacing.rate(start + 20s) < 101);
  CHECK(is_near(pacing.rate(start + 30s), 107));
}

TEST_CASE("a learnt rate stays within the given one", "[bulk][pacing]") {
  detail::bulk_pacing pacing(50, start);
  pacing.resume(100, start);
  CHECK(pacing.rate(start) == 50);
  CHECK(pacing.learnt_rate() == 100);
}

TEST_CASE("a request that was sent at the time of a 429 ends the probing", "[bulk][pacing]") {
  detail::bulk_pacing pacing(0, start);
  pacing.throttled(start, start, {}, 1);
  pacing.accepted(start - 1ns, start);
  CHECK(pacing.sent(start + 1s));  // still a probe
  pacing.accepted(start, start + 1s);
  CHECK(!pacing.sent(start + 2s));
}

TEST_CASE("as many requests are prepared as may be sent until a time", "[bulk][pacing]") {
  CHECK(detail::bulk_pacing(0, start).capacity(start, start) == (std::numeric_limits<std::size_t>::max)());
  detail::bulk_pacing pacing(10, start);
  CHECK(pacing.capacity(start, start) == 1);
  (void)pacing.sent(start);
  CHECK(pacing.capacity(start, start + 100ms - 1ns) == 0);
  CHECK(pacing.capacity(start, start + 100ms) == 1);
  CHECK(pacing.capacity(start, start + 350ms) == 3);
}

TEST_CASE("the rate after a 429 is the accepted one, once that is measured", "[bulk][pacing]") {
  auto const learnt = [](double resumed, int accepted, std::chrono::milliseconds after) {
    detail::bulk_pacing pacing(0, start);
    pacing.resume(resumed, start);
    for (int i = 0; i < accepted; ++i) pacing.accepted(start, start + after);
    pacing.throttled(start, start + after, {}, 0);
    return pacing.learnt_rate();
  };
  CHECK(is_near(learnt(0, 30, 1s), 30));
  CHECK(is_near(learnt(100, 20, 1s), 20));
  // Too few answers, or too little time: not much less than was sent.
  CHECK(learnt(100, 19, 1s) > 80);
  CHECK(learnt(100, 20, 999ms) > 80);
}

TEST_CASE("each 429 to a probe reduces the rate by a little", "[bulk][pacing]") {
  detail::bulk_pacing pacing(0, start);
  pacing.resume(100, start);
  pacing.throttled(start, start + 1s, {}, 0);
  auto const first = pacing.learnt_rate();
  pacing.throttled(start + 1s, start + 2s, {}, 0);
  CHECK(is_near(pacing.learnt_rate(), 0.93 * first));
}

TEST_CASE("rates that are tiny or infinite overflow nothing", "[bulk][pacing]") {
  auto const smallest = std::numeric_limits<double>::denorm_min();
  for (double const rate : {smallest, 1e-300, 1e-12, std::numeric_limits<double>::infinity()}) {
    detail::bulk_pacing resumed(0, start);
    resumed.resume(rate, start);
    (void)resumed.sent(start);
    resumed.throttled(start, start + 50ms, {}, 0.5);
    CHECK(resumed.learnt_rate() > 0);
    CHECK(resumed.next_time() > start);
  }
  detail::bulk_pacing limited(smallest, start);
  (void)limited.sent(start);
  CHECK(limited.next_time() >= start + 24h * 365);
}

TEST_CASE("the circuit breaker counts unknown batches in a row, and among fifty", "[bulk]") {
  detail::circuit_breaker breaker(5, 10, 3);
  for (int i = 0; i < 4; ++i) CHECK(!breaker.was_unknown());
  breaker.succeeded();
  for (int i = 0; i < 4; ++i) CHECK(!breaker.was_unknown());
  breaker.succeeded();
  CHECK(!breaker.was_unknown());
  CHECK(breaker.was_unknown());  // the tenth
  detail::circuit_breaker row(2, 10, 3);
  CHECK(!row.was_unknown());
  CHECK(!row.failed());
  CHECK(!row.was_unknown());
  CHECK(row.was_unknown());
  detail::circuit_breaker failures(5, 10, 2);
  CHECK(!failures.failed());
  CHECK(failures.failed());
}

TEST_CASE("the recent rate is that of ten seconds", "[bulk]") {
  detail::recent_rate rate(start);
  rate.add(100, start);
  CHECK(is_near(rate.per_second(start + 2s), 50));
  for (int i = 1; i < 200; ++i) rate.add(3, start + i * 100ms);
  CHECK(is_near(rate.per_second(start + 20s), 30));
  for (int i = 200; i < 206; ++i) rate.add(3, start + i * 100ms);
  CHECK(is_near(rate.per_second(start + 20600ms), 30));
  CHECK(rate.per_second(start + 60s) == 0);
}

TEST_CASE("the last intent of an address counts", "[bulk][recovery]") {
  fictive::recovered_run run;
  auto const add = [&](std::uint64_t first, std::uint64_t count, std::optional<fictive::effect> did) {
    auto const number = run.batches.size();
    run.batches.push_back({{.number = number, .ranges = {{first, count}}, .input_size = first + count}, {}});
    if (did) run.batches.back().outcome = {.number = number, .effect = *did};
  };
  add(0, 10, fictive::effect::none);
  add(2, 3, fictive::effect::applied);
  add(4, 2, {});
  run.batches[1].outcome->refused = {3};
  run.batches[1].outcome->references = {"r2"};
  detail::recovery recovery(run);
  std::vector<std::optional<bulk_verdict>> verdicts;
  for (std::uint64_t i = 0; i < 11; ++i) {
    auto const state = recovery.take(i);
    verdicts.push_back(state ? std::optional(state->verdict) : std::nullopt);
    if (i == 2) CHECK(state.value().reference == "r2");
  }
  std::vector<std::optional<bulk_verdict>> expected(11);
  expected[2] = bulk_verdict::invited;
  expected[3] = bulk_verdict::refused;
  expected[4] = expected[5] = bulk_verdict::unknown;
  CHECK(verdicts == expected);
}

TEST_CASE("an intent replaces the part of earlier ones that it covers", "[bulk][recovery]") {
  fictive::recovered_run run;
  auto const add = [&](std::uint64_t first, std::uint64_t count, std::string const& reference) {
    auto const number = run.batches.size();
    run.batches.push_back({{.number = number, .ranges = {{first, count}}, .input_size = first + count}, {}});
    run.batches.back().outcome = {.number = number, .effect = fictive::effect::applied};
    run.batches.back().outcome->references.assign(20, reference);
  };
  add(0, 10, "a");
  add(10, 2, "b");
  add(12, 2, "c");
  add(5, 5, "d");   // the end of "a"
  add(1, 2, "e");   // in the middle of "a"
  add(10, 1, "f");  // the begin of "b"
  detail::recovery recovery(run);
  std::string references;
  for (std::uint64_t i = 0; i < 14; ++i) references += recovery.take(i).value().reference;
  CHECK(references == "aeeaadddddfbcc");
  CHECK(!recovery.take(14));
}

TEST_CASE("the input is compared at each boundary", "[bulk][recovery]") {
  fictive::recovered_run run;
  run.batches.push_back({{.number = 0, .ranges = {{0, 2}}, .input_size = 2, .input = {1, 1}}, {}});
  run.batches.push_back({{.number = 1, .ranges = {{2, 2}}, .input_size = 4, .input = {2, 2}}, {}});
  detail::recovery recovery(run);
  CHECK(recovery.check(1, {9, 9}));
  CHECK(recovery.check(2, {1, 1}));
  CHECK(!recovery.is_checked());
  CHECK(recovery.check(3, {9, 9}));
  CHECK(!recovery.check(4, {3, 3}));
}

}  // namespace

}  // namespace bulk_parts_test

#endif
