// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_CLIENT_HPP
#define FICTIVE_BEAST_CLIENT_HPP

#include <fictive/async_client.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/beast/transport.hpp>
#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/invite.hpp>
#include <fictive/observe.hpp>
#include <fictive/retry.hpp>
#include <fictive/service.hpp>

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

/// Takes the result of a call to where the caller's handler wants to be called.
template <class Handler>
class completion {
 public:
  completion(Handler handler, boost::asio::any_io_executor const& fallback)
      : work_(boost::asio::make_work_guard(handler, fallback)), handler_(std::move(handler)) {}

  void operator()(result<invite_response> outcome) {
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
    result<invite_response> outcome;

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

/// Invites people asynchronously, as Asio's own operations do theirs:
///
///     fictive::beast::client client{io, {.credentials = {.session_id = session}}};
///     fictive::invite_request request{.account_group_token = group, .email_addresses = addresses};
///     auto reply = co_await client.async_invite(std::move(request), boost::asio::use_awaitable);
///
/// Takes any completion token of the signature `void(fictive::result<fictive::invite_response>)`. The handler is called
/// on its associated executor, else on the client's; never from within `async_invite`. Its associated allocator is
/// used. Its cancellation slot, whatever the type asked for, ends the call with `errc::cancelled` and the effect that
/// is certain. (Where the standard library has no `std::stop_token`, cancellation is not heard.) It can be called from
/// any thread and destroyed while calls are under way, but not outlive its context.
class client {
 public:
  /// Of any context.
  using executor_type = boost::asio::any_io_executor;

  /// On this executor. Sends nothing yet.
  template <class = void>
  explicit client(executor_type executor, fictive::service service, transport_options options = {},
                  retry_policy policy = {}, observer hooks = {})
      : executor_(executor),
        client_(transport(std::move(executor), std::move(options)), std::move(service), std::move(policy),
                std::move(hooks)) {}

  /// On this context's executor.
  template <std::derived_from<boost::asio::execution_context> Context>
  explicit client(Context& context, fictive::service service, transport_options options = {}, retry_policy policy = {},
                  observer hooks = {})
      : client(executor_type(context.get_executor()), std::move(service), std::move(options), std::move(policy),
               std::move(hooks)) {}

  /// Where handlers are called that have no executor of their own.
  [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }

  /// Invites, and tries again as the policy has it. Returns what the token asks for. See `fictive::client::invite` for
  /// the result.
  template <boost::asio::completion_token_for<void(result<invite_response>)> Token>
  auto async_invite(invite_request request, Token&& token) {
    return boost::asio::async_initiate<Token, void(result<invite_response>)>(
        [client = client_, executor = executor_](auto handler, invite_request const& what) mutable {
          stop_token stop;
#if defined(__cpp_lib_jthread)
          if (auto slot = boost::asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
            std::stop_source source;
            stop = source.get_token();
            slot.assign([source](boost::asio::cancellation_type type) mutable {
              if (type != boost::asio::cancellation_type::none) source.request_stop();
            });
          }
#endif
          client.async_invite(what, std::move(stop),
                              detail::completion<decltype(handler)>(std::move(handler), executor));
        },
        token, std::move(request));
  }

 private:
  executor_type executor_;
  async_client<transport> client_;
};

}  // namespace FICTIVE_BEAST_NAMESPACE

#endif
