// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_CONNECTION_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_CONNECTION_IPP

#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/namespace.hpp>

#include <chrono>
#include <memory>
#include <utility>

namespace FICTIVE_BEAST_NAMESPACE::detail {

FICTIVE_DECL connection::connection(asio::any_io_executor const& executor)
    : pooled_connection(std::chrono::steady_clock::now()), stream(executor), timer(executor) {
  buffers.received.reserve(exchange_buffers::expected_response_size);
  buffers.head.reserve(exchange_buffers::expected_request_size);
}

FICTIVE_DECL connection::connection(std::unique_ptr<asio::io_context> own) : connection(own->get_executor()) {
  own_context = std::move(own);
}

FICTIVE_DECL connection::~connection() {
  if (generation == fork_generation()) stream.close();
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
