// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_SHARED_STATE_HPP
#define FICTIVE_BEAST_DETAIL_SHARED_STATE_HPP

#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/connection_pool.hpp>
#include <fictive/beast/detail/fork_generation.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/proxy.hpp>
#include <fictive/beast/detail/resolver.hpp>
#include <fictive/beast/detail/tls.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/http/url.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/wait_traits.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// Where a request goes to, and when it began.
struct target {
  fictive::detail::url_parts url;    ///< views of the request's
  std::shared_ptr<tls_context> tls;  ///< null for plain HTTP
  std::chrono::steady_clock::time_point began;
  std::chrono::steady_clock::time_point connecting_since;  ///< later if the call has waited in the pool
  std::shared_ptr<proxy_settings const> proxy;             ///< null if there is none
  std::shared_ptr<tls_context> proxy_tls;                  ///< null for a plain proxy
};

/// What the exchanges of a transport share, as long as it or one of them lives. Thread-safe.
class shared_state : public std::enable_shared_from_this<shared_state> {
 public:
  explicit shared_state(transport_options given);

  /// A timer closes idle connections when they expire, if this is the executor of an io_context or a strand of one. Its
  /// wait does not keep the io_context's `run` from returning. For an object that a `shared_ptr` owns.
  shared_state(transport_options given, asio::any_io_executor const& executor);

  transport_options const options;
  detail::resolver resolver;

  /// For sockets and timers: of the io_context itself if the transport's executor is a strand of it, since strands
  /// allocate memory. A blocking transport has an io_context that never runs; throws `boost::system::system_error` if
  /// it cannot be created.
  asio::any_io_executor io_executor();

  /// An `invalid_argument` if the request would be read differently by the server than it is here, or if the
  /// authorities cannot be loaded.
  result<target> target_of(http_request const& request);

  /// Gives the place a slot, or lets it wait; returns whether it has one.
  bool acquire(connection_pool::place& caller, target const& to);

  /// The connection that a place has received together with its slot, or another one that is still alive; null if one
  /// must be opened.
  std::unique_ptr<connection> take_connection(connection_pool::place& caller) noexcept;

  /// Ends a place of the pool, unless it has ended, and closes the connection, unless it can be used again.
  void release(connection_pool::place& caller, std::unique_ptr<connection> reusable = nullptr,
               std::chrono::milliseconds idle_time = longest_timeout) noexcept;

  /// While it is held, no place of the pool receives a slot.
  [[nodiscard]] std::unique_lock<std::mutex> lock_pool() { return std::unique_lock(pool_mutex_); }

  void close_idle(fictive::detail::url_parts const& url) noexcept;

 private:
  using clock = std::chrono::steady_clock;
  using io_context_timer = asio::basic_waitable_timer<clock, asio::wait_traits<clock>, asio::io_context::executor_type>;

  /// Made when it is needed first: loading the system's authorities takes a while.
  result<std::shared_ptr<tls_context>> shared_tls_context();
  /// Adds the proxy to `to`; an `invalid_argument` if it cannot be used.
  std::optional<error> use_proxy(target& to);
  /// @{ The pool is locked.
  void drop_parent_process() noexcept;
  void set_timer(clock::time_point expiry) noexcept;
  /// @}
  void timer_expired() noexcept;

  std::mutex mutex_;
  std::optional<asio::io_context> own_context_;  // of a blocking transport; made when it is needed first
  asio::any_io_executor io_executor_;            // empty until then
  std::shared_ptr<tls_context> tls_, proxy_tls_;
  std::shared_ptr<proxy_settings const> proxy_;

  std::mutex pool_mutex_;
  connection_pool pool_;
  unsigned generation_ = fork_generation();
  std::optional<asio::io_context::executor_type> timer_executor_;  // none if there is no timer
  std::optional<io_context_timer> timer_;                          // made when it is needed first
  clock::time_point timer_expiry_ = (clock::time_point::max)();    // the maximum if it does not run
};

/// The maximum time that a connection may be idle by the `Keep-Alive` of a response: a second less than its `timeout`,
/// so that no request is sent while the server closes the connection. `longest_timeout` if there is none.
std::chrono::milliseconds idle_time_of(http_headers const& headers) noexcept;

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/shared_state.ipp>
#endif

#endif
