#include <fictive/bulk.hpp>
#include <fictive/fictive.hpp>

#include "fuzz/support/fuzz.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

// A bulk run with a journal, driven by events in and out of turn: each byte is a choice. It may be cut off at any point,
// and is continued then from the records that were durable.

namespace fuzz {

using namespace std::chrono_literals;
using fictive::bulk_invite;
using fictive::bulk_step;
using fictive::bulk_verdict;
using fictive::effect;
using fictive::http_response;
using fictive::result;

constexpr unsigned input_size = 30;

/// The address at this place of the input; some are repeated, one cannot be sent.
std::string address_at(std::uint64_t index) {
  if (index == 17) return "line\n";
  return "person" + std::to_string(index % 11 == 10 ? index - 10 : index) + "@example.com";
}

fictive::bulk_request request() {
  auto next = [index = std::uint64_t{0}](std::string& address) mutable {
    if (index == input_size) return false;
    address = address_at(index++);
    return true;
  };
  return {.account_group_token = "group", .email_addresses = fictive::address_source(std::move(next))};
}

/// What survives the end of a process.
struct disk_and_service {
  std::vector<fictive::journal_record> records;  ///< durable ones
  std::map<std::string, effect> worst;           ///< of all requests with this address, if not none
};

/// What a reader of the journal would return; nothing without a header.
std::optional<fictive::recovered_run> recover(std::vector<fictive::journal_record> const& records) {
  if (records.empty()) return std::nullopt;
  fictive::recovered_run run;
  for (auto const& record : records) {
    if (auto const* header = std::get_if<fictive::journal_header>(&record)) run.header = *header;
    if (auto const* intent = std::get_if<fictive::journal_intent>(&record)) run.batches.push_back({.intent = *intent});
    if (auto const* end = std::get_if<fictive::journal_end>(&record)) run.rate = end->rate;
    if (auto const* outcome = std::get_if<fictive::journal_outcome>(&record))
      for (auto& batch : run.batches)
        if (batch.intent.number == outcome->number) batch.outcome = *outcome;
  }
  return run;
}

class simulation {
 public:
  simulation(choices& choose, disk_and_service& outside)
      : choose_(choose),
        outside_(outside),
        run_({.credentials = {.session_id = "session"},
              .renew_credentials = choose.below(2) == 0
                                       ? std::function<result<fictive::credentials>(fictive::stop_token)>()
                                       : [](auto) { return fictive::credentials{.session_id = "renewed"}; }},
             request(), options(choose), now_, true, recover(outside.records)) {}

  /// Whether it has ended, and was not cut off.
  bool run() {
    for (int events = 0; events < 4000; ++events) {
      auto const step = run_.next(now_);
      take_results();
      if (step == bulk_step::done) return check_end(), true;
      take(step);
      if (step == bulk_step::wait || choose_.below(3) == 0) happen();
      if (!choose_.rest.empty() && choose_.below(200) == 199) return false;
    }
    require(false, "a run ends");
    return true;
  }

 private:
  static fictive::bulk_options options(choices& choose) {
    return {.max_batch = 1 + choose.below(8),
            .canary = 1 + choose.below(4),
            .max_concurrency = 1 + choose.below(4),
            .initial_concurrency = 1,
            .splits_rejected = choose.below(2) == 1,
            .pulls_rest = true,
            .run_id = {1, 2}};
  }

  void take(bulk_step step) {
    switch (step) {
      case bulk_step::record:
        require(!is_recording_, "one write at a time");
        is_recording_ = true;
        break;
      case bulk_step::send: send(); break;
      case bulk_step::renew: require(!std::exchange(is_renewing_, true), "one renewal at a time"); break;
      case bulk_step::wait:
      case bulk_step::done: break;
    }
  }

  void send() {
    require(!has_stopped_ && !has_lost_journal_, "nothing is sent after a stop, or without a journal");
    auto const body = nlohmann::json::parse(run_.request().body);
    std::vector<std::string> addresses = body.at("emailAddresses");
    require(!addresses.empty(), "a request names somebody");
    for (auto const& address : addresses) {
      require(outside_.worst.count(address) == 0, "nobody is sent again who may have been invited");
      require(flying_.insert(address).second, "nobody is in two requests");
      require(intended_.count(address) == 1 || is_intended_before(address), "an intent is durable before the request");
    }
    require(flights_.emplace(run_.request_id(), std::move(addresses)).second, "ids are not used twice");
    require(flights_.size() <= 4, "requests in progress are limited");
  }

  [[nodiscard]] bool is_intended_before(std::string const& address) const {
    for (auto const& record : outside_.records)
      if (auto const* intent = std::get_if<fictive::journal_intent>(&record))
        for (auto const& range : intent->ranges)
          for (auto i = range.first; i < range.first + range.count; ++i)
            if (address_at(i) == address) return true;
    return false;
  }

  void happen() {
    auto const what = choose_.below(16);
    if (what == 14) return run_.renewed(fictive::credentials{.session_id = "late"}, now_), is_renewing_ = false, void();
    if (what == 15) return stop();
    if (what == 13) (void)run_.responded(77777, http_response{.status = 200}, now_);  // nobody's
    for (unsigned i = 0; i < 3; ++i)
      if (complete((what + i) % 3)) return;
    auto const until = run_.wait_until();
    now_ = until == bulk_invite::time_point::max() ? now_ + 1s : (std::max)(now_, until);
  }

  void stop() {
    if (choose_.below(4) != 1) return;
    has_stopped_ = true;
    run_.stop(choose_.below(2) == 0 ? fictive::bulk_stop::drain : fictive::bulk_stop::abandon, now_);
  }

