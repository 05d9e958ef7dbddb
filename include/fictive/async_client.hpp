// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_ASYNC_CLIENT_HPP
#define FICTIVE_ASYNC_CLIENT_HPP

#include <fictive/call.hpp>
#include <fictive/call_options.hpp>
#include <fictive/client_config.hpp>
#include <fictive/config.hpp>
#include <fictive/credentials.hpp>
#include <fictive/detail/driver/client_state.hpp>
#include <fictive/detail/driver/clock.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/invite.hpp>
#include <fictive/invite_endpoint.hpp>
#include <fictive/stop_token.hpp>
#include <fictive/transport.hpp>

#include <boost/core/no_exceptions_support.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

namespace fictive {

// For bulk runs, include <fictive/invite_all.hpp>.
struct bulk_options;
struct bulk_report;
struct bulk_request;
struct bulk_result;

namespace detail {

/// The state that the calls of an async_client share; it lives as long as one of them is in progress.
template <class Transport>
struct async_core {
  Transport transport;
  std::shared_ptr<client_state> state;
};

/// Drives one call over an asynchronous transport, and keeps itself alive while that holds a handler.
template <class Endpoint, class Transport, class Handler>
class async_operation : public std::enable_shared_from_this<async_operation<Endpoint, Transport, Handler>> {
 public:
  async_operation(std::shared_ptr<async_core<Transport>> core, client_state::snapshot const& from,
                  typename Endpoint::request_type const& request, call_options const& options, Handler handler)
      : core_(std::move(core)),
        stop_(options.stop),
        handler_(std::move(handler)),
        generation_(from.generation()),
        call_(from.config(), request, now(), options) {}

  /// Runs until an answer of the transport is pending. Immediate answers are handled by this loop, so that the stack
  /// does not grow.
  void run() {
    for (;;) {
      if (stop_.stop_requested()) guarded([&] { call_.stop(now()); });
      if (call_.next() == call_step::done) return complete();
      progress_ = progress::started;
      if (!guarded([&] { begin_step(); })) return complete();
      if (progress_.exchange(progress::left) == progress::started) return;
      handle_answer();
    }
  }

 private:
  /// Either the answer comes first, or the return from the initiating function; the second of the two continues.
  enum class progress : unsigned char { started, left, answered };

  [[nodiscard]] clock::time_point now() { return detail::now(core_->transport); }

  void begin_step() {
    auto const self = this->shared_from_this();
    if (call_.next() == call_step::send) {
      if (!authorize()) return answered();
      core_->transport.async_send(call_.request(), stop_, [self](result<http_response> response) {
        self->response_ = std::move(response);
        self->answered();
      });
    } else if (call_.next() == call_step::wait) {
      core_->transport.async_wait(call_.wait_until() - now(), stop_, [self] { self->answered(); });
    } else {
      std::make_shared<renewal>(self)->begin(generation_, stop_, call_.wait_until() - now());
    }
  }

  /// Applies the current credentials to the next attempt. False if they cannot be sent.
  bool authorize() {
    if (core_->state->generation() == generation_) return true;
    auto const current = core_->state->current();
    generation_ = current.generation();
    call_.set_credentials(current.config().credentials, now());
    return call_.next() == call_step::send;
  }

  /// Waits for a renewal, until a stop or the deadline. The first of the three continues the call.
  class renewal final : public renewal_waiter, public std::enable_shared_from_this<renewal> {
   public:
    explicit renewal(std::shared_ptr<async_operation> of) : core_(of->core_), operation_(std::move(of)) {}

    void begin(std::uint64_t generation, [[maybe_unused]] stop_token const& stop, std::chrono::nanoseconds longest) {
#if defined(__cpp_lib_jthread)
      on_stop_.emplace(stop, stopper{end_of_wait_});
#endif
      auto const self = this->shared_from_this();
      core_->transport.async_wait(longest, end_of_wait_.get_token(), [self] { self->left(); });
      if (is_over_) return;
      client_state::async_renew(core_->state, generation, self);
      if (is_over_) core_->state->leave(*this);
    }

    void complete(renewal_outcome const& outcome) override {
      if (is_over_.exchange(true)) return;
      end_of_wait_.request_stop();
      auto const operation = std::move(operation_);
      operation->guarded([&] { operation->renewal_ = outcome; });
      operation->answered();
    }

   private:
    struct stopper {
      stop_source end_of_wait;
      void operator()() const { stop_source(end_of_wait).request_stop(); }  // a copy: this may be destroyed meanwhile
    };

    void left() {
      if (is_over_.exchange(true)) return;
      core_->state->leave(*this);
      auto const operation = std::move(operation_);
      operation->renewal_.how = renewal_outcome::kind::none;
      operation->answered();
    }

