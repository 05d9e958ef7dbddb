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
  bool is_readable = false;
  std::optional<std::chrono::seconds> delay = {};  ///< not set without the header
};

/// The delay that is used for a `Retry-After` that cannot be read.
inline constexpr std::chrono::seconds default_retry_after{1};

/// Seconds may have a fraction, which is rounded up, a unit as in `3s` or `3 seconds`, or be a list, of which the
/// longest counts; they saturate at 2^31 - 1. A date counts from the response's own `Date`, whatever the local clock
/// says; a past one is a delay of 0. Without a `Date`, and for anything else that is not blank, the delay is
/// `default_retry_after`. (The drivers add a missing `Date`, as RFC 9110, section 6.6.1 asks a recipient with a clock.)
retry_after retry_after_of(http_headers const& headers) noexcept;

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/http/impl/retry_after.ipp>
#endif

#endif
