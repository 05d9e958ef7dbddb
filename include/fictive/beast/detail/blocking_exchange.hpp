// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_BLOCKING_EXCHANGE_HPP
#define FICTIVE_BEAST_DETAIL_BLOCKING_EXCHANGE_HPP

#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/exchange.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>
#include <fictive/transport.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// An exchange that waits on the caller's thread, with `poll`. If there is nothing to wait for but data, it waits in the
/// call that reads: then an exchange over an open connection takes three system calls.
class blocking_exchange final : public exchange {
 public:
  using exchange::exchange;
  FICTIVE_DECL ~blocking_exchange() override;

  /// Over a connection that is open already, or is opened now.
  outcome run(std::unique_ptr<connection> over, stop_token stop);

 private:
  /// How often a wait for sockets checks for a stop.
  static constexpr std::chrono::milliseconds stop_interval{50};

  struct stopper {
    blocking_exchange* which;
    void operator()() const noexcept { which->wake(); }
  };

  FICTIVE_DECL void begin_connect(tcp::socket& socket, tcp::endpoint const& to, std::size_t attempt) override;
  std::function<void()> waker() override {
    return [this] { wake(); };
  }
  void wake() noexcept;

  void wait();
  void wait_for_addresses();
  void wait_for_sockets();
  /// The time until the exchange must go on, at most a minute.
  [[nodiscard]] std::chrono::milliseconds time_left() const;

  std::vector<std::size_t> connecting_;  // attempts
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_woken_ = false;
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/blocking_exchange.ipp>
#endif

#endif
