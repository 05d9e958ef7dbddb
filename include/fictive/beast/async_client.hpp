// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_ASYNC_CLIENT_HPP
#define FICTIVE_BEAST_ASYNC_CLIENT_HPP

#include <fictive/async_client.hpp>
#include <fictive/beast/async_transport.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/post_or_call.hpp>
#include <fictive/beast/detail/stop_callback.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/bulk_options.hpp>
#include <fictive/bulk_report.hpp>
#include <fictive/call_options.hpp>
#include <fictive/client_config.hpp>
#include <fictive/config.hpp>
#include <fictive/credentials.hpp>
#include <fictive/error.hpp>
#include <fictive/invite.hpp>
#include <fictive/stop_token.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <concepts>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

namespace FICTIVE_BEAST_NAMESPACE {

namespace detail {

/// Requests a stop when another source does.
struct stop_forwarder {
  stop_source to;
  void operator()() const noexcept { stop_source(to).request_stop(); }
};

/// Posts the result of a call to the executor of the caller's handler; one that is known within the initiating function
/// goes by way of the handler's immediate executor. All that the handler needs is allocated when the call begins; if there is no memory left
/// to post it, it is called on the thread where the call ended.
template <class Result, class Handler>
class completion {
 public:
  /// `link` lives until the call is complete.
  completion(Handler handler, boost::asio::any_io_executor const& fallback,
             std::unique_ptr<stop_callback<stop_forwarder>> link)
      : state_(std::make_shared<state>(std::move(handler), fallback)), link_(std::move(link)) {}

  /// Calls a function with the completion, to begin the operation.
  template <class Function>
  static void begin(completion complete, Function function) {
    auto const state = complete.state_;
    state->beginning_on = std::this_thread::get_id();
    function(std::move(complete));
    state->beginning_on = std::thread::id();
  }

  void operator()(Result outcome) {
    link_.reset();
    state_->outcome.emplace(std::move(outcome));
    if (state_->beginning_on == std::this_thread::get_id())
      post_or_dispatch(state_->handler, state_->work.get_executor(), bound{state_},
                       [this] { return !state_->outcome.has_value(); });
    else
      post_or_call(state_->work.get_executor(), bound{state_});
  }

 private:
  using work_guard = decltype(boost::asio::make_work_guard(std::declval<Handler&>(),
                                                           std::declval<boost::asio::any_io_executor const&>()));

  struct state {
    state(Handler its_handler, boost::asio::any_io_executor const& fallback)
        : work(boost::asio::make_work_guard(its_handler, fallback)), handler(std::move(its_handler)) {}

    work_guard work;
    Handler handler;
    std::optional<Result> outcome;
    std::atomic<std::thread::id> beginning_on = {};  ///< the thread of the initiating function until that returns

    void call() {
      if (auto slot = boost::asio::get_associated_cancellation_slot(handler); slot.is_connected()) slot.clear();
      work.reset();
      Handler(std::move(handler))(*std::exchange(outcome, std::nullopt));
    }
  };

  struct bound {
    using allocator_type = boost::asio::associated_allocator_t<Handler>;
    std::shared_ptr<state> shared;

    [[nodiscard]] allocator_type get_allocator() const noexcept {
      return boost::asio::get_associated_allocator(shared->handler);
    }

    void operator()() const { shared->call(); }
  };

  std::shared_ptr<state> state_;
  std::unique_ptr<stop_callback<stop_forwarder>> link_;
};

/// A function that begins an operation, and the executor of the client, with which tokens like
/// `boost::asio::cancel_after` create a timer.
template <class Begin>
class initiation {
 public:
  using executor_type = boost::asio::any_io_executor;

  initiation(executor_type executor, Begin begin) : executor_(std::move(executor)), begin_(std::move(begin)) {}

  [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }

  /// Calls the function with the executor and these arguments.
  template <class... Arguments>
  void operator()(Arguments&&... arguments) {
    begin_(executor_, std::forward<Arguments>(arguments)...);
  }

 private:
  executor_type executor_;
  Begin begin_;
};

}  // namespace detail

/// The asynchronous client, with completion tokens like Asio's own operations:
///
///     fictive::beast::async_client client{io, {.credentials = {.session_id = session}}};
///     fictive::invite_request request{.account_group_token = group, .email_addresses = addresses};
///     auto reply = co_await client.async_invite(std::move(request), boost::asio::use_awaitable);
///
/// Takes any completion token of the signature `void(fictive::result<fictive::invite_response>)`. The handler is called
/// on its associated executor, by default the client's, and never from within `async_invite`, unless the request is
/// refused and the handler's immediate executor allows it (Boost 1.82); only if there is no memory to post it, on the
/// thread where the call ended. Its associated allocator is used. Its cancellation slot, whatever the type of
/// cancellation, ends the call with `errc::cancelled` and the effect that is certain. (If the standard library has no
/// `std::stop_token`, cancellation is not supported.) The client can be called from any thread and destroyed while calls
/// are in progress, but must not outlive its context.
class async_client {
 public:
  /// The executor of any context.
  using executor_type = boost::asio::any_io_executor;

