// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_TEXT_REPEATED_ADDRESS_HPP
#define FICTIVE_DETAIL_TEXT_REPEATED_ADDRESS_HPP

#include <fictive/config.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fictive::detail {

/// Whether the two are the same email address: equal, where the case of ASCII letters in the domain does not matter
/// (RFC 4343). A local part is case-sensitive (RFC 5321, section 2.4).
bool is_same_address(std::string_view a, std::string_view b) noexcept;

/// The indices of two elements that are the same address; false if there are none.
struct address_repetition {
  std::size_t first = 0;
  std::size_t second = 0;

  explicit operator bool() const noexcept { return first != second; }
};

/// A repeated address, if there is one. Takes linear time, and O(n log n) for addresses chosen to have equal hashes.
address_repetition find_repeated_address(std::vector<std::string> const& addresses);

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/text/impl/repeated_address.ipp>
#endif

#endif
