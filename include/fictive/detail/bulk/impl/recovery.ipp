// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_BULK_IMPL_RECOVERY_IPP
#define FICTIVE_DETAIL_BULK_IMPL_RECOVERY_IPP

#include <fictive/detail/bulk/recovery.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

namespace fictive::detail {

FICTIVE_DECL recovery::recovery(recovered_run run)
    : batches_(std::move(run.batches)), references_taken_(batches_.size()) {
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    auto const& intent = batches_[i].intent;
    for (auto const& range : intent.ranges) cover(range, i);
    checks_.emplace_back(intent.input_size, intent.input);
    if (!batches_[i].outcome) continue;
    std::sort(batches_[i].outcome->refused.begin(), batches_[i].outcome->refused.end());
    std::sort(batches_[i].outcome->unaccounted.begin(), batches_[i].outcome->unaccounted.end());
  }
  std::sort(checks_.begin(), checks_.end());
  checks_.erase(std::unique(checks_.begin(), checks_.end()), checks_.end());
}

FICTIVE_DECL void recovery::cover(index_range const& range, std::size_t batch) {
  if (range.count == 0) return;
  auto const begin = range.first, end = range.first + range.count;
  auto at = segments_.upper_bound(begin);
  if (at != segments_.begin()) at = std::prev(at);
  while (at != segments_.end() && at->first < end) {
    auto const old_begin = at->first;
    auto const old = at->second;
    if (old.end <= begin) {
      ++at;
      continue;
    }
    at = segments_.erase(at);
    if (old_begin < begin) segments_[old_begin] = {begin, old.batch};
    if (old.end > end) at = segments_.insert_or_assign(end, old).first;
  }
  segments_[begin] = {end, batch};
}

FICTIVE_DECL std::optional<recovered_state> recovery::take(std::uint64_t index) {
  while (!segments_.empty() && segments_.begin()->second.end <= index) segments_.erase(segments_.begin());
  if (segments_.empty() || segments_.begin()->first > index) return std::nullopt;
  auto const which = segments_.begin()->second.batch;
  auto const& outcome = batches_[which].outcome;
  if (!outcome || outcome->effect == effect::unknown) return recovered_state{};
  if (outcome->effect == effect::none) return std::nullopt;
  auto const is_in = [index](auto const& indices) { return std::binary_search(indices.begin(), indices.end(), index); };
  if (is_in(outcome->refused)) return recovered_state{.verdict = bulk_verdict::refused};
  if (is_in(outcome->unaccounted)) return recovered_state{.verdict = bulk_verdict::unaccounted};
  auto const reference = references_taken_[which]++;
  return recovered_state{
      .verdict = bulk_verdict::invited,
      .reference = reference < outcome->references.size() ? outcome->references[reference] : std::string()};
}

FICTIVE_DECL std::uint64_t recovery::checked() const noexcept {
  if (is_checked()) return (std::numeric_limits<std::uint64_t>::max)();
  return next_check_ == 0 ? 0 : checks_[next_check_ - 1].first;
}

FICTIVE_DECL bool recovery::check(std::uint64_t size, fingerprint const& input) {
  for (; next_check_ < checks_.size() && checks_[next_check_].first <= size; ++next_check_)
    if (checks_[next_check_].first != size || checks_[next_check_].second != input) return false;
  return true;
}

}  // namespace fictive::detail

#endif
