// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_CALL_HPP
#define FICTIVE_CALL_HPP

#include <fictive/call_options.hpp>
#include <fictive/client_config.hpp>
#include <fictive/config.hpp>
#include <fictive/credentials.hpp>
#include <fictive/detail/http/authorization.hpp>
#include <fictive/detail/http/error_response.hpp>
#include <fictive/detail/http/request_builder.hpp>
#include <fictive/detail/retry_state.hpp>
#include <fictive/error.hpp>
#include <fictive/hooks.hpp>
#include <fictive/http.hpp>

#include <boost/core/no_exceptions_support.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

namespace fictive {

/// The next action that the driver of a call must perform.
enum class call_step : unsigned char {
  send,   ///< send `request()`, then call `responded`
  wait,   ///< wait until `wait_until()`, then call `waited`
  renew,  ///< obtain new credentials, then call `renewed`; or `waited` at `wait_until()`, which is the deadline
  done,   ///< take the `outcome()`
};

/// A call of an endpoint as a state machine, without I/O: the driver sends and waits, and reports what happened and the
/// time. `client` and `async_client` are loops around it; use it in an event loop of your own.
///
/// It owns no thread, clock, timer or socket. Any clock can be used that does not go back. Events out of turn (a second
/// response, an early `waited`, or one after `stop`) are ignored. Not thread-safe.
///
/// If memory is exhausted, `responded` and `set_credentials` do not throw: the call ends, with the effect that is certain
/// and the cause `std::errc::not_enough_memory`. After a `std::bad_alloc` of another event, call `abandon`.
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

  /// Starts the call; done at once if the request or the options are refused. Uses `config.credentials`. The driver
  /// observes `options.stop`.
  basic_call(client_config const& config, request_type const& request, time_point now, call_options const& options = {})
      : basic_call(config, request, std::optional<request_type>(request), now, options) {}

  /// The same without a copy of the request, which must outlive the call: `basic_call(config, std::cref(request), now)`.
  basic_call(client_config const& config, std::reference_wrapper<request_type const> request, time_point now,
             call_options const& options = {})
      : basic_call(config, request, std::nullopt, now, options) {}

  /// The next action.
  [[nodiscard]] call_step next() const noexcept { return next_; }

  /// The request to send, while `next()` is `send`. Valid until the next call of a member that is not const.
  [[nodiscard]] http_request const& request() const noexcept { return request_; }

  /// The time at which to call `waited`, while `next()` is `wait` or `renew`.
  [[nodiscard]] time_point wait_until() const noexcept { return wait_until_; }

  /// Authorizes the attempts from now on with these credentials, in place of those before. To be called before the
  /// request is sent or while `next()` is `wait`. Credentials that cannot be sent end the call as `invalid_argument`.
  /// Ignored while `next()` is `renew`: call `renewed` with them.
  void set_credentials(credentials const& with, time_point now) {
    if (next_ != call_step::send && next_ != call_step::wait) return;
    BOOST_TRY {
      auto problem = detail::authorize(request_.headers, authorization_, with);
      if (!problem.empty()) end(retry_.ended(detail::refused(std::move(problem))), now);
    }
    BOOST_CATCH(std::bad_alloc const&) {
      end(retry_.ended({.cause = std::make_error_code(std::errc::not_enough_memory), .message = "out of memory"}), now);
    }
    BOOST_CATCH_END
  }

  /// Reports the response to `request()`, or the transport's error.
  void responded(result<http_response> const& response, time_point now) {
    if (next_ != call_step::send) return;
    retry_.attempted();
    next_ = call_step::done;
    connections_are_suspect_ = false;
    error e;
    bool is_read = false;
    BOOST_TRY {
      outcome_ = response
                     ? Endpoint::parse(own_input_ ? *own_input_ : *input_, *response, request_.limits.max_body_bytes)
                     : result<response_type>(response.error());
      is_read = true;
      if (outcome_)
        retry_.succeeded();
      else
        e = classify(response.has_value(), now);
    }
    BOOST_CATCH(std::bad_alloc const&) {
      next_ = call_step::done;
      e = without_memory(response, is_read);
      outcome_ = error();
    }
    BOOST_CATCH_END
    bool const has_failed = !outcome_;
    status_ = response ? response->status : e.status;
    report_attempt(has_failed ? &e : nullptr, response ? response->body.size() : 0, now);
    if (next_ == call_step::done) report_result(has_failed ? &e : nullptr, now);
    if (has_failed) outcome_ = std::move(e);
  }

