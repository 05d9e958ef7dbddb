// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_JSON_EXPECTED_ELEMENTS_HPP
#define FICTIVE_DETAIL_JSON_EXPECTED_ELEMENTS_HPP

#include <fictive/config.hpp>

#include <algorithm>
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

  /// The document is read at `place`, or outside of the document, in a copy without escapes: then at least `least_size`
  /// behind the previous place.
  void move_to(char const* place, std::size_t least_size) noexcept {
    auto const offset = reinterpret_cast<std::uintptr_t>(place) - reinterpret_cast<std::uintptr_t>(document_.data());
    place_ = offset <= document_.size() ? offset : (std::min)(place_ + least_size, document_.size());
  }

  /// To be called before an element is added. It begins near the current place; `first_size` is the estimated size of
  /// the first one.
  template <class Element>
  void make_room(std::vector<Element>& list, std::size_t first_size) {
    if (list.empty()) begin_ = place_;
    if (list.size() == list.capacity()) list.reserve(list.size() + likely_rest(list.size(), first_size));
  }

 private:
  std::size_t likely_rest(std::size_t count, std::size_t first_size) const noexcept {
    auto const least = count / 2 + 1;
    if (begin_ > place_) return least;

    auto const rest = document_.size() - place_;
    if (count == 0) return (std::max)(least, (std::min)(rest / first_size, most_at_first));
    // Elements of a few bytes need the exact quotient. Both factors are sizes within the document.
    auto const bytes = (std::max)(place_ - begin_, std::size_t{1});
    auto const likely = static_cast<std::size_t>(std::uint64_t{rest + rest / 16} * count / bytes);
    return (std::max)(least, likely + 1);
  }

  static constexpr std::size_t most_at_first = 16;

  std::string_view document_;
  std::size_t begin_ = 0, place_ = 0;
};

}  // namespace fictive::detail

#endif
