#include <fictive/fictive.hpp>
#include <fictive/invite_all.hpp>

#include "support/bulk_world.hpp"
#include "support/catch.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

// Runs in which anything happens in any order: the invariants hold after every event, and in the end the verdicts are
// what the service did. A run may end in a crash, and then continues from its journal.

namespace bulk_schedules_test {

namespace {

using namespace std::chrono_literals;
using namespace bulk_world;

/// Chooses one of `count` possibilities.
using chooser = std::function<std::size_t(std::size_t count)>;

/// What may happen.
struct possibilities {
  std::vector<int> responses = {};  // statuses; 0 is no connection, -1 a reset, -2 a lost result
  bool is_exhaustive = false;       // then nothing is rare, and no event is out of turn
  bool stops = false, crashes = false, journal_fails = false, renewal_fails = false, refuses_addresses = false;
  bool resends = false;  // what is unknown
  std::size_t max_throttles = 100;
};

class scenario {
 public:
  scenario(std::size_t count, fictive::bulk_options (*options)(), possibilities may, chooser choose)
      : count_(count), options_(options), may_(std::move(may)), choose_(std::move(choose)) {}

  /// Runs, and continues after each crash, to the end.
  void run(bool has_journal) {
    while (!run_once(has_journal)) {
    }
    check_verdicts();
  }

 private:
  struct flight {
    std::uint64_t id;
    std::vector<std::string> addresses;
    std::string session;
  };

  /// False if it crashed.
  bool run_once(bool has_journal) {
    auto with = config();
    with.credentials.session_id = session_;
    with.renew_credentials = [](fictive::stop_token) { return fictive::credentials{}; };
    with.retry.jitter = [] { return 0.5; };
    std::optional<fictive::recovered_run> recovered;
    has_stopped_ = false;
    if (!journal_.empty()) recovered = recover(journal_);
    with.retry.retry_unknown_effect = may_.resends;
    auto options = options_();
    options.resends_unknown = may_.resends;
    max_batch_ = options.max_batch;
    invariants held(options, recovered);
    fictive::bulk_invite machine(with, request_for(addresses(count_)), std::move(options), now_, has_journal,
                                 std::move(recovered));
    flights_.clear();
    bool is_recording = false, is_renewing = false;
    for (;;) {
      auto const step = machine.next(now_);
      held.check(machine, now_);
      if (step == bulk_step::done) break;
      if (step == bulk_step::record) {
        is_recording = true;
        unsynced_ = machine.records();
      } else if (step == bulk_step::renew) {
        require(!is_renewing, "one renewal at a time");
        is_renewing = true;
      } else if (step == bulk_step::send) {
        send(machine, has_journal);
      }
      if (step != bulk_step::wait && choose_(2) == 0) continue;  // more is begun first
      if (may_.crashes && has_journal && !(may_.is_exhaustive && has_crashed_) && rarely(10))
        return crash(is_recording);
      happen(machine, is_recording, is_renewing);
    }
    results_ = std::move(held.results);
    require(results_.size() == count_, "every address has a verdict");
    require(machine.progress(now_).pulled == count_, "everything is pulled");
    return true;
  }

  void send(fictive::bulk_invite& machine, bool has_journal) {
    flight one{machine.request_id(), addresses_in(machine.request()),
               *fictive::find_header(machine.request().headers, "X-SessionId")};
    require(one.addresses.size() <= max_batch_, "a batch has its size");
    if (has_journal) {
      std::set<std::string> in_doubt;  // intents without outcome
      for (auto const& batch : recover(journal_).batches)
        for (auto const& range : batch.intent.ranges)
          for (auto i = range.first; i < range.first + range.count; ++i)
            if (!batch.outcome) in_doubt.insert(address(i));
      for (auto const& whom : one.addresses)
        require(in_doubt.count(whom) == 1, "an intent is durable before its request");
    }
    flights_.push_back(std::move(one));
  }

  /// The last write is durable, or lost, or a part of it is durable.
  bool crash(bool is_recording) {
    has_crashed_ = true;
    if (is_recording) {
      auto const kept = choose_(unsynced_.size() + 1);
      journal_.insert(journal_.end(), unsynced_.begin(), unsynced_.begin() + static_cast<std::ptrdiff_t>(kept));
    }
    for (auto const& one : flights_)  // the requests on their way have any effect
      if (choose_(2) == 0) apply(one, 0);
    return false;
  }

