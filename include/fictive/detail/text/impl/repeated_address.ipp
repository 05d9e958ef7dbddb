// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_TEXT_IMPL_REPEATED_ADDRESS_IPP
#define FICTIVE_DETAIL_TEXT_IMPL_REPEATED_ADDRESS_IPP

#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/repeated_address.hpp>
#include <fictive/detail/text/sort_ignoring_case.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace fictive::detail {

/// The begin of the domain; the size of the address if it has none.
constexpr std::size_t domain_begin(std::string_view address) noexcept {
  auto const at = address.rfind('@');
  return at == std::string_view::npos ? address.size() : at;
}

FICTIVE_DECL bool is_same_address(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  auto const domain = domain_begin(a);
  return a.substr(0, domain) == b.substr(0, domain) && equals_ignoring_case(a.substr(domain), b.substr(domain));
}

/// Equal for equal addresses. Ignores bit 5, the case of a letter. Fast rather than good: the texts are short. The upper
/// bits depend on all characters.
inline std::uint64_t address_hash(std::string_view address) noexcept {
  auto const size = address.size();
  std::uint64_t hash = size;
  auto const add = [&hash](std::uint64_t word) {
    hash = (std::rotl(hash, 32) ^ (word | 0x2020202020202020)) * 0x9E3779B97F4A7C15;
  };
  if (size < 16) {
    for (char c : address) add(static_cast<unsigned char>(c));
    return hash;
  }
  auto const add_block = [&](std::size_t begin) {
    std::uint64_t words[2];
    std::memcpy(words, address.data() + begin, sizeof(words));
    add(words[0] ^ std::rotl(words[1], 24));
  };
  // Blocks may overlap, so that most addresses take the same branches, whatever their size.
  auto const last = size - 16;
  add_block(0);
  add_block((std::min)(std::size_t{16}, last));
  add_block(last);
  for (std::size_t begin = 32; begin < last; begin += 16) add_block(begin);
  return hash;
}

/// The same as `find_repeated_address`, by sorting.
FICTIVE_DECL address_repetition find_repeated_by_sorting(std::vector<std::string> const& addresses) {
  std::vector<std::size_t> order(addresses.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  sort_ignoring_case(order, addresses);
  for (std::size_t i = 1; i < order.size(); ++i)
    if (is_same_address(addresses[order[i - 1]], addresses[order[i]]))
      return {.first = (std::min)(order[i - 1], order[i]), .second = (std::max)(order[i - 1], order[i])};
  return {};
}

FICTIVE_DECL address_repetition find_repeated_address(std::vector<std::string> const& addresses) {
  auto const count = addresses.size();
  if (count < 2) return {};
  if (count > UINT32_MAX / 4) return find_repeated_by_sorting(addresses);

  // A hash table with open addressing: an element is the index of an address, plus one, and above it bits of the hash.
  auto const bits = std::bit_width(count) + 1;
  std::vector<std::uint32_t> table(std::size_t{1} << bits);
  auto const mask = static_cast<std::uint32_t>(table.size() - 1);
  auto steps_left = 4 * count;
  for (std::size_t i = 0; i < count; ++i) {
    auto const hash = static_cast<std::uint32_t>(address_hash(addresses[i]) >> 32);
    auto slot = hash >> (32 - bits);
    for (; table[slot] != 0; slot = (slot + 1) & mask) {
      auto const other = (table[slot] & mask) - 1;
      if (((table[slot] ^ hash) & ~mask) == 0 && is_same_address(addresses[other], addresses[i]))
        return {.first = other, .second = i};
      if (--steps_left == 0) return find_repeated_by_sorting(addresses);
    }
    table[slot] = (hash & ~mask) | static_cast<std::uint32_t>(i + 1);
  }
  return {};
}

}  // namespace fictive::detail

#endif
