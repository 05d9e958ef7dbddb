// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_AUTHORIZATION_HPP
#define FICTIVE_DETAIL_HTTP_AUTHORIZATION_HPP

#include <fictive/config.hpp>
#include <fictive/credentials.hpp>
#include <fictive/http.hpp>

#include <string>
#include <utility>

namespace fictive::detail {

/// Which credentials a request is authorized with. An extra header of the caller may have the name of one that is not
/// among them.
struct authorization {
  bool token_id = false, session_id = false, bearer_token = false;

  [[nodiscard]] bool is_empty() const noexcept { return !token_id && !session_id && !bearer_token; }
};

/// Overwrites the values of headers: some are credentials, and those of gateways may be.
void wipe_values(http_headers& headers) noexcept;

/// A request that is wiped before it is freed.
struct wiped_request : http_request {
  wiped_request() = default;
  wiped_request(wiped_request const&) = default;
  wiped_request(wiped_request&&) = default;
  ~wiped_request() { wipe_values(headers); }

  wiped_request& operator=(wiped_request const&) = default;
  wiped_request& operator=(wiped_request&&) = default;
  wiped_request& operator=(http_request&& made) {
    wipe_values(headers);
    static_cast<http_request&>(*this) = std::move(made);
    return *this;
  }
};

/// The authorization that these credentials give.
authorization authorization_of(credentials const& credentials) noexcept;

/// Whether two sets of credentials are the same. Not constant-time: both are the caller's own.
bool are_same(credentials const& one, credentials const& other) noexcept;

/// Whether the headers of a request have these credentials already.
bool is_authorized_with(http_headers const& headers, authorization const& current,
                        credentials const& credentials) noexcept;

/// Replaces the credentials in the headers of a request, in place. Returns the problem of credentials that cannot be
/// sent, and changes nothing then; empty if there is none.
std::string authorize(http_headers& headers, authorization& current, credentials const& credentials);

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/http/impl/authorization.ipp>
#endif

#endif
