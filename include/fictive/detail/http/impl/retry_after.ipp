// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_IMPL_RETRY_AFTER_IPP
#define FICTIVE_DETAIL_HTTP_IMPL_RETRY_AFTER_IPP

#include <fictive/detail/http/http_date.hpp>
#include <fictive/detail/http/retry_after.hpp>
#include <fictive/detail/text/ascii.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace fictive::detail {

FICTIVE_DECL retry_after retry_after_of(http_headers const& headers) noexcept {
  constexpr std::chrono::seconds longest(0x7FFFFFFF);
  auto const* header = find_header(headers, "Retry-After");
  if (!header) return {};
  auto const text = trim(*header);

  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
    auto delay = std::chrono::seconds(0);
    for (char c : text) {
      delay = delay * 10 + std::chrono::seconds(c - '0');
      if (delay > longest) return {true, longest};
    }
    return {true, delay};
  }

  auto const then = parse_http_date(text);
  if (!then) return {};
  auto const* date = find_header(headers, "Date");
  auto const now = date ? parse_http_date(trim(*date)) : std::nullopt;
  if (!now) return {true, std::nullopt};
  auto const delay = *then - *now;
  return {true, delay < std::chrono::seconds(0) ? std::chrono::seconds(0) : delay > longest ? longest : delay};
}

}  // namespace fictive::detail

#endif
