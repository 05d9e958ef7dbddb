// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_DRIVER_IMPL_BULK_IPP
#define FICTIVE_DETAIL_DRIVER_IMPL_BULK_IPP

#include <fictive/detail/driver/bulk.hpp>
#include <fictive/transport.hpp>

#include <boost/core/no_exceptions_support.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace fictive::detail {

FICTIVE_DECL fingerprint random_run_id() {
  std::random_device random;
  auto const word = [&] { return std::uint64_t{random()} << 32 | random(); };
  return {word(), word()};
}

FICTIVE_DECL bulk_options with_run_id(bulk_options options) {
  if (options.run_id == fingerprint{}) options.run_id = random_run_id();
  return options;
}

FICTIVE_DECL bulk_driver::bulk_driver(std::shared_ptr<client_state> state, bulk_request request, bulk_options options,
                                      bulk_sink sink, clock::time_point now)
    : bulk_driver(state, state->current(), std::move(request), with_run_id(std::move(options)), std::move(sink), now) {}

FICTIVE_DECL bulk_driver::bulk_driver(std::shared_ptr<client_state> state, client_state::snapshot const& from,
                                      bulk_request request, bulk_options options, bulk_sink sink, clock::time_point now)
    : state_(std::move(state)),
      generation_(from.generation()),
      sink_(std::move(sink)),
      journal_(std::exchange(options.journal, nullptr)),
      on_progress_(std::exchange(options.on_progress, nullptr)),
      progress_interval_(options.progress_interval),
      next_progress_(now),
      stop_(options.stop),
      abandon_(options.abandon),
      machine_([&] {
        auto recovered = std::exchange(options.resume, std::nullopt);
        return bulk_invite(from.config(), std::move(request), std::move(options), now, journal_ != nullptr,
                           std::move(recovered));
      }()) {}

FICTIVE_DECL void bulk_driver::observe(clock::time_point now) {
  if (!is_stopped_ && stop_.stop_requested()) {
    is_stopped_ = true;
    machine_.stop(bulk_stop::drain, now);
  }
  if (!is_abandoned_ && abandon_.stop_requested()) {
    is_abandoned_ = is_stopped_ = true;
    machine_.stop(bulk_stop::abandon, now);
  }
  if (state_->generation() == generation_) return;
  auto const current = state_->current();
  generation_ = current.generation();
  machine_.set_credentials(current.config().credentials);
}

FICTIVE_DECL void bulk_driver::deliver(clock::time_point now) {
  for (auto& result : machine_.take_results())
    if (sink_) sink_(std::move(result));
  if (!on_progress_ || now < next_progress_) return;
  next_progress_ = now + progress_interval_;
  on_progress_(machine_.progress(now));
}

FICTIVE_DECL bulk_step bulk_driver::next(clock::time_point now) {
  for (;;) {
    observe(now);
    auto const step = machine_.next(now);
    deliver(now);
    if (step == bulk_step::record)
      machine_.recorded(journal_(machine_.records()), now);
    else if (machine_.wait_until() > now)  // the maximum, unless it waits
      return step;
  }
}

FICTIVE_DECL void bulk_driver::responded(std::uint64_t id, result<http_response> const& response,
                                         clock::time_point now) {
  if (machine_.responded(id, response, now)) state_->accepted(generation_);
}

FICTIVE_DECL void bulk_driver::renewed(renewal_outcome const& outcome, clock::time_point now) {
  if (outcome.how == renewal_outcome::kind::renewed) {
    auto const current = state_->current();  // the renewed credentials, or those that were set since
    generation_ = current.generation();
    machine_.renewed(current.config().credentials, now);
  } else if (outcome.how == renewal_outcome::kind::failed) {
    machine_.declined(outcome.reason, now, outcome.why.cause);
  } else {
    observe(now);
    machine_.declined("the run was stopped", now);
  }
}

FICTIVE_DECL clock::time_point bulk_driver::wait_until() const noexcept {
  return on_progress_ ? (std::min)(machine_.wait_until(), next_progress_) : machine_.wait_until();
}

// The blocking driver.

/// The result of a request whose transport throws.
FICTIVE_DECL result<http_response> thrown_by_transport() {
  auto failure = transport_error({});
  failure.message = "the transport threw an exception";
  return failure;
}

/// Stores the response, unless the transport throws. Allocates nothing itself.
FICTIVE_DECL void send_guarded(bulk_transport& transport, http_request const& request, stop_token const& stop,
                               result<http_response>& response) {
  BOOST_TRY {
    response = transport.send(request, stop);
  }
  BOOST_CATCH(...) {}
  BOOST_CATCH_END
}

/// Sends on threads of its own, which are started when they are needed. These threads allocate nothing themselves, so
/// that they survive a lack of memory.
class bulk_workers {
 public:
  struct job {
    std::uint64_t id = 0;
    wiped_request request;
    result<http_response> response;
  };

  explicit bulk_workers(bulk_transport& transport) : transport_(transport) {}
  bulk_workers(bulk_workers const&) = delete;
  bulk_workers& operator=(bulk_workers const&) = delete;

