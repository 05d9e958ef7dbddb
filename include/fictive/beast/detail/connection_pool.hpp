// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_CONNECTION_POOL_HPP
#define FICTIVE_BEAST_DETAIL_CONNECTION_POOL_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/http/url.hpp>
#include <fictive/detail/text/ascii.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// Longer timeouts are cut to this one, so that adding them to a time cannot overflow.
inline constexpr std::chrono::milliseconds longest_timeout = std::chrono::hours(24 * 365);

/// Scheme, host and port.
class origin {
 public:
  explicit origin(fictive::detail::url_parts const& url)
      : is_https_(url.is_https()), host_(url.host), port_(url.port_or_default()) {}

  [[nodiscard]] bool is_of(fictive::detail::url_parts const& url) const noexcept {
    return is_https_ == url.is_https() && port_ == url.port_or_default() &&
           fictive::detail::equals_ignoring_case(host_, url.host);
  }

 private:
  bool is_https_;
  std::string host_, port_;
};

/// A connection that a pool can keep. Its destruction closes it.
struct pooled_connection {
  explicit pooled_connection(std::chrono::steady_clock::time_point now) noexcept : opened_at(now) {}
  pooled_connection(pooled_connection const&) = delete;
  pooled_connection& operator=(pooled_connection const&) = delete;
  virtual ~pooled_connection() = default;

  std::chrono::steady_clock::time_point opened_at;
  std::chrono::steady_clock::time_point expires_at = {};  ///< of an idle one
};

/// The limits of a pool.
struct pool_limits {
  std::size_t max_connections = 1;  ///< to an origin, idle ones included
  std::size_t max_idle = 0;         ///< to an origin
  std::chrono::milliseconds max_idle_time = {};
  std::chrono::milliseconds max_age = {};
};

/// The connections of a transport without I/O: decides which call uses which connection, which call waits, and when
/// idle connections are closed. Each call in progress has a slot of its origin, with which it uses a connection of the
/// pool or opens one. Calls beyond the maximum wait in order. Idle connections are used again in reverse order. Not
/// thread-safe.
///
/// Only `acquire` allocates memory. If it throws, nothing has changed.
class connection_pool {
  struct origin_state;

 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// A call's place in the pool. Must be released before its destruction.
  class place {
   public:
    /// If it must not use a connection again.
    explicit place(bool needs_new_connection) noexcept : needs_new_connection_(needs_new_connection) {}
    place(place const&) = delete;
    place& operator=(place const&) = delete;

    [[nodiscard]] bool has_slot() const noexcept { return stage_ == stage::active; }
    [[nodiscard]] bool is_waiting() const noexcept { return stage_ == stage::waiting; }

    /// The connection that was received together with the slot, until it is taken; null if one must be opened.
    std::unique_ptr<pooled_connection> received = {};

   protected:
    ~place() = default;

   private:
    friend class connection_pool;
    enum class stage : unsigned char { outside, waiting, active };

    /// Called when a place that waited has received a slot. Must not call the pool.
    virtual void received_slot() noexcept = 0;

    bool needs_new_connection_;
    stage stage_ = stage::outside;
    origin_state* at_ = nullptr;
    place *previous_ = nullptr, *next_ = nullptr;  // of those that wait
  };

  explicit connection_pool(pool_limits limits) noexcept;

  /// Gives the place a slot, or lets it wait.
  void acquire(place& caller, fictive::detail::url_parts const& url, time_point now);

  /// Closes the connection of a place with a slot, which has turned out to have ended, and gives it the next idle one.
  void replace_connection(place& caller, time_point now) noexcept;

  /// Ends a place: it waits no longer, or its slot becomes free. The connection is used again within the idle time, if
  /// it is not null; the time is at most that of the pool. So is the received one, if it was not taken. Has no effect on
  /// a place that was released already. Returns when the connection expires if it is idle now; the maximum otherwise.
  time_point release(place& caller, std::unique_ptr<pooled_connection> reusable, std::chrono::milliseconds idle_time,
                     time_point now) noexcept;

  /// Closes the idle connections whose time has passed.
  void close_expired(time_point now) noexcept;

  /// When the next idle connection expires; the maximum if there is none.
  [[nodiscard]] time_point next_expiry() const noexcept;

  /// Closes the idle connections to this URL's origin.
  void close_idle(fictive::detail::url_parts const& url) noexcept;

  /// Closes all idle connections.
  void close_idle() noexcept;

 private:
  struct origin_state {
    origin to;
    std::size_t active = 0;                                     // calls with a slot
    std::vector<std::unique_ptr<pooled_connection>> idle = {};  // the last used at the end; has room for all slots
    place *first = nullptr, *last = nullptr;                    // those that wait; then there is no free slot
  };

  origin_state& state_of(fictive::detail::url_parts const& url);
  void enqueue(place& caller) noexcept;
  static void dequeue(place& caller) noexcept;
  static void activate(place& caller, std::unique_ptr<pooled_connection> connection) noexcept;
  static std::unique_ptr<pooled_connection> take_last_idle(origin_state& at) noexcept;
  /// Forgets the origins that have neither calls nor connections.
  void erase_unused() noexcept;

  pool_limits limits_;
  std::list<origin_state> origins_;
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/connection_pool.ipp>
#endif

#endif
