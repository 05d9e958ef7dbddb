#include <fictive/fictive.hpp>
#include <fictive/file_journal.hpp>
#include <fictive/invite_all.hpp>

#include "faults/faults.hpp"
#include "support/bulk_world.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

// Bulk runs with a journal in a file. Each system call and each allocation fails in turn. What the run reports, and what
// the continued run does, is compared with what the service received.

namespace journal_fault_tests {

using fictive::bulk_end;
using fictive::bulk_verdict;
using fictive::effect;
using fictive::file_journal;
using fictive::http_request;
using fictive::http_response;
using fictive::result;
using fictive::stop_token;
using tests::content_of;
using tests::temporary_folder;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t input_size = 24, short_input_size = 6, duplicate = 3, refused = 2, unsendable = 4;

std::string address_at(std::uint64_t index) {
  if (index == unsendable) return "line\n";
  return bulk_world::address(index == duplicate ? 0 : index);
}

std::uint64_t index_of(std::string const& address) {
  for (std::uint64_t i = 0; i < input_size; ++i)
    if (address_at(i) == address) return i;
  return input_size;
}

/// The first addresses of the input.
fictive::bulk_request request_for(std::uint64_t size) {
  auto next = [size, index = std::uint64_t{0}](std::string& address) mutable {
    if (index == size) return false;
    address = address_at(index++);
    return true;
  };
  return {.account_group_token = "group", .email_addresses = fictive::address_source(std::move(next))};
}

/// The last intent that a journal has for this address.
fictive::recovered_batch const* last_batch(fictive::recovered_run const& run, std::uint64_t index) {
  fictive::recovered_batch const* last = nullptr;
  for (auto const& batch : run.batches)
    for (auto const& range : batch.intent.ranges)
      if (range.first <= index && index - range.first < range.count) last = &batch;
  return last;
}

/// The addresses whose last intent has no outcome, or an unknown one.
std::set<std::uint64_t> unknown_in(std::optional<fictive::recovered_run> const& run) {
  std::set<std::uint64_t> all;
  for (std::uint64_t i = 0; run && i < input_size; ++i)
    if (auto const* last = last_batch(*run, i))
      if (!last->outcome || last->outcome->effect == effect::unknown) all.insert(i);
  return all;
}

std::set<std::uint64_t> unknown_in(std::string const& journal) {
  return unknown_in(fictive::recover_journal(journal).value().run);
}

/// The service, which keeps what it did, and looks into the journal when a request arrives. The journal is in a file or,
/// without a path, in memory.
struct service {
  std::uint64_t size = input_size;  ///< of the input
  std::filesystem::path journal = {};
  std::vector<fictive::journal_record> records = {};
  bool is_difficult = true;                   ///< not all answers are 200
  bool is_fault_final = true;                 ///< nothing may be sent after the fault
  std::size_t requests = 0;                   ///< that arrived
  std::map<std::uint64_t, effect> done = {};  ///< for each address that a request reached with an effect
  std::vector<std::string> problems = {};

  void require(bool holds, char const* what) {
    if (!holds) problems.emplace_back(what);
  }

  result<http_response> answer(http_request const& request) {
    require(!faults::mine.has_happened || !is_fault_final, "nothing is sent after an error");
    faults::no_failures const unharmed;
    auto const addresses = bulk_world::addresses_in(request);
    check_journal(addresses);
    auto const number = requests++;
    if (is_difficult && number % 5 == 1) return bulk_world::throttled();
    bool const is_lost = is_difficult && number % 5 == 3;
    std::vector<std::string> invited, rejected;
    for (auto const& address : addresses) {
      auto const index = index_of(address);
      require(done.emplace(index, is_lost ? effect::unknown : effect::applied).second, "nobody is sent twice");
      (index == refused ? rejected : invited).push_back(address);
    }
    if (is_lost) return http_response{.status = 500};
    return bulk_world::invited(invited, rejected);
  }

  /// The run as the journal has it.
  [[nodiscard]] std::optional<fictive::recovered_run> recorded() const {
    if (!journal.empty() && std::filesystem::exists(journal))
      return fictive::recover_journal(content_of(journal)).value().run;
    if (records.empty()) return std::nullopt;
    return bulk_world::recover(records);
  }

  /// The run as it could be recovered after a loss of power.
  [[nodiscard]] std::optional<fictive::recovered_run> durable() const {
    if (journal.empty()) return recorded();
    if (!faults::durable.has_its_name) return std::nullopt;
    return fictive::recover_journal(content_of(journal).substr(0, faults::durable.size)).value().run;
  }