  bool complete(unsigned what) {
    if (what == 0 && is_recording_) return record(), true;
    if (what == 1 && !flights_.empty()) return respond(), true;
    if (what == 2 && is_renewing_) {
      is_renewing_ = false;
      if (choose_.below(3) == 1)
        run_.declined("no", now_);
      else
        run_.renewed(fictive::credentials{.session_id = "renewed" + std::to_string(choose_.below(9))}, now_);
      return true;
    }
    return false;
  }

  void record() {
    is_recording_ = false;
    auto const records = run_.records();
    require(!records.empty(), "there is something to write");
    if (choose_.below(24) == 1) {
      has_lost_journal_ = true;
      return run_.recorded(std::make_error_code(std::errc::no_space_on_device), now_);
    }
    for (auto const& record : records) {
      outside_.records.push_back(record);
      if (auto const* intent = std::get_if<fictive::journal_intent>(&record))
        for (auto const& range : intent->ranges)
          for (auto i = range.first; i < range.first + range.count; ++i) intended_.insert(address_at(i));
    }
    run_.recorded({}, now_);
  }

  void respond() {
    auto const at = std::next(flights_.begin(), choose_.below(static_cast<unsigned>(flights_.size())));
    auto const id = at->first;
    auto const addresses = std::move(at->second);
    flights_.erase(at);
    auto const response = any_response(addresses);
    auto const did = effect_of(addresses, response);
    for (auto const& address : addresses) {
      flying_.erase(address);
      if (did != effect::none) outside_.worst[address] = did;
    }
    bool const accepts_credentials = run_.responded(id, response, now_);
    bool const is_refusal = !response || response->status == 401 || response->status == 429 || response->status >= 500;
    require(!accepts_credentials || !is_refusal, "these responses do not show that the credentials were accepted");
    if (choose_.below(8) == 1) (void)run_.responded(id, response, now_);  // twice
  }

  static effect effect_of(std::vector<std::string> const& addresses, result<http_response> const& response) {
    if (!response) return response.error().effect;
    auto const reply =
        fictive::parse_invite_response({.account_group_token = "group", .email_addresses = addresses}, *response);
    return reply ? effect::applied : reply.error().effect;
  }

  result<http_response> any_response(std::vector<std::string> const& addresses) {
    switch (choose_.below(12)) {
      case 0: return http_response{.status = 400};
      case 1: return http_response{.status = 401};
      case 2: return http_response{.status = 429};
      case 3: return http_response{.status = 503, .headers = {{"Retry-After", "2"}}};
      case 4: return http_response{.status = 500};
      case 5: return http_response{.status = 413};
      case 6: return http_response{.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = "{"};
      case 7: return fictive::transport_error(std::make_error_code(std::errc::connection_refused), effect::none);
      case 8: return fictive::transport_error(std::make_error_code(std::errc::connection_reset), effect::unknown);
      default: return success(addresses);
    }
  }

  /// Invites each of them, refuses or forgets some.
  http_response success(std::vector<std::string> const& addresses) {
    auto invited = nlohmann::json::array(), refused = nlohmann::json::array();
    for (auto const& address : addresses) {
      auto const what = choose_.below(6);
      if (what == 4) refused.push_back(address);
      if (what < 4) invited.push_back({{"invitationReference", "r"}, {"emailAddress", address}});
    }
    nlohmann::json const body = {{"validInvitations", invited}, {"invalidEmailAddresses", refused}};
    return {.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = body.dump()};
  }

  void take_results() {
    for (auto const& one : run_.take_results()) {
      require(verdicts_.emplace(one.index, one.verdict).second, "an address has one verdict");
      require(one.index < input_size && one.email_address == address_at(one.index), "an index is that of its address");
      auto const worst = outside_.worst.find(one.email_address);
      bool const may_be_invited = worst != outside_.worst.end() || flying_.count(one.email_address) == 1;
      if (one.verdict == bulk_verdict::not_applied || one.verdict == bulk_verdict::not_attempted)
        require(!may_be_invited || is_repeated(one.index),
                "whoever may have been invited is not reported as not applied");
      if (one.verdict == bulk_verdict::invited || one.verdict == bulk_verdict::refused)
        require(worst != outside_.worst.end() && worst->second == effect::applied, "the service has said so");
    }
  }

  /// Whether the address stands elsewhere in the input, too.
  static bool is_repeated(std::uint64_t index) {
    for (std::uint64_t i = 0; i < input_size; ++i)
      if (i != index && address_at(i) == address_at(index)) return true;
    return false;
  }

  void check_end() {
    auto const report = run_.report();
    require(report.counts.total() == verdicts_.size(), "the report counts the verdicts");
    bool const was_refused = report.end == fictive::bulk_end::invalid_argument;
    require(was_refused || report.end == fictive::bulk_end::input_changed || verdicts_.size() == input_size,
            "each address has a verdict");
  }

  choices& choose_;
  disk_and_service& outside_;
  bulk_invite::time_point now_ = bulk_invite::time_point(1h);
  bulk_invite run_;
  bool is_recording_ = false, is_renewing_ = false, has_stopped_ = false, has_lost_journal_ = false;
  std::map<std::uint64_t, std::vector<std::string>> flights_;
  std::set<std::string> flying_, intended_;
  std::map<std::uint64_t, bulk_verdict> verdicts_;
};

void test(std::string_view input) {
  choices choose{input};
  disk_and_service outside;
  for (int processes = 0; processes < 3; ++processes)
    if (simulation(choose, outside).run()) return;
}

}  // namespace fuzz
