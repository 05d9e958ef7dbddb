// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_EXCHANGE_HPP
#define FICTIVE_BEAST_DETAIL_EXCHANGE_HPP

#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/exchange_state.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/resolver.hpp>
#include <fictive/beast/detail/shared_state.hpp>
#include <fictive/beast/detail/stop_callback.hpp>
#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/transport.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <vector>

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// An exchange over a connection that need not be connected yet: resolve, connect, handshake, write, read. A timeout or
/// a cancellation ends each stage. Keeps itself alive until its end. Its steps run on the connection's executor, one at
/// a time, serialized by `mutex_`; TLS streams, which have steps of their own, also need a strand.
class exchange : public exchange_state, public std::enable_shared_from_this<exchange> {
 public:
  /// The connection is given back, whether or not it can carry another request.
  struct outcome {
    result<http_response> response;
    std::unique_ptr<detail::connection> connection;
    bool connection_is_reusable = false;
  };

  exchange(target to, std::unique_ptr<detail::connection> over, http_request const& request,
           detail::resolver& resolver);
  virtual ~exchange();

  void start(stop_token stop);

 protected:
  /// Called once, when nothing refers to the request any more; never within `start`.
  virtual void completed(outcome) = 0;

 private:
  /// Runs on the thread that requests the stop.
  struct stopper {
    std::weak_ptr<exchange> which;
    asio::any_io_executor executor;

    void operator()() const noexcept;
  };

  /// Every completion handler runs inside `step`, which serializes them. After a failure, operations in progress end
  /// soon; the last step completes the exchange.
  template <class Step>
  void step(Step what);

  /// The handler of an operation that refers to this object, the connection or the request.
  template <class Then>
  auto when_done(Then then);

  void begin(stop_token stop);
  void resolve();
  void resolved(std::error_code ec, std::vector<tcp::endpoint> endpoints);
  void connect(std::vector<tcp::endpoint> endpoints);
  void connect_to(std::size_t index);
  void handshake();
  void connected();
  void write();
  void write_rest();
  void wrote(error_code ec, std::size_t size);
  void read();

  /// The exchange ends when `timeout` has passed since it began.
  void end_at(std::chrono::milliseconds timeout);
  void finish(std::error_code cause);
  void stop_waiting();
  void abandon_query();

  /// From here on, nothing posts to the connection's context any more: it may be destroyed.
  void complete();

  detail::resolver& resolver_;
  std::shared_ptr<dns_query> query_;
  std::vector<tcp::endpoint> endpoints_;
  clock::time_point deadline_;

  std::mutex mutex_;
  std::optional<stop_callback<stopper>> on_stop_;
  bool is_beginning_ = false;
  bool is_busy_ = false;
  bool is_completed_ = false;
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/exchange.ipp>
#endif

#endif
