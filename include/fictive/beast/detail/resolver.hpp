// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_RESOLVER_HPP
#define FICTIVE_BEAST_DETAIL_RESOLVER_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/config.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <vector>

namespace FICTIVE_BEAST_NAMESPACE::detail {

namespace asio = boost::asio;
using asio::ip::tcp;

/// One caller's query to a `resolver`. Thread-safe.
class dns_query {
 public:
  /// `wake` is called on any thread when the query is answered, and must not throw.
  explicit dns_query(std::function<void()> wake);

  /// `wake` is not called after this returns. Waits for a call in progress.
  void abandon() noexcept;

  /// Called once.
  void answer(std::error_code ec, std::vector<tcp::endpoint> const& found) noexcept;
  [[nodiscard]] bool is_answered() const noexcept { return is_answered_; }

  /// @{ The answer.
  std::error_code error = {};
  std::vector<tcp::endpoint> endpoints = {};
  /// @}

 private:
  std::mutex mutex_;
  std::function<void()> wake_;
  std::atomic<bool> is_answered_{false};
};

/// Resolves host names. The system's resolver cannot be cancelled and may take minutes, and Asio's makes its io_context
/// wait for that. So resolutions run on detached threads, which share only `state` with their callers. At most
/// `max_threads` run at once, and one for each host and port, whose result all its callers get; the others wait for
/// their turn. Thread-safe.
class resolver {
 public:
  static constexpr std::size_t max_threads = 8;
  using function = decltype(transport_options::resolve);

  /// By default, uses the system's resolver.
  explicit resolver(function resolve = {});

  /// Throws `std::system_error` if no thread can be started, and `std::bad_alloc`.
  std::shared_ptr<dns_query> resolve(std::string host, std::string port, std::function<void()> wake);

 private:
  struct state;

  /// A thread: takes names until none is waiting.
  static void run(state& shared);

  std::shared_ptr<state> state_;
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/resolver.ipp>
#endif

#endif
