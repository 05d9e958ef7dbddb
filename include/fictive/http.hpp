// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_HTTP_HPP
#define FICTIVE_HTTP_HPP

#include <fictive/config.hpp>
#include <fictive/detail/text/ascii.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// The HTTP messages that are exchanged with a transport.

namespace fictive {

/// A header field of a request or response.
struct http_header {
  /// @{ Names are compared without regard to ASCII case. Values are trimmed.
  std::string name = {}, value = {};
  /// @}
};

/// Header fields in the order of transmission; a name may occur more than once.
using http_headers = std::vector<http_header>;

/// The value of the first header with this name, in any case; null if there is none.
[[nodiscard]] inline std::string const* find_header(http_headers const& headers, std::string_view name) noexcept {
  for (auto const& header : headers)
    if (detail::equals_ignoring_case(header.name, name)) return &header.value;
  return nullptr;
}

/// Limits of one attempt. All are positive.
struct http_limits {
  /// Maximum time to establish a connection: DNS, TCP and TLS.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);
  /// Maximum time from the start to the end of the response.
  std::chrono::milliseconds total_timeout = std::chrono::seconds(60);
  /// Maximum size of the response's status line and headers.
  std::size_t max_header_bytes = 64 * 1024;
  /// Maximum size of the response's body.
  std::size_t max_body_bytes = 8 * 1024 * 1024;
};

/// A request that is complete except for `Host`, `Content-Length` and `Connection`, which the transport adds.
/// Its headers contain the caller's secrets: do not log them.
struct http_request {
  /// The method, in capitals.
  std::string method = {};
  /// An absolute `http` or `https` URL, already encoded: send it unchanged.
  std::string url = {};
  /// The headers, without those that the transport adds.
  http_headers headers = {};
  /// The body, sent unchanged.
  std::string body = {};
  /// Limits that the transport enforces.
  http_limits limits = {};
  /// Requires a new connection: set when retrying after 408, 421 or 425.
  bool force_new_connection = false;
};

/// A final response, of any status.
struct http_response {
  /// The status of the final response; interim responses (1xx) are skipped.
  int status = 0;
  /// All headers, without trailers.
  http_headers headers = {};
  /// The body. Transfer codings (chunked) are decoded by the transport, content codings (gzip) are not.
  std::string body = {};
};

}  // namespace fictive

#endif
