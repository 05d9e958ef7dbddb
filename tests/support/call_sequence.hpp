#ifndef FICTIVE_TESTS_SUPPORT_CALL_SEQUENCE_HPP
#define FICTIVE_TESTS_SUPPORT_CALL_SEQUENCE_HPP

#include <fictive/fictive.hpp>

#include "support/fixtures.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

namespace tests {

inline std::vector<fictive::result<fictive::http_response>> const any_answers = {
    ok("application/json", R"({"invalidEmailAddresses":[")" + jamie + "\"]}"),
    ok("application/json", "{"),
    ok("text/html", "<p>"),
    status(301),
    status(400),
    status(401),
    status(403),
    status(404),
    status(421),
    status(429),
    status(500),
    throttled(503, "2"),
    throttled(429, "1000"),
    refused,
    lost,
    failure(std::errc::timed_out, fictive::effect::none),
    failure(std::errc::operation_canceled, fictive::effect::unknown),
    failure(std::errc::permission_denied, fictive::effect::none),
};

inline std::vector<fictive::result<fictive::credentials>> const any_renewals = {
    fictive::credentials{.session_id = "second"},
    fictive::credentials{.session_id = "third"},
    fictive::credentials{.session_id = "session"},
    fictive::credentials{.session_id = "line\n"},
    fictive::credentials{},
    refused};

/// Events of a call, in and out of turn, and what its hooks receive. `Choices` has `unsigned below(unsigned end)`.
template <class Choices>
class call_sequence {
  using call_step = fictive::call_step;
  using credentials = fictive::credentials;
  using effect = fictive::effect;
  using invite_call = fictive::invite_call;
  using stop_token = fictive::stop_token;

 public:
  explicit call_sequence(Choices choices) : choices_(std::move(choices)) {}