  /// Cancels the requests, and waits for them.
  ~bulk_workers() {
    {
      std::lock_guard const lock(mutex_);
      is_closing_ = true;
    }
    stop_.request_stop();
    has_job_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  void cancel() { stop_.request_stop(); }

  void send(std::uint64_t id, wiped_request request) {
    std::list<job> added;
    added.push_back({id, std::move(request), thrown_by_transport()});
    bool needs_thread = false;
    {
      std::lock_guard const lock(mutex_);
      jobs_.splice(jobs_.end(), added);
      needs_thread = jobs_.size() > idle_;
    }
    if (needs_thread) add_thread();
    has_job_.notify_one();
  }

  /// Waits for a request to end, until this time, or until `is_interrupted` returns true after `interrupt` was called.
  template <class Interrupted>
  std::optional<job> wait(clock::time_point until, Interrupted is_interrupted) {
    std::unique_lock lock(mutex_);
    auto const is_over = [&] { return !ended_.empty() || is_interrupted(); };
    if (until == (clock::time_point::max)())  // the sum with another clock would overflow
      has_ended_.wait(lock, is_over);
    else
      has_ended_.wait_until(lock, until, is_over);
    if (ended_.empty()) return std::nullopt;
    auto first = std::move(ended_.front());
    ended_.pop_front();
    return first;
  }

  void interrupt() {
    { std::lock_guard const lock(mutex_); }
    has_ended_.notify_all();
  }

 private:
  /// If there is no other thread, another one is required.
  void add_thread() {
    BOOST_TRY {
      threads_.emplace_back([this] { work(); });
    }
    BOOST_CATCH(...) {
      if (threads_.empty()) {
        BOOST_RETHROW
      }
    }
    BOOST_CATCH_END
  }

  void work() {
    std::list<job> mine;
    std::unique_lock lock(mutex_);
    for (;;) {
      ++idle_;
      has_job_.wait(lock, [&] { return is_closing_ || !jobs_.empty(); });
      --idle_;
      if (is_closing_) return;
      mine.splice(mine.end(), jobs_, jobs_.begin());
      lock.unlock();
      send_guarded(transport_, mine.front().request, stop_.get_token(), mine.front().response);
      lock.lock();
      ended_.splice(ended_.end(), mine);
      has_ended_.notify_all();
    }
  }

  bulk_transport& transport_;
  stop_source stop_;
  std::mutex mutex_;
  std::condition_variable has_job_, has_ended_;
  std::list<job> jobs_, ended_;
  std::size_t idle_ = 0;
  bool is_closing_ = false;
  std::vector<std::thread> threads_;
};

/// Drives a run on the calling thread; only `send` of the transport is called on others.
class blocking_bulk {
 public:
  blocking_bulk(bulk_transport& transport, bulk_driver& driver, bool is_single_threaded)
      : transport_(transport), driver_(driver), is_single_threaded_(is_single_threaded), workers_(transport) {}

  bulk_report run() {
#if defined(__cpp_lib_jthread)
    auto const wake = [this] {
      wake_.request_stop();
      workers_.interrupt();
    };
    std::stop_callback const on_stop(driver_.stop(), wake);
    std::stop_callback const on_abandon(driver_.abandon(), wake);
#endif
    for (;;) {
      auto const step = driver_.next(transport_.now());
      if (step == bulk_step::done) return driver_.machine().report();
      if (step == bulk_step::send)
        send();
      else if (step == bulk_step::renew)
        renew();
      else
        wait();
    }
  }

 private:
  void send() {
    auto& machine = driver_.machine();
    url_ = machine.request().url;
    auto const id = machine.request_id();
    if (!is_single_threaded_) return workers_.send(id, std::move(machine.request()));
    auto const request = std::move(machine.request());
    auto response = thrown_by_transport();
    send_guarded(transport_, request, driver_.abandon(), response);
    responded(id, response);
  }

  void responded(std::uint64_t id, result<http_response> const& response) {
    driver_.responded(id, response, transport_.now());
    if (driver_.machine().connections_are_suspect()) transport_.drop_idle(url_);
  }

  void renew() {
    auto const left = driver_.machine().deadline() - transport_.now();
    auto const longest =
        std::clamp<std::chrono::nanoseconds>(left, std::chrono::nanoseconds(0), std::chrono::hours(24));
    auto const outcome = driver_.state()->renew(driver_.generation(), wake_.get_token(), longest);
    driver_.renewed(outcome, transport_.now());
  }

  void wait() {
    auto const until = driver_.wait_until();
    if (is_single_threaded_) {
      static_cast<void>(transport_.wait_until(until, wake_.get_token()));
      return;
    }
    auto const ended = workers_.wait(until, [this] { return driver_.has_new_stop(); });
    if (ended) responded(ended->id, ended->response);
    if (driver_.abandon().stop_requested()) workers_.cancel();
  }

