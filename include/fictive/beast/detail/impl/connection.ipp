// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_CONNECTION_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_CONNECTION_IPP

#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/namespace.hpp>

#include <chrono>

namespace FICTIVE_BEAST_NAMESPACE::detail {

FICTIVE_DECL connection::connection(asio::any_io_executor const& executor)
    : pooled_connection(std::chrono::steady_clock::now()), stream(executor) {
  buffers.received.reserve(exchange_buffers::expected_response_size);
  buffers.head.reserve(exchange_buffers::expected_request_size);
}

FICTIVE_DECL connection::~connection() {
  if (generation == fork_generation()) stream.close();
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
