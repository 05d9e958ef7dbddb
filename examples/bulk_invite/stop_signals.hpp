// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_STOP_SIGNALS_HPP
#define FICTIVE_EXAMPLES_STOP_SIGNALS_HPP

#include <fictive/stop_token.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <functional>
#include <utility>

namespace examples {

/// SIGINT and SIGTERM: the first one requests a drain, the second one an abandonment; a third one has its usual effect.
/// If the standard library has no `std::stop_token`, all have.
class stop_signals {
 public:
  /// `on_signal` is called after each request of a stop, with whether it is the first one.
  stop_signals(boost::asio::io_context& context, std::function<void(bool is_first)> on_signal)
      : signals_(context), on_signal_(std::move(on_signal)) {
    if (!drain_.get_token().stop_possible()) return;
    signals_.add(SIGINT);
    signals_.add(SIGTERM);
    wait();
  }

  [[nodiscard]] fictive::stop_token drain() const noexcept { return drain_.get_token(); }
  [[nodiscard]] fictive::stop_token abandon() const noexcept { return abandon_.get_token(); }

  /// Requests a drain, as a signal does.
  void request_drain() { drain_.request_stop(); }

  /// Waits for no more signals, so that the context can run out of work.
  void close() {
    is_closed_ = true;  // a signal may have been taken already, and its handler be queued
    signals_.clear();
    signals_.cancel();
  }

 private:
  void wait() {
    signals_.async_wait([this](boost::system::error_code const& failed, int) {
      if (failed || is_closed_) return;
      bool const is_first = !is_second_;
      is_second_ = true;
      (is_first ? drain_ : abandon_).request_stop();
      on_signal_(is_first);
      if (is_first)
        wait();
      else
        signals_.clear();
    });
  }

  boost::asio::signal_set signals_;
  std::function<void(bool)> on_signal_;
  fictive::stop_source drain_, abandon_;
  bool is_second_ = false, is_closed_ = false;
};

}  // namespace examples

#endif
