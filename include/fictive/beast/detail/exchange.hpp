// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_EXCHANGE_HPP
#define FICTIVE_BEAST_DETAIL_EXCHANGE_HPP

#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/exchange_machine.hpp>
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
#include <map>
#include <memory>
#include <optional>
#include <system_error>
#include <vector>

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// Performs the steps of an `exchange_machine` on Asio. The connection's executor runs one handler at a time: that of a
/// strand, or of a context that one thread runs. Keeps itself alive until its end.
class exchange : public std::enable_shared_from_this<exchange> {
 public:
  /// The connection is given back, whether or not it can carry another request.
  struct outcome {
    result<http_response> response;
    std::unique_ptr<detail::connection> connection;
    bool connection_is_reusable = false;
  };

  exchange(target to, http_request const& request, shared_state& shared);
  exchange(exchange const&) = delete;
  exchange& operator=(exchange const&) = delete;
  virtual ~exchange();

  /// Over a connection that is open already, or is opened now.
  void start(std::unique_ptr<connection> over, stop_token stop);

 protected:
  /// Called once, when nothing refers to the request any more. May be called within `start`.
  virtual void completed(outcome) = 0;

  target target_;
  http_request const& request_;

 private:
  using clock = exchange_machine::clock;

  /// Runs on the thread that requests the stop.
  struct stopper {
    std::weak_ptr<exchange> which;
    asio::any_io_executor executor;

    void operator()() const noexcept;
  };

  /// Reports an event to the machine, and performs the steps that follow.
  template <class Event>
  void handle(Event event);

  /// A completion handler, whose arguments are passed to `event`.
  template <class Event>
  auto when_done(Event event);

  void perform(exchange_step step);
  void resolve();
  void connect();
  void read_available();
  void set_timer();
  void complete();

  shared_state& shared_;
  std::unique_ptr<connection> connection_;
  std::optional<exchange_machine> machine_;
  std::shared_ptr<dns_query> query_;
  std::map<std::size_t, tcp::socket> sockets_;  // of attempts to connect
  clock::time_point timer_expiry_ = {};
  std::optional<stop_callback<stopper>> on_stop_;
  bool is_completed_ = false;
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/exchange.ipp>
#endif

#endif
