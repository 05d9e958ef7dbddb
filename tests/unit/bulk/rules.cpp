#include <fictive/fictive.hpp>
#include <fictive/invite_all.hpp>

#include "support/bulk_world.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

// The rules of bulk runs, each in virtual time.

namespace bulk_rules_test {

namespace {

using namespace std::chrono_literals;
using namespace bulk_world;
using fictive::bulk_end;
using fictive::bulk_options;

/// The same verdict for all.
std::vector<bulk_verdict> all_of(std::size_t count, bulk_verdict verdict) {
  return std::vector<bulk_verdict>(count, verdict);
}

TEST_CASE("a bulk run invites everybody in batches, after a canary", "[bulk]") {
  std::vector<std::size_t> sizes;
  simulation world([&](auto const& request, auto) {
    sizes.push_back(addresses_in(request).size());
    return invite_all(request);
  });
  auto const report =
      world.run(request_for(addresses(1000)), {.duplicates = fictive::duplicate_detection::same_domain});
  CHECK(report.end == bulk_end::complete);
  CHECK(report.counts[bulk_verdict::invited] == 1000);
  CHECK(world.verdicts() == all_of(1000, bulk_verdict::invited));
  CHECK(world.results.at(999).invitation->invitation_reference == "r-" + address(999));
  REQUIRE(sizes.size() == 11);
  CHECK(sizes.front() == 10);
  CHECK(std::count(sizes.begin(), sizes.end(), 100u) == 9);
}

TEST_CASE("a bulk run without addresses is complete", "[bulk]") {
  simulation world([](auto const& request, auto) { return invite_all(request); });
  auto const report = world.run(request_for({}), {});
  CHECK(report.end == bulk_end::complete);
  CHECK(report.requests == 0);
}

TEST_CASE("nothing is pulled if an option or the request is refused", "[bulk]") {
  auto const refused = [](bulk_options options, std::string group = "group") {
    std::size_t pulled = 0;
    fictive::bulk_request request{.account_group_token = std::move(group), .email_addresses = [&pulled](std::string&) {
                                    ++pulled;
                                    return false;
                                  }};
    fictive::bulk_invite run(config(), std::move(request), std::move(options), start, true);
    CHECK(run.next(start) == bulk_step::done);  // without a record of its end
    CHECK(pulled == 0);
    CHECK(run.report().end == bulk_end::invalid_argument);
    return run.report().error.value().code == fictive::errc::invalid_argument;
  };
  CHECK(refused({.max_batch = 0}));
  CHECK(refused({.max_batch = 10'001}));
  CHECK(refused({.max_batch_bytes = 1023}));
  CHECK(refused({.canary = 0}));
  CHECK(refused({.max_concurrency = 0}));
  CHECK(refused({.max_concurrency = 65}));
  CHECK(refused({.initial_concurrency = 0}));
  CHECK(refused({.slow_response = 0ms}));
  CHECK(refused({.max_requests_per_second = -1}));
  CHECK(refused({.patience = -1s}));
  CHECK(refused({.deadline = 0ms}));
  CHECK(refused({.max_unknown_in_a_row = 0}));
  CHECK(refused({}, ""));
}

TEST_CASE("addresses in a request are limited by their size as JSON", "[bulk]") {
  std::vector<std::size_t> sizes;
  simulation world([&](auto const& request, auto) {
    sizes.push_back(request.body.size());
    return invite_all(request);
  });
  std::vector<std::string> input;
  for (std::size_t i = 0; i < 100; ++i) input.push_back(std::string(40, '"') + address(i));  // 80 bytes as JSON
  auto const report = world.run(request_for(input), {.max_batch_bytes = 1024});
  CHECK(report.counts[bulk_verdict::invited] == 100);
  CHECK(*std::max_element(sizes.begin(), sizes.end()) < 1024 + 50);
  CHECK(sizes.size() < 15);

  input.clear();
  for (std::size_t i = 0; i < 64; ++i) input.push_back(std::to_string(100 + i) + std::string(26, 'a'));  // 32 bytes
  simulation exact([&](auto const& request, auto) {
    CHECK(addresses_in(request).size() == 32);
    return invite_all(request);
  });
  CHECK(exact.run(request_for(input), {.max_batch_bytes = 1024, .canary = 100}).requests == 2);
}

TEST_CASE("an address that cannot be sent costs only itself", "[bulk]") {
  simulation world([](auto const& request, auto) { return invite_all(request); });
  auto const report =
      world.run(request_for({"a@example.com", "b@example.com,c@example.com", "", "d@example.com\r"}), {});
  CHECK(world.verdicts() == std::vector{bulk_verdict::invited, bulk_verdict::not_applied, bulk_verdict::not_applied,
                                        bulk_verdict::not_applied});
  CHECK(report.end == bulk_end::complete);
  CHECK(world.results.at(1).error->code == fictive::errc::invalid_argument);
}

TEST_CASE("duplicates are found across batches", "[bulk][duplicates]") {
  auto input = addresses(300);
  input.push_back("person7@EXAMPLE.com");
  input.push_back("PERSON7@example.com");
  simulation world([](auto const& request, auto) { return invite_all(request); });
  SECTION("equal but for the case of the domain") {
    auto const report = world.run(request_for(input), {});
    CHECK(report.counts[bulk_verdict::duplicate] == 1);
    CHECK(world.results.at(300).verdict == bulk_verdict::duplicate);
  }
  SECTION("equal but for case") {
    (void)world.run(request_for(input), {.duplicates = fictive::duplicate_detection::ignore_case});
    CHECK(world.results.at(301).verdict == bulk_verdict::duplicate);
  }
  SECTION("off, except within a request, which the service cannot answer") {
    auto const report = world.run(request_for({"a@example.com", "b@example.com", "a@example.com"}),
                                  {.duplicates = fictive::duplicate_detection::off});
    CHECK(report.counts[bulk_verdict::invited] == 2);
    CHECK(report.counts[bulk_verdict::duplicate] == 1);
    auto const other = world.run(request_for(input), {.duplicates = fictive::duplicate_detection::off});
    CHECK(other.counts[bulk_verdict::invited] == 302);
  }
}

TEST_CASE("a run goes on behind any number of addresses that need no request", "[bulk][duplicates]") {
  auto input = addresses(1);
  input.insert(input.end(), 50, address(0));
  input.push_back(address(1));
  simulation world([](auto const& request, auto) { return invite_all(request); });
  auto const report = world.run(request_for(input), {.max_batch = 1, .max_concurrency = 1, .initial_concurrency = 1});
  CHECK(report.counts.total() == 52);
  CHECK(report.counts[bulk_verdict::invited] == 2);
}

TEST_CASE("a continued run goes on behind any number of addresses in the journal", "[bulk][journal]") {
  simulation world([](auto const& request, auto) { return invite_all(request); });
  (void)world.run(request_for(addresses(50)), {.max_batch = 1}, config(), true);
  auto const report = world.run(request_for(addresses(60)), {.max_batch = 1, .max_concurrency = 1}, config(), false,
                                recover(world.journal));
  CHECK(report.counts.total() == 60);
  CHECK(report.counts[bulk_verdict::invited] == 60);
}

TEST_CASE("each address gets the answer of its entry", "[bulk]") {
  simulation world([](auto const&, auto) {
    return invited({"d@example.com", "A@example.com", "x@example.com"}, {"b@example.com"});
  });
  auto const report = world.run(request_for({"a@example.com", "b@example.com", "c@example.com", "d@example.com"}), {});
  CHECK(world.verdicts() ==
        std::vector{bulk_verdict::invited, bulk_verdict::refused, bulk_verdict::unaccounted, bulk_verdict::invited});
  CHECK(world.results.at(3).invitation->invitation_reference == "r-d@example.com");
  CHECK(report.foreign_entries == 1);
}

TEST_CASE("a batch that is too large is halved, and so are later ones", "[bulk]") {
  std::vector<std::size_t> sizes;
  simulation world([&](auto const& request, auto) -> fictive::result<fictive::http_response> {
    auto const size = addresses_in(request).size();
    sizes.push_back(size);
    if (size > 30) return fictive::http_response{.status = 413};
    return invite_all(request);
  });
  auto const report = world.run(request_for(addresses(1000)), {.max_concurrency = 1});
  CHECK(report.counts[bulk_verdict::invited] == 1000);
  CHECK(std::count_if(sizes.begin(), sizes.end(), [](auto size) { return size > 30; }) == 3);  // 100, 50, 50
}

TEST_CASE("a batch of one address that is too large has no effect", "[bulk]") {
  simulation world([](auto const&, auto) { return fictive::http_response{.status = 413}; });
  auto const report = world.run(request_for(addresses(3)), {});
  CHECK(world.verdicts() == all_of(3, bulk_verdict::not_applied));
  CHECK(report.end == bulk_end::complete);
}

TEST_CASE("a rejected batch shares one error", "[bulk]") {
  simulation world([](auto const& request, auto) -> fictive::result<fictive::http_response> {
    auto const all = addresses_in(request);
    if (std::count(all.begin(), all.end(), address(50))) return fictive::http_response{.status = 400};
    return invite_all(request);
  });
  SECTION("by default") {
    auto const report = world.run(request_for(addresses(110)), {});
    CHECK(report.counts[bulk_verdict::not_applied] == 100);
    CHECK(world.results.at(10).error == world.results.at(109).error);
    CHECK(world.results.at(10).error->code == fictive::errc::invalid_request);
  }
  SECTION("or is divided until the culprit is alone") {
    auto const report = world.run(request_for(addresses(110)), {.splits_rejected = true});
    CHECK(report.counts[bulk_verdict::not_applied] == 1);
    CHECK(world.results.at(50).verdict == bulk_verdict::not_applied);
    CHECK(report.counts[bulk_verdict::invited] == 109);
    CHECK(report.requests <= 2 + 15);
  }
}

TEST_CASE("dividing is limited", "[bulk]") {
  simulation world([](auto const& request, auto) -> fictive::result<fictive::http_response> {
    if (addresses_in(request).front() == address(0)) return invite_all(request);
    return fictive::http_response{.status = 400};
  });
  auto const report =
      world.run(request_for(addresses(5000)), {.max_failures_in_a_row = 1'000'000, .splits_rejected = true});
  CHECK(report.end == bulk_end::complete);
  CHECK(report.requests <= 51 + 64);

  auto const requests_of = [](bulk_options options) {
    simulation rejecting([](auto const&, auto) { return fictive::http_response{.status = 400}; });
    options.splits_rejected = true;
    return rejecting.run(request_for(addresses(2)), std::move(options)).requests;
  };
  CHECK(requests_of({.max_split_requests = 2}) == 3);
  CHECK(requests_of({.max_split_requests = 1}) == 1);
}

TEST_CASE("an address that is rejected alone is no failure of the run, and a batch is one", "[bulk]") {
  simulation world([](auto const&, auto) { return fictive::http_response{.status = 400}; });
  auto const end_of = [&](std::size_t max_split_requests) {
    return world
        .run(request_for(addresses(2)),
             {.max_failures_in_a_row = 1, .splits_rejected = true, .max_split_requests = max_split_requests})
        .end;
  };
  CHECK(end_of(2) == bulk_end::complete);
  CHECK(end_of(0) == bulk_end::too_many_failures);
}

TEST_CASE("without trust_503, a 503 of a run may have had an effect, and no other refusal", "[bulk]") {
  simulation world([](auto const& request, auto) -> fictive::result<fictive::http_response> {
    if (addresses_in(request).front() == address(0))
      return fictive::http_response{.status = 503, .headers = {{"Retry-After", "1"}}};
    return fictive::http_response{.status = 400};
  });
  auto with = config();
  with.retry.trust_503 = false;
  auto const report = world.run(request_for(addresses(2)), {.max_batch = 1, .canary = 1}, with);
  CHECK(world.verdicts() == std::vector{bulk_verdict::unknown, bulk_verdict::not_applied});
  CHECK(report.requests == 2);
}

TEST_CASE("a batch whose delay would end after the deadline of the run ends at once", "[bulk]") {
  simulation world([](auto const&, auto) {
    return fictive::http_response{.status = 503, .headers = {{"Retry-After", "60"}}};
  });
  auto const report = world.run(request_for(addresses(1)), {.deadline = 30s});
  CHECK(report.end == bulk_end::complete);
  CHECK(world.verdicts() == all_of(1, bulk_verdict::not_applied));
}

TEST_CASE("a refused session is renewed once for all requests in flight", "[bulk][authentication]") {
  simulation world([](auto const& request, time_point now) -> fictive::result<fictive::http_response> {
    auto const* session = fictive::find_header(request.headers, "X-SessionId");
    if (*session == "session" && now > start + 500ms) return fictive::http_response{.status = 403};
    return invite_all(request);
  });
  auto with = config();
  with.renew_credentials = [](fictive::stop_token) { return fictive::credentials{}; };
  SECTION("and everything is sent again") {
    auto const report = world.run(request_for(addresses(10'000)), {}, with);
    CHECK(report.end == bulk_end::complete);
    CHECK(report.counts[bulk_verdict::invited] == 10'000);
    CHECK(world.renewals == 1);
    CHECK(world.most_in_flight == 8);
  }
  SECTION("and a second refusal ends the run") {
    world.renew = [] { return fictive::credentials{.session_id = "session"}; };
    auto const report = world.run(request_for(addresses(10'000)), {}, with);
    CHECK(report.end == bulk_end::not_authenticated);
    CHECK(world.renewals == 1);
    CHECK(report.counts[bulk_verdict::not_attempted] > 0);
    CHECK(report.counts[bulk_verdict::unknown] == 0);
    CHECK(report.counts.total() == 10'000);
  }
  SECTION("and a failed renewal ends the run") {
    world.renew = [] { return fictive::error{.code = fictive::errc::timed_out}; };
    CHECK(world.run(request_for(addresses(10'000)), {}, with).end == bulk_end::not_authenticated);
  }
  SECTION("unless they cannot be renewed") {
    auto const report = world.run(request_for(addresses(10'000)), {});
    CHECK(report.end == bulk_end::not_authenticated);
    CHECK(world.renewals == 0);
  }
}

TEST_CASE("a session is renewed again after a rejected batch, which shows that the last one was accepted",
          "[bulk][authentication]") {
  std::size_t requests = 0;
  simulation world([&](auto const& request, auto) -> fictive::result<fictive::http_response> {
    auto const n = requests++ % 4;  // accepted, refused, rejected, refused
    if (n == 0) return invite_all(request);
    return fictive::http_response{.status = n == 2 ? 400 : 403};
  });
  auto with = config();
  with.renew_credentials = [](fictive::stop_token) { return fictive::credentials{}; };
  auto const report = world.run(request_for(addresses(50)), {.max_batch = 10, .max_concurrency = 1}, with);
  CHECK(report.end == bulk_end::complete);
  CHECK(report.counts[bulk_verdict::not_applied] == 20);
  CHECK(world.renewals == 4);
}

TEST_CASE("404 ends the run after the canary", "[bulk]") {
  simulation world([](auto const&, auto) { return fictive::http_response{.status = 404}; });
  auto const report = world.run(request_for(addresses(1000)), {});
  CHECK(report.end == bulk_end::not_found);
  CHECK(report.requests == 1);
  CHECK(report.counts[bulk_verdict::not_applied] == 10);
  CHECK(report.counts[bulk_verdict::not_attempted] == 990);
  CHECK(report.error->code == fictive::errc::not_found);
}

TEST_CASE("a jitter that is not from 0 to 1 is cut to that", "[bulk][back_off]") {
  auto const [jitter, longest] = GENERATE(table<double, std::chrono::nanoseconds>({
      {std::numeric_limits<double>::quiet_NaN(), 200ms},
      {-1.0, 200ms},
      {-std::numeric_limits<double>::infinity(), 200ms},
      {2.0, 400ms},
      {std::numeric_limits<double>::infinity(), 400ms},
  }));
  std::vector<time_point> sent;
  simulation world([&](auto const& request, time_point now) -> fictive::result<fictive::http_response> {
    sent.push_back(now);
    if (sent.size() == 1) return throttled();
    return invite_all(request);
  });
  auto with = config();
  with.retry.jitter = [value = jitter] { return value; };
  CHECK(world.run(request_for(addresses(1)), {}, with).end == bulk_end::complete);
  REQUIRE(sent.size() == 2);
  CHECK(sent[1] - sent[0] == 50ms + longest);
}

TEST_CASE("a 429 costs a batch none of its attempts", "[bulk][throttle]") {
  int left = 20;
  simulation world([&](auto const& request, auto) -> fictive::result<fictive::http_response> {
    if (left-- > 0) return throttled();
    return invite_all(request);
  });
  auto const report = world.run(request_for(addresses(50)), {});
  CHECK(report.counts[bulk_verdict::invited] == 50);
  CHECK(report.throttled == 20);
}

TEST_CASE("after a 429, nothing is sent before Retry-After, and then one probe", "[bulk][throttle]") {
  std::vector<time_point> sent;
  std::optional<time_point> throttled_at;
  simulation world([&](auto const& request, time_point now) -> fictive::result<fictive::http_response> {
    sent.push_back(now);
    if (now > start + 500ms && !throttled_at) {
      throttled_at = now;
      return throttled(7);
    }
    return invite_all(request);
  });
  (void)world.run(request_for(addresses(10'000)), {});
  REQUIRE(throttled_at);
  auto const after = std::upper_bound(sent.begin(), sent.end(), *throttled_at + 25ms);
  CHECK(*after >= *throttled_at + 7s);
  CHECK(*(after + 1) >= *after + 50ms);  // the answer of the probe comes first
}

TEST_CASE("a delay longer than the patience ends the run as paused", "[bulk][throttle]") {
  simulation world([](auto const& request, time_point now) -> fictive::result<fictive::http_response> {
    if (now > start + 500ms) return throttled(86'400);
    return invite_all(request);
  });
  auto const report = world.run(request_for(addresses(10'000)), {});
  CHECK(report.end == bulk_end::paused);
  CHECK(report.retry_after == 86'400s);
  CHECK(report.counts[bulk_verdict::invited] + report.counts[bulk_verdict::not_attempted] == 10'000);
}

TEST_CASE("a Retry-After within the patience is waited for, whatever the status", "[bulk][throttle]") {
  auto const status = GENERATE(429, 503);
  bool is_first = true;
  simulation world([&](auto const& request, auto) -> fictive::result<fictive::http_response> {
    if (std::exchange(is_first, false))
      return fictive::http_response{.status = status, .headers = {{"Retry-After", "300"}}};
    return invite_all(request);
  });
  auto const report = world.run(request_for(addresses(50)), {.patience = 300s});
  CHECK(report.counts[bulk_verdict::invited] == 50);
  CHECK(world.now >= start + 300s);
}

TEST_CASE("a batch with an unknown effect is not sent again", "[bulk]") {
  std::size_t requests = 0;
  simulation world([&](auto const& request, auto) -> fictive::result<fictive::http_response> {
    if (++requests == 3) return fictive::http_response{.status = 500};
    return invite_all(request);
  });
  SECTION("by default") {
    auto const report = world.run(request_for(addresses(1010)), {});
    CHECK(report.end == bulk_end::complete);
    CHECK(report.counts[bulk_verdict::unknown] == 100);
    CHECK(report.counts[bulk_verdict::invited] == 910);
    CHECK(requests == 11);
  }
  SECTION("unless the caller opts in") {
    auto with = config();
    with.retry.retry_unknown_effect = true;
    CHECK(world.run(request_for(addresses(1010)), {}, with).counts[bulk_verdict::invited] == 1010);
    CHECK(requests == 12);
  }
}

TEST_CASE("too many unknown batches end the run", "[bulk][long]") {
  std::size_t requests = 0;
  SECTION("five in a row") {
    simulation world([&](auto const& request, auto) -> fictive::result<fictive::http_response> {
      if (++requests > 20) return fictive::transport_error(std::make_error_code(std::errc::connection_reset));
      return invite_all(request);
    });
    auto const report = world.run(request_for(addresses(100'000)), {});
    CHECK(report.end == bulk_end::too_many_unknown);
    CHECK(report.counts[bulk_verdict::unknown] <= (4 + 8) * 100);
    CHECK(report.counts.total() == 100'000);
  }
  SECTION("a fifth of the last fifty") {
    simulation world([&](auto const& request, auto) -> fictive::result<fictive::http_response> {
      if (++requests % 4 == 0) return fictive::http_response{.status = 502};
      return invite_all(request);
    });
    auto const report = world.run(request_for(addresses(100'000)), {});
    CHECK(report.end == bulk_end::too_many_unknown);
    CHECK(requests < 60);
  }
}

TEST_CASE("a service that cannot be reached ends the run", "[bulk][long]") {
  simulation world([](auto const&, auto) {
    return fictive::transport_error(std::make_error_code(std::errc::connection_refused), fictive::effect::none);
  });
  auto const report = world.run(request_for(addresses(100'000)), {});
  CHECK(report.end == bulk_end::too_many_failures);
  CHECK(report.requests == 15);  // five batches, three attempts each
  CHECK(report.counts[bulk_verdict::not_applied] == 50);
}

TEST_CASE("a lost result is unaccounted", "[bulk]") {
  simulation world([](auto const&, auto) { return json_response(200, R"({"validInvitations":[)"); });
  (void)world.run(request_for(addresses(3)), {});
  CHECK(world.verdicts() == all_of(3, bulk_verdict::unaccounted));
  CHECK(world.results.at(0).error->effect == fictive::effect::applied);

  // According to the journal, too.
  (void)world.run(request_for(addresses(3)), {}, config(), true);
  auto const report = world.run(request_for(addresses(3)), {}, config(), true, recover(world.journal));
  CHECK(report.counts[bulk_verdict::unaccounted] == 3);
  CHECK(report.requests == 0);
}

TEST_CASE("a success with replaced credentials does not confirm the new ones", "[bulk][authentication]") {
  fictive::bulk_invite run(config(), request_for(addresses(4)), {.max_batch = 2, .canary = 2}, start);
  REQUIRE(run.next(start) == fictive::bulk_step::send);
  run.set_credentials({.session_id = "new"});
  CHECK(!run.responded(run.request_id(), invited(addresses_in(run.request())), start));
  REQUIRE(run.next(start) == fictive::bulk_step::send);
  CHECK(run.responded(run.request_id(), invited(addresses_in(run.request())), start));
  CHECK(run.report().counts[bulk_verdict::invited] == 4);
}

TEST_CASE("the deadline of a run drains it", "[bulk][long]") {
  simulation world([](auto const& request, auto) { return invite_all(request); });
  auto const report = world.run(request_for(addresses(100'000)), {.deadline = 1s});
  CHECK(report.end == bulk_end::deadline);
  CHECK(report.counts[bulk_verdict::unknown] == 0);
  CHECK(report.counts[bulk_verdict::not_attempted] > 50'000);
  CHECK(world.now < start + 1100ms);
}

TEST_CASE("a stop drains or abandons", "[bulk][long]") {
  simulation world([](auto const& request, auto) { return invite_all(request); });
  auto how = GENERATE(fictive::bulk_stop::drain, fictive::bulk_stop::abandon);
  world.on_event = [how](fictive::bulk_invite& run, time_point now) {
    if (now > start + 1s) run.stop(how, now);
  };
  auto const report = world.run(request_for(addresses(100'000)), {});
  CHECK(report.end == bulk_end::stopped);
  CHECK((report.counts[bulk_verdict::unknown] > 0) == (how == fictive::bulk_stop::abandon));
  CHECK(report.counts.total() == 100'000);
}

TEST_CASE("without pulls_rest, the rest of the input is not pulled after an early end", "[bulk]") {
  simulation world([](auto const&, auto) { return fictive::http_response{.status = 404}; });
  CHECK(world.run(request_for(addresses(1000)), {.pulls_rest = false}).counts.total() < 500);
}

TEST_CASE("max_requests_per_second holds from the begin", "[bulk][throttle]") {
  std::vector<time_point> sent;
  simulation world([&](auto const& request, time_point now) {
    sent.push_back(now);
    return invite_all(request);
  });
  (void)world.run(request_for(addresses(1000)), {.max_batch = 10, .max_requests_per_second = 10});
  CHECK(sent.size() == 100);
  CHECK(sent.back() - sent.front() >= 9'800ms);
  CHECK(sent.back() - sent.front() <= 10'100ms);
}

TEST_CASE("an intent is recorded before its batch is sent", "[bulk][journal]") {
  simulation* at = nullptr;
  simulation world([&](auto const& request, auto) {
    auto const recorded = recover(at->journal);
    auto const all = addresses_in(request);
    bool has_intent = false;
    for (auto const& one : recorded.batches)
      for (auto const& range : one.intent.ranges)
        has_intent = has_intent || (!one.outcome && address(range.first) == all.front());
    CHECK(has_intent);
    return invite_all(request);
  });
  at = &world;
  auto const report = world.run(request_for(addresses(2000)), {}, config(), true);
  CHECK(report.counts[bulk_verdict::invited] == 2000);
  auto const recorded = recover(world.journal);
  CHECK(recorded.batches.size() == 21);
  CHECK(std::holds_alternative<fictive::journal_end>(world.journal.back()));
  for (auto const& one : recorded.batches) CHECK(one.outcome);
}

TEST_CASE("nothing is sent after the journal failed", "[bulk][journal]") {
  simulation world([](auto const& request, auto) { return invite_all(request); });
  world.journal_error = std::make_error_code(std::errc::no_space_on_device);
  auto const report = world.run(request_for(addresses(100)), {}, config(), true);
  CHECK(report.end == bulk_end::journal_failed);
  CHECK(report.journal_error == std::errc::no_space_on_device);
  CHECK(report.requests == 0);
  CHECK(report.counts[bulk_verdict::not_attempted] == 100);
}

TEST_CASE("a run that detects more duplicates than before gives each address its own reference", "[bulk][journal]") {
  simulation world([](auto const& request, auto) { return invite_all(request); });
  std::vector<std::string> const input = {address(0), address(1), address(0), address(2)};
  (void)world.run(
      request_for(input),
      {.max_batch = 2, .canary = 2, .duplicates = fictive::duplicate_detection::off, .records_references = true},
      config(), true);
  auto const report = world.run(request_for(input), {}, config(), false, recover(world.journal));
  CHECK(report.counts[bulk_verdict::invited] == 4);
  CHECK(world.results.at(2).invitation->invitation_reference == "r-" + address(0));
  CHECK(world.results.at(3).invitation->invitation_reference == "r-" + address(2));
}

TEST_CASE("a duplicate of an address that is sent again is not sent", "[bulk][journal]") {
  simulation world([](auto const&, auto) { return fictive::http_response{.status = 500}; });
  std::vector<std::string> const input = {address(0), address(1), address(0), address(2)};
  (void)world.run(request_for(input), {.max_batch = 2, .canary = 2, .duplicates = fictive::duplicate_detection::off},
                  config(), true);
  simulation next([](auto const& request, auto) { return invite_all(request); });
  auto const report = next.run(request_for(input), {.resends_unknown = true}, config(), false, recover(world.journal));
  CHECK(report.counts[bulk_verdict::invited] == 3);
  CHECK(next.results.at(2).verdict == bulk_verdict::duplicate);
}

TEST_CASE("a run continues from its journal", "[bulk][journal]") {
  simulation world([](auto const& request, auto) { return invite_all(request); });
  world.on_event = [](fictive::bulk_invite& run, time_point now) {
    if (now > start + 400ms) run.stop(fictive::bulk_stop::abandon, now);
  };
  auto const first = world.run(request_for(addresses(5000)), {.records_references = true}, config(), true);
  REQUIRE(first.counts[bulk_verdict::unknown] > 0);
  auto const unknown = first.counts[bulk_verdict::unknown];
  world.on_event = [](fictive::bulk_invite&, time_point) {};

  SECTION("and leaves the unknown alone") {
    auto const second = world.run(request_for(addresses(5000)), {}, config(), true, recover(world.journal));
    CHECK(second.end == bulk_end::complete);
    CHECK(second.counts[bulk_verdict::unknown] == unknown);
    CHECK(second.counts[bulk_verdict::invited] == 5000 - unknown);
    CHECK(world.results.at(5).invitation->invitation_reference == "r-" + address(5));
  }
  SECTION("and sends the unknown again on request") {
    auto const second =
        world.run(request_for(addresses(5000)), {.resends_unknown = true}, config(), true, recover(world.journal));
    CHECK(second.counts[bulk_verdict::invited] == 5000);
  }
  SECTION("and settles those that are known members") {
    auto const second =
        world.run(request_for(addresses(5000)), {.members = addresses(5000)}, config(), true, recover(world.journal));
    CHECK(second.counts[bulk_verdict::accepted_already] == unknown);
    CHECK(second.counts[bulk_verdict::unknown] == 0);
  }
  SECTION("and sends nothing if the input is another one") {
    auto other = addresses(5000);
    other[20] = "someone@example.com";
    auto const second = world.run(request_for(other), {}, config(), true, recover(world.journal));
    CHECK(second.end == bulk_end::input_changed);
    CHECK(second.requests == 0);
    CHECK(world.run(request_for(addresses(30)), {}, config(), true, recover(world.journal)).end ==
          bulk_end::input_changed);
  }
  SECTION("and is refused for another group") {
    fictive::bulk_request request{.account_group_token = "other", .email_addresses = addresses(5000)};
    auto const second = world.run(std::move(request), {}, config(), true, recover(world.journal));
    CHECK(second.end == bulk_end::invalid_argument);
  }
}

TEST_CASE("for the hooks, each request of a run is a call", "[bulk][hooks]") {
  std::size_t requests = 0, starts = 0, attempts = 0, accepted = 0, throttles = 0;
  simulation world([&](auto const& request, auto) -> fictive::result<fictive::http_response> {
    if (++requests == 2) return throttled();
    return invite_all(request);
  });
  auto with = config();
  with.hooks.on_start = [&](fictive::start_event const& event) { starts += event.call_id != 0; };
  with.hooks.on_attempt = [&](fictive::attempt_event const& event) {
    ++attempts;
    throttles += event.code == fictive::errc::too_many_requests;
    CHECK(event.duration == 50ms);
    CHECK(event.request_bytes > 0);
  };
  with.hooks.on_result = [&](fictive::result_event const& event) { accepted += event.accepted; };
  (void)world.run(request_for(addresses(210)), {}, with);
  CHECK(requests == 4);
  CHECK(starts == 4);
  CHECK(attempts == 4);
  CHECK(throttles == 1);
  CHECK(accepted == 210);
}

}  // namespace

}  // namespace bulk_rules_test
