// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_UNACCOUNTED_ADDRESSES_HPP
#define FICTIVE_DETAIL_UNACCOUNTED_ADDRESSES_HPP

#include <fictive/config.hpp>
#include <fictive/invite.hpp>

#include <string>
#include <vector>

namespace fictive::detail {

/// The requested addresses that are in neither list of the response, in the order of the request. Addresses are matched
/// exactly, then without regard to ASCII case; each entry of the response accounts for one requested address. Lists in
/// the order of the request cost one pass; in any other order, O(n log n).
std::vector<std::string> unaccounted_addresses(std::vector<std::string> const& requested,
                                               invite_response const& response);

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/impl/unaccounted_addresses.ipp>
#endif

#endif
