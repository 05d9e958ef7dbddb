// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_BLOCKING_EXCHANGE_HPP
#define FICTIVE_BEAST_DETAIL_BLOCKING_EXCHANGE_HPP

#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/exchange_state.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/transport.hpp>

#include <boost/asio/buffer.hpp>

#include <array>
#include <chrono>
#include <memory>

#if defined(__linux__)
#include <sys/types.h>
#endif

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// An exchange over a connection that is open and has no TLS, on the caller's thread: two system calls, one to send and
/// one to receive. `SO_RCVTIMEO` limits the time, and a stop shuts the socket down, which wakes the thread that waits
/// for it. Both are as on Linux; elsewhere an `exchange` on an io_context of its own takes its place.
class blocking_exchange : public exchange_state {
 public:
  using exchange_state::exchange_state;

  static bool supports(connection const& over) noexcept;

  /// The connection is given back if it can carry another request.
  result<http_response> run(stop_token stop, std::unique_ptr<connection>& reusable);

#if defined(__linux__)
 private:
  using milliseconds = std::chrono::milliseconds;

  void write();
  ssize_t send(std::array<asio::const_buffer, 2> const& parts) const;
  void read();

  [[nodiscard]] milliseconds time_left() const {
    return std::chrono::ceil<milliseconds>(deadline_ - now_);
  }

  /// The socket's own timeout is at most the time that is left, and not much shorter, so that it need not be set for
  /// each exchange. Ends the exchange and returns false if no time is left.
  bool set_receive_timeout();
  void wait_until_writable();

  /// Reports cancellation rather than the socket error that `shutdown` causes.
  template <class Otherwise>
  void failed(Otherwise otherwise);

  stop_token stop_;
  clock::time_point deadline_, now_;  // now_: when the last wait ended
  int socket_ = -1;
#endif
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/blocking_exchange.ipp>
#endif

#endif