  /// Reports that the delay is over. If the deadline has passed, too, the call ends.
  void waited(time_point now) {
    if ((next_ != call_step::wait && next_ != call_step::renew) || now < wait_until_) return;
    if (next_ == call_step::renew) return end(retry_.out_of_time(outcome_.error()), now);
    attempt_began_ = now;
    if (begin_attempt(now)) return;
    auto e = outcome_.error();
    e.message.append("; not retried, since the deadline of the call has passed");
    end(std::move(e), now);
  }

  /// Reports the renewed credentials, with which the request is sent once more.
  void renewed(credentials const& with, time_point now) {
    if (next_ != call_step::renew) return;
    auto const problem = detail::is_authorized_with(request_.headers, authorization_, with)
                             ? "the new credentials are those that were refused"
                             : detail::authorize(request_.headers, authorization_, with);
    if (!problem.empty()) return declined(problem, now, make_error_code(errc::invalid_argument));
    attempt_began_ = now;
    request_.force_new_connection = false;
    if (!begin_attempt(now)) end(retry_.out_of_time(outcome_.error()), now);
  }

  /// The same, or the error that prevented it. The message of that error is not repeated.
  void renewed(result<credentials> const& with, time_point now) {
    if (with)
      renewed(*with, now);
    else
      declined(to_string(with.error().code), now, detail::cause_of(with.error()), with.error().retry_after);
  }

  /// Reports that the credentials are not renewed. `reason` becomes part of the message, the others of the error.
  void declined(std::string_view reason, time_point now, std::error_code cause = {},
                std::optional<std::chrono::seconds> retry_after = {}) {
    if (next_ != call_step::renew) return;
    auto e = outcome_.error();
    e.cause = cause ? cause : make_error_code(errc::not_authenticated);
    e.message.append("; the credentials were not renewed: ").append(reason);
    if (retry_after) e.retry_after = retry_after;
    end(std::move(e), now);
  }

  /// Cancels the call between attempts. (A request in progress is cancelled through the transport.)
  void stop(time_point now) {
    if (next_ == call_step::done) return;
    end(retry_.cancelled(outcome_ ? error() : outcome_.error()), now);
  }

