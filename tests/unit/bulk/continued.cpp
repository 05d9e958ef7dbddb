#include <fictive/fictive.hpp>
#include <fictive/invite_all.hpp>

#include "support/bulk_world.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

// Runs that are continued from a journal, in virtual time. The simulation checks the limits of continued runs, too.

namespace bulk_continued_test {

namespace {

using namespace std::chrono_literals;
using namespace bulk_world;
using fictive::bulk_end;
using fictive::effect;

using reply = fictive::result<fictive::http_response>;

/// Counts how often each address was invited.
class service {
 public:
  reply invite(fictive::http_request const& request) {
    auto const whom = addresses_in(request);
    for (auto const& one : whom) ++times[one];
    return invited(whom);
  }

  [[nodiscard]] bool invited_each_once(std::size_t count) const {
    return times.size() == count &&
           std::all_of(times.begin(), times.end(), [](auto const& one) { return one.second == 1; });
  }

  std::map<std::string, int> times;
};

std::size_t intents_without_outcome(std::vector<fictive::journal_record> const& journal) {
  auto const run = recover(journal);
  return static_cast<std::size_t>(
      std::count_if(run.batches.begin(), run.batches.end(), [](auto const& one) { return !one.outcome; }));
}

TEST_CASE("a continued run sends what had no effect in batches of the usual size", "[bulk][journal][long]") {
  service to;
  std::size_t requests = 0;
  bool is_rejecting = true;
  simulation world([&](auto const& request, auto) -> reply {
    if (is_rejecting && ++requests % 10 == 5) return fictive::http_response{.status = 400};
    return to.invite(request);
  });
  auto const first = world.run(request_for(addresses(20'000)), {.max_failures_in_a_row = 1000}, config(), true);
  REQUIRE(first.counts[bulk_verdict::not_applied] == 2000);
  is_rejecting = false;
  auto const max_batch = GENERATE(std::size_t{100}, std::size_t{30}, std::size_t{1000});
  auto const second =
      world.run(request_for(addresses(20'000)), {.max_batch = max_batch}, config(), true, recover(world.journal));
  CHECK(second.end == bulk_end::complete);
  CHECK(second.counts[bulk_verdict::invited] == 20'000);
  CHECK(to.invited_each_once(20'000));
}

TEST_CASE("a run whose session ended in the middle is continued with another one", "[bulk][journal]") {
  service to;
  std::size_t answers_left = 12;
  auto const with_status = GENERATE(401, 403, 429);
  simulation world([&](auto const& request, auto) -> reply {
    if (answers_left == 0) {
      fictive::http_response refused{.status = with_status};
      if (with_status == 429) refused.headers.push_back({"Retry-After", "86400"});
      return refused;
    }
    --answers_left;
    return to.invite(request);
  });
  auto const first = world.run(request_for(addresses(5000)), {.max_batch = 200}, config(), true);
  REQUIRE(first.end == (with_status == 429 ? bulk_end::paused : bulk_end::not_authenticated));
  CHECK(first.counts[bulk_verdict::unknown] == 0);
  answers_left = 1000;
  auto const second =
      world.run(request_for(addresses(5000)), {.max_batch = 200}, config(), true, recover(world.journal));
  CHECK(second.end == bulk_end::complete);
  CHECK(to.invited_each_once(5000));
}

TEST_CASE("nothing is sent beyond the first difference between the input and the journal", "[bulk][journal]") {
  service to;
  simulation world([&](auto const& request, auto) -> reply {
    if (to.times.size() > 1000) return fictive::http_response{.status = 403};
    return to.invite(request);
  });
  auto const first = world.run(request_for(addresses(5000)), {}, config(), true);
  REQUIRE(first.end == bulk_end::not_authenticated);
  auto const before = to.times.size();

  simulation next([&](auto const& request, auto) { return to.invite(request); });
  auto other = addresses(5000);
  other[before + 150] = "someone@example.com";
  auto const second = next.run(request_for(other), {}, config(), true, recover(world.journal));
  CHECK(second.end == bulk_end::input_changed);
  CHECK(to.times.count("someone@example.com") == 0);
  CHECK(to.times.size() <= before + 150);
}

TEST_CASE("a difference of the input is found whatever ends the run before", "[bulk][journal]") {
  std::size_t requests = 0;
  simulation first([&](auto const& request, auto) -> reply {
    if (++requests == 2) return fictive::http_response{.status = 400};
    return invited(addresses_in(request));
  });
  (void)first.run(request_for(addresses(60)), {.max_batch = 10}, config(), true);
  auto other = addresses(60);
  for (std::size_t i = 30; i < 60; ++i) other[i] = "stranger" + std::to_string(i) + "@example.com";

  auto const how = GENERATE(as<std::string>(), "403", "404", "429", "a stop", "the deadline", "a shorter input");
  INFO(how);
  if (how == "a shorter input") other = addresses(25);
  simulation world([&](auto const& request, auto) -> reply {
    if (how == "429") return throttled(3600);
    if (how == "403" || how == "404" || how == "a shorter input")
      return fictive::http_response{.status = how == "404" ? 404 : 403};
    return invited(addresses_in(request));
  });
  fictive::bulk_options options{.max_batch = 10};
  if (how == "the deadline") options.deadline = 20ms;
  if (how == "a stop")
    world.on_event = [](fictive::bulk_invite& run, time_point now) {
      if (run.progress(now).requests_in_flight > 0) run.stop(fictive::bulk_stop::drain, now);
    };
  auto const report = world.run(request_for(other), std::move(options), config(), true, recover(first.journal));
  CHECK(report.end == bulk_end::input_changed);
  CHECK(!report.error);  // not that of the end before
  for (auto const& [index, result] : world.results)
    if (index >= 40) CHECK(result.verdict == bulk_verdict::not_attempted);
}

TEST_CASE("a batch waits until the input is compared up to its last address", "[bulk][journal]") {
  simulation first([](auto const&, auto) { return fictive::http_response{.status = 400}; });
  (void)first.run(request_for(addresses(30)), {.max_batch = 10, .canary = 10}, config(), true);
  auto other = addresses(30);
  other[15] = "someone@example.com";
  simulation world([](auto const& request, auto) { return invited(addresses_in(request)); });
  auto const report = world.run(request_for(other), {.max_batch = 11, .canary = 11}, config(), true,
                                recover(first.journal));  // the journal's batches end at 10 and 20
  CHECK(report.end == bulk_end::input_changed);
  CHECK(report.requests == 0);
}

TEST_CASE("during a pause no batch has an intent, so that a crash leaves nobody unknown", "[bulk][journal][throttle]") {
  auto const pause = GENERATE(1u, 60u);
  std::size_t requests = 0;
  simulation world([&](auto const& request, auto) -> reply {
    if (++requests > 50) return throttled(pause);
    return invited(addresses_in(request));
  });
  world.record_time = 4ms;
  world.until = start + 30s;
  (void)world.run(request_for(addresses(50'000)), {}, config(), true);
  CHECK(requests > 50);
  CHECK(intents_without_outcome(world.journal) <= (pause == 60 ? 0 : 1));  // the probe
}

TEST_CASE("at a given rate at most one batch is prepared before its time", "[bulk][journal][throttle]") {
  simulation world([](auto const& request, auto) { return invited(addresses_in(request)); });
  world.record_time = 4ms;
  std::size_t most = 0;
  world.on_event = [&](fictive::bulk_invite& run, time_point now) {
    auto const in_flight = run.progress(now).requests_in_flight;
    most = std::max(most, intents_without_outcome(world.journal) - in_flight);
  };
  auto const report = world.run(request_for(addresses(3000)), {.max_requests_per_second = 2}, config(), true);
  CHECK(report.counts[bulk_verdict::invited] == 3000);
  CHECK(most <= 1);
}

TEST_CASE("an address that may have been invited stays unknown, whatever later attempts say", "[bulk][journal]") {
  auto const second_status = GENERATE(400, 403, 404, 413, 429);
  std::size_t requests = 0;
  auto with = config();
  fictive::bulk_options options{.max_batch = 10, .patience = 1s};
  bool const is_continued = GENERATE(false, true);
  with.retry.retry_unknown_effect = !is_continued;
  options.resends_unknown = is_continued;
  simulation world([&](auto const& request, auto) -> reply {
    if (++requests == 1) return fictive::http_response{.status = 500};
    if (second_status != 429 && second_status != 413) return fictive::http_response{.status = second_status};
    if (second_status == 413 && addresses_in(request).size() > 1) return fictive::http_response{.status = 413};
    if (second_status == 413) return fictive::http_response{.status = 400};
    return throttled(3600);
  });
  std::optional<fictive::recovered_run> recovered;
  if (is_continued) {
    (void)world.run(request_for(addresses(10)), {.max_batch = 10}, config(), true);
    REQUIRE(requests == 1);
    recovered = recover(world.journal);
  }
  auto const report = world.run(request_for(addresses(10)), std::move(options), with, true, std::move(recovered));
  CHECK(requests >= 2);
  CHECK(report.counts[bulk_verdict::unknown] == 10);

  // Not sent again unless that is asked for.
  auto const sent = requests;
  auto const third = world.run(request_for(addresses(10)), {.max_batch = 10}, config(), true, recover(world.journal));
  CHECK(requests == sent);
  CHECK(third.counts[bulk_verdict::unknown] == 10);
}

TEST_CASE("unknown addresses that are sent again do not share a batch with others", "[bulk][journal]") {
  std::size_t requests = 0;
  simulation first([&](auto const& request, auto) -> reply {
    if (++requests == 2) return fictive::http_response{.status = 500};
    if (requests > 2) return fictive::http_response{.status = 403};
    return invited(addresses_in(request));
  });
  (void)first.run(request_for(addresses(40)), {.max_batch = 10, .max_concurrency = 1, .initial_concurrency = 1},
                  config(), true);
  simulation world([&](auto const&, auto) { return fictive::http_response{.status = 400}; });
  world.journal = first.journal;
  auto const report = world.run(request_for(addresses(40)), {.max_batch = 15, .resends_unknown = true}, config(), true,
                                recover(first.journal));
  CHECK(report.counts[bulk_verdict::invited] == 10);
  CHECK(report.counts[bulk_verdict::unknown] == 10);
  CHECK(report.counts[bulk_verdict::not_applied] == 20);
}

}  // namespace

}  // namespace bulk_continued_test
