// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_ASYNC_CLIENT_HPP
#define FICTIVE_BEAST_ASYNC_CLIENT_HPP

#include <fictive/async_client.hpp>
#include <fictive/beast/async_transport.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/client_config.hpp>
#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/invite.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <concepts>
#include <memory>
#include <utility>

#if defined(__cpp_lib_jthread)
#include <stop_token>
#endif

namespace FICTIVE_BEAST_NAMESPACE {

namespace detail {

/// Posts the result of a call to the executor of the caller's handler.
template <class Result, class Handler>
class completion {
 public:
  completion(Handler handler, boost::asio::any_io_executor const& fallback)
      : work_(boost::asio::make_work_guard(handler, fallback)), handler_(std::move(handler)) {}

  void operator()(Result outcome) {
    auto const executor = work_.get_executor();
    boost::asio::post(executor, bound{std::move(work_), std::move(handler_), std::move(outcome)});
  }

 private:
  using work_guard = decltype(boost::asio::make_work_guard(std::declval<Handler&>(),
                                                           std::declval<boost::asio::any_io_executor const&>()));

  struct bound {
    using allocator_type = boost::asio::associated_allocator_t<Handler>;
    work_guard work;
    Handler handler;
    Result outcome;

    [[nodiscard]] allocator_type get_allocator() const noexcept {
      return boost::asio::get_associated_allocator(handler);
    }

    void operator()() {
      if (auto slot = boost::asio::get_associated_cancellation_slot(handler); slot.is_connected()) slot.clear();
      work.reset();
      std::move(handler)(std::move(outcome));
    }
  };

  work_guard work_;
  Handler handler_;
};

}  // namespace detail

/// The asynchronous client, with completion tokens like Asio's own operations:
///
///     fictive::beast::async_client client{io, {.credentials = {.session_id = session}}};
///     fictive::invite_request request{.account_group_token = group, .email_addresses = addresses};
///     auto reply = co_await client.async_invite(std::move(request), boost::asio::use_awaitable);
///
/// Takes any completion token of the signature `void(fictive::result<fictive::invite_response>)`. The handler is called
/// on its associated executor, by default the client's, and never from within `async_invite`. Its associated allocator
/// is used. Its cancellation slot, whatever the type of cancellation, ends the call with `errc::cancelled` and the
/// effect that is certain. (If the standard library has no `std::stop_token`, cancellation is not supported.) The
/// client can be called from any thread and destroyed while calls are in progress, but must not outlive its context.
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
  auto async_invite(invite_request request, Token&& token) {
    return async_call<invite_response>(
        [](auto& client, invite_request const& what, call_options options, auto handler) {
          client.async_invite(what, std::move(options), std::move(handler));
        },
        std::move(request), std::forward<Token>(token));
  }

 private:
  /// `start` is called with the client, the request, options and a handler.
  template <class Response, class Start, class Request, class Token>
  auto async_call(Start start, Request request, Token&& token) {
    return boost::asio::async_initiate<Token, void(result<Response>)>(
        [client = client_, executor = executor_, start](auto handler, Request const& what) mutable {
          call_options options;
#if defined(__cpp_lib_jthread)
          if (auto slot = boost::asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
            std::stop_source source;
            options.stop = source.get_token();
            slot.assign([source](boost::asio::cancellation_type type) mutable {
              if (type != boost::asio::cancellation_type::none) source.request_stop();
            });
          }
#endif
          using completion = detail::completion<result<Response>, decltype(handler)>;
          start(client, what, std::move(options), completion(std::move(handler), executor));
        },
        token, std::move(request));
  }

  executor_type executor_;
  fictive::async_client<async_transport> client_;
};

}  // namespace FICTIVE_BEAST_NAMESPACE

#endif
