// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HEADER_VALUE_HPP
#define FICTIVE_DETAIL_HEADER_VALUE_HPP

#include <fictive/config.hpp>
#include <fictive/detail/ascii.hpp>
#include <fictive/detail/utf8.hpp>

#include <array>
#include <string_view>

namespace fictive::detail {

/// What makes a header's value unfit to send; null if it is fit. A line end would let it add headers of its own.
constexpr char const* header_value_problem(std::string_view value) noexcept {
  if (!is_printable_ascii(value)) {
    for (char c : value)
      if (is_control(c)) return " holds a control character: often a line end that was read along with it; remove it";
    if (!is_utf8(value)) return " is not UTF-8: re-encode it";
  }
  if (trim(value).size() != value.size()) return " begins or ends with a space: remove it";
  return nullptr;
}

/// Those that frame a message or belong to the connection: the transport's alone (RFC 9110, section 7.6.1; RFC 9112).
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
