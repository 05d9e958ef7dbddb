// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_POOLED_EXCHANGE_HPP
#define FICTIVE_BEAST_DETAIL_POOLED_EXCHANGE_HPP

#include <fictive/beast/detail/async_exchange.hpp>
#include <fictive/beast/detail/connection_pool.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/shared_state.hpp>
#include <fictive/beast/detail/stop_callback.hpp>
#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/transport.hpp>

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// The error of a call that has waited for a connection and received none, in time or before it was stopped.
error no_free_connection(bool is_stopped);

/// When the wait for a connection ends.
std::chrono::steady_clock::time_point end_of_wait(target const& to, http_request const& request) noexcept;

/// An exchange over a connection of an asynchronous transport's pool, for which it may have to wait. While it waits, one
/// timer is all that is in progress: a slot and a stop end it by cancelling the timer, which needs no memory.
class pooled_exchange : public async_exchange, private connection_pool::place {
 public:
  pooled_exchange(target to, http_request const& request, std::shared_ptr<shared_state> state);
  FICTIVE_DECL ~pooled_exchange() override;

  void start(stop_token stop);

 protected:
  /// Called once, when nothing refers to the request any more. May be called within `start`.
  virtual void respond(result<http_response> response) = 0;

 private:
  struct stopper {
    pooled_exchange* which;
    void operator()() const noexcept;
  };

  void received_slot() noexcept override { end_wait(); }
  FICTIVE_DECL void completed(outcome how) override;
  void wait();
  /// The pool is locked.
  void end_wait() noexcept;
  void wait_ended();
  void use_slot();
  /// Ends the exchange before it has begun.
  void fail(error e);

  std::shared_ptr<shared_state> state_;
  bool has_ended_ = false;
  std::optional<asio::steady_timer> timer_ = {};        // used while the pool is locked
  std::optional<stop_callback<stopper>> on_stop_ = {};  // the last: its destruction waits for a callback in progress
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/pooled_exchange.ipp>
#endif

#endif
