// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_EXPECTED_ELEMENTS_HPP
#define FICTIVE_DETAIL_EXPECTED_ELEMENTS_HPP

#include <fictive/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace fictive::detail {

/// Reserves memory for lists that are read from a document one after the other. Estimates the number of further
/// elements from the length of those so far and the rest of the document.
class expected_elements {
 public:
  explicit expected_elements(std::string_view document) noexcept : document_(document) {}

  /// To be called before an element is added. It begins near `place`; `first_size` is the estimated size of the first
  /// one.
  template <class Element>
  void make_room(std::vector<Element>& list, char const* place, std::size_t first_size) {
    if (list.empty()) begin_ = offset_of(place);
    if (list.size() == list.capacity())
      list.reserve(list.size() + likely_rest(list.size(), offset_of(place), first_size));
  }

 private:
  std::size_t likely_rest(std::size_t count, std::size_t offset, std::size_t first_size) const noexcept {
    auto const least = count / 2 + 1;
    if (offset > document_.size() || begin_ > offset) return least;

    auto const rest = document_.size() - offset;
    auto const likely = count == 0 ? rest / first_size : (rest + rest / 16) / ((offset - begin_) / count + 1) + 1;
    if (likely < least) return least;
    return count == 0 && likely > most_at_first ? most_at_first : likely;
  }

  /// Larger than the document if `place` is outside of it: in a copy without escapes.
  std::size_t offset_of(char const* place) const noexcept {
    return reinterpret_cast<std::uintptr_t>(place) - reinterpret_cast<std::uintptr_t>(document_.data());
  }

  static constexpr std::size_t most_at_first = 16;

  std::string_view document_;
  std::size_t begin_ = 0;
};

}  // namespace fictive::detail

#endif
