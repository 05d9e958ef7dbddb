// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_ASYNC_TRANSPORT_HPP
#define FICTIVE_BEAST_ASYNC_TRANSPORT_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/pooled_exchange.hpp>
#include <fictive/beast/detail/post_or_call.hpp>
#include <fictive/beast/detail/shared_state.hpp>
#include <fictive/beast/detail/stop_callback.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/transport.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace FICTIVE_BEAST_NAMESPACE {

/// The asynchronous transport: does what `beast::transport` does, on the caller's executor, where handlers are called.
/// On an `io_context`, or a strand of one, a timer closes idle connections that have expired; it does not keep `run`
/// from returning. The context may be run by several threads, and the transport called from any. Like every Asio
/// object, it must not outlive its context. After a `fork()`, the child calls `notify_fork` of its context before it
/// uses the transport; no call may be in progress at that time, or both processes would continue it.
class async_transport {
 public:
  /// The executor of any context.
  using executor_type = boost::asio::any_io_executor;

  /// Opens no connection yet.
  explicit async_transport(executor_type executor, transport_options options = {});

  /// The same, on this context's executor.
  template <std::derived_from<boost::asio::execution_context> Context>
  explicit async_transport(Context& context, transport_options options = {})
      : async_transport(executor_type(context.get_executor()), std::move(options)) {}

  /// The executor on which handlers are called.
  [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }

  /// Closes the idle connections to the origin of `url`. Does nothing if that is not a URL.
  void drop_idle_connections(std::string_view url) noexcept;

  /// See `fictive::async_transport`. The handler is not called from within, unless there is no memory to post it.
  template <class Handler>
  void async_send(http_request const& request, stop_token stop, Handler handler) {
    auto to = state_->target_of(request);
    if (!to) return post_result(executor_, std::move(handler), to.error());
    if (stop.stop_requested())
      return post_result(executor_, std::move(handler),
                         transport_error(std::make_error_code(std::errc::operation_canceled), effect::none));

    std::make_shared<sending<Handler>>(std::move(*to), request, state_, executor_, std::move(handler))
        ->start(std::move(stop));
  }

  /// See `fictive::async_transport`. The handler is never called from within.
  template <class Handler>
  void async_wait(std::chrono::nanoseconds duration, stop_token stop, Handler handler) {
    std::make_shared<wait<Handler>>(state_->io_executor(), executor_, std::move(handler))
        ->start(duration, std::move(stop));
  }

 private:
  template <class Handler>
  class sending final : public detail::pooled_exchange {
   public:
    sending(detail::target to, http_request const& request, std::shared_ptr<detail::shared_state> state,
            executor_type executor, Handler handler)
        : detail::pooled_exchange(std::move(to), request, std::move(state)),
          executor_(std::move(executor)),
          handler_(std::move(handler)) {}

   private:
    void respond(result<http_response> response) override {
      response_.emplace(std::move(response));
      detail::post_or_call(executor_, [self = std::static_pointer_cast<sending>(this->shared_from_this())] {
        self->handler_(std::move(*self->response_));
      });
    }

    executor_type executor_;
    Handler handler_;
    std::optional<result<http_response>> response_;
  };

  template <class Handler>
  static void post_result(executor_type const& where, Handler handler, result<http_response> outcome) {
    boost::asio::post(
        where, [handler = std::move(handler), outcome = std::move(outcome)]() mutable { handler(std::move(outcome)); });
  }

  template <class Handler>
  class wait : public std::enable_shared_from_this<wait<Handler>> {
   public:
    wait(executor_type const& io_executor, executor_type executor, Handler handler)
        : executor_(std::move(executor)), handler_(std::move(handler)), timer_(io_executor) {}

    void start(std::chrono::nanoseconds duration, stop_token stop) {
      if (stop.stop_possible()) on_stop_.emplace(stop, stopper{this});
      std::lock_guard const lock(mutex_);
      if (stop.stop_requested()) duration = std::chrono::nanoseconds(0);
      timer_.expires_after((std::min)(duration, std::chrono::nanoseconds(detail::longest_timeout)));
      timer_.async_wait([self = this->shared_from_this()](boost::system::error_code) {
        self->on_stop_.reset();
        detail::post_or_call(self->executor_, [self] { self->handler_(); });
      });
    }

   private:
    struct stopper {
      wait* which;

      void operator()() const noexcept { which->stop(); }
    };

    /// A context may be destroyed while a handler is posted, but not while a timer is cancelled.
    void stop() noexcept {
      detail::post_or_call(timer_.get_executor(), [which = this->weak_from_this()] {
        if (auto const self = which.lock()) self->cancel();
      });
    }

    void cancel() {
      std::lock_guard const lock(mutex_);
      timer_.cancel();
    }

    executor_type executor_;
    Handler handler_;
    std::mutex mutex_;
    boost::asio::steady_timer timer_;
    std::optional<detail::stop_callback<stopper>>
        on_stop_;  // the last: its destruction waits for a callback in progress
  };

  executor_type executor_;
  std::shared_ptr<detail::shared_state> state_;
};

}  // namespace FICTIVE_BEAST_NAMESPACE

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/impl/async_transport.ipp>
#endif

#endif
