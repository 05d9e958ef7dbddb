// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_TESTING_SCRIPTED_TRANSPORT_HPP
#define FICTIVE_TESTING_SCRIPTED_TRANSPORT_HPP

#include <fictive/config.hpp>
#include <fictive/detail/text/throw_error.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/transport.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

namespace fictive::testing {

/// A clock whose time passes only when it is run, and the actions that are due. Copies are handles of the same clock.
/// Not thread-safe.
class virtual_clock {
 public:
  /// Begins at zero.
  using time_point = std::chrono::steady_clock::time_point;

  /// A new clock, without actions.
  virtual_clock() : state_(std::make_shared<state>()) {}

  /// The current time.
  [[nodiscard]] time_point now() const noexcept { return state_->now; }

  /// Runs the action at this time; actions of the same time in the order given.
  void post_at(time_point time, std::function<void()> action) const {
    state_->events.emplace((std::max)(time, state_->now), std::move(action));
  }

  /// Runs the action after this delay.
  void post_after(std::chrono::nanoseconds delay, std::function<void()> action) const {
    post_at(now() + delay, std::move(action));
  }

  /// Lets the time pass until then, or until `enough` returns true after an action.
  template <class Enough>
  void run_until(time_point time, Enough enough) const {
    while (!enough()) {
      if (state_->events.empty() || state_->events.begin()->first > time) {
        state_->now = (std::max)(state_->now, time);
        return;
      }
      do_next();
    }
  }

  /// Lets the time pass until no action is left.
  void run() const {
    while (!state_->events.empty()) do_next();
  }

 private:
  struct state {
    time_point now = {};
    std::multimap<time_point, std::function<void()>> events;
  };

  void do_next() const {
    auto next = state_->events.extract(state_->events.begin());
    state_->now = next.key();
    next.mapped()();
  }

  std::shared_ptr<state> state_;
};

/// A mock transport, blocking and asynchronous, that plays a script of answers in virtual time: it sends nothing, does
/// not sleep, and every run is the same.
///
///     fictive::testing::scripted_transport network;
///     network.answer({.status = 503, .headers = {{"Retry-After", "7"}}});
///     network.fail(fictive::transport_error(reset), 2s);
///     network.answer({.status = 200, .body = …});
///     fictive::client client{network, config};
///     …
///     REQUIRE(network.requests().size() == 2);
///
/// It enforces a request's total timeout, and ends early when a stop is requested; the effect of both is that of the
/// answer that would have come, or unknown. Copies are handles of the same network. Not thread-safe.
class scripted_transport {
 public:
  /// The clock's.
  using time_point = virtual_clock::time_point;

  /// A request and its time.
  struct recorded_request {
    /// The request, as given to the transport.
    http_request request;
    /// The time at which it was sent.
    time_point at;
  };

  /// A new network, with an empty script.
  scripted_transport() : state_(std::make_shared<state>()) {}

  /// Adds a response to the script, `delay` after the request was sent.
  void answer(http_response response, std::chrono::nanoseconds delay = {}) const {
    state_->script.push_back({std::move(response), delay});
  }

  /// Adds a failure to the script.
  void fail(error e, std::chrono::nanoseconds delay = {}) const { state_->script.push_back({std::move(e), delay}); }

  /// Answers when the script is at its end, e.g. a `fake_service`. By default, that is a `std::logic_error`.
  void set_default(std::function<result<http_response>(http_request const&)> answer) const {
    state_->default_answer = std::move(answer);
  }

  /// Whether asynchronous answers and waits without a delay complete within the initiating function.
  void answer_inline(bool yes) const { state_->is_inline = yes; }

  /// The clock that determines when answers arrive.
  [[nodiscard]] virtual_clock clock() const { return state_->clock; }

  /// All requests so far, with their times.
  [[nodiscard]] std::vector<recorded_request> const& requests() const { return state_->requests; }

