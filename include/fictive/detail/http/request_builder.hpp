// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_REQUEST_BUILDER_HPP
#define FICTIVE_DETAIL_HTTP_REQUEST_BUILDER_HPP

#include <fictive/client_config.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/text/text_problem.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>

#include <string>
#include <string_view>
#include <vector>

// The parts of a request that are the same for every endpoint.

namespace fictive::detail {

/// The problem of a path segment that the caller gives; empty if there is none.
std::string segment_problem(std::string_view field, std::string_view text);

/// The problem of the first text in a list that is empty or has one by `check`; empty if there is none.
std::string list_problem(std::string_view field, std::vector<std::string> const& texts, text_check check);

/// The base URL, followed by `route`, whose `{…}` (one, if any) is replaced by the percent-encoded `segment`.
std::string url_of(std::string_view base_url, std::string_view route, std::string_view segment);

/// Completes a request: checks the configuration, and adds the headers and limits to the method, URL and body. Without a
/// body, there is no Content-Type. Returns the problem; empty if there is none.
std::string complete_request(client_config const& config, http_request& request);

/// Adds the headers of one call, which are subject to the rules of `client_config::extra_headers`. Returns the problem
/// of the first one that has one; empty if there is none.
std::string add_headers_of_call(http_headers& to, http_headers const& more);

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/http/impl/request_builder.ipp>
#endif

#endif
