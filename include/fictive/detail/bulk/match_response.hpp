// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_BULK_MATCH_RESPONSE_HPP
#define FICTIVE_DETAIL_BULK_MATCH_RESPONSE_HPP

#include <fictive/bulk_report.hpp>
#include <fictive/config.hpp>
#include <fictive/invite.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace fictive::detail {

/// The answer of a response to one requested address.
struct address_answer {
  bulk_verdict verdict = bulk_verdict::unaccounted;  ///< or `invited`, or `refused`
  std::size_t entry = 0;                             ///< the position in its list
};

struct matched_response {
  std::vector<address_answer> answers;  ///< of the addresses, in their order
  std::size_t foreign = 0;              ///< entries that answer none of them
};

/// Matches the entries of a response with the requested addresses: exactly, then without regard to ASCII case. Each
/// entry answers one address. Lists in the order of the request cost one pass.
matched_response match_response(std::vector<std::string> const& requested, invite_response const& response);

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/bulk/impl/match_response.ipp>
#endif

#endif
