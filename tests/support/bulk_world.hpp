#ifndef FICTIVE_TESTS_SUPPORT_BULK_WORLD_HPP
#define FICTIVE_TESTS_SUPPORT_BULK_WORLD_HPP

#include <fictive/fictive.hpp>
#include <fictive/invite_all.hpp>

#include <boost/json.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

// A bulk run in virtual time: a service, a journal in memory, and a driver that checks the machine's invariants after
// each event.

namespace bulk_world {

using time_point = std::chrono::steady_clock::time_point;
using fictive::bulk_step;
using fictive::bulk_verdict;

inline constexpr time_point start{std::chrono::hours(1000)};

inline void require(bool condition, char const* what) {
  if (!condition) throw std::logic_error(what);
}

inline std::string address(std::uint64_t index) {
  return "person" + std::to_string(index) + "@example.com";
}

inline std::vector<std::string> addresses(std::size_t count) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(address(i));
  return all;
}

inline fictive::bulk_request request_for(std::vector<std::string> of) {
  return {.account_group_token = "group", .email_addresses = std::move(of)};
}

inline std::vector<std::string> addresses_in(fictive::http_request const& request) {
  std::vector<std::string> all;
  auto const body = boost::json::parse(request.body);
  for (auto const& one : body.at("emailAddresses").as_array()) all.emplace_back(one.as_string().c_str());
  return all;
}

inline fictive::http_response json_response(int status, std::string body) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

/// A response that invites some addresses and refuses others.
inline fictive::http_response invited(std::vector<std::string> const& whom,
                                      std::vector<std::string> const& refused = {}) {
  boost::json::array valid, invalid;
  for (auto const& one : whom)
    valid.push_back(boost::json::object{{"invitationReference", "r-" + one}, {"emailAddress", one}});
  for (auto const& one : refused) invalid.emplace_back(one);
  boost::json::object const body{{"validInvitations", valid}, {"invalidEmailAddresses", invalid}};
  return json_response(200, boost::json::serialize(body));
}

/// The response that invites all addresses of a request.
inline fictive::result<fictive::http_response> invite_all(fictive::http_request const& request) {
  return invited(addresses_in(request));
}

inline fictive::http_response throttled(std::optional<unsigned> retry_after = {}) {
  fictive::http_response response{.status = 429};
  if (retry_after) response.headers.push_back({"Retry-After", std::to_string(*retry_after)});
  return response;
}

inline fictive::client_config config() {
  return {.credentials = {.session_id = "session"}, .retry = {.budget = nullptr}};
}

/// A run as its records have it.
inline fictive::recovered_run recover(std::vector<fictive::journal_record> const& records) {
  fictive::recovered_run run;
  for (auto const& record : records) {
    if (auto const* header = std::get_if<fictive::journal_header>(&record)) run.header = *header;
    if (auto const* intent = std::get_if<fictive::journal_intent>(&record)) run.batches.push_back({*intent, {}});
    if (auto const* outcome = std::get_if<fictive::journal_outcome>(&record)) {
      auto const number = static_cast<std::size_t>(outcome->number);
      require(number < run.batches.size() && !run.batches[number].outcome, "an outcome has an intent");
      run.batches[number].outcome = *outcome;
    }
    if (auto const* end = std::get_if<fictive::journal_end>(&record)) run.rate = end->rate;
  }
  for (std::size_t i = 0; i < run.batches.size(); ++i)
    require(run.batches[i].intent.number == i, "intents are numbered without gaps");
  return run;
}

/// Checks what holds after every event of a run.
class invariants {
 public:
  /// A continued run may hold one batch of the journal more, and pulls to the next fingerprint of its input.
  invariants(fictive::bulk_options const& options, std::optional<fictive::recovered_run> const& recovered)
      : most_((options.max_concurrency + 1) * options.max_batch),
        span_(4 * options.max_concurrency * options.max_batch) {
    if (!recovered) return;
    most_ += recovered->header.batch;
    std::set<std::uint64_t> ends{0};
    for (auto const& one : recovered->batches) ends.insert(one.intent.input_size);
    std::uint64_t longest = 0;
    for (auto end = ends.begin(); std::next(end) != ends.end(); ++end)
      longest = std::max(longest, *std::next(end) - *end);
    span_ += longest;
  }

