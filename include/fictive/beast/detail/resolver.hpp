// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_RESOLVER_HPP
#define FICTIVE_BEAST_DETAIL_RESOLVER_HPP

#include <fictive/beast/detail/fork_generation.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace FICTIVE_BEAST_NAMESPACE::detail {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

inline std::vector<tcp::endpoint> system_lookup(std::string const& host, std::string const& port, error_code& ec) {
  asio::io_context io;
  std::vector<tcp::endpoint> endpoints;
  for (auto const& entry : tcp::resolver(io).resolve(host, port, tcp::resolver::numeric_service, ec))
    endpoints.push_back(entry.endpoint());
  return endpoints;
}

/// One caller's question to a `resolver`. Thread-safe.
class dns_query {
 public:
  using handler = std::function<void(error_code, std::vector<tcp::endpoint>)>;

  dns_query(asio::any_io_executor executor, handler done) : executor_(std::move(executor)), done_(std::move(done)) {}

  /// The handler is not posted after this returns, so that the executor's context may be destroyed.
  void abandon() noexcept {
    std::lock_guard lock(mutex_);
    done_ = nullptr;
    executor_ = {};
  }

  /// Posts the handler, unless abandoned.
  void deliver(error_code ec, std::vector<tcp::endpoint> const& endpoints) noexcept {
    std::lock_guard lock(mutex_);
    if (!done_) return;
    try {
      asio::post(executor_, [done = done_, ec, endpoints]() mutable { done(ec, std::move(endpoints)); });
    } catch (...) {  // Out of memory: the caller times out.
    }
    done_ = nullptr;
    executor_ = {};
  }

 private:
  std::mutex mutex_;
  asio::any_io_executor executor_;
  handler done_;
};

/// Resolves host names. The system's resolver cannot be cancelled and may take minutes, and Asio's makes its io_context
/// wait for that. So resolutions run on detached threads, which share nothing but `state` with their callers. At most
/// `max_threads` run at once, and one for each host and port, whose result all its callers get; the others wait for
/// their turn. Thread-safe.
class resolver {
 public:
  static constexpr std::size_t max_threads = 8;

  explicit resolver(name_lookup lookup) : state_(std::make_shared<state>()) {
    state_->lookup = lookup ? std::move(lookup) : system_lookup;
  }

  /// Posts `done` to `executor`, unless the query is abandoned before. Until then its context must run, and exist.
  /// Throws `std::system_error` if there is no thread.
  std::shared_ptr<dns_query> async_resolve(std::string host, std::string port, asio::any_io_executor executor,
                                           dns_query::handler done) {
    auto query = std::make_shared<dns_query>(std::move(executor), std::move(done));
    name const key{std::move(host), std::move(port)};

    std::lock_guard lock(state_->mutex);
    state_->forget_parent_process();
    auto const [found, is_new] = state_->queries.try_emplace(key);
    auto& queries = found->second;
    std::erase_if(queries, [](auto const& one) { return one.expired(); });
    queries.push_back(query);
    if (!is_new) return query;

    state_->waiting.push_back(key);
    if (state_->threads == max_threads) return query;
    try {
      std::thread([state = state_] { run(*state); }).detach();
      ++state_->threads;
    } catch (std::system_error const&) {
      if (state_->threads > 0) return query;  // one of those will come to it
      state_->waiting.clear();
      state_->queries.clear();
      throw;
    }
    return query;
  }

 private:
  using name = std::pair<std::string, std::string>;  // host and port

  struct state {
    name_lookup lookup;
    std::mutex mutex;
    std::map<name, std::vector<std::weak_ptr<dns_query>>> queries;
    std::deque<name> waiting;  // those of `queries` that no thread has taken yet
    std::size_t threads = 0;
    unsigned generation = fork_generation();

    void forget_parent_process() {
      if (std::exchange(generation, fork_generation()) == generation) return;
      queries.clear();
      waiting.clear();
      threads = 0;
    }
  };

  /// A thread: takes names until none is waiting.
  static void run(state& shared) {
    std::unique_lock lock(shared.mutex);
    while (!shared.waiting.empty()) {
      auto const key = std::move(shared.waiting.front());
      shared.waiting.pop_front();
      auto const asked = shared.queries.find(key);
      if (std::ranges::all_of(asked->second, [](auto const& one) { return one.expired(); })) {
        shared.queries.erase(asked);
        continue;
      }
      lock.unlock();
      error_code ec;
      auto const endpoints = look_up(shared.lookup, key, ec);
      lock.lock();
      auto const answered = shared.queries.extract(key);
      lock.unlock();
      for (auto const& one : answered.mapped())
        if (auto const query = one.lock()) query->deliver(ec, endpoints);
      lock.lock();
    }
    --shared.threads;
  }

  static std::vector<tcp::endpoint> look_up(name_lookup const& lookup, name const& key, error_code& ec) noexcept {
    std::vector<tcp::endpoint> endpoints;
    try {
      endpoints = lookup(key.first, key.second, ec);
    } catch (...) {
      ec = asio::error::host_not_found_try_again;
    }
    if (!ec && endpoints.empty()) ec = asio::error::host_not_found;
    return endpoints;
  }

  std::shared_ptr<state> state_;
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
