// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_PROXY_HPP
#define FICTIVE_BEAST_PROXY_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>
#include <fictive/credentials.hpp>
#include <fictive/error.hpp>

#include <string_view>

namespace FICTIVE_BEAST_NAMESPACE {

/// The proxy for requests to `base_url` according to the environment, for `transport_options::proxy`; empty if there is
/// none. Only this function reads the environment, and only when it is called. The variables are those of curl; the
/// first that is set and not empty counts:
///
///  - the proxy: `https_proxy` or `HTTPS_PROXY` for an https URL, `http_proxy` for an http URL (in lower case only: CGI
///    sets `HTTP_PROXY` to a header of the client's), then `all_proxy` or `ALL_PROXY`. Without a scheme it is an http
///    proxy.
///  - the hosts without a proxy: `no_proxy` or `NO_PROXY`, separated by commas or blanks: `*` for all, a domain (with or
///    without a leading dot, it includes its subdomains), an IP address, or a network as in `10.0.0.0/8`. Domains and
///    addresses may end with a port.
///
/// An `errc::invalid_argument` if the URLs cannot be used; it repeats nothing of them. Do not call it while another
/// thread changes the environment.
[[nodiscard]] result<secret> proxy_from_environment(std::string_view base_url);

}  // namespace FICTIVE_BEAST_NAMESPACE

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/impl/proxy.ipp>
#endif

#endif
