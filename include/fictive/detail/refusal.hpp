// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_REFUSAL_HPP
#define FICTIVE_DETAIL_REFUSAL_HPP

#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>

namespace fictive::detail {

/// The same as `parse_error_response`, but a response without effect by its status has an unknown one if its body lists
/// an invitation nevertheless. It does if `validInvitations` has an element, whatever that is, or is cut before its end.
error parse_refusal(http_response const& response);

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/impl/refusal.ipp>
#endif

#endif
