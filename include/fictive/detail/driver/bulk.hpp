// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_DRIVER_BULK_HPP
#define FICTIVE_DETAIL_DRIVER_BULK_HPP

#include <fictive/async_client.hpp>
#include <fictive/bulk.hpp>
#include <fictive/bulk_options.hpp>
#include <fictive/bulk_report.hpp>
#include <fictive/client.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/driver/client_state.hpp>
#include <fictive/detail/driver/clock.hpp>
#include <fictive/detail/http/authorization.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/stop_token.hpp>
#include <fictive/transport.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

// The drivers of bulk runs, independent of the transport's type.

namespace fictive::detail {

/// What both drivers do: everything but sending and waiting. Called on one thread at a time.
class bulk_driver {
 public:
  bulk_driver(std::shared_ptr<client_state> state, bulk_request request, bulk_options options, bulk_sink sink,
              clock::time_point now);

  /// Observes stops and new credentials, passes on the verdicts, and writes records itself; returns any other step.
  bulk_step next(clock::time_point now);
  /// Reports a response.
  void responded(std::uint64_t id, result<http_response> const& response, clock::time_point now);
  /// Reports the outcome of a renewal.
  void renewed(renewal_outcome const& outcome, clock::time_point now);

  /// Whether a stop was requested that `next` has not observed.
  [[nodiscard]] bool has_new_stop() const noexcept {
    return (!is_stopped_ && stop_.stop_requested()) || (!is_abandoned_ && abandon_.stop_requested());
  }
  /// Until when to wait after `next` returned `wait`: the machine's time, or that of the next call of `on_progress`.
  [[nodiscard]] clock::time_point wait_until() const noexcept;

  [[nodiscard]] bulk_invite& machine() noexcept { return machine_; }
  [[nodiscard]] std::shared_ptr<client_state> const& state() const noexcept { return state_; }
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
  [[nodiscard]] stop_token const& stop() const noexcept { return stop_; }
  [[nodiscard]] stop_token const& abandon() const noexcept { return abandon_; }

 private:
  bulk_driver(std::shared_ptr<client_state> state, client_state::snapshot const& from, bulk_request request,
              bulk_options options, bulk_sink sink, clock::time_point now);

  void observe(clock::time_point now);
  void deliver(clock::time_point now);

  std::shared_ptr<client_state> state_;
  std::uint64_t generation_;
  bulk_sink sink_;
  journal_writer journal_;
  std::function<void(bulk_progress const&)> on_progress_;
  std::chrono::milliseconds progress_interval_;
  clock::time_point next_progress_;
  stop_token stop_, abandon_;
  bool is_stopped_ = false, is_abandoned_ = false;
  bulk_invite machine_;
};

/// A blocking transport of any type.
class bulk_transport {
 public:
  bulk_transport() = default;
  bulk_transport(bulk_transport const&) = delete;
  bulk_transport& operator=(bulk_transport const&) = delete;
  virtual ~bulk_transport() = default;

  /// Whether time is the transport's own: then everything happens on one thread.
  [[nodiscard]] virtual bool has_own_clock() const noexcept = 0;
  virtual clock::time_point now() = 0;
  virtual bool wait_until(clock::time_point time, stop_token const& stop) = 0;
  virtual result<http_response> send(http_request const& request, stop_token const& stop) = 0;
  virtual void drop_idle(std::string_view url) noexcept = 0;
};

/// Runs to the end.
bulk_report run_bulk(bulk_transport& transport, std::shared_ptr<client_state> state, bulk_request request,
                     bulk_options options, bulk_sink sink);

/// Drives a run over an asynchronous transport. Events may come on any thread; they are handled one at a time, by the
/// thread whose event comes while no other is handled. Keeps itself alive while the transport holds a handler.
class async_bulk : public std::enable_shared_from_this<async_bulk> {
 public:
  async_bulk(async_bulk const&) = delete;
  async_bulk& operator=(async_bulk const&) = delete;
  virtual ~async_bulk() = default;

  void start() {
    observe_stops();
    post([] {});
  }

 protected:
  /// `now` is the transport's time.
  async_bulk(std::shared_ptr<client_state> state, bulk_request request, bulk_options options, bulk_sink sink,
             clock::time_point now)
      : driver_(std::move(state), std::move(request), std::move(options), std::move(sink), now) {}

