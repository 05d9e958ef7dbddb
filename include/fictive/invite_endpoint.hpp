// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_INVITE_ENDPOINT_HPP
#define FICTIVE_INVITE_ENDPOINT_HPP

#include <fictive/client_config.hpp>
#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/hooks.hpp>
#include <fictive/http.hpp>
#include <fictive/invite.hpp>

#include <cstddef>
#include <string_view>

namespace fictive {

template <class Endpoint>
class basic_call;

/// Builds the request that invites these people: `POST {base_url}/rest/api/accounts/groups/{token}/invites`, with the
/// headers and the body of the service's reference. No I/O, no state; thread-safe.
///
/// Input that cannot be sent is an `invalid_argument` with `effect::none` whose message names the field and says what
/// to do: no group, no address, an empty one, text that is not UTF-8, a control character in a header's value, a base
/// URL with user info, query or fragment, plain http to another machine without `allow_insecure_http`, a limit that is
/// not positive.
[[nodiscard]] result<http_request> make_invite_request(client_config const& config, invite_request const& request);

/// Parses the response to `request`: who was invited and who was refused, or the error. Whatever the network sent, it
/// throws only `std::bad_alloc`. No I/O, no state; thread-safe.
///
/// A success (2xx) is read as the contract's InviteResponse. Without a body, or with a body that is not that, it is a
/// `malformed_response` with `effect::applied`: the invitations were made. If the body was not meant to be JSON,
/// something between client and service may have answered: `effect::unknown`. The same holds for a response that names
/// only addresses that were not requested (compared without regard to ASCII case): it answers another call. Any other
/// status is an error by the contract's table, with the best message of its body, and `retry_after`.
[[nodiscard]] result<invite_response> parse_invite_response(invite_request const& request,
                                                            http_response const& response,
                                                            std::size_t max_body_bytes = http_limits{}.max_body_bytes);

/// Everything that is specific to inviting, for `basic_call`.
struct invite_endpoint {
  using request_type = invite_request;    ///< what is sent
  using response_type = invite_response;  ///< what is returned

  /// The template of the URL's path.
  static constexpr std::string_view route = "/rest/api/accounts/groups/{accountGroupToken}/invites";

  /// Whether a request never has an effect (RFC 9110, section 9.2.1).
  static constexpr bool is_safe = false;

  /// See `make_invite_request`.
  static result<http_request> make(client_config const& config, invite_request const& request) {
    return make_invite_request(config, request);
  }

  /// See `parse_invite_response`.
  static result<invite_response> parse(invite_request const& request, http_response const& response,
                                       std::size_t max_body_bytes) {
    return parse_invite_response(request, response, max_body_bytes);
  }

  /// Counts the addresses that were accepted and rejected.
  static void summarize(invite_response const& response, result_event& event) noexcept {
    event.accepted = response.valid_invitations.size();
    event.rejected = response.invalid_email_addresses.size();
  }
};

/// One invitation as a state machine; see `basic_call` in <fictive/call.hpp>.
///
///     fictive::invite_call call(config, request, now());
///     while (call.next() != fictive::call_step::done)
///       if (call.next() == fictive::call_step::send) {
///         auto response = transport(call.request());
///         call.responded(response, now());
///       } else {
///         sleep_until(call.wait_until());
///         call.waited(now());
///       }
///     return call.outcome();
using invite_call = basic_call<invite_endpoint>;

}  // namespace fictive

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/impl/invite_endpoint.ipp>
#endif

#endif
