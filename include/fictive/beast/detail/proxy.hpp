// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_PROXY_HPP
#define FICTIVE_BEAST_DETAIL_PROXY_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>
#include <fictive/credentials.hpp>
#include <fictive/detail/http/url.hpp>
#include <fictive/error.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <system_error>

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// A proxy's URL in parts.
struct proxy_settings {
  bool is_https = false;
  std::string host = {}, port = {};
  secret authorization = {};  ///< the value of Proxy-Authorization; empty without user and password
};

/// Parses `http://user:password@host:port`. An `invalid_argument` that says what to do, and repeats nothing of the URL.
result<proxy_settings> parse_proxy(std::string_view url);

/// Whether an entry of `list`, the value of NO_PROXY, matches the URL.
bool bypasses_proxy(fictive::detail::url_parts const& url, std::string_view list);

/// See `proxy_from_environment`. `variable` returns the value of an environment variable; null if it is not set.
result<secret> proxy_from(std::string_view base_url, std::function<char const*(char const* name)> const& variable);

/// The response of a proxy to CONNECT, other than 2xx. With 401, 403 and 407 it equals `std::errc::permission_denied`: a
/// retry would not help.
std::error_code connect_refused(int status) noexcept;

/// The text of such an error; null for other errors.
char const* connect_problem(std::error_code const& ec) noexcept;

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/proxy.ipp>
#endif

#endif
