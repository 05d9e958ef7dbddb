// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_IMPL_TRANSPORT_IPP
#define FICTIVE_IMPL_TRANSPORT_IPP

#include <fictive/detail/driver/missing_date.hpp>
#include <fictive/detail/http/outcomes.hpp>
#include <fictive/detail/http/retry_after.hpp>
#include <fictive/detail/refusal.hpp>
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
  auto e = detail::parse_refusal(partial);
  if (e.retry_after && !find_header(partial.headers, "Date")) {
    auto headers = partial.headers;
    detail::add_missing_date(headers);
    e.retry_after = detail::retry_after_of(headers).delay;
  }
  auto const lost = transport_error(cause);
  bool const is_known_success = e.effect == effect::applied;
  e.message.append(detail::is_success(partial.status) ? "" : "; ").append(lost.message);
  if (!is_known_success || lost.code != errc::transport_failure) e.code = lost.code;
  e.cause = cause;
  return e;
}

}  // namespace fictive

#endif
