// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_IMPL_ASYNC_TRANSPORT_IPP
#define FICTIVE_BEAST_IMPL_ASYNC_TRANSPORT_IPP

#include <fictive/beast/async_transport.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/detail/http/url.hpp>

#include <memory>
#include <string_view>
#include <utility>

namespace FICTIVE_BEAST_NAMESPACE {

FICTIVE_DECL async_transport::async_transport(executor_type executor, transport_options options)
    : executor_(std::move(executor)), state_(std::make_shared<detail::shared_state>(std::move(options), executor_)) {}

FICTIVE_DECL void async_transport::drop_idle_connections(std::string_view url) noexcept {
  if (auto const parts = fictive::detail::split_url(url)) state_->close_idle(*parts);
}

}  // namespace FICTIVE_BEAST_NAMESPACE

#endif
