// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_IMPL_BULK_IPP
#define FICTIVE_IMPL_BULK_IPP

#include <fictive/bulk.hpp>
#include <fictive/detail/bulk/match_response.hpp>
#include <fictive/detail/http/outcomes.hpp>
#include <fictive/detail/text/repeated_address.hpp>
#include <fictive/detail/text/siphash.hpp>
#include <fictive/detail/text/text_problem.hpp>
#include <fictive/invite_endpoint.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

namespace fictive {

namespace detail {

/// The number of verdicts after which `next` returns, so that the driver takes them.
inline constexpr std::size_t max_untaken_results = 1024;

/// A batch is formed, and its intent recorded, at most this long before it may be sent: longer than a journal takes.
inline constexpr std::chrono::milliseconds preparation_time{100};

/// The verdict on an address that is not sent again.
constexpr bulk_verdict verdict_of_unsent(effect so_far) noexcept {
  return so_far == effect::none ? bulk_verdict::not_attempted : bulk_verdict::unknown;
}

FICTIVE_DECL std::string bulk_options_problem(bulk_options const& options) {
  if (options.max_batch < 1 || options.max_batch > 10'000) return "bulk_options::max_batch must be 1 to 10000";
  if (options.max_batch_bytes < 1024 || options.max_batch_bytes > 16 * 1024 * 1024)
    return "bulk_options::max_batch_bytes must be 1 KiB to 16 MiB";
  if (options.canary < 1 || options.canary > 10'000) return "bulk_options::canary must be 1 to 10000";
  if (options.max_concurrency < 1 || options.max_concurrency > 64)
    return "bulk_options::max_concurrency must be 1 to 64";
  if (options.initial_concurrency < 1 || options.initial_concurrency > 64)
    return "bulk_options::initial_concurrency must be 1 to 64";
  if (options.slow_response <= std::chrono::milliseconds(0)) return "bulk_options::slow_response must be positive";
  if (!(options.max_requests_per_second >= 0) || std::isinf(options.max_requests_per_second))
    return "bulk_options::max_requests_per_second must be a number that is not negative";
  if (options.patience < std::chrono::seconds(0)) return "bulk_options::patience must not be negative";
  if (options.deadline && *options.deadline <= std::chrono::milliseconds(0))
    return "bulk_options::deadline must be positive";
  if (options.max_unknown_in_a_row < 1 || options.max_unknown_of_50 < 1 || options.max_failures_in_a_row < 1)
    return "bulk_options::max_unknown_in_a_row, max_unknown_of_50 and max_failures_in_a_row must be at least 1";
  return {};
}

FICTIVE_DECL fingerprint request_fingerprint(fingerprint const& key, invite_request const& request) {
  siphash hash(key);
  for (auto const& reference : request.subscription_references) {
    hash.add(reference);
    hash.add('\n');  // no reference contains one
  }
  if (request.expiry_date) {
    char text[date_time::max_text_size];
    hash.add({text, static_cast<std::size_t>(request.expiry_date->to_chars(text) - text)});
  }
  return hash.finish();
}

/// The configuration with the limit on addresses raised to that of a batch.
FICTIVE_DECL client_config config_for_batches(client_config config, bulk_options const& options) {
  config.max_addresses_per_request = (std::max)(config.max_addresses_per_request, options.max_batch);
  return config;
}

FICTIVE_DECL std::chrono::steady_clock::time_point deadline_of(bulk_options const& options,
                                                               std::chrono::steady_clock::time_point now) noexcept {
  constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365 * 10);
  if (!options.deadline || *options.deadline > longest) return (std::chrono::steady_clock::time_point::max)();
  return now + *options.deadline;
}

}  // namespace detail

FICTIVE_DECL bulk_invite::bulk_invite(client_config const& config, bulk_request request, bulk_options options,
                                      time_point now, bool has_journal, std::optional<recovered_run> recovered)
    : config_(detail::config_for_batches(config, options)),
      options_(std::move(options)),
      source_(std::move(request.email_addresses)),
      template_{.account_group_token = std::move(request.account_group_token),
                .subscription_references = std::move(request.subscription_references),
                .expiry_date = request.expiry_date},
      deadline_(detail::deadline_of(options_, now)),
      has_journal_(has_journal),
      duplicates_(recovered ? recovered->header.run_id : options_.run_id, options_.duplicates),
      members_(duplicates_),
      pacing_(options_.max_requests_per_second, now),
      concurrency_(options_.initial_concurrency, options_.max_concurrency, options_.slow_response),
      breaker_(options_.max_unknown_in_a_row, options_.max_unknown_of_50, options_.max_failures_in_a_row),
      rate_(now),
      random_state_(options_.run_id[0] ^ options_.run_id[1]),
      batch_cap_(options_.max_batch),
      splits_left_(options_.max_split_requests) {
  begin(std::move(recovered), now);
}

FICTIVE_DECL void bulk_invite::begin(std::optional<recovered_run> recovered, time_point now) {
  if (auto problem = detail::bulk_options_problem(options_); !problem.empty())
    return refuse(detail::refused(std::move(problem)));
  auto example = template_;
  example.email_addresses = {"jamie.muir@fictiveglobal.com"};
  auto made = make_invite_request(config_, example);
  if (!made) return refuse(made.error());
  request_ = std::move(*made);  // is wiped

  auto const key = recovered ? recovered->header.run_id : options_.run_id;
  header_ = {.run_id = key,
             .group = detail::siphash128(key, template_.account_group_token),
             .request = detail::request_fingerprint(key, template_),
             .batch = options_.max_batch};
  input_ = key;
  if (recovered) {
    if (recovered->header.group != header_.group)
      return refuse(detail::refused("the journal is that of a run for another account group"));
    if (recovered->header.request != header_.request)
      return refuse(
          detail::refused("the journal is that of a run with other subscription references or another expiry date"));
    if (!recovered->batches.empty()) next_number_ = recovered->batches.back().intent.number + 1;
    pacing_.resume(recovered->rate, now);
    recovery_ = detail::recovery(std::move(*recovered));
    for (std::string member; options_.members.next(member);) members_.insert(member);
  } else if (has_journal_) {
    pending_.emplace_back(header_);
  }
}

FICTIVE_DECL void bulk_invite::refuse(error e) {
  end_ = bulk_end::invalid_argument;
  report_.error = std::move(e);
  has_journal_ = false;
  source_ = {};
}

FICTIVE_DECL void bulk_invite::end_early(bulk_end why, std::optional<error> e) {
  if (is_ending()) return;
  end_ = why;
  report_.error = std::move(e);
  needs_renewal_ = false;
}

// The loop.

FICTIVE_DECL bulk_step bulk_invite::next(time_point now) {
  if (now >= deadline_) end_early(bulk_end::deadline);
  wait_until_ = (time_point::max)();
  if (results_.size() >= detail::max_untaken_results) {
    wait_until_ = now;
    return bulk_step::wait;
  }
  if (is_ending()) {
    give_up_open();
    pull_rest();
  } else {
    withdraw_intents(now);
    while (may_form(now) && form(now)) {
    }
    if (is_ending()) return next(now);  // the input is another one
  }
  if (needs_renewal_) {
    needs_renewal_ = false;
    is_renewing_ = true;
    return bulk_step::renew;
  }
  if (may_send(now)) {
    make_request(now);
    if (is_ending()) return next(now);
    return bulk_step::send;
  }
  bool const is_finished = has_ended_input_ && held_ == 0 && flights_.empty() && !is_writing_;
  if (is_finished && has_journal_ && !is_journal_dead_ && !has_recorded_end_) {
    pending_.emplace_back(journal_end{.reason = end_, .rate = pacing_.learnt_rate()});
    has_recorded_end_ = true;
  }
  if (!pending_.empty() && !is_writing_ && !is_journal_dead_) {
    writing_ = std::exchange(pending_, {});
    writing_batches_ = recording_.size();
    is_writing_ = true;
    return bulk_step::record;
  }
  if (is_finished) return bulk_step::done;
  wait_until_ = results_.size() >= detail::max_untaken_results ? now : next_event(now);
  return bulk_step::wait;
}

FICTIVE_DECL bulk_invite::time_point bulk_invite::next_event(time_point now) const noexcept {
  if (is_ending()) return has_ended_input_ ? (time_point::max)() : now;
  auto earliest = deadline_;
  auto const add = [&](time_point time) {
    if (time > now) earliest = (std::min)(earliest, time);
  };
  if (auto const time = pacing_.next_time(); time != (time_point::max)()) {
    add(time - detail::preparation_time);
    add(time);
  }
  for (auto const& one : repeats_) add(one.not_before);
  return earliest;
}

FICTIVE_DECL void bulk_invite::recorded(std::error_code problem, time_point) {
  if (!is_writing_) return;
  is_writing_ = false;
  auto const written = static_cast<std::ptrdiff_t>(std::exchange(writing_batches_, 0));
  if (problem) {
    is_journal_dead_ = true;
    report_.journal_error = problem;
    end_early(bulk_end::journal_failed);
    return;
  }
  std::move(recording_.begin(), recording_.begin() + written, std::back_inserter(ready_));
  recording_.erase(recording_.begin(), recording_.begin() + written);
}

// From the input to batches.

FICTIVE_DECL bool bulk_invite::may_form(time_point now) const noexcept {
  auto const waiting = ready_.size() + recording_.size();
  if (is_renewing_ || needs_renewal_) return false;
  if (waiting >= pacing_.capacity(now, now + detail::preparation_time)) return false;
  if (is_canary_) return flights_.empty() && waiting == 0;
  // With a journal, one more, so that a request that ends never waits for the disk.
  return flights_.size() + waiting < concurrency_.limit() + (has_journal_ ? 1 : 0);
}

FICTIVE_DECL std::size_t bulk_invite::batch_limit() const noexcept {
  return is_canary_ ? (std::min)(batch_cap_, options_.canary) : batch_cap_;
}

FICTIVE_DECL std::uint64_t bulk_invite::oldest_open() const noexcept {
  auto oldest = (std::numeric_limits<std::uint64_t>::max)();  // none
  auto const add = [&](batch const& one) {
    if (!one.empty()) oldest = (std::min)(oldest, one.indices.front());
  };
  for (auto const& [id, one] : flights_) add(one.contents);
  for (auto const& one : repeats_) add(one);
  for (auto const& one : recording_) add(one);
  for (auto const& one : ready_) add(one);
  return oldest;
}

FICTIVE_DECL bool bulk_invite::form(time_point now) {
  return take_repeat(now) || fill();
}

FICTIVE_DECL bool bulk_invite::take_repeat(time_point now) {
  auto const found =
      std::find_if(repeats_.begin(), repeats_.end(), [now](batch const& one) { return one.not_before <= now; });
  if (found == repeats_.end()) return false;
  auto what = std::move(*found);
  repeats_.erase(found);
  ++report_.repeated;
  queue(std::move(what));
  return true;
}

FICTIVE_DECL bool bulk_invite::is_checked(batch const& what) const noexcept {
  return what.indices.back() < recovery_.checked();
}

FICTIVE_DECL bool bulk_invite::fill() {
  if (is_canary_ && !repeats_.empty()) return false;
  while (formed_.empty() || !is_checked(formed_.front()))
    if (!fill_batch()) break;
  if (is_ending() || formed_.empty() || !is_checked(formed_.front())) return false;
  auto what = std::move(formed_.front());
  formed_.pop_front();
  if (options_.duplicates == duplicate_detection::off) remove_repeated(what);
  queue(std::move(what));
  return true;
}

/// Fills the next batch. False if it is not complete yet. A batch of a continued run is sent when the input up to there
/// was compared with that of the journal; until then, more is pulled than the limits permit: one batch of the journal.
FICTIVE_DECL bool bulk_invite::fill_batch() {
  bool const is_limited = formed_.empty();
  auto const most = (options_.max_concurrency + 1) * options_.max_batch;
  auto const open = held_ + flying_ - filling_.size() - (lookahead_ ? 1 : 0);
  if (is_limited && open + (std::max)(filling_.size(), batch_limit()) > most) return false;
  auto const oldest = oldest_open();
  auto const span = 4 * options_.max_concurrency * options_.max_batch;
  bool is_full = false;
  while (!is_full && filling_.size() < batch_limit() && results_.size() < detail::max_untaken_results) {
    if (!is_limited && is_checked(formed_.front())) return false;
    if (!lookahead_) {
      // Addresses that were settled without a request are not open.
      auto const first = (std::min)(oldest, filling_.empty() ? pulled_ : filling_.indices.front());
      is_full = is_limited && pulled_ >= first + span;
      if (is_full || !pull()) break;
      if (!lookahead_) continue;
    }
    auto const size = detail::json_element_size(lookahead_->address);
    is_full = !filling_.empty() &&
              (filling_.json_bytes + size > options_.max_batch_bytes || filling_.so_far != lookahead_->so_far);
    if (is_full) break;
    filling_.so_far = lookahead_->so_far;
    filling_.add(lookahead_->index, std::move(lookahead_->address));
    lookahead_.reset();
  }
  bool const is_complete = is_full || has_ended_input_ || filling_.size() >= batch_limit();
  if (is_ending() || filling_.empty() || !is_complete) return false;
  filling_.input_size = pulled_;
  filling_.input = input_;
  formed_.push_back(std::exchange(filling_, {}));
  return true;
}

FICTIVE_DECL void bulk_invite::remove_repeated(batch& what) {
  while (auto const found = detail::find_repeated_address(what.addresses)) {
    auto const at = static_cast<std::ptrdiff_t>(found.second);
    --held_;
    settle(what.indices[found.second], std::move(what.addresses[found.second]), bulk_verdict::duplicate);
    what.indices.erase(what.indices.begin() + at);
    what.addresses.erase(what.addresses.begin() + at);
  }
}

/// The journal is not that of this input, also if the run is at an end for another reason.
FICTIVE_DECL void bulk_invite::refuse_input() {
  recovery_ = {};
  end_ = bulk_end::input_changed;
  report_.error.reset();
}

FICTIVE_DECL bool bulk_invite::pull() {
  std::string address;
  if (has_ended_input_ || !source_.next(address)) {
    has_ended_input_ = true;
    if (!recovery_.is_checked()) refuse_input();  // it is shorter than before
    return false;
  }
  auto const index = pulled_++;
  input_ = detail::siphash128(input_, address);
  if (!recovery_.check(pulled_, input_)) refuse_input();

  auto const problem = address.empty() ? std::string_view(" is empty") : detail::address_problem(address);
  if (!problem.empty()) {
    auto const why = std::make_shared<error const>(detail::refused("the address" + std::string(problem)));
    settle(index, std::move(address), bulk_verdict::not_applied, why);
    return true;
  }
  bool const is_duplicate = options_.duplicates != duplicate_detection::off && duplicates_.insert(address);
  // A duplicate may have a verdict, too, if the run before detected fewer.
  auto const recovered = recovery_.take(index);
  bool const is_resent = recovered && recovered->verdict == bulk_verdict::unknown && options_.resends_unknown;
  if (recovered && !(is_duplicate && is_resent)) {
    settle_recovered(index, std::move(address), *recovered);
  } else if (is_duplicate) {
    settle(index, std::move(address), bulk_verdict::duplicate);
  } else {
    hold(index, std::move(address), effect::none);
  }
  return true;
}

FICTIVE_DECL void bulk_invite::hold(std::uint64_t index, std::string address, effect so_far) {
  lookahead_.emplace(lookahead{index, std::move(address), so_far});
  ++held_;
}

FICTIVE_DECL void bulk_invite::settle_recovered(std::uint64_t index, std::string address,
                                                detail::recovered_state const& state) {
  bool const is_in_doubt = state.verdict == bulk_verdict::unknown || state.verdict == bulk_verdict::unaccounted;
  if (is_in_doubt && members_.contains(address))
    return settle(index, std::move(address), bulk_verdict::accepted_already);
  if (state.verdict == bulk_verdict::unknown && options_.resends_unknown)
    return hold(index, std::move(address), effect::unknown);
  std::optional<invitation> with;
  if (state.verdict == bulk_verdict::invited) {
    with.emplace();
    with->invitation_reference = state.reference;
    with->email_address = address;
  }
  settle(index, std::move(address), state.verdict, {}, std::move(with));
}

FICTIVE_DECL void bulk_invite::queue(batch what) {
  if (what.empty()) return;
  if (!has_journal_) return ready_.push_back(std::move(what));
  what.number = next_number_++;
  pending_.emplace_back(journal_intent{
      .number = what.number, .ranges = what.ranges(), .input_size = what.input_size, .input = what.input});
  recording_.push_back(std::move(what));
}

/// After a crash, what has an intent is unknown. So nothing keeps its intent during a pause or a renewal.
FICTIVE_DECL void bulk_invite::withdraw_intents(time_point now) {
  bool const is_pause = is_renewing_ || needs_renewal_ || pacing_.paused_until() > now + detail::preparation_time;
  if (!has_journal_ || !is_pause) return;
  for (; !ready_.empty(); ready_.pop_back()) {
    record_outcome(ready_.back(), effect::none, 0);
    formed_.push_front(std::move(ready_.back()));
  }
}

FICTIVE_DECL void bulk_invite::give_up_open() {
  auto const why = report_.error ? std::make_shared<error const>(*report_.error) : nullptr;
  auto const give_up = [&](batch what, bool is_recorded) {
    if (is_recorded) record_outcome(what, effect::none, 0);
    held_ -= what.size();
    auto const verdict = detail::verdict_of_unsent(what.so_far);
    settle_all(std::move(what), verdict, why);
  };
  for (auto& one : std::exchange(ready_, {})) give_up(std::move(one), true);
  if (!is_writing_)  // else their intents must be durable before their outcomes
    for (auto& one : std::exchange(recording_, {})) give_up(std::move(one), true);
  for (auto& one : std::exchange(repeats_, {})) give_up(std::move(one), false);
  for (auto& one : std::exchange(formed_, {})) give_up(std::move(one), false);
  give_up(std::exchange(filling_, {}), false);
  give_up_lookahead(why);
}

FICTIVE_DECL void bulk_invite::give_up_lookahead(std::shared_ptr<error const> const& why) {
  if (!lookahead_) return;
  --held_;
  settle(lookahead_->index, std::move(lookahead_->address), detail::verdict_of_unsent(lookahead_->so_far), why);
  lookahead_.reset();
}

FICTIVE_DECL void bulk_invite::pull_rest() {
  if (!options_.pulls_rest) has_ended_input_ = true;
  auto const why = report_.error && !has_ended_input_ ? std::make_shared<error const>(*report_.error) : nullptr;
  while (!has_ended_input_ && results_.size() < detail::max_untaken_results && pull()) give_up_lookahead(why);
}

// Requests.

FICTIVE_DECL bool bulk_invite::may_send(time_point now) const noexcept {
  return !is_ending() && !is_renewing_ && !ready_.empty() && flights_.size() < concurrency_.limit() &&
         pacing_.may_send(now);
}

FICTIVE_DECL void bulk_invite::make_request(time_point now) {
  auto what = std::move(ready_.front());
  ready_.pop_front();
  template_.email_addresses = std::move(what.addresses);
  auto made = make_invite_request(config_, template_);
  what.addresses = std::move(template_.email_addresses);
  if (!made) {  // the renewed credentials: everything else was checked
    end_early(bulk_end::not_authenticated, made.error());
    return ready_.push_front(std::move(what));
  }
  request_ = std::move(*made);
  request_.force_new_connection = what.needs_new_connection;
  request_id_ = report_.requests++;
  held_ -= what.size();
  flying_ += what.size();
  bool const is_probe = pacing_.sent(now);
  auto& of = flights_[request_id_];
  of = {std::move(what), now, generation_, is_probe, 0, request_.body.size()};
  report_start(of);
}

FICTIVE_DECL bool bulk_invite::responded(std::uint64_t id, result<http_response> const& response, time_point now) {
  connections_are_suspect_ = false;
  auto const found = flights_.find(id);
  if (found == flights_.end()) return false;
  auto from = std::move(found->second);
  auto const in_flight = flights_.size();
  flights_.erase(found);
  flying_ -= from.contents.size();
  pacing_.ended(from.is_probe);

  template_.email_addresses = std::move(from.contents.addresses);
  auto parsed = response ? parse_invite_response(template_, *response, config_.limits.max_body_bytes)
                         : result<invite_response>(response.error());
  from.contents.addresses = std::move(template_.email_addresses);
  report_result(from, parsed, response ? &*response : nullptr, now);
  connections_are_suspect_ = !parsed && response && parsed.error().code == errc::malformed_response &&
                             parsed.error().effect == effect::unknown;
  auto const status = parsed ? response->status : parsed.error().status;
  bool const has_accepted_current =
      from.generation == generation_ && detail::shows_accepted_credentials(status) && !connections_are_suspect_;
  if (has_accepted_current) has_renewed_ = false;
  if (parsed) {
    pacing_.accepted(from.sent_at, now);
    concurrency_.succeeded(from.sent_at, now, in_flight);
    accepted(std::move(from.contents), *std::move(parsed), status, now);
  } else {
    failed(std::move(from), std::move(parsed).error(), now);
  }
  return has_accepted_current;
}

FICTIVE_DECL void bulk_invite::accepted(batch what, invite_response response, int status, time_point now) {
  is_canary_ = false;
  breaker_.succeeded();
  if (what.retry)
    what.retry->succeeded();
  else if (config_.retry.budget)
    config_.retry.budget->release(retry_budget::gain_of_success);
  rate_.add(what.size(), now);

  auto const matched = detail::match_response(what.addresses, response);
  report_.foreign_entries += matched.foreign;
  journal_outcome outcome{.number = what.number, .effect = effect::applied, .status = status};
  for (std::size_t i = 0; i < what.size(); ++i) {
    auto const& answer = matched.answers[i];
    std::optional<invitation> with;
    if (answer.verdict == bulk_verdict::invited)
      with = std::move(response.valid_invitations[answer.entry]);
    else if (has_journal_)
      (answer.verdict == bulk_verdict::refused ? outcome.refused : outcome.unaccounted).push_back(what.indices[i]);
    if (with && has_journal_ && options_.records_references) outcome.references.push_back(with->invitation_reference);
    settle(what.indices[i], std::move(what.addresses[i]), answer.verdict, {}, std::move(with));
  }
  if (has_journal_ && !is_journal_dead_) pending_.emplace_back(std::move(outcome));
}

FICTIVE_DECL void bulk_invite::failed(flight from, error e, time_point now) {
  if (e.status == 503 && !config_.retry.trust_503) e.effect = (std::max)(e.effect, effect::unknown);
  e.attempts = from.contents.retry ? from.contents.retry->attempts() + 1 : 1;
  from.contents.so_far = (std::max)(from.contents.so_far, e.effect);
  bool const is_slow = e.code == errc::timed_out || e.status == 408 || e.status >= 500;
  if (is_slow) concurrency_.failed(from.sent_at, now);
  if (e.effect != effect::none) return retry_or_end(std::move(from.contents), std::move(e), now);

  bool const asks_for_delay = e == condition::throttled && e.retry_after;
  if (asks_for_delay && *e.retry_after > options_.patience) {
    if (!is_ending()) report_.retry_after = e.retry_after;
    end_early(bulk_end::paused, e);
  }
  switch (e.status) {
    case 429: return throttled(std::move(from), e, now);
    case 401:
    case 403: return refused_credentials(std::move(from), std::move(e));
    case 413: return halve(std::move(from.contents), std::move(e));
    case 404: end_early(bulk_end::not_found, e); return end_batch(std::move(from.contents), std::move(e));
    case 400:
    case 409:
    case 412:
    case 422: return rejected(std::move(from.contents), std::move(e));
    default:
      if (asks_for_delay) pacing_.pause_until(now + *e.retry_after);
      return retry_or_end(std::move(from.contents), std::move(e), now);
  }
}

FICTIVE_DECL void bulk_invite::throttled(flight from, error const& e, time_point now) {
  ++report_.throttled;
  auto const random = config_.retry.jitter ? config_.retry.jitter() : detail::random_fraction(random_state_);
  pacing_.throttled(from.sent_at, now, e.retry_after, random > 0 ? (std::min)(random, 1.0) : 0);
  record_outcome(from.contents, effect::none, e.status);
  repeat(std::move(from.contents));
}

FICTIVE_DECL void bulk_invite::refused_credentials(flight from, error e) {
  bool const can_renew = config_.renew_credentials || config_.async_renew_credentials;
  bool const is_renewed_meanwhile = from.generation != generation_ || is_renewing_ || needs_renewal_;
  if (!is_ending() && (is_renewed_meanwhile || (can_renew && !has_renewed_))) {
    if (!is_renewed_meanwhile) {
      needs_renewal_ = true;
      refusal_ = std::make_shared<error const>(e);
    }
    record_outcome(from.contents, effect::none, e.status);
    return repeat(std::move(from.contents));
  }
  end_early(bulk_end::not_authenticated, e);
  end_batch(std::move(from.contents), std::move(e));
}

FICTIVE_DECL void bulk_invite::renewed(result<credentials> const& with, time_point now) {
  if (!is_renewing_) return;
  if (!with) return declined(to_string(with.error().code), now, with.error().cause);
  set_credentials(*with);
  has_renewed_ = true;
}

FICTIVE_DECL void bulk_invite::declined(std::string_view reason, time_point now, std::error_code cause) {
  if (!std::exchange(is_renewing_, false)) return;
  if (now >= deadline_) end_early(bulk_end::deadline);
  auto e = refusal_ ? *refusal_ : error{.code = errc::not_authenticated, .effect = effect::none};
  e.cause = cause;
  e.message.append("; the credentials were not renewed: ").append(reason);
  end_early(bulk_end::not_authenticated, std::move(e));
}

FICTIVE_DECL void bulk_invite::set_credentials(credentials with) {
  config_.credentials = std::move(with);
  ++generation_;
  needs_renewal_ = is_renewing_ = has_renewed_ = false;
}

FICTIVE_DECL void bulk_invite::rejected(batch what, error e) {
  if (!options_.splits_rejected || what.size() == 1 || splits_left_ < 2 || is_ending()) {
    bool const is_alone = options_.splits_rejected && what.size() == 1;
    if (!is_alone && breaker_.failed()) end_early(bulk_end::too_many_failures, e);
    return end_batch(std::move(what), std::move(e));
  }
  splits_left_ -= 2;
  split(std::move(what), e.status);
}

FICTIVE_DECL void bulk_invite::halve(batch what, error e) {
  batch_cap_ = (std::min)(batch_cap_, (std::max)(what.size() / 2, std::size_t{1}));
  if (what.size() == 1 || is_ending()) return end_batch(std::move(what), std::move(e));
  split(std::move(what), e.status);
}

FICTIVE_DECL void bulk_invite::split(batch what, int status) {
  record_outcome(what, effect::none, status);
  auto second = what.take_second_half();
  repeat(std::move(what));
  repeat(std::move(second));
}

FICTIVE_DECL void bulk_invite::retry_or_end(batch what, error e, time_point now) {
  if (!what.retry) {
    auto const left = deadline_ == (time_point::max)() ? std::chrono::milliseconds(std::chrono::hours(24 * 365))
                                                       : std::chrono::ceil<std::chrono::milliseconds>(deadline_ - now);
    auto policy = config_.retry;
    policy.max_retry_after = (std::max<std::chrono::seconds>)(policy.max_retry_after, options_.patience);
    what.retry.emplace(policy, left, now, false);
  }
  what.retry->attempted();
  if (!is_ending() && what.retry->failed(e, now)) {
    what.not_before = what.retry->next_attempt();
    what.needs_new_connection = what.retry->needs_new_connection();
    record_outcome(what, e.effect, e.status);
    return repeat(std::move(what));
  }
  if (e.effect == effect::none) {
    if (breaker_.failed()) end_early(bulk_end::too_many_failures, e);
  } else if (breaker_.was_unknown()) {
    end_early(bulk_end::too_many_unknown, e);
  }
  end_batch(std::move(what), std::move(e));
}

FICTIVE_DECL void bulk_invite::end_batch(batch what, error e) {
  e.effect = (std::max)(e.effect, what.so_far);
  record_outcome(what, e.effect, e.status);
  auto const verdict = e.effect == effect::none      ? bulk_verdict::not_applied
                       : e.effect == effect::unknown ? bulk_verdict::unknown
                                                     : bulk_verdict::unaccounted;
  settle_all(std::move(what), verdict, std::make_shared<error const>(std::move(e)));
}

FICTIVE_DECL void bulk_invite::repeat(batch what) {
  held_ += what.size();
  auto const at = std::find_if(repeats_.begin(), repeats_.end(),
                               [&](batch const& one) { return one.indices.front() > what.indices.front(); });
  repeats_.insert(at, std::move(what));
}

FICTIVE_DECL void bulk_invite::stop(bulk_stop how, time_point now) {
  end_early(bulk_end::stopped);
  if (how != bulk_stop::abandon) return;
  auto const why = std::make_shared<error const>(error{.code = errc::cancelled,
                                                       .cause = std::make_error_code(std::errc::operation_canceled),
                                                       .effect = effect::unknown,
                                                       .message = "the run was abandoned"});
  for (auto& [id, one] : std::exchange(flights_, {})) {
    flying_ -= one.contents.size();
    report_result(one, *why, nullptr, now);
    record_outcome(one.contents, effect::unknown, 0);
    settle_all(std::move(one.contents), bulk_verdict::unknown, why);
  }
}

// Hooks, verdicts and records.

FICTIVE_DECL void bulk_invite::report_start(flight& of) const {
  auto const& hooks = config_.hooks;
  if (!hooks.on_start && !hooks.on_attempt && !hooks.on_result) return;
  of.call_id = detail::next_call_id();
  if (hooks.on_start) hooks.on_start({.route = invite_endpoint::route, .call_id = of.call_id});
}

FICTIVE_DECL void bulk_invite::report_result(flight const& of, result<invite_response> const& parsed,
                                             http_response const* response, time_point now) const {
  if (!config_.hooks.on_attempt && !config_.hooks.on_result) return;
  auto const e = parsed ? std::nullopt : std::optional(parsed.error());
  result_event ended{.attempts = 1};
  if (parsed) invite_endpoint::summarize(*parsed, ended);
  auto const report = [&](auto event, auto const& hook) {
    if (!hook) return;
    event.route = invite_endpoint::route;
    event.call_id = of.call_id;
    event.status = response ? response->status : e ? e->status : 0;
    event.duration = now - of.sent_at;
    if (e) {
      event.code = e->code;
      event.cause = e->cause;
      event.effect = e->effect;
      event.message = e->message;
      event.request_id = e->request_id;
    }
    hook(event);
  };
  report(
      attempt_event{
          .attempt = 1, .request_bytes = of.request_bytes, .response_bytes = response ? response->body.size() : 0},
      config_.hooks.on_attempt);
  report(ended, config_.hooks.on_result);
}

FICTIVE_DECL void bulk_invite::settle(std::uint64_t index, std::string address, bulk_verdict verdict,
                                      std::shared_ptr<error const> const& why, std::optional<invitation> with) {
  ++report_.counts.by_verdict[static_cast<std::size_t>(verdict)];
  results_.push_back({.index = index,
                      .email_address = std::move(address),
                      .verdict = verdict,
                      .invitation = std::move(with),
                      .error = why});
}

FICTIVE_DECL void bulk_invite::settle_all(batch what, bulk_verdict verdict, std::shared_ptr<error const> const& why) {
  for (std::size_t i = 0; i < what.size(); ++i) settle(what.indices[i], std::move(what.addresses[i]), verdict, why);
}

FICTIVE_DECL void bulk_invite::record_outcome(batch const& what, effect did, int status) {
  if (!has_journal_ || is_journal_dead_ || what.empty()) return;
  did = (std::max)(did, what.so_far);
  journal_outcome outcome{.number = what.number, .effect = did, .status = status};
  if (did == effect::applied) outcome.unaccounted = what.indices;
  pending_.emplace_back(std::move(outcome));
}

FICTIVE_DECL bulk_pause bulk_invite::pause_reason(time_point now) const noexcept {
  if (is_ending()) return bulk_pause::none;
  if (is_renewing_ || needs_renewal_) return bulk_pause::credentials;
  if (pacing_.paused_until() > now) return bulk_pause::throttled;
  if (!flights_.empty()) return bulk_pause::none;
  if (!pacing_.may_send(now)) return bulk_pause::rate;
  return repeats_.empty() ? bulk_pause::none : bulk_pause::retry;
}

FICTIVE_DECL bulk_progress bulk_invite::progress(time_point now) const {
  bulk_progress state{.counts = report_.counts,
                      .pulled = pulled_,
                      .open = held_,
                      .in_flight = flying_,
                      .requests_in_flight = flights_.size(),
                      .rate = rate_.per_second(now),
                      .pause = pause_reason(now)};
  if (state.pause == bulk_pause::throttled) state.paused_until = pacing_.paused_until();
  if (state.pause == bulk_pause::rate) state.paused_until = pacing_.next_time();
  if (state.pause == bulk_pause::retry) {
    auto const earliest = std::min_element(repeats_.begin(), repeats_.end(),
                                           [](batch const& a, batch const& b) { return a.not_before < b.not_before; });
    state.paused_until = earliest->not_before;
  }
  if (options_.expected_addresses && state.rate > 0) {
    auto const done = report_.counts.total();
    auto const left = *options_.expected_addresses > done ? *options_.expected_addresses - done : 0;
    auto const seconds = (std::min)(std::ceil(static_cast<double>(left) / state.rate), 1e9);
    state.time_left = std::chrono::seconds(static_cast<std::int64_t>(seconds));
  }
  return state;
}

FICTIVE_DECL bulk_report bulk_invite::report() const {
  auto report = report_;
  report.end = end_;
  report.rate = pacing_.learnt_rate();
  return report;
}

}  // namespace fictive

#endif
