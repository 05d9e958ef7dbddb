// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_CALL_HPP
#define FICTIVE_CALL_HPP

#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/invite.hpp>
#include <fictive/observe.hpp>
#include <fictive/request.hpp>
#include <fictive/response.hpp>
#include <fictive/retry.hpp>
#include <fictive/service.hpp>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

namespace fictive {

/// What a call wants next of whoever drives it.
enum class call_step : unsigned char { send, wait, done };

namespace detail {

/// The part of a call that is the same for every endpoint: sending again, or not.
template <class = void>
class retrying_call {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  retrying_call(retry_policy policy, time_point now)
      : policy_(std::move(policy)), deadline_(later(now, policy_.deadline)), random_state_(seed(now)) {}

  [[nodiscard]] call_step next() const noexcept { return next_; }
  [[nodiscard]] http_request const& request() const noexcept { return request_; }
  [[nodiscard]] time_point wait_until() const noexcept { return wait_until_; }
  [[nodiscard]] unsigned attempts() const noexcept { return attempts_; }

  /// False if there is no time: then `next()` is done.
  bool begin(http_request request, time_point now) {
    request_ = std::move(request);
    limits_ = request_.limits;
    return begin_attempt(now);
  }

  /// The request was handed to the transport.
  void sent() noexcept { ++attempts_; }

  void succeeded() noexcept {
    next_ = call_step::done;
    if (policy_.budget) policy_.budget->give(retry_budget::gain_of_success + spent_);
  }

  /// Decides whether to try again: then `next()` is `wait`, else `done`. Returns the error as the caller shall see it:
  /// what any of the attempts may have done, the call may have done.
  error failed(error e, time_point now) {
    if (e.status == 503 && !policy_.trust_503) e.effect = (std::max)(e.effect, effect::unknown);
    attempt_effect_ = e.effect;
    worst_effect_ = (std::max)(worst_effect_, e.effect);
    e.attempts = attempts_;
    next_ = may_retry(e) && plan_wait(e, now) ? call_step::wait : call_step::done;
    e.effect = worst_effect_;
    return e;
  }

  /// What the last attempt alone may have done.
  [[nodiscard]] effect attempt_effect() const noexcept { return attempt_effect_; }

  /// False if the deadline has passed: then `next()` is done.
  bool begin_attempt(time_point now) noexcept {
    next_ = call_step::done;
    if (now >= deadline_) return false;
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - now);
    request_.limits.total_timeout = (std::min)(limits_.total_timeout, left);
    request_.limits.connect_timeout = (std::min)(limits_.connect_timeout, left);
    next_ = call_step::send;
    return true;
  }

  /// What the call ends with if it is stopped now, before or between attempts; `last` is what the last attempt came to.
  error stopped(error last) {
    next_ = call_step::done;
    last.code = errc::cancelled;
    last.cause = std::make_error_code(std::errc::operation_canceled);
    last.effect = worst_effect_;
    last.message =
        attempts_ == 0 ? "the call was stopped before it began" : "the call was stopped while it waited to try again";
    return last;
  }

 private:
  /// A hundred years are as good as no deadline, and do not overflow.
  static time_point later(time_point now, std::chrono::milliseconds duration) noexcept {
    constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365 * 100);
    std::chrono::nanoseconds const wanted = std::clamp(duration, std::chrono::milliseconds(0), longest);
    auto const room = (time_point::max)() - (std::max)(now, time_point());
    return wanted >= room ? (time_point::max)() : now + wanted;
  }

  /// Differs between calls (the address, the time), and between machines where addresses are randomized.
  std::uint64_t seed(time_point now) const noexcept {
    return reinterpret_cast<std::uintptr_t>(this) ^ std::bit_cast<std::uint64_t>(now.time_since_epoch().count());
  }

  bool may_retry(error const& e) const noexcept {
    if (attempts_ >= policy_.max_attempts || e.code == errc::cancelled) return false;
    if (e.effect == effect::applied || e.cause == std::errc::permission_denied) return false;  // as a certificate's is
    if (e.effect == effect::unknown) {
      bool const was_answered = e.status >= 200 && e.status < 400;  // by whomever: a portal, another place
      return policy_.unknown_effect && !was_answered && e.code != errc::unexpected_status;
    }

    if (e.status == 408 || e.status == 421 || e.status == 425) return !asked_again_;
    return e.code == errc::transport_failure || e.code == errc::timed_out || e.code == errc::too_many_requests ||
           e.code == errc::server_error;
  }