  void check_journal(std::vector<std::string> const& addresses) {
    auto const run = durable();
    require(run.has_value(), "the journal is durable before a request is sent");
    if (!run) return;
    for (auto const& address : addresses) {
      auto const* const last = last_batch(*run, index_of(address));
      require(last && !last->outcome, "an intent is durable before its request is sent");
    }
  }
};

/// A transport to the service in virtual time, blocking and asynchronous.
struct virtual_transport {
  using time_point = std::chrono::steady_clock::time_point;

  struct event {
    event() = default;
    event(event const&) = delete;
    event& operator=(event const&) = delete;
    virtual ~event() = default;
    virtual void happen() = 0;
  };

  struct state {
    service* to;
    time_point now = bulk_world::start;
    std::multimap<time_point, std::unique_ptr<event>> events = {};
  };

  state* at;

  [[nodiscard]] time_point now() const { return at->now; }
  result<http_response> operator()(http_request const& request) const { return at->to->answer(request); }
  bool wait_until(time_point time, stop_token const&) const {
    at->now = std::max(at->now, time);
    return true;
  }

  template <class Handler>
  void async_send(http_request const& request, stop_token const&, Handler handler) const {
    later(50ms, [response = at->to->answer(request), handler = std::move(handler)]() mutable {
      handler(std::move(response));
    });
  }
  template <class Handler>
  void async_wait(std::chrono::nanoseconds duration, stop_token const&, Handler handler) const {
    later(duration, std::move(handler));
  }

