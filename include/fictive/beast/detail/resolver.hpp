// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_RESOLVER_HPP
#define FICTIVE_BEAST_DETAIL_RESOLVER_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

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
class dns_query : public std::enable_shared_from_this<dns_query> {
 public:
  using handler = std::function<void(std::error_code, std::vector<tcp::endpoint>)>;

  dns_query(asio::any_io_executor executor, handler done);

  /// The handler is neither posted nor called after this returns, so that the executor's context may be destroyed.
  void abandon() noexcept;

  /// Posts the handler, unless abandoned.
  void deliver(std::error_code ec, std::vector<tcp::endpoint> const& endpoints) noexcept;

 private:
  void complete(std::error_code ec, std::vector<tcp::endpoint> endpoints);

  std::mutex mutex_;
  asio::any_io_executor executor_;
  handler done_;
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

  /// Posts `done` to `executor`, unless the query is abandoned before. Until then its context must run, and exist.
  /// Throws `std::system_error` if no thread can be started, and `std::bad_alloc`.
  std::shared_ptr<dns_query> async_resolve(std::string host, std::string port, asio::any_io_executor executor,
                                           dns_query::handler done);

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
