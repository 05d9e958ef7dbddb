// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HEADER_VALUE_HPP
#define FICTIVE_DETAIL_HEADER_VALUE_HPP

#include <fictive/config.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/utf8.hpp>

#include <array>
#include <string_view>

namespace fictive::detail {

/// The problem of a header's value; null if it can be sent. A line end would inject further headers.
constexpr char const* header_value_problem(std::string_view value) noexcept {
  if (!is_printable_ascii(value)) {
    for (char c : value)
      if (is_control(c))
        return " contains a control character, often a line end of the file that it was read from: remove it";
    if (!is_utf8(value)) return " is not UTF-8: re-encode it";
  }
  if (trim(value).size() != value.size()) return " begins or ends with a space: remove it";
  return nullptr;
}

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