    std::shared_ptr<async_core<Transport>> core_;
    std::shared_ptr<async_operation> operation_;
    std::atomic<bool> is_over_ = false;
    stop_source end_of_wait_;
#if defined(__cpp_lib_jthread)
    std::optional<std::stop_callback<stopper>> on_stop_;
#endif
  };

  void answered() {
    if (progress_.exchange(progress::answered) == progress::started) return;
    handle_answer();
    run();
  }

  void handle_answer() {
    guarded([&] {
      if (call_.next() == call_step::send) {
        detail::add_missing_date(core_->transport, response_);
        call_.responded(std::exchange(response_, http_response()), now());
        if (has_accepted_credentials(call_)) core_->state->accepted(generation_);
        if (call_.connections_are_suspect()) detail::drop_idle_connections(core_->transport, call_.request().url);
      } else if (stop_.stop_requested()) {
        return;
      } else if (call_.next() == call_step::wait) {
        call_.waited(now());
      } else {
        detail::report_renewal(call_, renewal_, now());
      }
    });
  }

  /// Calls a function. Without memory, the call ends and false is returned; any other exception passes.
  template <class Function>
  bool guarded(Function const& function) {
    BOOST_TRY {
      function();
    }
    BOOST_CATCH(std::bad_alloc const&) {
      call_.abandon(std::make_error_code(std::errc::not_enough_memory), "out of memory", now());
      return false;
    }
    BOOST_CATCH(...) {
      call_.abandon({}, "the transport threw an exception", now());
      BOOST_RETHROW
    }
    BOOST_CATCH_END
    return true;
  }

  void complete() {
    auto handler = std::move(handler_);
    auto outcome = std::move(call_).outcome();
    handler(std::move(outcome));
  }

  std::shared_ptr<async_core<Transport>> core_;
  stop_token stop_;
  Handler handler_;
  std::uint64_t generation_;
  basic_call<Endpoint> call_;
  result<http_response> response_;
  renewal_outcome renewal_;
  std::atomic<progress> progress_ = progress::started;
};

}  // namespace detail

/// The asynchronous client, over any asynchronous transport.
///
///     client.async_invite({.account_group_token = group, .email_addresses = addresses},
///                         [](fictive::result<fictive::invite_response> reply) { … });
///
/// A handler is called exactly once, with the result, on the thread on which the transport answers; immediately, within
/// `async_invite`, if the request is refused. Neither the transport nor a hook may throw, except for `std::bad_alloc` of
/// a transport. A handler may be move-only, start other calls and destroy the client. A client can be destroyed while
/// calls are in progress: they continue, and keep the transport until their end. It is as thread-safe as its transport.
/// Copies share the credentials, their renewal, and the retry budget.
template <async_transport Transport>
class async_client {
 public:
  /// Sends nothing yet. The configuration is checked when a call is made.
  async_client(Transport transport, client_config config)
      : core_(std::make_shared<detail::async_core<Transport>>(detail::async_core<Transport>{
            std::move(transport), std::make_shared<detail::client_state>(std::move(config))})) {}

  /// Sends the invitations; see `client::invite`. The request need not outlive this function.
  template <class Handler>
  void async_invite(invite_request const& request, call_options const& options, Handler handler) {
    async_call<invite_endpoint>(request, options, std::move(handler));
  }

  /// The same, with default options.
  template <class Handler>
  void async_invite(invite_request const& request, Handler handler) {
    async_invite(request, call_options(), std::move(handler));
  }

  /// Invites any number of addresses; see `client::invite_all` and <fictive/invite_all.hpp>, which must be included.
  /// Calls the sink, `on_progress`, the journal and the source of the addresses on the threads on which the transport
  /// answers, one at a time; they must not throw. The handler is called with the `bulk_report`.
  template <class Handler>
  void async_invite_all(bulk_request request, bulk_options options, std::function<void(bulk_result&&)> sink,
                        Handler handler);

  /// See `client::set_credentials`.
  void set_credentials(credentials with) { core_->state->set_credentials(std::move(with)); }

 protected:
  /// Calls any endpoint, for derived clients.
  template <class Endpoint, class Handler>
  void async_call(typename Endpoint::request_type const& request, call_options const& options, Handler handler) {
    using operation = detail::async_operation<Endpoint, Transport, Handler>;
    auto const from = core_->state->current();
    std::make_shared<operation>(core_, from, request, options, std::move(handler))->run();
  }

 private:
  std::shared_ptr<detail::async_core<Transport>> core_;
};

}  // namespace fictive

#endif
