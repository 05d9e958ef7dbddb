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

namespace FICTIVE_BEAST_NAMESPACE::detail {

namespace asio = boost::asio;

/// A connection to one origin, new or reused, with the buffers of its exchanges.
struct connection final : pooled_connection {
  explicit connection(asio::any_io_executor const& executor);

  connection(connection const&) = delete;
  connection& operator=(connection const&) = delete;
  /// In a child process made by `fork()`, the peer does not notice it.
  FICTIVE_DECL ~connection() override;

  byte_stream stream;
  exchange_buffers buffers;
  unsigned generation = fork_generation();
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/connection.ipp>
#endif

#endif
