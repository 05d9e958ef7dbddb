// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_IMPL_UNACCOUNTED_ADDRESSES_IPP
#define FICTIVE_DETAIL_IMPL_UNACCOUNTED_ADDRESSES_IPP

#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/sort_ignoring_case.hpp>
#include <fictive/detail/unaccounted_addresses.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fictive::detail {

/// The entries of a response, as far as they are in the order of the request.
struct entries_in_order {
  invite_response const& response;
  std::size_t invited = 0, rejected = 0;  ///< numbers of those that were taken

  [[nodiscard]] bool has_more() const noexcept {
    return invited < response.valid_invitations.size() || rejected < response.invalid_email_addresses.size();
  }

  /// Takes the next entry of one of the lists, if that is this address.
  bool take(std::string_view address) noexcept {
    if (invited < response.valid_invitations.size() && response.valid_invitations[invited].email_address == address)
      return ++invited, true;
    if (rejected < response.invalid_email_addresses.size() && response.invalid_email_addresses[rejected] == address)
      return ++rejected, true;
    return false;
  }
};

/// Matches the other entries with the requested addresses that are left. Takes no memory for the entries, which may be
/// many.
class address_matching {
 public:
  /// `is_accounted` is 0 for the addresses that are left, and changed for those that an entry accounts for.
  address_matching(std::vector<std::string> const& requested, std::vector<std::size_t>& is_accounted)
      : requested_(requested),
        is_accounted_(is_accounted),
        order_(count_left()),
        named_(order_.size()),
        named_in_any_case_(order_.size()) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < requested.size(); ++i)
      if (is_accounted[i] == 0) order_[size++] = i;
    sort_ignoring_case(order_, requested);
  }

  /// Counts an entry.
  void name(std::string_view address) noexcept {
    auto const same = first_not_before(address, compare_by_case_last);
    if (same < order_.size() && at(same) == address) ++named_[same];
    auto const in_any_case = first_not_before(address, compare_ignoring_case);
    if (in_any_case < order_.size() && equals_ignoring_case(at(in_any_case), address))
      ++named_in_any_case_[in_any_case];
  }

  /// First, equal addresses are matched, then those that differ in case.
  void account() noexcept {
    for (std::size_t begin = 0; begin < order_.size();) {
      auto const end = end_of_group(begin, compare_ignoring_case);
      auto entries = named_in_any_case_[begin];
      for (auto same = begin; same < end;) {
        auto const next = end_of_group(same, compare_by_case_last);
        auto const matched = (std::min)(named_[same], next - same);
        for (auto i = same; i < same + matched; ++i) is_accounted_[order_[i]] = 1;
        entries -= matched;
        same = next;
      }
      for (auto i = end; entries > 0 && i > begin; --i) {
        auto& is_accounted = is_accounted_[order_[i - 1]];
        if (is_accounted == 0) --entries;
        is_accounted = 1;
      }
      begin = end;
    }
  }

 private:
  using comparison = int (*)(std::string_view, std::string_view) noexcept;

  [[nodiscard]] std::size_t count_left() const noexcept {
    std::size_t count = 0;
    for (auto const is_accounted : is_accounted_) count += 1 - is_accounted;
    return count;
  }

  [[nodiscard]] std::string_view at(std::size_t place) const noexcept { return requested_[order_[place]]; }

  [[nodiscard]] std::size_t first_not_before(std::string_view address, comparison compare) const noexcept {
    std::size_t begin = 0, end = order_.size();
    while (begin < end) {
      auto const middle = begin + (end - begin) / 2;
      if (compare(at(middle), address) < 0)
        begin = middle + 1;
      else
        end = middle;
    }
    return begin;
  }

  /// The end of the addresses that are equal to this one.
  [[nodiscard]] std::size_t end_of_group(std::size_t begin, comparison compare) const noexcept {
    auto end = begin + 1;
    while (end < order_.size() && compare(at(begin), at(end)) == 0) ++end;
    return end;
  }

  std::vector<std::string> const& requested_;
  std::vector<std::size_t>& is_accounted_;
  std::vector<std::size_t> order_;                      // indices of those that are left
  std::vector<std::size_t> named_, named_in_any_case_;  // numbers of entries, at the first of equal addresses
};

FICTIVE_DECL std::vector<std::string> unaccounted_addresses(std::vector<std::string> const& requested,
                                                            invite_response const& response) {
  entries_in_order entries{response};
  std::size_t in_order = 0;
  while (in_order < requested.size() && entries.take(requested[in_order])) ++in_order;
  if (in_order == requested.size()) return {};

  // 0 or 1: further types of vectors would take the compiler longer.
  std::vector<std::size_t> is_accounted(requested.size());
  for (std::size_t i = 0; i < requested.size(); ++i)
    if (i < in_order || entries.take(requested[i])) is_accounted[i] = 1;

  if (entries.has_more()) {
    address_matching matching(requested, is_accounted);
    for (auto i = entries.invited; i < response.valid_invitations.size(); ++i)
      matching.name(response.valid_invitations[i].email_address);
    for (auto i = entries.rejected; i < response.invalid_email_addresses.size(); ++i)
      matching.name(response.invalid_email_addresses[i]);
    matching.account();
  }

  std::vector<std::string> unaccounted;
  for (std::size_t i = 0; i < requested.size(); ++i)
    if (is_accounted[i] == 0) unaccounted.push_back(requested[i]);
  return unaccounted;
}

}  // namespace fictive::detail

#endif
