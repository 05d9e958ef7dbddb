// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_BULK_IMPL_DUPLICATES_IPP
#define FICTIVE_DETAIL_BULK_IMPL_DUPLICATES_IPP

#include <fictive/detail/bulk/duplicates.hpp>
#include <fictive/detail/text/ascii.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace fictive::detail {

FICTIVE_DECL hash128 address_hash128(hash128 const& key, std::string_view address, duplicate_detection how) noexcept {
  auto const at = how == duplicate_detection::ignore_case ? 0 : (std::min)(address.rfind('@'), address.size());
  siphash hash(key);
  hash.add(address.substr(0, at));
  for (char c : address.substr(at)) hash.add(to_lower(c));
  auto result = hash.finish();
  if (result == hash128{}) result[0] = 1;  // zero is a free slot
  return result;
}

FICTIVE_DECL std::size_t duplicate_set::table::find(hash128 const& hash) const noexcept {
  // Scales the upper half of a word to the size, which is no power of two. (The lower byte selects the table.)
  auto slot = static_cast<std::size_t>(((hash[0] >> 32) * slots.size()) >> 32);
  while (slots[slot] != hash && slots[slot] != hash128{})
    if (++slot == slots.size()) slot = 0;
  return slot;
}

FICTIVE_DECL void duplicate_set::table::grow() {
  table larger{std::vector<hash128>(slots.size() + slots.size() / 8 + 8), used};
  for (auto const& hash : slots)
    if (hash != hash128{}) larger.slots[larger.find(hash)] = hash;
  std::swap(slots, larger.slots);
}

FICTIVE_DECL bool duplicate_set::insert(std::string_view address) {
  auto const hash = address_hash128(key_, address, how_);
  if (tables_.empty()) tables_.resize(256);
  auto& in = tables_[hash[0] & 255];
  if ((in.used + 1) * 10 > in.slots.size() * 9) in.grow();
  auto& slot = in.slots[in.find(hash)];
  if (slot == hash) return true;
  slot = hash;
  ++in.used;
  ++size_;
  return false;
}

FICTIVE_DECL bool duplicate_set::contains(std::string_view address) const {
  if (tables_.empty()) return false;
  auto const hash = address_hash128(key_, address, how_);
  auto const& in = tables_[hash[0] & 255];
  return !in.slots.empty() && in.slots[in.find(hash)] == hash;
}

FICTIVE_DECL std::size_t duplicate_set::bytes() const noexcept {
  std::size_t bytes = tables_.size() * sizeof(table);
  for (auto const& one : tables_) bytes += one.slots.capacity() * sizeof(hash128);
  return bytes;
}

}  // namespace fictive::detail

#endif
