// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_TEXT_SORT_IGNORING_CASE_HPP
#define FICTIVE_DETAIL_TEXT_SORT_IGNORING_CASE_HPP

#include <fictive/config.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fictive::detail {

/// Negative, zero or positive, by the texts in lower case (ASCII).
int compare_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// The same; texts that differ only in case are compared byte by byte.
int compare_by_case_last(std::string_view a, std::string_view b) noexcept;

/// Sorts indices of texts by `compare_by_case_last`. Those of equal texts keep their order.
void sort_ignoring_case(std::vector<std::size_t>& indices, std::vector<std::string> const& texts);

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/text/impl/sort_ignoring_case.ipp>
#endif

#endif
