// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_SHARED_STATE_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_SHARED_STATE_IPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/shared_state.hpp>
#include <fictive/detail/http/header_value.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/character_set.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <utility>

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// Null if the request is sent as it is.
FICTIVE_DECL char const* problem_with(http_request const& request) {
  if (!fictive::detail::is_token(request.method)) return "the request's method is not a token";
  for (auto const& header : request.headers) {
    if (!fictive::detail::is_token(header.name)) return "the request has a header whose name is not a token";
    if (fictive::detail::is_transport_header(header.name))
      return "the request has a header that only the transport may set";
    if (fictive::detail::header_value_problem(header.value))
      return "the request has a header whose value cannot be sent";
  }
  return nullptr;
}

FICTIVE_DECL shared_state::shared_state(transport_options given)
    : options(std::move(given)), idle(options.max_idle_connections, options.max_idle_time), resolver(options.resolve) {}

FICTIVE_DECL result<target> shared_state::target_of(http_request const& request) {
  auto const began = std::chrono::steady_clock::now();
  auto const url = fictive::detail::split_url(request.url);
  if (!url || url->has_user_info || !url->fragment.empty())
    return fictive::detail::refused("the request's url is not an http or https URL without user info and fragment");
  if (auto const* problem = problem_with(request)) return fictive::detail::refused(problem);

  target to{*url, nullptr, began};
  if (url->is_https()) {
    auto context = shared_tls_context();
    if (!context) return context.error();
    to.tls = *context;
  }
  return to;
}

FICTIVE_DECL result<std::shared_ptr<tls_context>> shared_state::shared_tls_context() {
  std::lock_guard lock(mutex_);
  if (!tls_) {
    auto made = make_tls_context(options.tls);
    if (!made) return made;
    tls_ = *made;
  }
  return tls_;
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
