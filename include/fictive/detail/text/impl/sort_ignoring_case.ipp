// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_TEXT_IMPL_SORT_IGNORING_CASE_IPP
#define FICTIVE_DETAIL_TEXT_IMPL_SORT_IGNORING_CASE_IPP

#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/sort_ignoring_case.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fictive::detail {

FICTIVE_DECL int compare_ignoring_case(std::string_view a, std::string_view b) noexcept {
  auto const common = (std::min)(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    auto const x = static_cast<unsigned char>(to_lower(a[i])), y = static_cast<unsigned char>(to_lower(b[i]));
    if (x != y) return x < y ? -1 : 1;
  }
  return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

FICTIVE_DECL int compare_by_case_last(std::string_view a, std::string_view b) noexcept {
  auto const in_lower_case = compare_ignoring_case(a, b);
  return in_lower_case != 0 ? in_lower_case : a.compare(b);
}

// A merge sort, and not `std::sort`, whose templates are compiled in every file that makes a call.
FICTIVE_DECL void sort_ignoring_case(std::vector<std::size_t>& indices, std::vector<std::string> const& texts) {
  auto const size = indices.size();
  std::vector<std::size_t> merged(size);
  for (std::size_t width = 1; width < size; width *= 2) {
    for (std::size_t begin = 0; begin < size; begin += 2 * width) {
      auto first = begin, out = begin;
      auto second = (std::min)(begin + width, size);
      auto const first_end = second, second_end = (std::min)(second + width, size);
      while (out < second_end) {
        bool const takes_first =
            second == second_end ||
            (first < first_end && compare_by_case_last(texts[indices[first]], texts[indices[second]]) <= 0);
        merged[out++] = indices[takes_first ? first++ : second++];
      }
    }
    indices.swap(merged);
  }
}

}  // namespace fictive::detail

#endif