  bool plan_wait(error const& e, time_point now) {
    auto const delay = wait_before_retry(policy_, attempts_, e.retry_after, deadline_ - now,
                                         policy_.random ? policy_.random() : random_fraction(random_state_));
    if (!delay) return false;

    auto const cost =
        e.code == errc::timed_out ? retry_budget::cost_of_retry_after_timeout : retry_budget::cost_of_retry;
    if (policy_.budget && !policy_.budget->take(cost)) return false;
    spent_ += cost;
    asked_again_ = asked_again_ || e.code == errc::unexpected_status;
    request_.new_connection = e.code == errc::unexpected_status;
    wait_until_ = now + std::chrono::duration_cast<time_point::duration>(*delay);
    return true;
  }

  retry_policy policy_;
  http_request request_;
  http_limits limits_;  // of each attempt; the last ones have less time
  time_point deadline_, wait_until_ = {};
  std::uint64_t random_state_;
  unsigned attempts_ = 0, spent_ = 0;
  bool asked_again_ = false;
  effect attempt_effect_ = effect::none, worst_effect_ = effect::none;
  call_step next_ = call_step::done;
};

/// What a call must know about inviting.
struct invite_endpoint {
  using request_type = invite_request;
  using response_type = invite_response;

  static constexpr std::string_view route = "/rest/api/accounts/groups/{accountGroupToken}/invites";

  template <class Request>
  static result<http_request> make(service const& to, Request const& request) {
    return make_invite_request(to, request);
  }

  /// What `parse` needs of the request.
  static invite_request kept(invite_request const& request) { return {.email_addresses = request.email_addresses}; }

  template <class Response>
  static result<invite_response> parse(invite_request const& request, Response const& response,
                                       std::size_t max_body_bytes) {
    return parse_invite_response(request, response, max_body_bytes);
  }

  static void count(invite_response const& response, result_event& event) noexcept {
    event.invited = response.valid_invitations.size();
    event.refused = response.invalid_email_addresses.size();
  }
};

}  // namespace detail

/// A call of one of the service's endpoints as a state machine: `invite_call` is the one there is, and says how to drive
/// it. A template also so that a program which includes it without calling does not pay for what a call is made of.
template <class Endpoint>
class basic_call {
 public:
  /// The type of the time that it is told.
  using time_point = std::chrono::steady_clock::time_point;
  /// What is asked of the service.
  using request_type = typename Endpoint::request_type;
  /// What it answers.
  using response_type = typename Endpoint::response_type;

  /// The template of the URL's path, as the hooks are told it.
  static constexpr std::string_view route = Endpoint::route;

  /// Begins; done at once if the request is refused (see `make_invite_request`).
  basic_call(service const& to, request_type const& request, retry_policy policy, time_point now,
             std::shared_ptr<observer const> observer = nullptr)
      : call_(std::move(policy), now),
        request_(Endpoint::kept(request)),
        observer_(std::move(observer)),
        began_(now),
        attempt_began_(now) {
    auto made = Endpoint::make(to, request);
    if (made && call_.begin(std::move(*made), now)) return;
    outcome_ = made ? error{.code = errc::timed_out,
                            .cause = std::make_error_code(std::errc::timed_out),
                            .effect = effect::none,
                            .message = "retry_policy.deadline leaves no time: make it longer"}
                    : made.error();
    tell_result(now);
  }

  /// What to do next.
  [[nodiscard]] call_step next() const noexcept { return call_.next(); }

  /// What to send, while `next()` is `send`. Valid until the next call of a member that is not const.
  [[nodiscard]] http_request const& request() const noexcept { return call_.request(); }

  /// When to call `waited`, while `next()` is `wait`.
  [[nodiscard]] time_point wait_until() const noexcept { return call_.wait_until(); }

