// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_RETRY_AFTER_HPP
#define FICTIVE_DETAIL_HTTP_RETRY_AFTER_HPP

#include <fictive/config.hpp>
#include <fictive/http.hpp>

#include <chrono>
#include <optional>

namespace fictive::detail {

/// A response's `Retry-After` (RFC 9110, section 10.2.3).
struct retry_after {
  bool present = false;                       ///< there is a well-formed `Retry-After`
  std::optional<std::chrono::seconds> delay;  ///< not set for a date in a response without `Date`
};

/// Seconds saturate at 2^31 - 1. A date counts from the response's own `Date`, whatever the local clock says; a past
/// one is a delay of 0. Anything else is treated as missing.
retry_after retry_after_of(http_headers const& headers) noexcept;

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/http/impl/retry_after.ipp>
#endif

#endif
