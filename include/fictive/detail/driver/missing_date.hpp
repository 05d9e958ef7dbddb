// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_DRIVER_MISSING_DATE_HPP
#define FICTIVE_DETAIL_DRIVER_MISSING_DATE_HPP

#include <fictive/config.hpp>
#include <fictive/detail/http/http_date.hpp>
#include <fictive/http.hpp>

#include <chrono>

namespace fictive::detail {

/// Records the time of receipt as the `Date` of a response that has none, as RFC 9110, section 6.6.1 asks a recipient
/// with a clock: a date in `Retry-After` counts from there.
inline void add_missing_date(http_headers& headers) {
  if (!find_header(headers, "Retry-After") || find_header(headers, "Date")) return;
  auto const time = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  headers.push_back({"Date", format_http_date(time)});
}

}  // namespace fictive::detail

#endif
