// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_CALL_HPP
#define FICTIVE_CALL_HPP

#include <fictive/client_config.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/retry_state.hpp>
#include <fictive/error.hpp>
#include <fictive/hooks.hpp>
#include <fictive/http.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

namespace fictive {

/// The next action that the driver of a call must perform.
enum class call_step : unsigned char { send, wait, done };

/// A call of an endpoint as a state machine, without I/O: the driver sends and waits, and reports what happened and the
/// time. `client` and `async_client` are loops around it; use it in an event loop of your own.
///
/// It owns no thread, clock, timer or socket. Any clock can be used that does not go back. Events out of turn (a second
/// response, an early `waited`, or one after `stop`) are ignored. Not thread-safe.
template <class Endpoint>
class basic_call {
 public:
  /// The type of the times that are reported to it.
  using time_point = std::chrono::steady_clock::time_point;
  /// The endpoint's request.
  using request_type = typename Endpoint::request_type;
  /// The endpoint's response.
  using response_type = typename Endpoint::response_type;

  /// The template of the URL's path, as reported to the hooks.
  static constexpr std::string_view route = Endpoint::route;

  /// Starts the call; done at once if the request is refused.
  basic_call(client_config const& config, request_type const& request, time_point now)
      : retry_(config.retry, now, Endpoint::is_safe),
        input_(request),
        hooks_(config.hooks),
        began_(now),
        attempt_began_(now) {
    auto made = Endpoint::make(config, request);
    if (made) {
      request_ = std::move(*made);
      limits_ = request_.limits;
      if (begin_attempt(now)) return;
      outcome_ = error{.code = errc::timed_out,
                       .cause = std::make_error_code(std::errc::timed_out),
                       .effect = effect::none,
                       .message = "retry.deadline leaves no time: make it longer"};
    } else {
      outcome_ = made.error();
    }
    report_result(now);
  }

  /// The next action.
  [[nodiscard]] call_step next() const noexcept { return next_; }

  /// The request to send, while `next()` is `send`. Valid until the next call of a member that is not const.
  [[nodiscard]] http_request const& request() const noexcept { return request_; }

  /// The time at which to call `waited`, while `next()` is `wait`.
  [[nodiscard]] time_point wait_until() const noexcept { return wait_until_; }

  /// Reports the response to `request()`, or the transport's error.
  void responded(result<http_response> const& response, time_point now) {
    if (next_ != call_step::send) return;
    retry_.attempted();
    next_ = call_step::done;
    connections_are_suspect_ = false;
    outcome_ = response ? Endpoint::parse(input_, *response, request_.limits.max_body_bytes)
                        : result<response_type>(response.error());
    if (outcome_) {
      retry_.succeeded();
    } else {
      auto e = outcome_.error();
      connections_are_suspect_ = response && e.code == errc::malformed_response && e.effect == effect::unknown;
      if (auto const next_attempt = retry_.failed(e, now)) {
        next_ = call_step::wait;
        wait_until_ = *next_attempt;
        request_.force_new_connection = retry_.needs_new_connection();
      }
      outcome_ = std::move(e);
    }
    status_ = response ? response->status : outcome_.error().status;
    report_attempt(response ? response->body.size() : 0, now);
    if (next_ == call_step::done) report_result(now);
  }

  /// Reports that the delay is over. If the deadline has passed, too, the call ends.
  void waited(time_point now) {
    if (next_ != call_step::wait || now < wait_until_) return;
    attempt_began_ = now;
    if (!begin_attempt(now)) report_result(now);
  }

  /// Cancels the call between attempts. (A request in progress is cancelled through the transport.)
  void stop(time_point now) {
    if (next_ == call_step::done) return;
    next_ = call_step::done;
    outcome_ = retry_.cancelled(outcome_ ? error() : outcome_.error());
    report_result(now);
  }

  /// Number of requests that were handed to the transport so far.
  [[nodiscard]] unsigned attempts() const noexcept { return retry_.attempts(); }

  /// Whether the last response did not answer this call, but another one, or came from something in between. More of
  /// those may wait on idle connections: close the ones to `request().url`'s origin.
  [[nodiscard]] bool connections_are_suspect() const noexcept { return connections_are_suspect_; }

  /// The result of the call, when `next()` is `done`; before, that of the last attempt.
  [[nodiscard]] result<response_type> const& outcome() const& noexcept { return outcome_; }
  /// The same, moved out of a call that is not needed any more.
  [[nodiscard]] result<response_type> outcome() && { return std::move(outcome_); }

 private:
  /// False if the deadline has passed.
  bool begin_attempt(time_point now) noexcept {
    auto const left = retry_.time_left(now);
    next_ = left > std::chrono::milliseconds(0) ? call_step::send : call_step::done;
    request_.limits.total_timeout = (std::min)(limits_.total_timeout, left);
    request_.limits.connect_timeout = (std::min)(limits_.connect_timeout, left);
    return next_ == call_step::send;
  }

  /// Fills in the members that both events have, and calls the hook. The error lives until it returns.
  template <class Event, class Hook>
  void report(Event event, Hook const& hook) const {
    event.route = route;
    event.status = status_;
    event.effect = Endpoint::is_safe ? effect::none : effect::applied;
    if (outcome_) return hook(event);
    auto const e = outcome_.error();
    event.code = e.code;
    event.cause = e.cause;
    event.effect = std::is_same_v<Event, attempt_event> ? retry_.attempt_effect() : e.effect;
    event.message = e.message;
    event.request_id = e.request_id;
    hook(event);
  }

  void report_attempt(std::size_t response_bytes, time_point now) const {
    if (!hooks_.on_attempt) return;
    report(attempt_event{.attempt = attempts(),
                         .duration = now - attempt_began_,
                         .request_bytes = request_.body.size(),
                         .response_bytes = response_bytes,
                         .next_in = next_ == call_step::wait ? wait_until_ - now : std::chrono::nanoseconds(-1)},
           hooks_.on_attempt);
  }

  void report_result(time_point now) const {
    if (!hooks_.on_result) return;
    result_event event{.attempts = attempts(), .duration = now - began_};
    if (outcome_) Endpoint::summarize(*outcome_, event);
    report(event, hooks_.on_result);
  }

  detail::retry_state retry_;
  request_type input_;
  fictive::hooks hooks_;
  http_request request_;
  http_limits limits_;  // of each attempt; the last ones have less time
  time_point began_, attempt_began_, wait_until_ = {};
  unsigned status_ = 0;
  call_step next_ = call_step::done;
  bool connections_are_suspect_ = false;
  result<response_type> outcome_;
};

}  // namespace fictive

#endif
