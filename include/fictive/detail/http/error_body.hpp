// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_ERROR_BODY_HPP
#define FICTIVE_DETAIL_HTTP_ERROR_BODY_HPP

#include <fictive/config.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace fictive::detail {

/// The part of a body that is read.
inline constexpr std::size_t max_error_body_size = 64 * 1024;

struct error_body {
  std::string message = {};  ///< printable, at most `max_server_message_size` bytes
  std::string id = {};       ///< of the request; printable, at most `max_request_id_size` bytes
};

/// Finds the best message in the body of an error response, by a table of names: in JSON, at the top, in `error` or
/// `fault`, and in lists like `errors`; in XML and HTML, in any element. Without one, the message is the body itself.
/// Never fails. Takes time and memory in proportion to the part of the body that is read.
error_body read_error_body(std::string_view body);

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/http/impl/error_body.ipp>
#endif

#endif
