// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_BLOCKING_EXCHANGE_HPP
#define FICTIVE_BEAST_DETAIL_BLOCKING_EXCHANGE_HPP

#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/exchange_machine.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/shared_state.hpp>
#include <fictive/beast/detail/stop_callback.hpp>
#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/transport.hpp>

#include <memory>
#include <optional>

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// Performs the steps of an `exchange_machine` over a connection that is open, on the caller's thread. Without TLS, two
/// system calls suffice: one to send, and one to receive for at most `SO_RCVTIMEO`. A stop shuts the socket down, which
/// wakes the thread. Both are as on Linux; elsewhere an `exchange` on an io_context of its own takes its place.
class blocking_exchange {
 public:
  blocking_exchange(target to, std::unique_ptr<connection> over, http_request const& request);
  blocking_exchange(blocking_exchange const&) = delete;
  blocking_exchange& operator=(blocking_exchange const&) = delete;

  /// Over TLS, only requests that the socket takes at once.
  static bool supports(connection const& over, http_request const& request) noexcept;

  /// The connection is given back if it can carry another request.
  result<http_response> run(stop_token stop, std::unique_ptr<connection>& reusable);

#if defined(__linux__)
 private:
  using clock = exchange_machine::clock;

  struct stopper {
    int socket;
    void operator()() const noexcept;
  };

  void perform(exchange_step step);
  void write();
  void read(bool is_late);
  void wait();
  void receive();
  /// Waits until the socket is ready, or the time is over.
  void poll();
  void abort_operations();
  /// The socket's own timeout is at most the time that is left, and not much shorter, so that it need not be set for
  /// each exchange.
  [[nodiscard]] error_code set_receive_timeout();
  /// Reports cancellation rather than the error that the shutdown of the socket causes.
  void check_stop(error_code const& ec) noexcept;

  target target_;
  std::unique_ptr<connection> connection_;
  exchange_machine machine_;
  stop_token stop_;
  std::optional<stop_callback<stopper>> on_stop_;
  clock::time_point now_;  // when the last wait ended
  int socket_ = -1;
  bool is_writing_ = false, is_reading_ = false;
  bool may_have_buffered_ = false;  // TLS may have decrypted more than was read
#endif
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/blocking_exchange.ipp>
#endif

#endif