  /// Opens no connection yet.
  explicit async_client(executor_type executor, client_config config, transport_options options = {})
      : executor_(executor), client_(async_transport(std::move(executor), std::move(options)), std::move(config)) {}

  /// The same, on this context's executor.
  template <std::derived_from<boost::asio::execution_context> Context>
  explicit async_client(Context& context, client_config config, transport_options options = {})
      : async_client(executor_type(context.get_executor()), std::move(config), std::move(options)) {}

  /// The executor of handlers that have no associated one.
  [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }

  /// Sends the invitations; see `fictive::client::invite`. Returns what the token asks for.
  template <boost::asio::completion_token_for<void(result<invite_response>)> Token>
  [[nodiscard]] auto async_invite(invite_request request, call_options options, Token&& token) {
    return async_call<invite_response>([](auto& client, invite_request const& what, call_options const& how,
                                          auto handler) { client.async_invite(what, how, std::move(handler)); },
                                       std::move(request), std::move(options), std::forward<Token>(token));
  }

  /// The same, with default options.
  template <boost::asio::completion_token_for<void(result<invite_response>)> Token>
  [[nodiscard]] auto async_invite(invite_request request, Token&& token) {
    return async_invite(std::move(request), call_options(), std::forward<Token>(token));
  }

  /// Invites any number of addresses; see `fictive::client::invite_all`, and include <fictive/invite_all.hpp>. Calls the
  /// sink, `on_progress`, the journal and the source of the addresses on the client's executor, one at a time; they must
  /// not throw. The signature is `void(fictive::bulk_report)`. A cancellation drains the run, one of the type `terminal`
  /// abandons it.
  template <boost::asio::completion_token_for<void(bulk_report)> Token>
  [[nodiscard]] auto async_invite_all(bulk_request request, bulk_options options, bulk_sink sink, Token&& token) {
    auto begin = [client = client_](executor_type const& executor, auto handler, bulk_request what, bulk_options how,
                                    bulk_sink to) mutable {
      std::unique_ptr<detail::stop_callback<detail::stop_forwarder>> on_stop, on_abandon;
      if (auto slot = boost::asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
        stop_source stop, abandon;
        on_stop = forward(how.stop, stop);
        on_abandon = forward(how.abandon, abandon);
        slot.assign([stop, abandon](boost::asio::cancellation_type type) mutable {
          if ((type & boost::asio::cancellation_type::terminal) != boost::asio::cancellation_type::none)
            abandon.request_stop();
          else if (type != boost::asio::cancellation_type::none)
            stop.request_stop();
        });
      }
      detail::completion<bulk_report, decltype(handler)> complete(std::move(handler), executor, std::move(on_stop));
      auto ended = [complete = std::move(complete), on_abandon = std::move(on_abandon)](bulk_report report) mutable {
        on_abandon.reset();
        complete(std::move(report));
      };
      boost::asio::post(executor, [client, what = std::move(what), how = std::move(how), to = std::move(to),
                                   ended = std::move(ended)]() mutable {
        client.async_invite_all(std::move(what), std::move(how), std::move(to), std::move(ended));
      });
    };
    return boost::asio::async_initiate<Token, void(bulk_report)>(detail::initiation(executor_, std::move(begin)), token,
                                                                 std::move(request), std::move(options),
                                                                 std::move(sink));
  }

  /// See `fictive::client::set_credentials`.
  void set_credentials(credentials with) { client_.set_credentials(std::move(with)); }

 private:
  /// Replaces a token by that of the source, which is stopped by both.
  static std::unique_ptr<detail::stop_callback<detail::stop_forwarder>> forward(stop_token& token,
                                                                                stop_source const& source) {
    std::unique_ptr<detail::stop_callback<detail::stop_forwarder>> link;
    if (token.stop_possible())
      link = std::make_unique<detail::stop_callback<detail::stop_forwarder>>(token, detail::stop_forwarder{source});
    token = source.get_token();
    return link;
  }

  /// `start` is called with the client, the request, options and a handler.
  template <class Response, class Start, class Request, class Token>
  auto async_call(Start start, Request request, call_options options, Token&& token) {
    auto begin = [client = client_, start](executor_type const& executor, auto handler, Request const& what,
                                           call_options how) mutable {
      std::unique_ptr<detail::stop_callback<detail::stop_forwarder>> link;
      if (auto slot = boost::asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
        stop_source source;
        link = forward(how.stop, source);
        slot.assign([source](boost::asio::cancellation_type type) mutable {
          if (type != boost::asio::cancellation_type::none) source.request_stop();
        });
      }
      using completion = detail::completion<result<Response>, decltype(handler)>;
      completion::begin(completion(std::move(handler), executor, std::move(link)),
                        [&](completion complete) { start(client, what, how, std::move(complete)); });
    };
    return boost::asio::async_initiate<Token, void(result<Response>)>(detail::initiation(executor_, std::move(begin)),
                                                                      token, std::move(request), std::move(options));
  }

  executor_type executor_;
  fictive::async_client<async_transport> client_;
};

}  // namespace FICTIVE_BEAST_NAMESPACE

#endif
