// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_CLIENT_CONFIG_HPP
#define FICTIVE_CLIENT_CONFIG_HPP

#include <fictive/config.hpp>
#include <fictive/credentials.hpp>
#include <fictive/hooks.hpp>
#include <fictive/http.hpp>
#include <fictive/retry.hpp>

#include <string>

namespace fictive {

/// The configuration of a client. Its values are checked when a call is made.
struct client_config {
  /// `http` or `https`, host, port and path prefix if any; no user info, query or fragment.
  std::string base_url = "https://api.fictive.com";
  /// `X-Version`, the API version that the caller was built for, as in "9.0.0". Sent when set.
  std::string api_version = {};
  /// Credentials to authenticate with.
  fictive::credentials credentials = {};
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
  /// Permits plain http to hosts other than this machine's loopback, which discloses the credentials to everybody on
  /// the network path.
  bool allow_insecure_http = false;
};

}  // namespace fictive

#endif
