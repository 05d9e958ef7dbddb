// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_ASYNC_CLIENT_HPP
#define FICTIVE_ASYNC_CLIENT_HPP

#include <fictive/call.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/clock.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/invite.hpp>
#include <fictive/observe.hpp>
#include <fictive/retry.hpp>
#include <fictive/service.hpp>
#include <fictive/transport.hpp>

#include <atomic>
#include <memory>
#include <utility>

namespace fictive {

namespace detail {

/// What the calls of an async_client share; it lives as long as one of them is under way.
template <class Transport>
struct async_core {
  Transport transport;
  fictive::service service;
  retry_policy policy;
  std::shared_ptr<fictive::observer const> hooks;
};

/// Drives one call over an asynchronous transport, and keeps itself alive while that holds a handler.
template <class Transport, class Handler>
class async_operation : public std::enable_shared_from_this<async_operation<Transport, Handler>> {
 public:
  async_operation(std::shared_ptr<async_core<Transport>> core, invite_request const& request, stop_token stop,
                  Handler handler)
      : core_(std::move(core)),
        stop_(std::move(stop)),
        handler_(std::move(handler)),
        call_(core_->service, request, core_->policy, now(core_->transport), core_->hooks) {}

  /// Goes on until the transport has yet to answer. What it answers at once is taken up by this loop, so that however
  /// many answers come at once, the stack does not grow.
  void run() {
    for (;;) {
      if (stop_.stop_requested()) call_.stop(now(core_->transport));
      if (call_.next() == call_step::done) return complete();
      progress_ = progress::started;
      if (call_.next() == call_step::send)
        core_->transport.async_send(call_.request(), stop_,
                                    [self = this->shared_from_this()](result<http_response> response) {
                                      self->response_ = std::move(response);
                                      self->answered();
                                    });
      else
        core_->transport.async_wait(call_.wait_until() - now(core_->transport), stop_,
                                    [self = this->shared_from_this()] { self->answered(); });
      if (progress_.exchange(progress::left) == progress::started) return;
      take_up();
    }
  }

 private:
  /// Which of the two comes first: the answer, or the return from asking for it; the other one goes on.
  enum class progress : unsigned char { started, left, answered };

  void answered() {
    if (progress_.exchange(progress::answered) == progress::started) return;
    take_up();
    run();
  }

  void take_up() {
    auto const time = now(core_->transport);
    if (call_.next() == call_step::send) {
      call_.responded(std::exchange(response_, http_response()), time);
      if (call_.connections_are_suspect()) drop_idle_connections(core_->transport, call_.request().url);
    } else if (!stop_.stop_requested()) {
      call_.waited(time);
    }
  }

  void complete() {
    auto handler = std::move(handler_);
    auto outcome = std::move(call_).outcome();
    handler(std::move(outcome));
  }

  std::shared_ptr<async_core<Transport>> core_;
  stop_token stop_;
  Handler handler_;
  invite_call call_;
  result<http_response> response_;
  std::atomic<progress> progress_ = progress::started;
};

}  // namespace detail

/// Invites people without waiting: the same as `client`, with a completion handler.
///
///     client.async_invite({.account_group_token = group, .email_addresses = addresses}, {},
///                         [](fictive::result<fictive::invite_response> reply) { … });
///
/// A handler is called exactly once (if neither the transport nor a hook throws, which neither may), with the result,
/// by whatever thread the transport answers on; at once, within `async_invite`, if the request is refused. It may be
/// move-only, start other calls and destroy the client. A client can be destroyed while calls are under way: they go
/// on, and keep the transport until their end. It is as thread-safe as its transport is.
template <async_transport Transport>
class async_client {
 public:
  /// Sends nothing yet. What the service's members hold is looked at when a call is made.
  async_client(Transport transport, fictive::service service, retry_policy policy = {}, observer hooks = {})
      : core_(std::make_shared<detail::async_core<Transport>>(detail::async_core<Transport>{
            std::move(transport), std::move(service), std::move(policy), detail::shared_if_set(std::move(hooks))})) {}

  /// Invites, and tries again as the policy has it. The request need not outlive this call. See `client::invite` for
  /// the result, and for `stop`.
  template <class Handler>
  void async_invite(invite_request const& request, stop_token stop, Handler handler) {
    using operation = detail::async_operation<Transport, Handler>;
    std::make_shared<operation>(core_, request, std::move(stop), std::move(handler))->run();
  }

  /// The same, that nobody stops.
  template <class Handler>
  void async_invite(invite_request const& request, Handler handler) {
    async_invite(request, stop_token(), std::move(handler));
  }

 private:
  std::shared_ptr<detail::async_core<Transport>> core_;
};

}  // namespace fictive

#endif