  template <class Function>
  void later(std::chrono::nanoseconds delay, Function function) const {
    struct stored final : event {
      explicit stored(Function f) : function(std::move(f)) {}
      void happen() override { function(); }
      Function function;
    };
    at->events.emplace(at->now + delay, std::make_unique<stored>(std::move(function)));
  }
};

enum class driver { blocking, asynchronous };

struct outcome {
  std::optional<fictive::error> no_journal;
  std::optional<fictive::bulk_report> report;
  std::map<std::uint64_t, bulk_verdict> verdicts;
  bool has_thrown = false;  ///< std::bad_alloc
};

/// Begins the run, or continues it if there is a journal.
void invite_all(driver how, service& to, outcome& seen) {
  virtual_transport::state world{&to};
  fictive::bulk_options options{
      .max_batch = 3, .canary = 1, .max_concurrency = how == driver::blocking ? 1u : 3u, .run_id = {1, 2}};
  if (to.journal.empty()) {
    options.journal = [&](std::vector<fictive::journal_record> const& records) {
      faults::no_failures const unharmed;
      to.records.insert(to.records.end(), records.begin(), records.end());
      return std::error_code();
    };
    options.resume = to.recorded();
  } else {
    auto journal =
        std::filesystem::exists(to.journal) ? file_journal::open(to.journal) : file_journal::create(to.journal);
    if (!journal) {
      seen.no_journal = journal.error();
      return;
    }
    options.journal = journal->writer();
    options.resume = journal->take_run();
  }
  auto const sink = [&](fictive::bulk_result&& one) {
    faults::no_failures const unharmed;
    to.require(seen.verdicts.emplace(one.index, one.verdict).second, "an address has one verdict");
  };
  if (how == driver::blocking) {
    fictive::client client{virtual_transport{&world}, bulk_world::config()};
    seen.report = client.invite_all(request_for(to.size), std::move(options), sink);
    return;
  }
  fictive::async_client client{virtual_transport{&world}, bulk_world::config()};
  client.async_invite_all(request_for(to.size), std::move(options), sink,
                          [&](fictive::bulk_report report) { seen.report = std::move(report); });
  while (!seen.report && !world.events.empty()) {
    auto const first = std::move(world.events.begin()->second);
    world.now = std::max(world.now, world.events.begin()->first);
    world.events.erase(world.events.begin());
    first->happen();
  }
}

outcome invite_all_failing(driver how, service& to, std::size_t call, faults::fault what) {
  outcome seen;
  faults::failing_call const failing(call, what, faults::calls::of_files);
  invite_all(how, to, seen);
  return seen;
}

/// What the run reports is what the service did, besides what the run took from the journal.
void check_verdicts(outcome const& seen, service const& to, std::set<std::uint64_t> const& unknown_before) {
  for (auto const& [index, verdict] : seen.verdicts) {
    INFO("address " << index << " is " << to_string(verdict));
    auto const done = to.done.find(index);
    if (index == duplicate) {
      CHECK(verdict == bulk_verdict::duplicate);
    } else if (index == unsendable) {
      CHECK(verdict == bulk_verdict::not_applied);
    } else if (unknown_before.count(index) == 1) {
      CHECK(verdict == bulk_verdict::unknown);
    } else if (done == to.done.end()) {
      CHECK(verdict == bulk_verdict::not_attempted);
    } else if (done->second == effect::unknown) {
      CHECK(verdict == bulk_verdict::unknown);
    } else {
      CHECK(verdict == (index == refused ? bulk_verdict::refused : bulk_verdict::invited));
    }
  }
}

void check_report(outcome const& seen, service const& to, std::set<std::uint64_t> const& unknown_before) {
  REQUIRE(seen.report);
  CHECK(seen.verdicts.size() == to.size);
  CHECK(seen.report->counts.total() == to.size);
  check_verdicts(seen, to, unknown_before);
}

/// Continues the run without faults: nobody is invited twice, and nobody is left out.
void check_continued(driver how, service& to) {
  auto const unknown = unknown_in(to.recorded());
  to.is_difficult = to.is_fault_final = false;
  auto const seen = invite_all_failing(how, to, faults::never, {});
  REQUIRE_FALSE(seen.no_journal);
  check_report(seen, to, unknown);
  CHECK(seen.report->end == bulk_end::complete);
  CHECK(seen.report->counts[bulk_verdict::unknown] == unknown.size());
  CHECK(seen.report->counts[bulk_verdict::not_attempted] == 0);
  CHECK(to.problems == std::vector<std::string>());
  CHECK(unknown_in(to.recorded()) == unknown);
}

std::size_t open_files() {
  auto const all = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// The records of a journal.
std::vector<fictive::journal_record> records_of(std::string const& journal) {
  auto const run = fictive::recover_journal(journal).value().run.value();
  std::vector<fictive::journal_record> all = {run.header};
  for (auto const& batch : run.batches) {
    all.emplace_back(batch.intent);
    if (batch.outcome) all.emplace_back(*batch.outcome);
  }
  return all;
}

/// Lets an allocation fail, after `allocations` others.
outcome invite_all_without_memory(service& to, std::size_t allocations) {
  outcome seen;
  auto const before = faults::outstanding_allocations();
  {
    faults::failing_allocation const failing(allocations);
    try {
      invite_all(driver::blocking, to, seen);
    } catch (std::bad_alloc const&) {
      seen.has_thrown = true;
    }
  }
  auto copy = seen.report;
  seen.report.reset();
  CHECK(faults::outstanding_allocations() == before);
  seen.report = std::move(copy);
  return seen;
}

struct row {
  faults::fault what;
  bool is_harmless;
};

auto any_fault() {
  return GENERATE(values<row>({
      {{.error = EINTR}, true},
      {{.is_short = true}, true},
      {{.error = EIO}, false},
      {{.error = ENOSPC}, false},
      {{.error = ENOSPC, .is_short = true}, false},
  }));
}

/// Lets each system call of a run fail in turn, beginning with this journal; returns the number of calls.
std::size_t try_each_call(driver how, row const& fault, std::string const* journal, service const& before) {
  bool has_failed = true;
  std::size_t n = 0;
  std::optional<fictive::bulk_counts> unharmed;
  {
    temporary_folder const folder;
    auto to = before;
    to.journal = folder.journal();
    if (journal) std::ofstream(to.journal, std::ios::binary) << *journal;
    unharmed = invite_all_failing(how, to, faults::never, {}).report.value().counts;
  }
  for (; has_failed; ++n) {
    REQUIRE(n < 500);
    temporary_folder const folder;
    auto to = before;
    to.journal = folder.journal();
    to.is_fault_final = !fault.is_harmless;
    if (journal) std::ofstream(to.journal, std::ios::binary) << *journal;
    auto const unknown_before = journal ? unknown_in(*journal) : std::set<std::uint64_t>();
    faults::durable = {};
    auto const seen = invite_all_failing(how, to, n, fault.what);
    has_failed = faults::mine.has_happened;
    INFO("call " << n << ", " << faults::mine.call << ", error " << fault.what.error << ", short "
                 << fault.what.is_short << ", driver " << static_cast<int>(how));
    CHECK(to.problems == std::vector<std::string>());
    bool const must_fail = has_failed && !fault.is_harmless;
    if (seen.no_journal) {
      CHECK(must_fail);
      CHECK(seen.no_journal->cause == std::error_code(fault.what.error, std::system_category()));
      CHECK(to.requests == before.requests);
    } else {
      check_report(seen, to, unknown_before);
      if (must_fail) {
        CHECK(seen.report->end == bulk_end::journal_failed);
        CHECK(seen.report->journal_error == std::error_code(fault.what.error, std::system_category()));
      } else {
        CHECK(seen.report->end == bulk_end::complete);
        CHECK(seen.report->counts.by_verdict == unharmed->by_verdict);
      }
    }
    check_continued(how, to);
  }
  return n;
}

}  // namespace

TEST_CASE("whichever system call of a new run's journal fails, nothing is sent that is not recorded",
          "[faults][journal][bulk]") {
  auto const how = GENERATE(driver::blocking, driver::asynchronous);
  auto const fault = any_fault();
  CHECK(try_each_call(how, fault, nullptr, {}) > 20);
}

TEST_CASE("whichever system call of a continued run's journal fails, nobody is sent twice", "[faults][journal][bulk]") {
  auto const how = GENERATE(driver::blocking, driver::asynchronous);
  auto const fault = any_fault();
  temporary_folder const folder;
  service before;
  before.journal = folder.journal();
  // The journal ends with an incomplete record.
  constexpr std::size_t late_call = 17;
  auto const seen = invite_all_failing(how, before, late_call, {.error = ENOSPC, .is_short = true});
  REQUIRE(seen.report);
  REQUIRE(seen.report->end == bulk_end::journal_failed);
  REQUIRE(before.done.size() > 2);
  auto const journal = content_of(before.journal);
  REQUIRE(fictive::recover_journal(journal).value().size < journal.size());
  CHECK(try_each_call(how, fault, &journal, before) > 10);
}

TEST_CASE("whichever allocation of a run with a journal fails, nobody is sent twice",
          "[faults][journal][bulk][memory]") {
  auto const is_in_memory = GENERATE(true, false);
  auto const is_continued = GENERATE(false, true);
  temporary_folder const first_folder;
  service before;
  before.size = short_input_size;
  std::string journal;
  if (is_continued) {
    before.journal = first_folder.journal();
    auto const seen = invite_all_failing(driver::blocking, before, 9, {.error = ENOSPC, .is_short = true});
    REQUIRE(seen.report.value().end == bulk_end::journal_failed);
    REQUIRE_FALSE(before.done.empty());
    journal = content_of(before.journal);
  }
  bool has_failed = true;
  std::size_t n = 0, thrown = 0;
  for (; has_failed; ++n) {
    REQUIRE(n < 10'000);
    temporary_folder const folder;
    auto to = before;
    to.journal = is_in_memory ? std::filesystem::path() : folder.journal();
    if (is_continued && is_in_memory) to.records = records_of(journal);
    if (is_continued && !is_in_memory) std::ofstream(to.journal, std::ios::binary) << journal;
    to.is_fault_final = false;
    faults::durable = {.size = journal.size(), .has_its_name = false};
    auto const unknown_before = unknown_in(to.recorded());
    auto const files = open_files();
    auto const seen = invite_all_without_memory(to, n);
    has_failed = faults::mine.has_happened;
    INFO("allocation " << n << ", journal in memory: " << is_in_memory << ", continued: " << is_continued);
    CHECK(to.problems == std::vector<std::string>());
    CHECK(open_files() == files);
    if (seen.has_thrown) {
      ++thrown;
      check_verdicts(seen, to, unknown_before);
    } else {
      check_report(seen, to, unknown_before);
    }
    if (!has_failed) CHECK(seen.report->end == bulk_end::complete);
    check_continued(driver::blocking, to);
  }
  CHECK(thrown > 50);
}

TEST_CASE("whichever allocation fails on a thread of a run, the run ends", "[faults][bulk][memory]") {
  std::size_t const n = GENERATE(range(std::size_t{0}, std::size_t{10}));
  fictive::client client{[n](http_request const& request) {
                           faults::mine.is_active = false;
                           auto response = bulk_world::invited(bulk_world::addresses_in(request));
                           // Until the next request on this thread: in the driver.
                           faults::mine = {.allocations_until_failure = n, .is_active = true};
                           return response;
                         },
                         bulk_world::config()};
  auto const report = client.invite_all(request_for(20),
                                        {.max_batch = 1,
                                         .canary = 1,
                                         .max_concurrency = 3,
                                         .max_unknown_in_a_row = 100,
                                         .max_unknown_of_50 = 50,
                                         .run_id = {1, 2}},
                                        {});
  CHECK(report.end == bulk_end::complete);
  CHECK(report.counts[bulk_verdict::invited] + report.counts[bulk_verdict::unknown] == 18);
}

}  // namespace journal_fault_tests