  void check(fictive::bulk_invite& run, time_point now) {
    for (auto& result : run.take_results()) {
      require(results.emplace(result.index, result).second, "an address has one verdict");
      ++count_;
    }
    auto const state = run.progress(now);
    require(state.counts.total() == count_, "the counts are those of the verdicts");
    require(state.pulled == count_ + state.open + state.in_flight, "pulled = verdicts + open + in flight");
    require(state.open + state.in_flight <= most_, "at most (concurrency + 1) batches are held");
    while (results.count(first_open_)) ++first_open_;
    bool const is_ending = run.report().end != fictive::bulk_end::complete;  // the rest is pulled at once
    if (!is_ending) require(state.pulled <= first_open_ + span_, "open indices span at most 4 * concurrency batches");
  }

  std::map<std::uint64_t, fictive::bulk_result> results;

 private:
  std::uint64_t most_, span_;
  std::uint64_t count_ = 0, first_open_ = 0;
};

/// Runs to the end in virtual time. The service answers a request when it arrives, half of `latency` after it was sent.
class simulation {
 public:
  using service = std::function<fictive::result<fictive::http_response>(fictive::http_request const&, time_point)>;

  explicit simulation(service answers) : answers_(std::move(answers)) {}

  std::function<std::chrono::nanoseconds()> latency = [] { return std::chrono::milliseconds(50); };
  std::chrono::nanoseconds record_time = std::chrono::nanoseconds(0);
  std::function<void(fictive::bulk_invite&, time_point)> on_event = [](fictive::bulk_invite&, time_point) {};
  std::function<fictive::result<fictive::credentials>()> renew = [] {
    return fictive::credentials{.session_id = "renewed"};
  };
  std::vector<fictive::journal_record> journal;
  std::error_code journal_error;
  time_point now = start, until = time_point::max();
  std::size_t most_in_flight = 0, renewals = 0;
  bool checks = true;
  std::map<std::uint64_t, fictive::bulk_result> results;

  fictive::bulk_report run(fictive::bulk_request request, fictive::bulk_options options,
                           fictive::client_config const& with = config(), bool has_journal = false,
                           std::optional<fictive::recovered_run> recovered = {}) {
    invariants held(options, recovered);
    auto const max_batch = options.max_batch;
    fictive::bulk_invite machine(with, std::move(request), std::move(options), now, has_journal, std::move(recovered));
    std::size_t in_flight = 0;
    for (;;) {
      auto const step = machine.next(now);
      if (checks)
        held.check(machine, now);
      else
        (void)machine.take_results();
      if (step == bulk_step::done) break;
      if (step == bulk_step::record) {
        now += record_time;
        if (!journal_error) journal.insert(journal.end(), machine.records().begin(), machine.records().end());
        machine.recorded(journal_error, now);
      } else if (step == bulk_step::renew) {
        ++renewals;
        machine.renewed(renew(), now);
      } else if (step == bulk_step::send) {
        most_in_flight = std::max(most_in_flight, ++in_flight);
        if (checks) require(addresses_in(machine.request()).size() <= max_batch, "a batch has its size");
        auto const half = latency() / 2;
        at(now + half, [this, &machine, &in_flight, half, id = machine.request_id(), request = machine.request()] {
          auto answer = answers_(request, now);
          at(now + half, [this, &machine, &in_flight, id, answer = std::move(answer)] {
            --in_flight;
            machine.responded(id, answer, now);
          });
        });
      } else if (!advance(machine.wait_until())) {
        break;
      }
      on_event(machine, now);
    }
    results = std::move(held.results);
    events_.clear();
    return machine.report();
  }

  [[nodiscard]] std::vector<bulk_verdict> verdicts() const {
    std::vector<bulk_verdict> all;
    for (auto const& [index, result] : results) all.push_back(result.verdict);
    return all;
  }

 private:
  void at(time_point when, std::function<void()> what) { events_.emplace(when, std::move(what)); }

  /// To the next event, or to this time. False if that is after the end of the simulation.
  bool advance(time_point wait_until) {
    require(wait_until != time_point::max() || !events_.empty(), "a run that waits is continued by something");
    auto const next = events_.empty() ? wait_until : std::min(events_.begin()->first, wait_until);
    if (next > until) return false;
    now = std::max(now, next);
    if (!events_.empty() && events_.begin()->first <= now) {
      auto const what = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      what();
    }
    return true;
  }

  service answers_;
  std::multimap<time_point, std::function<void()>> events_;
};

}  // namespace bulk_world

#endif
