// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_ASYNC_CLIENT_HPP
#define FICTIVE_ASYNC_CLIENT_HPP

#include <fictive/call.hpp>
#include <fictive/call_options.hpp>
#include <fictive/client_config.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/driver/clock.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/invite.hpp>
#include <fictive/invite_endpoint.hpp>
#include <fictive/stop_token.hpp>
#include <fictive/transport.hpp>

#include <atomic>
#include <memory>
#include <utility>

namespace fictive {

namespace detail {

/// The state that the calls of an async_client share; it lives as long as one of them is in progress.
template <class Transport>
struct async_core {
  Transport transport;
  client_config config;
};

/// Drives one call over an asynchronous transport, and keeps itself alive while that holds a handler.
template <class Endpoint, class Transport, class Handler>
class async_operation : public std::enable_shared_from_this<async_operation<Endpoint, Transport, Handler>> {
 public:
  async_operation(std::shared_ptr<async_core<Transport>> core, typename Endpoint::request_type const& request,
                  stop_token stop, Handler handler)
      : core_(std::move(core)),
        stop_(std::move(stop)),
        handler_(std::move(handler)),
        call_(core_->config, request, detail::now(core_->transport)) {}

  /// Runs until an answer of the transport is pending. Immediate answers are handled by this loop, so that the stack
  /// does not grow.
  void run() {
    for (;;) {
      if (stop_.stop_requested()) call_.stop(detail::now(core_->transport));
      if (call_.next() == call_step::done) return complete();
      progress_ = progress::started;
      if (call_.next() == call_step::send)
        core_->transport.async_send(call_.request(), stop_,
                                    [self = this->shared_from_this()](result<http_response> response) {
                                      self->response_ = std::move(response);
                                      self->answered();
                                    });
      else
        core_->transport.async_wait(call_.wait_until() - detail::now(core_->transport), stop_,
                                    [self = this->shared_from_this()] { self->answered(); });
      if (progress_.exchange(progress::left) == progress::started) return;
      handle_answer();
    }
  }

 private:
  /// Either the answer comes first, or the return from the initiating function; the second of the two continues.
  enum class progress : unsigned char { started, left, answered };

  void answered() {
    if (progress_.exchange(progress::answered) == progress::started) return;
    handle_answer();
    run();
  }

  void handle_answer() {
    auto const time = detail::now(core_->transport);
    if (call_.next() == call_step::send) {
      call_.responded(std::exchange(response_, http_response()), time);
      if (call_.connections_are_suspect()) detail::drop_idle_connections(core_->transport, call_.request().url);
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
  basic_call<Endpoint> call_;
  result<http_response> response_;
  std::atomic<progress> progress_ = progress::started;
};

}  // namespace detail

/// The asynchronous client, over any asynchronous transport.
///
///     client.async_invite({.account_group_token = group, .email_addresses = addresses},
///                         [](fictive::result<fictive::invite_response> reply) { … });
///
/// A handler is called exactly once (if neither the transport nor a hook throws, which they must not), with the result,
/// on the thread on which the transport answers; immediately, within `async_invite`, if the request is refused. It may
/// be move-only, start other calls and destroy the client. A client can be destroyed while calls are in progress: they
/// continue, and keep the transport until their end. It is as thread-safe as its transport.
template <async_transport Transport>
class async_client {
 public:
  /// Sends nothing yet. The configuration is checked when a call is made.
  async_client(Transport transport, client_config config)
      : core_(std::make_shared<detail::async_core<Transport>>(
            detail::async_core<Transport>{std::move(transport), std::move(config)})) {}

  /// Sends the invitations; see `client::invite`. The request need not outlive this function.
  template <class Handler>
  void async_invite(invite_request const& request, call_options options, Handler handler) {
    async_call<invite_endpoint>(request, std::move(options), std::move(handler));
  }

  /// The same, with default options.
  template <class Handler>
  void async_invite(invite_request const& request, Handler handler) {
    async_invite(request, call_options(), std::move(handler));
  }

 protected:
  /// Calls any endpoint, for derived clients.
  template <class Endpoint, class Handler>
  void async_call(typename Endpoint::request_type const& request, call_options options, Handler handler) {
    using operation = detail::async_operation<Endpoint, Transport, Handler>;
    std::make_shared<operation>(core_, request, std::move(options.stop), std::move(handler))->run();
  }

 private:
  std::shared_ptr<detail::async_core<Transport>> core_;
};

}  // namespace fictive

#endif