  /// Ends the call because the driver cannot continue, for example after an exception of the transport. While `next()`
  /// is `send`, the request counts as handed to the transport. `message` is short, so that it allocates nothing.
  void abandon(std::error_code cause, char const* message, time_point now) {
    if (next_ == call_step::done) return;
    bool const was_sent = next_ == call_step::send;
    next_ = call_step::done;
    if (was_sent) {
      retry_.attempted();
      status_ = 0;
    }
    auto const e =
        retry_.abandoned({.effect = was_sent ? effect::unknown : effect::none, .status = status_}, cause, message);
    if (was_sent) report_attempt(&e, 0, now);
    end(e, now);
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
  basic_call(client_config const& config, request_type const& request, std::optional<request_type> copy, time_point now,
             call_options const& options)
      : retry_(config.retry, options.deadline ? *options.deadline : config.retry.deadline, now, Endpoint::is_safe),
        own_input_(std::move(copy)),
        input_(&request),
        hooks_(config.hooks),
        label_(options.label),
        began_(now),
        attempt_began_(now),
        authorization_(detail::authorization_of(config.credentials)),
        can_renew_(config.renew_credentials || config.async_renew_credentials) {
    auto problem = Endpoint::make(config, request, request_);
    if (problem.empty() && !options.headers.empty())
      problem = detail::add_headers_of_call(request_.headers, options.headers);
    report_start();
    if (!problem.empty()) {
      end(detail::refused(std::move(problem)), now);
    } else {
      limits_ = request_.limits;
      if (!begin_attempt(now))
        end({.code = errc::timed_out,
             .cause = std::make_error_code(std::errc::timed_out),
             .effect = effect::none,
             .message = "the deadline leaves no time: make retry.deadline or call_options::deadline longer"},
            now);
    }
  }

  /// False if the deadline has passed.
  bool begin_attempt(time_point now) noexcept {
    auto const left = retry_.time_left(now);
    next_ = left > std::chrono::milliseconds(0) ? call_step::send : call_step::done;
    request_.limits.total_timeout = (std::min)(limits_.total_timeout, left);
    request_.limits.connect_timeout = (std::min)(limits_.connect_timeout, left);
    return next_ == call_step::send;
  }

  /// Decides the next step after the failure in `outcome_`, and returns its complete error.
  error classify(bool has_response, time_point now) {
    auto e = outcome_.error();
    connections_are_suspect_ = has_response && e.code == errc::malformed_response && e.effect == effect::unknown;
    if (retry_.failed(e, now)) {
      next_ = call_step::wait;
      wait_until_ = retry_.next_attempt();
      request_.force_new_connection = retry_.needs_new_connection();
    } else if (can_renew_ && retry_.renews_after(e, now)) {
      next_ = call_step::renew;
      wait_until_ = retry_.deadline();
    } else {
      explain(e, now);
    }
    return e;
  }

  /// Adds what only the call knows to the message of its last attempt.
  void explain(error& e, time_point now) const {
    constexpr char const* deadline =
        "no complete response before the deadline of the call: retry.deadline or call_options::deadline";
    bool const was_cut = request_.limits.total_timeout < limits_.total_timeout;
    if (e.code == errc::timed_out && was_cut && retry_.time_left(now) == std::chrono::milliseconds(0)) {
      if (e.effect == effect::unknown)
        e.message = deadline;  // instead of limits.total_timeout
      else
        e.message.append("; ").append(deadline);
    }
    if (e.code != errc::not_authenticated) return;
    if (retry_.has_renewed())
      e.message.append("; neither did it accept the renewed credentials");
    else if (authorization_.is_empty() && !find_header(request_.headers, "Authorization"))
      e.message.append("; no credentials are set: set client_config::credentials");
    else if (authorization_.session_id)
      e.message.append(
          "; a session ends 15 minutes after its last use: start a new one and call set_credentials, or "
          "set renew_credentials");
  }

  /// What is known of the failure without memory. `is_read` if it is in `outcome_`.
  error without_memory(result<http_response> const& response, bool is_read) {
    error e;
    if (is_read || !response) {
      auto const& known = is_read ? outcome_.error() : response.error();
      e.code = known.code;
      e.effect = known.effect;
      e.status = known.status;
    } else {
      e = detail::outcome_without_body(*response);
    }
    return retry_.abandoned(std::move(e), std::make_error_code(std::errc::not_enough_memory), "out of memory");
  }

  /// Reports the end of the call, and its error.
  void end(error e, time_point now) {
    next_ = call_step::done;
    report_result(&e, now);
    outcome_ = std::move(e);
  }

  void report_start() {
    if (!hooks_.on_start && !hooks_.on_attempt && !hooks_.on_result) return;
    call_id_ = detail::next_call_id();
    if (hooks_.on_start) hooks_.on_start({.route = route, .call_id = call_id_, .label = label_});
  }

  /// Fills in the members that both events have, and calls the hook. `e` is null after a success.
  template <class Event, class Hook>
  void report(Event event, error const* e, Hook const& hook) const {
    event.route = route;
    event.call_id = call_id_;
    event.label = label_;
    event.status = status_;
    event.effect = Endpoint::is_safe ? effect::none : effect::applied;
    if (e) {
      event.code = e->code;
      event.cause = e->cause;
      event.effect = std::is_same_v<Event, attempt_event> ? retry_.attempt_effect() : e->effect;
      event.message = e->message;
      event.request_id = e->request_id;
    }
    hook(event);
  }

  void report_attempt(error const* e, std::size_t response_bytes, time_point now) const {
    if (!hooks_.on_attempt) return;
    auto const next_in = next_ == call_step::wait    ? std::chrono::nanoseconds(wait_until_ - now)
                         : next_ == call_step::renew ? std::chrono::nanoseconds(0)
                                                     : std::chrono::nanoseconds(-1);
    report(attempt_event{.attempt = attempts(),
                         .duration = now - attempt_began_,
                         .request_bytes = request_.body.size(),
                         .response_bytes = response_bytes,
                         .next_in = next_in},
           e, hooks_.on_attempt);
  }

  void report_result(error const* e, time_point now) const {
    if (!hooks_.on_result) return;
    result_event event{.attempts = attempts(), .duration = now - began_};
    if (!e) Endpoint::summarize(*outcome_, event);
    report(event, e, hooks_.on_result);
  }

  detail::retry_state retry_;
  std::optional<request_type> own_input_;
  request_type const* input_;  // the caller's; not read if there is an own one
  fictive::hooks hooks_;
  std::string label_;
  std::uint64_t call_id_ = 0;
  detail::wiped_request request_;
  http_limits limits_;  // of each attempt; the last ones have less time
  time_point began_, attempt_began_, wait_until_ = {};
  int status_ = 0;
  call_step next_ = call_step::done;
  detail::authorization authorization_;
  bool can_renew_;
  bool connections_are_suspect_ = false;
  result<response_type> outcome_;
};

}  // namespace fictive

#endif