  // For the transport's type:
  virtual clock::time_point now() = 0;
  /// Calls `answered` later or immediately.
  virtual void begin_send(std::uint64_t id, http_request const& request, stop_token stop) = 0;
  /// Calls `timer_ended` later or immediately.
  virtual void begin_wait(std::uint64_t timer, std::chrono::nanoseconds duration, stop_token stop) = 0;
  virtual void drop_idle(std::string_view url) noexcept = 0;
  virtual void complete(bulk_report report) = 0;

  void answered(std::uint64_t id, result<http_response> response);
  void timer_ended(std::uint64_t timer);

 private:
  class renewal;
  struct waker {
    std::weak_ptr<async_bulk> which;
    void operator()() const {
      if (auto const self = which.lock()) self->end_timer();
    }
  };

  void observe_stops();
  void post(std::function<void()> event);
  void advance();
  void begin_renewal();
  void wait();
  void end_timer();
  void finish();

  bulk_driver driver_;
  bool is_done_ = false;
  std::map<std::uint64_t, std::unique_ptr<wiped_request>> requests_;
  std::shared_ptr<renewal> renewal_;

  std::mutex mutex_;
  std::deque<std::function<void()>> events_;
  bool is_handling_ = false;
  stop_source timer_stop_;
  std::uint64_t timer_ = 0;  // the current one
  std::optional<clock::time_point> timer_end_;
#if defined(__cpp_lib_jthread)
  std::optional<std::stop_callback<waker>> on_stop_, on_abandon_;
#endif
};

template <class Transport>
class bulk_transport_of final : public bulk_transport {
 public:
  explicit bulk_transport_of(Transport& transport) : transport_(transport) {}

  [[nodiscard]] bool has_own_clock() const noexcept override { return has_clock<Transport>; }
  clock::time_point now() override { return detail::now(transport_); }
  bool wait_until(clock::time_point time, stop_token const& stop) override {
    return detail::wait_until(transport_, time, stop);
  }
  result<http_response> send(http_request const& request, stop_token const& stop) override {
    result<http_response> response = detail::send(transport_, request, stop);
    detail::add_missing_date(transport_, response);
    return response;
  }
  void drop_idle(std::string_view url) noexcept override { detail::drop_idle_connections(transport_, url); }

 private:
  Transport& transport_;
};

template <class Transport, class Handler>
class async_bulk_of final : public async_bulk {
 public:
  async_bulk_of(std::shared_ptr<async_core<Transport>> core, bulk_request request, bulk_options options, bulk_sink sink,
                Handler handler)
      : async_bulk(core->state, std::move(request), std::move(options), std::move(sink), detail::now(core->transport)),
        core_(std::move(core)),
        handler_(std::move(handler)) {}

 private:
  [[nodiscard]] std::shared_ptr<async_bulk_of> self() {
    return std::static_pointer_cast<async_bulk_of>(this->shared_from_this());
  }

  clock::time_point now() override { return detail::now(core_->transport); }
  void begin_send(std::uint64_t id, http_request const& request, stop_token stop) override {
    core_->transport.async_send(request, std::move(stop), [self = self(), id](result<http_response> response) {
      detail::add_missing_date(self->core_->transport, response);
      self->answered(id, std::move(response));
    });
  }
  void begin_wait(std::uint64_t timer, std::chrono::nanoseconds duration, stop_token stop) override {
    core_->transport.async_wait(duration, std::move(stop), [self = self(), timer] { self->timer_ended(timer); });
  }
  void drop_idle(std::string_view url) noexcept override { detail::drop_idle_connections(core_->transport, url); }
  void complete(bulk_report report) override {
    auto handler = std::move(handler_);
    handler(std::move(report));
  }

  std::shared_ptr<async_core<Transport>> core_;
  Handler handler_;
};

}  // namespace fictive::detail

namespace fictive {

template <transport Transport>
bulk_report client<Transport>::invite_all(bulk_request request, bulk_options options, bulk_sink sink) {
  detail::bulk_transport_of<Transport> to(transport_);
  return detail::run_bulk(to, state_, std::move(request), std::move(options), std::move(sink));
}

template <async_transport Transport>
template <class Handler>
void async_client<Transport>::async_invite_all(bulk_request request, bulk_options options, bulk_sink sink,
                                               Handler handler) {
  std::make_shared<detail::async_bulk_of<Transport, Handler>>(core_, std::move(request), std::move(options),
                                                              std::move(sink), std::move(handler))
      ->start();
}

}  // namespace fictive

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/driver/impl/bulk.ipp>
#endif

#endif
