// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_PENDING_LOOKUP_HPP
#define FICTIVE_BEAST_DETAIL_PENDING_LOOKUP_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace FICTIVE_BEAST_NAMESPACE::detail {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

template <class = void>
inline std::vector<tcp::endpoint> system_lookup(std::string const& host, std::string const& port, error_code& ec) {
  asio::io_context io;
  std::vector<tcp::endpoint> endpoints;
  for (auto const& entry : tcp::resolver(io).resolve(host, port, tcp::resolver::numeric_service, ec))
    endpoints.push_back(entry.endpoint());
  return endpoints;
}

/// One look-up that can be left behind. The system's cannot be cancelled and may take minutes, and Asio's resolver
/// makes its io_context wait for that; so each runs on a detached thread that shares nothing but this object.
template <class = void>
class pending_lookup {
 public:
  using handler = std::function<void(error_code, std::vector<tcp::endpoint>)>;

  /// Calls `done` by way of `executor`, unless abandoned before. Until then somebody must keep its context running.
  static std::shared_ptr<pending_lookup> start(name_lookup lookup, std::string host, std::string port,
                                               asio::any_io_executor executor, handler done) {
    auto self = std::make_shared<pending_lookup>(std::move(executor), std::move(done));
    if (!lookup) lookup = system_lookup<>;
    std::thread([self, lookup = std::move(lookup), host = std::move(host), port = std::move(port)] {
      error_code ec;
      std::vector<tcp::endpoint> endpoints;
      try {
        endpoints = lookup(host, port, ec);
      } catch (...) {
        ec = asio::error::host_not_found_try_again;
      }
      if (!ec && endpoints.empty()) ec = asio::error::host_not_found;
      self->deliver(ec, std::move(endpoints));
    }).detach();
    return self;
  }

  pending_lookup(asio::any_io_executor executor, handler done)
      : executor_(std::move(executor)), done_(std::move(done)) {}

  /// After this the handler is not posted any more, and the executor is given back: its context may end before the
  /// thread does.
  void abandon() {
    std::lock_guard lock(mutex_);
    done_ = nullptr;
    executor_ = {};  // this thread's context may be gone when the other one ends
  }

 private:
  void deliver(error_code ec, std::vector<tcp::endpoint> endpoints) {
    std::lock_guard lock(mutex_);
    if (!done_) return;
    asio::post(executor_, [done = std::exchange(done_, nullptr), ec, endpoints = std::move(endpoints)]() mutable {
      done(ec, std::move(endpoints));
    });
    executor_ = {};
  }

  std::mutex mutex_;
  asio::any_io_executor executor_;
  handler done_;
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
