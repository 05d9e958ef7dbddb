// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_HTTP_HPP
#define FICTIVE_HTTP_HPP

#include <fictive/config.hpp>
#include <fictive/detail/ascii.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// HTTP as far as this library needs it: what it hands to a transport, and what it gets back.

namespace fictive {

/// One line of a request's or a response's headers.
struct http_header {
  /// @{ Names are compared without regard to ASCII case. A value has no white space around it.
  std::string name = {}, value = {};
  /// @}
};

/// In the order of the wire; a name may occur more than once.
using http_headers = std::vector<http_header>;

/// The value of the first header of this name, in whatever case; null if there is none.
[[nodiscard]] inline std::string const* find_header(http_headers const& headers, std::string_view name) noexcept {
  for (auto const& header : headers)
    if (detail::equals_ignoring_case(header.name, name)) return &header.value;
  return nullptr;
}

/// How long one attempt may take and how much an answer may hold. There is always a limit; all are positive.
struct http_limits {
  /// From the start until the connection stands: look-up, TCP and TLS.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);
  /// From the start until the whole response is there.
  std::chrono::milliseconds total_timeout = std::chrono::seconds(60);
  /// Of the response's status line and headers.
  std::size_t max_header_bytes = 64 * 1024;
  /// Of the response's body.
  std::size_t max_body_bytes = 8 * 1024 * 1024;
};

/// A request that is complete but for what only the transport knows (`Host`, `Content-Length`, `Connection`).
/// Its headers hold the caller's secrets: do not log them.
struct http_request {
  /// As on the wire, in capitals.
  std::string method = {};
  /// Absolute, `http` or `https`, already encoded: send it as it is.
  std::string url = {};
  /// Without those that only the transport knows.
  http_headers headers = {};
  /// As it is to be sent.
  std::string body = {};
  /// What the transport keeps to while it sends and reads.
  http_limits limits = {};
  /// Do not use a connection that was used before: this repeats a request whose connection was to blame.
  bool new_connection = false;
};

/// What a transport brings back: a final response, whatever its status.
struct http_response {
  /// Of the final response; interim ones (1xx) are passed over.
  unsigned status = 0;
  /// All of them, without trailers.
  http_headers headers = {};
  /// As sent; a transport undoes transfer codings (chunked) and no content codings (gzip).
  std::string body = {};
};

}  // namespace fictive

#endif
