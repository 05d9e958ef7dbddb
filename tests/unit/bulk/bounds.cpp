#include <fictive/fictive.hpp>
#include <fictive/invite_all.hpp>

#include "support/bulk_world.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// What a run holds, sends and records at most, event by event.

namespace bulk_bounds_test {

namespace {

using namespace std::chrono_literals;
using namespace bulk_world;
using fictive::bulk_end;
using fictive::bulk_invite;
using fictive::bulk_options;

/// Answers the request that `next` has returned.
void invite(bulk_invite& run, time_point now = start) {
  run.responded(run.request_id(), invited(addresses_in(run.request())), now);
}

/// Sends the canary and answers it.
void finish_canary(bulk_invite& run) {
  REQUIRE(run.next(start) == bulk_step::send);
  invite(run);
  (void)run.take_results();
}

std::vector<std::uint64_t> send_all(bulk_invite& run, time_point now = start) {
  std::vector<std::uint64_t> ids;
  while (run.next(now) == bulk_step::send) ids.push_back(run.request_id());
  return ids;
}

std::ptrdiff_t intents_in(std::vector<fictive::journal_record> const& records) {
  return std::count_if(records.begin(), records.end(),
                       [](auto const& one) { return std::holds_alternative<fictive::journal_intent>(one); });
}

TEST_CASE("an option may have the first and the last value of its range", "[bulk]") {
  auto const is_accepted = [](bulk_options options) {
    bulk_invite const run(config(), request_for({}), std::move(options), start);
    return run.report().end == bulk_end::complete;
  };
  CHECK(is_accepted({.max_batch = 1}));
  CHECK(is_accepted({.max_batch = 10'000}));
  CHECK(is_accepted({.max_batch_bytes = 1024}));
  CHECK(is_accepted({.max_batch_bytes = 16 * 1024 * 1024}));
  CHECK(is_accepted({.canary = 1}));
  CHECK(is_accepted({.canary = 10'000}));
  CHECK(is_accepted({.max_concurrency = 1}));
  CHECK(is_accepted({.max_concurrency = 64}));
  CHECK(is_accepted({.initial_concurrency = 1}));
  CHECK(is_accepted({.initial_concurrency = 64}));
  CHECK(is_accepted({.slow_response = 1ms}));
  CHECK(is_accepted({.patience = 0s}));
  CHECK(is_accepted({.deadline = 1ms}));
  CHECK(is_accepted({.max_unknown_in_a_row = 1, .max_unknown_of_50 = 1, .max_failures_in_a_row = 1}));
}

TEST_CASE("a deadline of more than ten years is none", "[bulk]") {
  constexpr std::chrono::milliseconds ten_years = 24h * 365 * 10;
  auto const deadline_of = [](std::chrono::milliseconds deadline) {
    return bulk_invite(config(), request_for({}), {.deadline = deadline}, start).deadline();
  };
  CHECK(deadline_of(ten_years) == start + ten_years);
  CHECK(deadline_of(ten_years + 1ms) == time_point::max());
}

TEST_CASE("nothing is sent while 1,024 verdicts have not been taken", "[bulk]") {
  bulk_invite run(config(), request_for(addresses(3000)), {.max_batch = 1024, .canary = 1}, start);
  finish_canary(run);
  REQUIRE(run.next(start) == bulk_step::send);
  invite(run);
  CHECK(run.next(start) == bulk_step::wait);
  CHECK(run.wait_until() == start);
  CHECK(run.take_results().size() == 1024);
  CHECK(run.next(start) == bulk_step::send);
}

TEST_CASE("addresses that need no request are settled 1,024 at a time", "[bulk]") {
  bulk_invite run(config(), request_for(std::vector<std::string>(2000)), {}, start);
  SECTION("while the run sends") {}
  SECTION("after its early end") {
    run.stop(fictive::bulk_stop::drain, start);
  }
  CHECK(run.next(start) == bulk_step::wait);
  CHECK(run.take_results().size() == 1024);
  CHECK(run.next(start) == bulk_step::done);
  CHECK(run.take_results().size() == 2000 - 1024);
}

TEST_CASE("addresses are pulled up to four times the concurrency behind the oldest open one", "[bulk]") {
  auto input = addresses(2);
  input.resize(100);  // empty ones need no request
  bulk_invite run(config(), request_for(std::move(input)),
                  {.max_batch = 1, .canary = 1, .max_concurrency = 2, .initial_concurrency = 2}, start);
  finish_canary(run);
  REQUIRE(run.next(start) == bulk_step::send);
  CHECK(run.next(start) == bulk_step::wait);
  CHECK(run.progress(start).pulled == 1 + 4 * 2);
}

TEST_CASE("with a journal, one batch more than can be sent has an intent", "[bulk][journal]") {
  auto const max_concurrency = GENERATE(std::size_t{1}, std::size_t{8});
  bulk_invite run(config(), request_for(addresses(1000)),
                  {.max_batch = 10, .canary = 10, .max_concurrency = max_concurrency, .initial_concurrency = 1}, start,
                  true);
  REQUIRE(run.next(start) == bulk_step::record);
  CHECK(intents_in(run.records()) == 1);
  run.recorded({}, start);
  finish_canary(run);
  REQUIRE(run.next(start) == bulk_step::record);
  std::size_t const can_be_sent = max_concurrency == 1 ? 1 : 2;
  CHECK(intents_in(run.records()) == static_cast<std::ptrdiff_t>(can_be_sent) + 1);
  run.recorded({}, start);
  CHECK(send_all(run).size() == can_be_sent);
}

TEST_CASE("batches keep their intents if the pause ends within 100 ms", "[bulk][journal][throttle]") {
  auto const [now, withdrawn] =
      GENERATE(table<std::chrono::nanoseconds, std::ptrdiff_t>({{900ms, 0}, {900ms - 1ns, 2}}));
  bulk_invite run(config(), request_for(addresses(100)), {.max_batch = 10, .canary = 10, .initial_concurrency = 2},
                  start, true);
  REQUIRE(run.next(start) == bulk_step::record);
  run.recorded({}, start);
  finish_canary(run);
  REQUIRE(run.next(start) == bulk_step::record);
  REQUIRE(intents_in(run.records()) == 3);
  run.recorded({}, start);
  REQUIRE(run.next(start) == bulk_step::send);
  run.responded(run.request_id(), throttled(1), start);
  REQUIRE(run.next(start + now) == bulk_step::record);
  CHECK(static_cast<std::ptrdiff_t>(run.records().size()) ==
        1 + withdrawn);  // with the outcome of the one that was sent
}

TEST_CASE("a timeout, 408 or 5xx reduces the concurrency, and nothing else does", "[bulk][concurrency]") {
  using reply = fictive::result<fictive::http_response>;
  auto const failure = [](std::errc cause) {
    return reply(fictive::transport_error(std::make_error_code(cause), fictive::effect::unknown));
  };
  auto const status = [](int value) { return reply(fictive::http_response{.status = value}); };
  auto const [answer, expected] = GENERATE_COPY(table<reply, std::size_t>({
      {failure(std::errc::timed_out), 3},
      {failure(std::errc::connection_reset), 4},
      {status(400), 4},
      {status(408), 3},
      {status(499), 4},
      {status(500), 3},
      {status(503), 3},
  }));
  bulk_invite run(config(), request_for(addresses(100)),
                  {.max_batch = 1,
                   .canary = 1,
                   .initial_concurrency = 4,
                   .max_unknown_in_a_row = 100,
                   .max_unknown_of_50 = 50,
                   .max_failures_in_a_row = 100},
                  start);
  finish_canary(run);
  auto const ids = send_all(run);
  REQUIRE(ids.size() == 4);
  for (auto const id : ids) run.responded(id, answer, start + 50ms);
  CHECK(send_all(run, start + 50ms).size() == expected);
}

TEST_CASE("batches that are sent again are in the order of the input", "[bulk][throttle]") {
  bulk_invite run(config(), request_for(addresses(3)), {.max_batch = 1, .canary = 1, .initial_concurrency = 2}, start);
  finish_canary(run);
  auto const ids = send_all(run);
  REQUIRE(ids.size() == 2);
  run.responded(ids[1], throttled(), start);
  run.responded(ids[0], throttled(), start);
  REQUIRE(run.next(start + 1s) == bulk_step::send);
  CHECK(addresses_in(run.request()) == std::vector{address(1)});
}

TEST_CASE("after the answer to another call, the connections of a run are suspect until the next answer",
          "[bulk][connections]") {
  bulk_invite run(config(), request_for(addresses(10)),
                  {.max_batch = 1, .canary = 1, .max_concurrency = 1, .initial_concurrency = 1}, start);
  auto const answer = [&](fictive::http_response const& response) {
    REQUIRE(run.next(start) == bulk_step::send);
    run.responded(run.request_id(), response, start);
    return run.connections_are_suspect();
  };
  CHECK(answer(invited({"someone@example.com"})));
  run.responded(1000, invited({"someone@example.com"}), start);  // out of turn
  CHECK(!run.connections_are_suspect());
  CHECK(!answer({.status = 500}));
  CHECK(!answer(json_response(200, R"({"validInvitations":[)")));
  CHECK(!answer({.status = 400}));
  CHECK(!answer(invited({address(4)})));
}

TEST_CASE("a stop while credentials are needed renews none", "[bulk][authentication]") {
  auto with = config();
  with.renew_credentials = [](fictive::stop_token) { return fictive::credentials{}; };
  bulk_invite run(with, request_for(addresses(10)), {}, start);
  REQUIRE(run.next(start) == bulk_step::send);
  run.responded(run.request_id(), fictive::http_response{.status = 403}, start);
  run.stop(fictive::bulk_stop::drain, start);
  CHECK(run.next(start) == bulk_step::done);
}

TEST_CASE("a renewal that is declined at the deadline ends the run for its deadline", "[bulk][authentication]") {
  auto with = config();
  with.renew_credentials = [](fictive::stop_token) { return fictive::credentials{}; };
  bulk_invite run(with, request_for(addresses(10)), {.deadline = 5s}, start);
  REQUIRE(run.next(start) == bulk_step::send);
  run.responded(run.request_id(), fictive::http_response{.status = 403}, start);
  REQUIRE(run.next(start) == bulk_step::renew);
  run.declined("no answer", start + 5s);
  CHECK(run.report().end == bulk_end::deadline);
}

}  // namespace

}  // namespace bulk_bounds_test