  /// The first invariant that does not hold; null if all do.
  char const* run() {
    policy_ = session_config({.max_attempts = below(5),
                              .deadline = std::chrono::milliseconds(below(2) == 0 ? below(10'000) : 600'000),
                              .retry_unknown_effect = below(2) == 0,
                              .budget = nullptr,
                              .jitter = [this] { return static_cast<double>(below(100)) / 100; }});
    if (below(2) == 0) policy_.renew_credentials = [](stop_token const&) { return any_renewals[0]; };
    policy_.hooks = {.on_start = [this](fictive::start_event const&) { ++starts_; },
                     .on_attempt =
                         [this](fictive::attempt_event const& event) {
                           ++attempts_;
                           worst_ = event.code ? (std::max)(worst_, event.effect) : worst_;
                         },
                     .on_result = [this](fictive::result_event const&) { ++results_; }};
    invite_call call(policy_, invite_jamie, now_);
    for (unsigned i = below(most_events); i > 0; --i)
      if (auto const* broken = after_one_event(call)) return broken;
    if (call.next() != call_step::done) call.stop(now_);
    return results_ == 1 && starts_ == 1 ? nullptr : "a call reports its begin and its result once";
  }

 private:
  static constexpr unsigned most_events = 14;

  enum class kind { responded, waited, renewed, declined, stop, set_credentials, abandon };

  unsigned below(unsigned end) { return choices_.below(end); }

  kind any_event() {
    auto const n = below(100);
    if (n < 40) return kind::responded;
    if (n < 65) return kind::waited;
    if (n < 85) return kind::renewed;
    if (n < 90) return kind::set_credentials;
    if (n < 93) return kind::declined;
    return n < 97 ? kind::stop : kind::abandon;
  }

  void pass_time(invite_call const& call) {
    if (below(3) == 0) now_ += std::chrono::milliseconds(below(3000));
    bool const has_time = call.next() == call_step::wait || call.next() == call_step::renew;
    if (has_time && below(2) == 0) now_ = (std::max)(now_, call.wait_until());
  }

  void happen(kind what, invite_call& call) {
    switch (what) {
      case kind::responded: return call.responded(any_answers[below(static_cast<unsigned>(any_answers.size()))], now_);
      case kind::waited: return call.waited(now_);
      case kind::renewed: return call.renewed(any_renewals[below(static_cast<unsigned>(any_renewals.size()))], now_);
      case kind::declined: return call.declined("no", now_);
      case kind::stop: return call.stop(now_);
      case kind::set_credentials: return call.set_credentials(*any_renewals[below(5)], now_);
      case kind::abandon: return call.abandon({}, "thrown", now_);
    }
  }

  /// Whether the call expects the event.
  bool is_in_turn(kind what, invite_call const& call) const {
    auto const next = call.next();
    switch (what) {
      case kind::responded: return next == call_step::send;
      case kind::waited: return (next == call_step::wait || next == call_step::renew) && now_ >= call.wait_until();
      case kind::renewed:
      case kind::declined: return next == call_step::renew;
      case kind::set_credentials: return next == call_step::send || next == call_step::wait;
      default: return next != call_step::done;
    }
  }

  /// Everything that a driver and the hooks see.
  auto observed(invite_call const& call) const {
    auto const& request = call.request();
    std::vector<std::string> headers;
    for (auto const& one : request.headers) headers.push_back(one.name + ": " + one.value);
    auto const& outcome = call.outcome();
    auto const e = outcome ? fictive::error() : outcome.error();
    auto const response = outcome ? *outcome : fictive::invite_response();
    return std::tuple(call.next(), call.wait_until(), call.attempts(), call.connections_are_suspect(),
                      std::tuple(request.method, request.url, headers, request.body, request.force_new_connection,
                                 request.limits.connect_timeout, request.limits.total_timeout),
                      std::tuple(outcome.has_value(), response.invalid_email_addresses, e.code, e.cause, e.effect,
                                 e.status, e.message, e.server_message, e.retry_after, e.attempts),
                      starts_, attempts_, results_);
  }

  char const* after_one_event(invite_call& call) {
    pass_time(call);
    auto const what = any_event();
    if (!is_in_turn(what, call)) {
      auto const before = observed(call);
      happen(what, call);
      return observed(call) == before ? nullptr : "an event out of turn changes nothing";
    }
    auto const before = call.next();
    auto const attempts = call.attempts();
    happen(what, call);

    auto const after = call.next();
    if (before != call_step::send && after == call_step::send) {
      bool const has_waited = before == call_step::wait && what == kind::waited;
      bool const has_renewed = before == call_step::renew && what == kind::renewed;
      if (!has_waited && !has_renewed) return "a request is sent again only after its delay or a renewal";
    }
    bool const is_answer = before == call_step::send && (what == kind::responded || what == kind::abandon);
    if (call.attempts() != attempts + (is_answer ? 1 : 0)) return "an attempt ends by one answer";
    if (is_answer && after == call_step::send) return "a request is not sent again at once";
    if (attempts_ != call.attempts()) return "each attempt is reported once";
    if (after == call_step::renew && before != call_step::renew && ++renewals_ > 1) return "a call renews once";
    if (call.attempts() > (std::max)(policy_.retry.max_attempts, 1u) + renewals_) return "attempts are limited";
    if ((after == call_step::done) != (results_ == 1)) return "the result is reported at the end, once";
    if (worst_ == effect::applied && after != call_step::done) return "nothing is sent after it was applied";
    if (worst_ == effect::unknown && after != call_step::done && !policy_.retry.retry_unknown_effect)
      return "nothing is sent after an unknown effect";
    bool const has_error = call.attempts() > 0 && !call.outcome();
    if (has_error && call.outcome().error().effect != worst_) return "the effect is the worst one of all attempts";
    return nullptr;
  }

  Choices choices_;
  invite_call::time_point now_ = invite_call::time_point() + std::chrono::hours(1000);
  fictive::client_config policy_;
  unsigned starts_ = 0, attempts_ = 0, results_ = 0, renewals_ = 0;
  effect worst_ = effect::none;
};

}  // namespace tests

#endif