  /// One of the events that are possible now.
  void happen(fictive::bulk_invite& machine, bool& is_recording, bool& is_renewing) {
    std::vector<std::function<void()>> events;
    for (std::size_t i = 0; i < flights_.size(); ++i) events.emplace_back([&, i] { respond(machine, i); });
    if (is_recording) events.emplace_back([&] { finish_record(machine, is_recording); });
    if (is_renewing) events.emplace_back([&] { finish_renewal(machine, is_renewing); });
    bool const has_time = machine.wait_until() != time_point::max();
    require(!events.empty() || has_time, "something continues the run");
    if (has_time && (events.empty() || rarely(8))) {
      now_ = std::max(now_, machine.wait_until());
      return;
    }
    if (may_.stops && !has_stopped_ && rarely(8)) {
      has_stopped_ = true;
      return machine.stop(choose_(2) == 0 ? fictive::bulk_stop::drain : fictive::bulk_stop::abandon, now_);
    }
    events[choose_(events.size())]();
  }

  bool rarely(std::size_t of) { return choose_(may_.is_exhaustive ? 2 : of) == 1; }

  void finish_record(fictive::bulk_invite& machine, bool& is_recording) {
    is_recording = false;
    if (may_.journal_fails && rarely(8)) return machine.recorded(std::make_error_code(std::errc::io_error), now_);
    journal_.insert(journal_.end(), unsynced_.begin(), unsynced_.end());
    machine.recorded({}, now_);
  }

  void finish_renewal(fictive::bulk_invite& machine, bool& is_renewing) {
    is_renewing = false;
    if (may_.renewal_fails && rarely(3)) return machine.declined("no", now_);
    session_ = "s" + std::to_string(++sessions_);
    machine.renewed(fictive::credentials{.session_id = session_}, now_);
  }

  void respond(fictive::bulk_invite& machine, std::size_t which) {
    auto const one = flights_[which];
    flights_.erase(flights_.begin() + static_cast<std::ptrdiff_t>(which));
    now_ += 10ms;
    auto status = may_.responses[choose_(may_.responses.size())];
    if (status == 429 && throttles_++ >= may_.max_throttles) status = 200;
    auto const answer = answer_of(one, status);
    machine.responded(one.id, answer, now_);
    if (!may_.is_exhaustive && rarely(4)) machine.responded(one.id, answer, now_);  // out of turn
  }

  fictive::result<fictive::http_response> answer_of(flight const& one, int status) {
    if (status == 200) return apply(one, may_.refuses_addresses ? choose_(3) : 0);
    if (status == 0)
      return fictive::transport_error(std::make_error_code(std::errc::connection_refused), fictive::effect::none);
    bool const may_apply = status == -1 || status >= 500;
    if ((may_apply && choose_(2) == 0) || status == -2) apply(one, 0);
    if (status == -1) return fictive::transport_error(std::make_error_code(std::errc::connection_reset));
    if (status == -2) return json_response(200, "{");
    if (status == 429 && choose_(2) == 0) return throttled(1);
    return fictive::http_response{.status = status};
  }

  /// Invites them; refuses the first, or does not mention it.
  fictive::http_response apply(flight const& one, std::size_t what_of_the_first) {
    auto whom = one.addresses;
    std::vector<std::string> refused;
    if (what_of_the_first == 1) {
      refused = {whom.front()};
      refused_.insert(whom.front());
      whom.erase(whom.begin());
    }
    for (auto const& each : whom) ++invited_[each];
    if (what_of_the_first == 2 && whom.size() > 1) whom.erase(whom.begin());
    return invited(whom, refused);
  }

