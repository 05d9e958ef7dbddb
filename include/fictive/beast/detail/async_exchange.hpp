// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_ASYNC_EXCHANGE_HPP
#define FICTIVE_BEAST_DETAIL_ASYNC_EXCHANGE_HPP

#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/exchange.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/stop_callback.hpp>
#include <fictive/config.hpp>
#include <fictive/transport.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// An exchange that waits on Asio. Its handlers may run on several threads: a mutex keeps them apart, since a strand
/// allocates memory for each handler, and without memory loses it. If there is no memory to post a stop or the answer to
/// a query, they cancel the timer, which runs as long as the exchange waits. Keeps itself alive until its end.
class async_exchange : public exchange, public std::enable_shared_from_this<async_exchange> {
 public:
  using exchange::exchange;
  FICTIVE_DECL ~async_exchange() override;

  /// Over a connection that is open already, or is opened now. `stop_` is set.
  void start(std::unique_ptr<connection> over);

 protected:
  /// Called once, when nothing refers to the request any more. May be called within `start`.
  virtual void completed(outcome) = 0;

 private:
  struct stopper {
    async_exchange* which;
    void operator()() const noexcept { which->wake(); }
  };

  FICTIVE_DECL void begin_connect(tcp::socket& socket, tcp::endpoint const& to, std::size_t attempt) override;
  std::function<void()> waker() override {
    return [this] { wake(); };
  }
  void wake() noexcept;

  /// Reports an event to the machine, performs the steps that follow, and waits for the next event.
  template <class Event>
  void handle(Event event);
  void wait();
  void wait_for(tcp::socket::wait_type what, bool& is_waiting);
  void set_timer();
  void complete();

  std::mutex mutex_;
  std::optional<asio::steady_timer> timer_;  // from the start on
  clock::time_point timer_expiry_ = {};
  bool is_woken_ = false;  // by cancelling the timer
  bool is_waiting_to_read_ = false, is_waiting_to_write_ = false;
  bool is_completed_ = false;
  std::optional<stop_callback<stopper>> on_stop_;  // the last: its destruction waits for a callback in progress
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/async_exchange.ipp>
#endif

#endif
