#include <fictive/fictive.hpp>
#include <fictive/invite_all.hpp>

#include "support/bulk_world.hpp"
#include "support/catch.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

// The state of a run, as it reports it.

namespace bulk_progress_test {

namespace {

using namespace std::chrono_literals;
using namespace bulk_world;
using fictive::bulk_invite;
using fictive::bulk_pause;

TEST_CASE("progress says why a run pauses, and until when", "[bulk]") {
  simulation world([](auto const& request, time_point now) -> fictive::result<fictive::http_response> {
    if (now < start + 1s) return throttled(5);
    return invite_all(request);
  });
  bool was_paused = false;
  world.on_event = [&](fictive::bulk_invite& run, time_point now) {
    auto const state = run.progress(now);
    if (state.pause != fictive::bulk_pause::throttled) return;
    was_paused = true;
    CHECK(state.paused_until >= start + 5s);
  };
  (void)world.run(request_for(addresses(10)), {});
  CHECK(was_paused);
}

TEST_CASE("a run that waits for nothing has no pause", "[bulk][progress]") {
  bulk_invite run(config(), request_for(addresses(1)), {}, start);
  CHECK(run.progress(start).pause == bulk_pause::none);
  CHECK(!run.progress(start).paused_until);
  REQUIRE(run.next(start) == bulk_step::send);
  CHECK(run.progress(start).pause == bulk_pause::none);
  CHECK(!run.progress(start).paused_until);
}

TEST_CASE("a pause after 429 ends with its delay", "[bulk][progress]") {
  bulk_invite run(config(), request_for(addresses(1)), {}, start);
  REQUIRE(run.next(start) == bulk_step::send);
  run.responded(run.request_id(), throttled(5), start);
  auto const before = run.progress(start + 5s - 1ns);
  CHECK(before.pause == bulk_pause::throttled);
  CHECK(before.paused_until == start + 5s);
  CHECK(run.progress(start + 5s).pause != bulk_pause::throttled);
}

TEST_CASE("a pause for the rate ends when the next request may be sent", "[bulk][progress]") {
  bulk_invite run(config(), request_for(addresses(20)), {.max_requests_per_second = 1}, start);
  REQUIRE(run.next(start) == bulk_step::send);
  run.responded(run.request_id(), invite_all(run.request()), start);
  auto const state = run.progress(start);
  CHECK(state.pause == bulk_pause::rate);
  CHECK(state.paused_until == start + 1s);
}

TEST_CASE("a pause before batches are sent again ends with the first delay", "[bulk][progress]") {
  auto with = config();
  with.retry.jitter = [] { return 1.0; };
  with.retry.base_delay = 1s;
  bulk_invite run(with, request_for(addresses(3)), {.max_batch = 1, .canary = 1, .initial_concurrency = 2}, start);
  REQUIRE(run.next(start) == bulk_step::send);
  run.responded(run.request_id(), invite_all(run.request()), start);
  std::vector<std::uint64_t> ids;
  while (run.next(start) == bulk_step::send) ids.push_back(run.request_id());
  REQUIRE(ids.size() == 2);
  auto const refused =
      fictive::transport_error(std::make_error_code(std::errc::connection_refused), fictive::effect::none);
  run.responded(ids[1], refused, start);
  run.responded(ids[0], refused, start + 100ms);
  auto const state = run.progress(start + 100ms);
  CHECK(state.pause == bulk_pause::retry);
  CHECK(state.paused_until == start + 1s);
}

TEST_CASE("the time that is left is estimated from the recent rate", "[bulk][progress]") {
  auto const after_ten = [](std::optional<std::uint64_t> expected) {
    bulk_invite run(config(), request_for(addresses(100)), {.expected_addresses = expected}, start);
    CHECK(!run.progress(start + 2s).time_left);  // nothing has a verdict
    REQUIRE(run.next(start) == bulk_step::send);
    run.responded(run.request_id(), invite_all(run.request()), start);
    return run.progress(start + 2s).time_left;  // ten addresses in 2 s
  };
  CHECK(after_ten(100) == 18s);
  CHECK(after_ten(10) == 0s);
  CHECK(after_ten(5) == 0s);
  CHECK(after_ten({}) == std::nullopt);
}

}  // namespace

}  // namespace bulk_progress_test
