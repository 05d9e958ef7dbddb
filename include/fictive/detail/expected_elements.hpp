// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_EXPECTED_ELEMENTS_HPP
#define FICTIVE_DETAIL_EXPECTED_ELEMENTS_HPP

#include <fictive/config.hpp>

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

  /// Before an element is added that begins near `place`, and takes about `first_size` bytes if it is the first.
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

  /// More than the document's size if `place` is not there: then it is in a copy from which escapes were removed.
  std::size_t offset_of(char const* place) const noexcept {
    return reinterpret_cast<std::uintptr_t>(place) - reinterpret_cast<std::uintptr_t>(document_.data());
  }

  static constexpr std::size_t most_at_first = 16;

  std::string_view document_;
  std::size_t begin_ = 0;
};

}  // namespace fictive::detail

#endif