  bulk_transport& transport_;
  bulk_driver& driver_;
  bool is_single_threaded_;
  std::string url_;
  stop_source wake_;
  bulk_workers workers_;
};

FICTIVE_DECL bulk_report run_bulk(bulk_transport& transport, std::shared_ptr<client_state> state, bulk_request request,
                                  bulk_options options, bulk_sink sink) {
  bool const is_single_threaded = transport.has_own_clock() || options.max_concurrency == 1;
  if (is_single_threaded) options.max_concurrency = (std::min)(options.max_concurrency, std::size_t{1});
  bulk_driver driver(std::move(state), std::move(request), std::move(options), std::move(sink), transport.now());
  return blocking_bulk(transport, driver, is_single_threaded).run();
}

// The asynchronous driver.

/// Waits for a renewal, until the run ends.
class async_bulk::renewal final : public renewal_waiter {
 public:
  renewal(std::shared_ptr<async_bulk> of, std::uint64_t generation) : of_(std::move(of)), generation_(generation) {}

  void complete(renewal_outcome const& outcome) override {
    auto const to = of_;
    to->post([to, outcome, generation = generation_] {
      // With other credentials, it does not wait for this renewal any more.
      if (to->is_done_ || to->driver_.generation() != generation) return;
      to->renewal_ = nullptr;
      to->driver_.renewed(outcome, to->now());
    });
  }

 private:
  std::shared_ptr<async_bulk> of_;
  std::uint64_t generation_;  // of the credentials that were refused
};

FICTIVE_DECL void async_bulk::observe_stops() {
#if defined(__cpp_lib_jthread)
  on_stop_.emplace(driver_.stop(), waker{weak_from_this()});
  on_abandon_.emplace(driver_.abandon(), waker{weak_from_this()});
#endif
}

FICTIVE_DECL void async_bulk::post(std::function<void()> event) {
  std::unique_lock lock(mutex_);
  events_.push_back(std::move(event));
  if (std::exchange(is_handling_, true)) return;
  auto const self = shared_from_this();
  while (!events_.empty()) {
    auto const next = std::move(events_.front());
    events_.pop_front();
    lock.unlock();
    next();
    if (!is_done_) advance();
    lock.lock();
  }
  is_handling_ = false;
}

FICTIVE_DECL void async_bulk::advance() {
  for (;;) {
    auto const step = driver_.next(now());
    if (step == bulk_step::done) return finish();
    if (step == bulk_step::send) {
      auto const id = driver_.machine().request_id();
      auto& request = requests_[id] = std::make_unique<wiped_request>(std::move(driver_.machine().request()));
      begin_send(id, *request, driver_.abandon());
    } else if (step == bulk_step::renew) {
      begin_renewal();
    } else {
      wait();
      if (!driver_.has_new_stop()) return;
    }
  }
}

FICTIVE_DECL void async_bulk::answered(std::uint64_t id, result<http_response> response) {
  auto const shared = std::make_shared<result<http_response>>(std::move(response));
  post([self = shared_from_this(), id, shared] {
    auto const request = std::move(self->requests_[id]);
    self->requests_.erase(id);
    if (self->is_done_) return;
    self->driver_.responded(id, *shared, self->now());
    if (self->driver_.machine().connections_are_suspect()) self->drop_idle(request->url);
  });
}

FICTIVE_DECL void async_bulk::begin_renewal() {
  auto const previous = std::exchange(renewal_, std::make_shared<renewal>(shared_from_this(), driver_.generation()));
  client_state::async_renew(driver_.state(), driver_.generation(), renewal_);
  if (previous) driver_.state()->leave(*previous);
}

FICTIVE_DECL void async_bulk::wait() {
  constexpr std::chrono::nanoseconds longest = std::chrono::hours(24);
  auto const time = now();
  auto const until = driver_.wait_until();
  auto const duration =
      std::clamp<std::chrono::nanoseconds>(until - (std::min)(time, until), std::chrono::nanoseconds(0), longest);
  stop_source previous, next;
  std::uint64_t timer = 0;
  {
    std::lock_guard const lock(mutex_);
    if (timer_end_ && *timer_end_ <= until && *timer_end_ > time) return;
    previous = std::exchange(timer_stop_, next);
    timer = ++timer_;
    timer_end_ = time + duration;
  }
  previous.request_stop();
  begin_wait(timer, duration, next.get_token());
}

FICTIVE_DECL void async_bulk::timer_ended(std::uint64_t timer) {
  post([self = shared_from_this(), timer] {
    std::lock_guard const lock(self->mutex_);
    if (timer == self->timer_) self->timer_end_.reset();
  });
}

FICTIVE_DECL void async_bulk::end_timer() {
  auto stop = [this] {
    std::lock_guard const lock(mutex_);
    return timer_stop_;
  }();
  stop.request_stop();
}

FICTIVE_DECL void async_bulk::finish() {
  is_done_ = true;
#if defined(__cpp_lib_jthread)
  on_stop_.reset();
  on_abandon_.reset();
#endif
  if (auto const waiting = std::exchange(renewal_, nullptr)) driver_.state()->leave(*waiting);
  end_timer();
  complete(driver_.machine().report());
}

}  // namespace fictive::detail

#endif
