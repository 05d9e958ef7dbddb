// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_HTTP_DATE_HPP
#define FICTIVE_DETAIL_HTTP_HTTP_DATE_HPP

#include <fictive/config.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace fictive::detail {

/// The three forms of RFC 9110, section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`,
/// `Sun Nov  6 08:49:37 1994`. The weekday is not compared with the date. A two-digit year below 70 is of this century.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) noexcept;

/// The first of those forms; of the years 0 to 9999.
std::string format_http_date(std::chrono::sys_seconds time);

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/http/impl/http_date.ipp>
#endif

#endif
