// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_CONNECTION_HPP
#define FICTIVE_BEAST_DETAIL_CONNECTION_HPP

#include <fictive/beast/detail/connection_pool.hpp>
#include <fictive/beast/detail/exchange_machine.hpp>
#include <fictive/beast/detail/fork_generation.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/tls.hpp>
#include <fictive/config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>

namespace FICTIVE_BEAST_NAMESPACE::detail {

namespace asio = boost::asio;

/// A connection to one origin, new or reused, with the buffers of its exchanges.
struct connection final : pooled_connection {
  explicit connection(asio::any_io_executor const& executor);

  /// For blocking use: owns its io_context.
  explicit connection(std::unique_ptr<asio::io_context> own);

  connection(connection const&) = delete;
  connection& operator=(connection const&) = delete;
  /// In a child process made by `fork()`, the peer does not notice it.
  ~connection() override;

  std::unique_ptr<asio::io_context> own_context;
  byte_stream stream;
  asio::steady_timer timer;
  exchange_buffers buffers;
  std::chrono::milliseconds receive_timeout = {};  ///< SO_RCVTIMEO; 0 while the socket is non-blocking
  unsigned generation = fork_generation();
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/connection.ipp>
#endif

#endif
