// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_BULK_RECOVERY_HPP
#define FICTIVE_DETAIL_BULK_RECOVERY_HPP

#include <fictive/bulk_report.hpp>
#include <fictive/config.hpp>
#include <fictive/journal.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fictive::detail {

/// What the journal has about an address.
struct recovered_state {
  bulk_verdict verdict = bulk_verdict::unknown;
  std::string reference = {};
};

/// What a journal has about the addresses of a run, which are asked for in the order of the input.
class recovery {
 public:
  /// Nothing.
  recovery() = default;
  explicit recovery(recovered_run run);

  /// The verdict on this address; nothing if it is to be sent: it never was, or certainly without effect.
  [[nodiscard]] std::optional<recovered_state> take(std::uint64_t index);

  /// Whether the first `size` addresses may be those of the journal: false if the fingerprint of as many differs.
  [[nodiscard]] bool check(std::uint64_t size, fingerprint const& input);
  /// How many addresses may be sent: those that were checked, or all after the last fingerprint.
  [[nodiscard]] std::uint64_t checked() const noexcept;
  [[nodiscard]] bool is_checked() const noexcept { return next_check_ == checks_.size(); }

 private:
  struct segment {
    std::uint64_t end = 0;
    std::size_t batch = 0;
  };

  void cover(index_range const& range, std::size_t batch);

  std::vector<recovered_batch> batches_;
  std::vector<std::size_t> references_taken_;                  // of each batch
  std::map<std::uint64_t, segment> segments_;                  // by first index; disjoint; the last intent counts
  std::vector<std::pair<std::uint64_t, fingerprint>> checks_;  // ascending
  std::size_t next_check_ = 0;
};

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/bulk/impl/recovery.ipp>
#endif

#endif
