// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_EXCHANGE_HPP
#define FICTIVE_BEAST_DETAIL_EXCHANGE_HPP

#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/exchange_machine.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/resolver.hpp>
#include <fictive/beast/detail/shared_state.hpp>
#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/stop_token.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <system_error>

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// Performs the steps of an `exchange_machine`. A derived driver waits for sockets, addresses and time. Reading and
/// writing never wait, so that it is certain what a cancelled operation has done.
class exchange {
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

 protected:
  using clock = exchange_machine::clock;

  virtual ~exchange() = default;

  /// Connects the socket, and reports to `connected` when it has ended; also if the socket is closed meanwhile.
  virtual void begin_connect(tcp::socket& socket, tcp::endpoint const& to, std::size_t attempt) = 0;
  /// A function that lets `advance` be called soon. It must not throw, and may be called on any thread, until
  /// `abandon_query`.
  virtual std::function<void()> waker() = 0;

  /// Over a connection that is open already, or is opened now.
  void begin(std::unique_ptr<connection> over);

  /// Calls `event`, which reports results, and performs the steps that follow, or those of a stop. Returns false if the
  /// exchange has ended.
  template <class Event>
  bool advance(Event event);

  /// There is no memory to wait.
  void fail() noexcept { machine_->fail(exchange_step::wait, std::make_error_code(std::errc::not_enough_memory)); }
  void connected(std::size_t attempt, error_code ec) { machine_->connected(attempt, ec, clock::now()); }
  /// Goes on with the operations in progress: the connection may be ready.
  void continue_operations();

  /// @{ Events that the driver must wait for.
  [[nodiscard]] bool awaits_data() const noexcept;
  [[nodiscard]] bool awaits_space() const noexcept;
  [[nodiscard]] bool awaits_addresses() const noexcept { return is_resolving_; }
  [[nodiscard]] clock::time_point wait_until() const noexcept { return machine_->wait_until(); }
  [[nodiscard]] bool has_ended() const noexcept { return machine_->has_ended(); }
  [[nodiscard]] clock::time_point now() const noexcept { return now_; }
  /// @}

  /// The waker is not called after this returns. Must not be called with a lock that the waker acquires.
  void abandon_query() noexcept;
  [[nodiscard]] outcome take_outcome();

  target target_;
  http_request const& request_;
  stop_token stop_ = {};
  std::unique_ptr<connection> connection_;
  std::map<std::size_t, tcp::socket> sockets_;  // of attempts to connect

 private:
  void perform(exchange_step step);
  void resolve();
  void resolved();
  void connect();
  void handshake();
  void continue_handshake();
  void write();
  void read(bool may_wait);
  void abort_operations();

  shared_state& shared_;
  std::optional<exchange_machine> machine_;
  std::shared_ptr<dns_query> query_;
  clock::time_point now_ = {};
  bool is_resolving_ = false, is_handshaking_ = false, is_writing_ = false, is_reading_ = false;
};

template <class Event>
bool exchange::advance(Event event) {
  try {
    event();
    if (is_resolving_ && query_->is_answered()) resolved();
    if (stop_.stop_requested()) machine_->stop();
  } catch (std::bad_alloc const&) {
    fail();
  }
  now_ = clock::now();
  machine_->time_passed(now_);
  for (;;) {
    auto const step = machine_->next(now_);
    if (step == exchange_step::wait || step == exchange_step::done) return step == exchange_step::wait;
    try {
      perform(step);
    } catch (std::bad_alloc const&) {
      machine_->fail(step, std::make_error_code(std::errc::not_enough_memory));
    }
  }
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/exchange.ipp>
#endif

#endif
