// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BULK_HPP
#define FICTIVE_BULK_HPP

#include <fictive/address_source.hpp>
#include <fictive/bulk_options.hpp>
#include <fictive/bulk_report.hpp>
#include <fictive/client_config.hpp>
#include <fictive/config.hpp>
#include <fictive/credentials.hpp>
#include <fictive/detail/bulk/batch.hpp>
#include <fictive/detail/bulk/circuit_breaker.hpp>
#include <fictive/detail/bulk/concurrency.hpp>
#include <fictive/detail/bulk/duplicates.hpp>
#include <fictive/detail/bulk/pacing.hpp>
#include <fictive/detail/bulk/recent_rate.hpp>
#include <fictive/detail/bulk/recovery.hpp>
#include <fictive/detail/http/authorization.hpp>
#include <fictive/error.hpp>
#include <fictive/hooks.hpp>
#include <fictive/http.hpp>
#include <fictive/invite.hpp>
#include <fictive/journal.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace fictive {

/// The next action that the driver of a bulk run must begin.
enum class bulk_step : unsigned char {
  record,  ///< write `records()`, then call `recorded`; meanwhile, continue with `next`
  send,    ///< send `request()`, then call `responded` with `request_id()`; meanwhile, continue with `next`
  renew,   ///< obtain new credentials, then call `renewed` or `declined`; meanwhile, continue with `next`
  wait,    ///< nothing to begin: wait for the end of one of those, at most until `wait_until()`
  done,    ///< take the last results and the `report()`
};

/// Invites any number of addresses, in batches, as a state machine without I/O. `client::invite_all` is a loop around it:
///
///     fictive::bulk_invite run(config, std::move(request), std::move(options), now());
///     while (run.next(now()) != fictive::bulk_step::done) {
///       …                                             // begin the step, or wait; report what has ended
///       for (auto& result : run.take_results()) …     // the verdicts since the last call
///     }
///
/// It owns no thread, lock, clock, timer or socket, and its destructor waits for nothing. It has one owner: all members
/// must be called on one thread at a time. Events out of turn (a second response, an unknown id) are ignored.
///
/// For the hooks of the configuration, each request is a call with one attempt.
///
/// Addresses are pulled as they can be sent: at most `max_concurrency` + 1 batches are held at once, and one of the
/// journal if its run is continued. At any time, the
/// number of addresses pulled equals that of verdicts, of those that wait to be sent, and of those in requests in
/// progress. Batches are sent in the order of the input; those that are sent again come first.
class bulk_invite {
 public:
  /// The type of the times that are reported to it.
  using time_point = std::chrono::steady_clock::time_point;

  /// Starts the run, or continues the one that is recovered from a journal. Done at once if the request or an option is
  /// refused. Uses `config.credentials`. Without `has_journal`, there is no step `record`.
  bulk_invite(client_config const& config, bulk_request request, bulk_options options, time_point now,
              bool has_journal = false, std::optional<recovered_run> recovered = {});

  /// The next step to begin. Each `record`, `send` and `renew` is returned once. Pulls addresses, and throws what their
  /// source throws.
  [[nodiscard]] bulk_step next(time_point now);

  /// The records to write, after `next` returned `record`; valid until `recorded` is called.
  [[nodiscard]] std::vector<journal_record> const& records() const noexcept { return writing_; }
  /// Reports that they are durable, or an error, which is final.
  void recorded(std::error_code problem, time_point now);

  /// @{ The request to send and its id, after `next` returned `send`; valid until the next call of `next`.
  [[nodiscard]] detail::wiped_request& request() noexcept { return request_; }
  [[nodiscard]] std::uint64_t request_id() const noexcept { return request_id_; }
  /// @}
  /// Reports the response to a request, or the transport's error. Returns whether the service accepted the credentials
  /// that are in use now.
  bool responded(std::uint64_t id, result<http_response> const& response, time_point now);
  /// As `basic_call::connections_are_suspect`, after `responded`.
  [[nodiscard]] bool connections_are_suspect() const noexcept { return connections_are_suspect_; }

  /// The time until which to wait, after `next` returned `wait`; the clock's maximum if only an event can continue.
  [[nodiscard]] time_point wait_until() const noexcept { return wait_until_; }

  /// @{ Reports new credentials or the error that prevented them, after `next` returned `renew`.
  void renewed(result<credentials> const& with, time_point now);
  void declined(std::string_view reason, time_point now, std::error_code cause = {});
  /// @}
  /// Authorizes the requests from now on with these credentials.
  void set_credentials(credentials with);

  /// When the run ends early; the maximum if it has no deadline.
  [[nodiscard]] time_point deadline() const noexcept { return deadline_; }

  /// Stops the run.
  void stop(bulk_stop how, time_point now);