  /// Number of responses in the script that were not requested yet.
  [[nodiscard]] std::size_t unused_responses() const { return state_->script.size(); }

  /// See `fictive::transport`; lets the time pass until the answer.
  result<http_response> operator()(http_request const& request, stop_token stop) const {
    auto const [answer, delay] = play(request);
    auto const until = now() + delay;
    state_->clock.run_until(until, [&] { return stop.stop_requested(); });
    return now() < until ? stopped(answer) : answer;
  }

  /// See `fictive::has_clock`.
  [[nodiscard]] time_point now() const { return state_->clock.now(); }

  /// See `fictive::has_clock`; lets the time pass.
  bool wait_until(time_point time, stop_token stop) const {
    state_->clock.run_until(time, [&] { return stop.stop_requested(); });
    return !stop.stop_requested();
  }

  /// See `fictive::async_transport`; answers when the clock runs.
  template <class Handler>
  void async_send(http_request const& request, stop_token stop, Handler handler) const {
    auto const next = play(request);
    later(next.delay, std::move(stop),
          [handler = std::make_shared<Handler>(std::move(handler)), in_time = next.answer,
           early = stopped(next.answer)](bool is_in_time) { (*handler)(is_in_time ? in_time : early); });
  }

  /// See `fictive::async_transport`; completes when the clock runs.
  template <class Handler>
  void async_wait(std::chrono::nanoseconds duration, stop_token stop, Handler handler) const {
    later(duration, std::move(stop), [handler = std::make_shared<Handler>(std::move(handler))](bool) { (*handler)(); });
  }

 private:
  struct step {
    result<http_response> answer;
    std::chrono::nanoseconds delay = {};
  };

  struct state {
    virtual_clock clock;
    std::deque<step> script;
    std::function<result<http_response>(http_request const&)> default_answer;
    std::vector<recorded_request> requests;
    bool is_inline = false;
  };

  step play(http_request const& request) const {
    state_->requests.push_back({request, now()});
    step next{http_response{}};
    if (!state_->script.empty()) {
      next = std::move(state_->script.front());
      state_->script.pop_front();
    } else if (state_->default_answer) {
      next.answer = state_->default_answer(request);
    } else {
      fictive::detail::throw_error<std::logic_error>("scripted_transport: the script has no answer for this request");
    }
    if (next.delay <= request.limits.total_timeout) return next;
    return {transport_error(std::make_error_code(std::errc::timed_out), effect_of(next.answer)),
            request.limits.total_timeout};
  }

  static effect effect_of(result<http_response> const& answer) {
    return answer ? effect::unknown : answer.error().effect;
  }

  static result<http_response> stopped(result<http_response> const& answer) {
    return transport_error(std::make_error_code(std::errc::operation_canceled), effect_of(answer));
  }

  /// Calls `then(true)` after the delay, or `then(false)` when the token stops before.
  template <class Then>
  void later(std::chrono::nanoseconds delay, [[maybe_unused]] stop_token stop, Then then) const {
    if (delay <= delay.zero() && state_->is_inline) return then(true);

    struct pending {
      explicit pending(Then f) : then(std::move(f)) {}
      Then then;
      bool is_done = false;
      void end(bool in_time) {
        if (!std::exchange(is_done, true)) then(in_time);
      }
#if defined(__cpp_lib_jthread)
      std::optional<std::stop_callback<std::function<void()>>> on_stop;
#endif
    };
    auto const wait = std::make_shared<pending>(std::move(then));
    state_->clock.post_after(delay, [wait] { wait->end(true); });
#if defined(__cpp_lib_jthread)
    wait->on_stop.emplace(std::move(stop), [clock = state_->clock, which = std::weak_ptr<pending>(wait)] {
      if (auto const stopped_wait = which.lock()) clock.post_after({}, [stopped_wait] { stopped_wait->end(false); });
    });
#endif
  }

  std::shared_ptr<state> state_;
};

}  // namespace fictive::testing

#endif
