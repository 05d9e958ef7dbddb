// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_EXPECTED_ELEMENTS_HPP
#define FICTIVE_DETAIL_EXPECTED_ELEMENTS_HPP

#include <fictive/config.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace fictive::detail {

/// Reserves for the lists that are read from a document, one after the other: by the length of the elements so far, as
/// many as the rest of the document holds.
class expected_elements {
 public:
  explicit expected_elements(std::string_view document) noexcept : document_(document) {}

  /// Before an element is added that begins near `place` of the document, or at a copy of it, and takes about
  /// `first_size` bytes if it is the first.
  template <class Element>
  void make_room(std::vector<Element>& list, char const* place, std::size_t first_size) {
    if (list.empty()) begin_ = place;
    if (list.size() < list.capacity()) return;
    list.reserve(list.size() + likely_rest(list.size(), place, first_size));
  }

 private:
  std::size_t likely_rest(std::size_t count, char const* place, std::size_t first_size) const noexcept {
    auto const least = count / 2 + 1;
    if (!holds(place) || !holds(begin_)) return least;
    auto const rest = static_cast<std::size_t>(document_.data() + document_.size() - place);
    if (count == 0) return std::clamp<std::size_t>(rest / first_size, least, 16);

    auto const element_size = static_cast<std::size_t>(place - begin_) / count + 1;
    return (std::max)(least, (rest + rest / 16) / element_size + 1);
  }

  bool holds(char const* place) const noexcept {
    auto const begin = reinterpret_cast<std::uintptr_t>(document_.data());
    return reinterpret_cast<std::uintptr_t>(place) - begin <= document_.size();
  }

  std::string_view document_;
  char const* begin_ = nullptr;
};

}  // namespace fictive::detail

#endif