  /// The verdicts since the last call.
  [[nodiscard]] std::vector<bulk_result> take_results() { return std::exchange(results_, {}); }
  /// The state of the run.
  [[nodiscard]] bulk_progress progress(time_point now) const;
  /// What is known so far; the result of the run when it is done.
  [[nodiscard]] bulk_report report() const;

 private:
  using batch = detail::bulk_batch;

  struct flight {
    batch contents;
    time_point sent_at = {};
    std::uint64_t generation = 0;  ///< of the credentials
    bool is_probe = false;
    std::uint64_t call_id = 0;  ///< for the hooks
    std::size_t request_bytes = 0;
  };

  void begin(std::optional<recovered_run> recovered, time_point now);
  void refuse(error e);
  void end_early(bulk_end why, std::optional<error> e = {});
  [[nodiscard]] bool is_ending() const noexcept { return end_ != bulk_end::complete; }

  // Filling batches.
  [[nodiscard]] bool may_form(time_point now) const noexcept;
  [[nodiscard]] std::size_t batch_limit() const noexcept;
  [[nodiscard]] std::uint64_t oldest_open() const noexcept;
  bool form(time_point now);
  bool take_repeat(time_point now);
  bool fill();
  bool fill_batch();
  [[nodiscard]] bool is_checked(batch const& what) const noexcept;
  void remove_repeated(batch& what);
  bool pull();
  void refuse_input();
  void hold(std::uint64_t index, std::string address, effect so_far);
  void settle_recovered(std::uint64_t index, std::string address, detail::recovered_state const& state);
  void queue(batch what);
  void withdraw_intents(time_point now);
  void pull_rest();
  void give_up_open();
  void give_up_lookahead(std::shared_ptr<error const> const& why);

  // Requests.
  [[nodiscard]] bool may_send(time_point now) const noexcept;
  void make_request(time_point now);
  void accepted(batch what, invite_response response, int status, time_point now);
  void failed(flight from, error e, time_point now);
  void throttled(flight from, error const& e, time_point now);
  void refused_credentials(flight from, error e);
  void rejected(batch what, error e);
  void halve(batch what, error e);
  void retry_or_end(batch what, error e, time_point now);
  void end_batch(batch what, error e);
  void repeat(batch what);
  void split(batch what, int status);

  // Hooks, verdicts and records.
  void report_start(flight& of) const;
  void report_result(flight const& of, result<invite_response> const& parsed, http_response const* response,
                     time_point now) const;
  void settle(std::uint64_t index, std::string address, bulk_verdict verdict,
              std::shared_ptr<error const> const& why = {}, std::optional<invitation> with = {});
  void settle_all(batch what, bulk_verdict verdict, std::shared_ptr<error const> const& why);
  void record_outcome(batch const& what, effect did, int status);
  [[nodiscard]] time_point next_event(time_point now) const noexcept;
  [[nodiscard]] bulk_pause pause_reason(time_point now) const noexcept;

  client_config config_;
  bulk_options options_;
  address_source source_;
  invite_request template_;  // without addresses
  time_point deadline_;
  journal_header header_;
  bool has_journal_;

  detail::duplicate_set duplicates_, members_;
  detail::recovery recovery_;
  detail::bulk_pacing pacing_;
  detail::bulk_concurrency concurrency_;
  detail::circuit_breaker breaker_;
  detail::recent_rate rate_;
  std::uint64_t random_state_;

  // Addresses, from the input to a request.
  std::uint64_t pulled_ = 0, next_number_ = 0;
  fingerprint input_ = {};
  bool has_ended_input_ = false;
  struct lookahead {
    std::uint64_t index = 0;
    std::string address;
    effect so_far = effect::none;
  };
  std::optional<lookahead> lookahead_;  // did not fit into the last batch
  batch filling_;
  std::deque<batch> formed_;             // without an intent
  std::deque<batch> repeats_;            // in the order of the input
  std::deque<batch> recording_, ready_;  // intents not written yet or being written; to be sent
  std::size_t writing_batches_ = 0;      // of recording_
  std::map<std::uint64_t, flight> flights_;
  std::uint64_t held_ = 0, flying_ = 0;  // addresses in the containers before; in flights_
  std::size_t batch_cap_;
  std::size_t splits_left_;
  bool is_canary_ = true;

  std::vector<journal_record> pending_, writing_;
  bool is_writing_ = false, is_journal_dead_ = false, has_recorded_end_ = false;

  std::uint64_t generation_ = 0;
  bool needs_renewal_ = false, is_renewing_ = false, has_renewed_ = false;
  std::shared_ptr<error const> refusal_;

  detail::wiped_request request_;
  std::uint64_t request_id_ = 0;
  bool connections_are_suspect_ = false;
  time_point wait_until_ = {};
  std::vector<bulk_result> results_;
  bulk_report report_;
  bulk_end end_ = bulk_end::complete;
};

}  // namespace fictive

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/impl/bulk.ipp>
#endif

#endif
