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
#include <string>
#include <string_view>

namespace fictive {

template <class Endpoint>
class basic_call;

/// Builds the request that invites these people: `POST {base_url}/rest/api/accounts/groups/{token}/invites`, with the
/// headers and the body of the service's reference. No I/O, no state; thread-safe.
///
/// Input that cannot be sent is an `invalid_argument` with `effect::none` whose message names the field and says what
/// to do, and never repeats the input:
///
/// - any text that is not UTF-8, contains a control character (a line end left over from a file), an invisible
///   character (U+FEFF, U+200B) or white space other than U+0020 (U+00A0), or begins or ends with a space;
/// - a token, reference, address or URL in quotes, and a credential with its prefix "Bearer ";
/// - no group, no address, more of them than `max_addresses_per_request`, an empty one, several in one text (a comma or
///   a semicolon), one with a name (`<` or `>`), or the same one twice, exactly or with its domain in another ASCII
///   case;
/// - a base URL with user info, query or fragment, plain http to another machine without `allow_insecure_http`, and a
///   limit that is not positive.
///
/// The syntax of addresses is not checked: the service reports the invalid ones.
[[nodiscard]] result<http_request> make_invite_request(client_config const& config, invite_request const& request);

/// Parses the response to `request`: who was invited, who was refused, and who is missing in the response; or the error.
/// Whatever the network sent, it throws only `std::bad_alloc`. No I/O, no state; thread-safe.
///
/// A success (2xx) whose body is an object with at least one of the contract's two lists is the answer, whatever its
/// Content-Type says. Of that body, only a missing reference or address, a list that is none, or text that is not JSON
/// is an error. An optional member that cannot be read is not set, an element of a list that cannot be read is skipped,
/// and unknown members are skipped up to a depth of 512.
///
/// Any other success is a `malformed_response`. If it was meant to be JSON (by its Content-Type or the beginning of its
/// body) or is empty without a Content-Type, it has `effect::applied`: the invitations were made. It has
/// `effect::unknown` if it is an object with neither list, if it is not JSON at all, as something between client and
/// service may have answered, or if it names only addresses that were not requested (compared without regard to ASCII
/// case), as it answers another call.
///
/// Any other status is an error by the contract's table, with the best message of its body, and `retry_after`. If its
/// body lists an invitation nevertheless (`validInvitations` has an element, or the body is cut before the end of that
/// list), the effect is not `none` but `unknown`.
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

  /// The same as `make_invite_request`, but returns the problem of input that cannot be sent; empty if there is none.
  [[nodiscard]] static std::string make(client_config const& config, invite_request const& request, http_request& out);

  /// See `parse_invite_response`.
  [[nodiscard]] static result<invite_response> parse(invite_request const& request, http_response const& response,
                                                     std::size_t max_body_bytes) {
    return parse_invite_response(request, response, max_body_bytes);
  }

  /// Counts the addresses that were accepted, rejected and not mentioned.
  static void summarize(invite_response const& response, result_event& event) noexcept {
    event.accepted = response.valid_invitations.size();
    event.rejected = response.invalid_email_addresses.size();
    event.unaccounted = response.unaccounted_email_addresses.size();
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
