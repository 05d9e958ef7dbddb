// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_CLIENT_CONFIG_HPP
#define FICTIVE_CLIENT_CONFIG_HPP

#include <fictive/config.hpp>
#include <fictive/credentials.hpp>
#include <fictive/error.hpp>
#include <fictive/hooks.hpp>
#include <fictive/http.hpp>
#include <fictive/retry.hpp>
#include <fictive/stop_token.hpp>

#include <cstddef>
#include <functional>
#include <string>

namespace fictive {

/// The configuration of a client. Its values are checked when a call is made.
/// @see @ref configuration-page
struct client_config {
  /// `http` or `https`, host, port and path prefix if any; no user info, query or fragment.
  std::string base_url = "https://api.fictive.com";
  /// `X-Version`, the API version that the caller was built for, as in "9.0.0". Sent when set.
  std::string api_version = {};
  /// Credentials to authenticate with.
  fictive::credentials credentials = {};
  /// Obtains new credentials, by signing in again for example. A client calls it after a 401 or 403, at most once for a
  /// call, and for all concurrent calls together; then it sends the refused request once more. An error ends the call
  /// as `not_authenticated`, with its cause; so does an exception. After new credentials were refused as well, or were
  /// the same, or the error is one of `condition::rejected`, it is not called again until a call has succeeded or
  /// `set_credentials` was called: a wrong password does not lock the account.
  ///
  /// It must return when the token requests a stop, and limit its own time: the call that runs it cannot end before it
  /// returns. It must not call the client. An `async_client` calls it only if `async_renew_credentials` is not set, on
  /// the thread on which the transport answered, which is blocked meanwhile.
  std::function<result<fictive::credentials>(stop_token)> renew_credentials = {};
  /// The same for an `async_client`: calls its second argument once, immediately or later, on any thread; the calls
  /// continue there. The token requests a stop when no call waits for the credentials any more.
  std::function<void(stop_token, std::function<void(result<fictive::credentials>)>)> async_renew_credentials = {};
  /// `Origin`, the caller's; must be one that the token id is bound to. Sent when set.
  std::string origin = {};
  /// Appended to this library's own `User-Agent`, as in "acme-onboarding/2.1".
  std::string user_agent = {};
  /// Additional headers, e.g. for an API gateway. Their values are treated as secrets.
  http_headers extra_headers = {};
  /// The limits of each attempt.
  http_limits limits = {};
  /// When a failed attempt is retried.
  retry_policy retry = {};
  /// Called after each attempt and each call, for logs, metrics and traces.
  fictive::hooks hooks = {};
  /// The maximum number of addresses in one request. More are an `invalid_argument`, because the response could exceed
  /// `limits.max_body_bytes` and be lost.
  std::size_t max_addresses_per_request = 1000;
  /// Permits plain http to hosts other than this machine's loopback, which discloses the credentials to everybody on
  /// the network path.
  bool allow_insecure_http = false;
};

}  // namespace fictive

#endif
