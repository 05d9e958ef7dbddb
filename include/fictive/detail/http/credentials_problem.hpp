// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_CREDENTIALS_PROBLEM_HPP
#define FICTIVE_DETAIL_HTTP_CREDENTIALS_PROBLEM_HPP

#include <fictive/config.hpp>
#include <fictive/credentials.hpp>

#include <string>

namespace fictive::detail {

/// The problem of credentials that cannot be sent, with the name of the member and advice; empty if there is none.
/// Discloses no value.
std::string credentials_problem(credentials const& credentials);

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/http/impl/credentials_problem.ipp>
#endif

#endif
