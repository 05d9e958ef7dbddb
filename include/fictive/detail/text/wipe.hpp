// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_TEXT_WIPE_HPP
#define FICTIVE_DETAIL_TEXT_WIPE_HPP

#include <fictive/config.hpp>

#include <cstddef>
#include <cstring>
#include <string>

namespace fictive::detail {

/// Overwrites memory in a way that the optimizer does not remove.
inline void wipe(char* data, std::size_t size) noexcept {
  void* (*const volatile set)(void*, int, std::size_t) = std::memset;
  if (size > 0) set(data, 0, size);
}

inline void wipe(std::string& text) noexcept {
  wipe(text.data(), text.size());
  text.clear();
}

}  // namespace fictive::detail

#endif
