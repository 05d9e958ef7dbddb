// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_TRANSPORT_HEADERS_HPP
#define FICTIVE_DETAIL_HTTP_TRANSPORT_HEADERS_HPP

#include <fictive/config.hpp>
#include <fictive/detail/text/ascii.hpp>

#include <array>
#include <string_view>

namespace fictive::detail {

/// Headers that frame a message or belong to the connection: only the transport sets them (RFC 9110, section 7.6.1; RFC
/// 9112).
inline constexpr std::array<std::string_view, 10> transport_headers = {
    "Host", "Content-Length", "Transfer-Encoding", "Connection",      "Keep-Alive", "Expect",
    "TE",   "Trailer",        "Upgrade",           "Proxy-Connection"};

constexpr bool is_transport_header(std::string_view name) noexcept {
  for (auto one : transport_headers)
    if (equals_ignoring_case(one, name)) return true;
  return false;
}

}  // namespace fictive::detail

#endif
