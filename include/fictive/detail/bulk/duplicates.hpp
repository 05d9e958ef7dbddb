// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_BULK_DUPLICATES_HPP
#define FICTIVE_DETAIL_BULK_DUPLICATES_HPP

#include <fictive/bulk_options.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/text/siphash.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace fictive::detail {

/// The hash of an address: equal for addresses that are the same.
hash128 address_hash128(hash128 const& key, std::string_view address, duplicate_detection how) noexcept;

/// A set of hashes. Takes 16 bytes for each and at most a quarter more, also while it grows: it consists of 256 tables
/// with open addressing, which grow one at a time and by an eighth.
class duplicate_set {
 public:
  duplicate_set(hash128 const& key, duplicate_detection how) : key_(key), how_(how) {}

  /// Adds an address. Returns whether it was in the set before.
  bool insert(std::string_view address);
  [[nodiscard]] bool contains(std::string_view address) const;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// The memory of its tables.
  [[nodiscard]] std::size_t bytes() const noexcept;

 private:
  struct table {
    std::vector<hash128> slots;
    std::size_t used = 0;

    /// The slot of the hash, or the free one for it. There must be one.
    [[nodiscard]] std::size_t find(hash128 const& hash) const noexcept;
    void grow();
  };

  hash128 key_;
  duplicate_detection how_;
  std::vector<table> tables_;
  std::size_t size_ = 0;
};

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/bulk/impl/duplicates.ipp>
#endif

#endif
