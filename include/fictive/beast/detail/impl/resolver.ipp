// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_RESOLVER_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_RESOLVER_IPP

#include <fictive/beast/detail/fork_generation.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/resolver.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace FICTIVE_BEAST_NAMESPACE::detail {

FICTIVE_DECL dns_query::dns_query(std::function<void()> wake) : wake_(std::move(wake)) {}

FICTIVE_DECL void dns_query::abandon() noexcept {
  std::lock_guard lock(mutex_);
  wake_ = nullptr;
}

FICTIVE_DECL void dns_query::answer(std::error_code ec, std::vector<tcp::endpoint> const& found) noexcept {
  std::lock_guard lock(mutex_);
  if (!wake_) return;
  error = ec;
  try {
    endpoints = found;
  } catch (std::bad_alloc const&) {
    error = std::make_error_code(std::errc::not_enough_memory);
  }
  is_answered_ = true;
  wake_();
}

using host_and_port = std::pair<std::string, std::string>;

struct resolver::state {
  function resolve;
  std::mutex mutex;
  std::map<host_and_port, std::vector<std::weak_ptr<dns_query>>> queries;
  std::deque<host_and_port> waiting;  // those of `queries` that no thread has taken yet
  std::size_t threads = 0;
  unsigned generation = fork_generation();

  void start_thread(std::shared_ptr<state> const& self) {
    std::thread([self] { run(*self); }).detach();
    ++threads;
  }

  void forget_parent_process() {
    if (std::exchange(generation, fork_generation()) == generation) return;
    queries.clear();
    waiting.clear();
    threads = 0;
  }
};

FICTIVE_DECL std::vector<tcp::endpoint> resolve_by_system(host_and_port const& name, std::error_code& error) {
  asio::io_context io;
  boost::system::error_code ec;
  std::vector<tcp::endpoint> endpoints;
  for (auto const& entry : tcp::resolver(io).resolve(name.first, name.second, tcp::resolver::numeric_service, ec))
    endpoints.push_back(entry.endpoint());
  error = ec;
  return endpoints;
}

FICTIVE_DECL std::vector<tcp::endpoint> resolve_by_function(resolver::function const& resolve,
                                                            host_and_port const& name, std::error_code& error) {
  std::vector<tcp::endpoint> endpoints;
  for (auto const& [address, port] : resolve(name.first, name.second, error)) {
    boost::system::error_code ec;
    endpoints.emplace_back(asio::ip::make_address(address, ec), port);
    if (ec) error = ec;
  }
  return endpoints;
}

FICTIVE_DECL std::vector<tcp::endpoint> endpoints_of(resolver::function const& resolve, host_and_port const& name,
                                                     std::error_code& error) noexcept {
  std::vector<tcp::endpoint> endpoints;
  try {
    endpoints = resolve ? resolve_by_function(resolve, name, error) : resolve_by_system(name, error);
  } catch (...) {
    error = make_error_code(asio::error::host_not_found_try_again);
  }
  if (!error && endpoints.empty()) error = make_error_code(asio::error::host_not_found);
  return endpoints;
}

FICTIVE_DECL resolver::resolver(function resolve) : state_(std::make_shared<state>()) {
  state_->resolve = std::move(resolve);
}

FICTIVE_DECL std::shared_ptr<dns_query> resolver::resolve(std::string host, std::string port,
                                                          std::function<void()> wake) {
  auto query = std::make_shared<dns_query>(std::move(wake));
  host_and_port const name{std::move(host), std::move(port)};

  std::lock_guard lock(state_->mutex);
  state_->forget_parent_process();
  auto const [found, is_new] = state_->queries.try_emplace(name);
  auto& queries = found->second;
  std::erase_if(queries, [](auto const& one) { return one.expired(); });
  try {
    queries.push_back(query);
    if (!is_new) return query;
    state_->waiting.push_back(name);
    if (state_->threads < max_threads) state_->start_thread(state_);
  } catch (...) {
    if (!is_new) throw;
    if (!state_->waiting.empty() && state_->waiting.back() == name) {
      if (state_->threads > 0) return query;  // a running thread will take it
      state_->waiting.pop_back();
    }
    state_->queries.erase(found);
    throw;
  }
  return query;
}

FICTIVE_DECL void resolver::run(state& shared) {
  std::unique_lock lock(shared.mutex);
  while (!shared.waiting.empty()) {
    auto const name = std::move(shared.waiting.front());
    shared.waiting.pop_front();
    auto const asked = shared.queries.find(name);
    if (std::all_of(asked->second.begin(), asked->second.end(), [](auto const& one) { return one.expired(); })) {
      shared.queries.erase(asked);
      continue;
    }
    lock.unlock();
    std::error_code ec;
    auto const endpoints = endpoints_of(shared.resolve, name, ec);
    lock.lock();
    auto const answered = shared.queries.extract(name);
    lock.unlock();
    for (auto const& one : answered.mapped())
      if (auto const query = one.lock()) query->answer(ec, endpoints);
    lock.lock();
  }
  --shared.threads;
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
