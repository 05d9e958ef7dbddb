// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_ERROR_BODY_HPP
#define FICTIVE_DETAIL_HTTP_ERROR_BODY_HPP

#include <fictive/config.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace fictive::detail {

inline constexpr std::size_t max_server_message_size = 1024;

struct error_body {
  std::string message = {};   ///< printable, at most `max_server_message_size` bytes
  std::string trace_id = {};  ///< printable, at most `max_request_id_size` bytes
};

/// Finds the best message that the body of an error response contains, whatever its form: `{status, reason}`,
/// `{message}`, `{errorCode, errorMessage}`, a JSON string, RFC 9457's problem details, ASP.NET's `errors: {"Field":
/// ["reason", …]}`, HTML or plain text. Never fails: the message is empty if there is none.
error_body read_error_body(std::string_view body);

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/http/impl/error_body.ipp>
#endif

#endif