  void check_verdicts() const {
    for (auto const& [index, result] : results_) {
      auto const found = invited_.find(address(index));
      auto const times = found == invited_.end() ? 0 : found->second;
      require(times <= 1 || may_.resends, "nobody is invited twice");
      switch (result.verdict) {
        case bulk_verdict::invited: require(times >= 1, "invited is invited"); break;
        case bulk_verdict::refused: require(refused_.count(address(index)) == 1, "refused is refused"); break;
        case bulk_verdict::not_applied:
        case bulk_verdict::not_attempted: require(times == 0, "not applied and not attempted is not invited"); break;
        case bulk_verdict::duplicate: require(false, "there is no duplicate"); break;
        default: break;
      }
    }
  }

  std::size_t count_, max_batch_ = 0;
  fictive::bulk_options (*options_)();
  possibilities may_;
  chooser choose_;
  time_point now_ = start;
  std::string session_ = "s0";
  bool has_stopped_ = false, has_crashed_ = false;
  std::size_t sessions_ = 0, throttles_ = 0;
  std::vector<flight> flights_;
  std::vector<fictive::journal_record> journal_, unsynced_;
  std::map<std::string, int> invited_;
  std::set<std::string> refused_;
  std::map<std::uint64_t, fictive::bulk_result> results_;
};

/// Runs with every sequence of choices. Returns their number.
std::size_t for_all_choices(std::function<void(chooser const&)> const& run) {
  std::vector<std::pair<std::size_t, std::size_t>> path;  // chosen, of how many
  std::size_t runs = 0;
  for (;;) {
    std::size_t depth = 0;
    run([&](std::size_t count) {
      if (depth == path.size()) path.emplace_back(0, count);
      return path[depth++].first;
    });
    ++runs;
    path.resize(depth);
    while (!path.empty() && ++path.back().first == path.back().second) path.pop_back();
    if (path.empty()) return runs;
  }
}

fictive::bulk_options small_options() {
  return {.max_batch = 2,
          .canary = 1,
          .max_concurrency = 3,
          .initial_concurrency = 3,
          .max_unknown_in_a_row = 3,
          .max_failures_in_a_row = 4,
          .splits_rejected = true,
          .max_split_requests = 4,
          .run_id = {1, 2}};
}

TEST_CASE("100,000 random schedules keep the invariants", "[bulk][schedules][long]") {
  possibilities const may{.responses = {200, 200, 200, 200, 200, 429, 401, 400, 413, 500, 503, 0, -1, -2, 408, 404},
                          .stops = true,
                          .crashes = true,
                          .journal_fails = true,
                          .renewal_fails = true,
                          .refuses_addresses = true};
  std::mt19937_64 random(14);
  for (std::size_t i = 0; i < 100'000; ++i) {
    INFO("schedule " << i);
    auto const choose = [&random](std::size_t count) { return static_cast<std::size_t>(random() % count); };
    auto what = may;
    what.stops = i % 4 == 0;
    what.journal_fails = i % 4 == 1;
    what.resends = i % 3 == 0;
    if (i % 2 == 0) what.responses = {200, 200, 200, 429, 413, 401, 0, -1};
    scenario(static_cast<std::size_t>(random() % 12), small_options, what, choose).run(i % 8 != 7);
  }
  SUCCEED();
}

TEST_CASE("every order of events of five addresses, two in a batch, two batches in flight", "[bulk][schedules][long]") {
  auto const options = [] {
    return fictive::bulk_options{
        .max_batch = 2, .canary = 1, .max_concurrency = 2, .initial_concurrency = 2, .run_id = {1, 2}};
  };
  auto const runs_of = [&](possibilities const& may, bool has_journal) {
    return for_all_choices([&](chooser const& choose) { scenario(5, options, may, choose).run(has_journal); });
  };
  SECTION("answered, or not") {
    CHECK(runs_of({.responses = {200, -1}, .is_exhaustive = true}, false) > 100);
  }
  SECTION("throttled once") {
    CHECK(runs_of({.responses = {200, 429}, .is_exhaustive = true, .max_throttles = 1}, false) > 100);
  }
  SECTION("stopped") {
    CHECK(runs_of({.responses = {200}, .is_exhaustive = true, .stops = true}, false) > 50);
  }
  SECTION("with a journal") {
    auto const runs = runs_of({.responses = {200}, .is_exhaustive = true, .crashes = true}, true);
    CHECK(runs > 100);
  }
}

}  // namespace

}  // namespace bulk_schedules_test