  /// What `request()` led to.
  void responded(result<http_response> const& response, time_point now) {
    call_.sent();
    outcome_ = response ? Endpoint::parse(request_, *response, call_.request().limits.max_body_bytes)
                        : result<response_type>(response.error());
    if (outcome_)
      call_.succeeded();
    else
      outcome_ = call_.failed(outcome_.error(), now);
    connections_are_suspect_ = response && !outcome_ && outcome_.error().code == errc::malformed_response &&
                               call_.attempt_effect() == effect::unknown;
    status_ = response ? response->status : outcome_.error().status;
    tell_attempt(response ? response->body.size() : 0, now);
    if (next() == call_step::done) tell_result(now);
  }

  /// The wait is over. If the deadline is, too (the wait took longer than asked for), so is the call.
  void waited(time_point now) {
    attempt_began_ = now;
    if (!call_.begin_attempt(now)) tell_result(now);
  }

  /// Ends the call where it is to send or to wait. (A request that is under way, the transport ends.)
  void stop(time_point now) {
    if (next() == call_step::done) return;
    outcome_ = call_.stopped(outcome_ ? error() : outcome_.error());
    tell_result(now);
  }

  /// How many requests were handed to the transport so far.
  [[nodiscard]] unsigned attempts() const noexcept { return call_.attempts(); }

  /// Whether the last response was not the service's answer to this call, but one to another call or a page of something
  /// in between. More of those may wait on connections that are idle: close the ones to `request().url`'s origin.
  [[nodiscard]] bool connections_are_suspect() const noexcept { return connections_are_suspect_; }

  /// What the call came to, when `next()` is `done`; before, what the last attempt came to.
  [[nodiscard]] result<response_type> const& outcome() const& noexcept { return outcome_; }
  /// The same, moved out of a call that is not needed any more.
  [[nodiscard]] result<response_type> outcome() && { return std::move(outcome_); }

 private:
  /// Fills in what both events have, and calls the hook. The error lives as long as that takes.
  template <class Event, class Hook>
  void tell(Event event, Hook const& hook) const {
    event.route = route;
    event.status = status_;
    if (outcome_) return hook(event);
    auto const e = outcome_.error();
    event.code = e.code;
    event.cause = e.cause;
    event.effect = std::is_same_v<Event, attempt_event> ? call_.attempt_effect() : e.effect;
    event.message = e.message;
    event.request_id = e.request_id;
    hook(event);
  }

  void tell_attempt(std::size_t response_bytes, time_point now) const {
    if (!observer_ || !observer_->on_attempt) return;
    auto const next_in = next() == call_step::wait ? wait_until() - now : std::chrono::nanoseconds(-1);
    tell(attempt_event{.attempt = attempts(),
                       .duration = now - attempt_began_,
                       .request_bytes = request().body.size(),
                       .response_bytes = response_bytes,
                       .next_in = next_in},
         observer_->on_attempt);
  }

  void tell_result(time_point now) const {
    if (!observer_ || !observer_->on_result) return;
    result_event event{.attempts = attempts(), .duration = now - began_};
    if (outcome_) Endpoint::count(*outcome_, event);
    tell(event, observer_->on_result);
  }

  detail::retrying_call<> call_;
  request_type request_;  // as far as the response is read by it
  std::shared_ptr<observer const> observer_;
  time_point began_, attempt_began_;
  unsigned status_ = 0;
  bool connections_are_suspect_ = false;
  result<response_type> outcome_;
};

/// One invitation call, without I/O: whoever drives it sends, waits and tells it what happened and what time it is, and
/// it says what to do next. `client` and `async_client` are loops around it; use it in an event loop of your own.
///
///     fictive::invite_call call(service, request, policy, now());
///     while (call.next() != fictive::call_step::done)
///       if (call.next() == fictive::call_step::send) {
///         auto response = transport(call.request());
///         call.responded(response, now());
///       } else {
///         sleep_until(call.wait_until());
///         call.waited(now());
///       }
///     return call.outcome();
///
/// It owns no thread, clock, timer or socket. The time is of any clock that does not go back. Not thread-safe.
using invite_call = basic_call<detail::invite_endpoint>;

}  // namespace fictive

#endif
