// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_IMPL_TRANSPORT_IPP
#define FICTIVE_IMPL_TRANSPORT_IPP

#include <fictive/detail/http/outcomes.hpp>
#include <fictive/detail/http/response_headers.hpp>
#include <fictive/transport.hpp>

#include <system_error>

namespace fictive {

FICTIVE_DECL error transport_error(std::error_code cause, effect did) {
  error e{.code = errc::transport_failure,
          .cause = cause,
          .effect = did,
          .message = "the request failed without a complete response"};
  if (cause == std::errc::timed_out) {
    e.code = errc::timed_out;
    e.message = "no complete response in time";
  } else if (cause == std::errc::operation_canceled) {
    e.code = errc::cancelled;
    e.message = "the call was cancelled";
  }
  return e;
}

FICTIVE_DECL error transport_error(std::error_code cause, http_response const& partial) {
  bool const was_applied = detail::is_success(partial.status) && detail::announces_json(partial);
  auto e = transport_error(cause, was_applied ? effect::applied : effect::unknown);
  if (was_applied && e.code == errc::transport_failure) e.code = errc::malformed_response;
  e.status = partial.status;
  e.request_id = detail::request_id_of(partial.headers);
  if (was_applied) e.message.insert(0, detail::result_is_lost);
  return e;
}

}  // namespace fictive

#endif
