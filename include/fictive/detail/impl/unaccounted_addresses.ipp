// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_IMPL_UNACCOUNTED_ADDRESSES_IPP
#define FICTIVE_DETAIL_IMPL_UNACCOUNTED_ADDRESSES_IPP

#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/unaccounted_addresses.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fictive::detail {

/// A requested address, and how many entries of the response name it or one that differs in case. The counts are those
/// of the first of equal addresses.
struct awaited_address {
  std::string_view address;
  std::size_t index;  ///< in the request
  std::size_t named = 0, named_in_any_case = 0;
};

constexpr bool is_less_in_any_case(std::string_view a, std::string_view b) noexcept {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return to_lower(x) < to_lower(y); });
}

/// The addresses that a response has to account for. Takes no memory for the entries of the response, which may be many.
class awaited_addresses {
 public:
  explicit awaited_addresses(std::vector<awaited_address> addresses) : all_(std::move(addresses)) {
    std::sort(all_.begin(), all_.end(), [](awaited_address const& a, awaited_address const& b) {
      if (is_less_in_any_case(a.address, b.address)) return true;
      return !is_less_in_any_case(b.address, a.address) && a.address < b.address;
    });
  }

  /// Counts an entry of the response.
  void name(std::string_view address) noexcept {
    auto const first = std::lower_bound(all_.begin(), all_.end(), address, [](awaited_address const& a, auto b) {
      return is_less_in_any_case(a.address, b);
    });
    if (first == all_.end() || !equals_ignoring_case(first->address, address)) return;
    ++first->named_in_any_case;
    auto const exact = std::lower_bound(first, end_of_case(first, all_.end()), address,
                                        [](awaited_address const& a, auto b) { return a.address < b; });
    if (exact != all_.end() && exact->address == address) ++exact->named;
  }

  /// Those that no entry accounts for: first, equal addresses are matched, then those that differ in case.
  [[nodiscard]] std::vector<awaited_address> unaccounted() const {
    std::vector<awaited_address> left;
    for (auto begin = all_.begin(); begin != all_.end();) {
      auto const end = end_of_case(begin, all_.end());
      auto const size_before = left.size();
      auto entries = begin->named_in_any_case;
      for (auto same = begin; same != end;) {
        auto const next = std::find_if(same, end, [&](auto const& one) { return one.address != same->address; });
        auto const matched = (std::min)(same->named, static_cast<std::size_t>(next - same));
        entries -= matched;
        left.insert(left.end(), same + static_cast<std::ptrdiff_t>(matched), next);
        same = next;
      }
      left.resize(left.size() - (std::min)(entries, left.size() - size_before), {});
      begin = end;
    }
    return left;
  }

 private:
  /// The end of the addresses that differ from the first one in case only.
  template <class Iterator>
  static Iterator end_of_case(Iterator first, Iterator last) noexcept {
    return std::upper_bound(first, last, first->address,
                            [](auto a, awaited_address const& b) { return is_less_in_any_case(a, b.address); });
  }

  std::vector<awaited_address> all_;
};

FICTIVE_DECL std::vector<std::string> unaccounted_addresses(std::vector<std::string> const& requested,
                                                            invite_response const& response) {
  auto invited = response.valid_invitations.begin();
  auto rejected = response.invalid_email_addresses.begin();
  auto const end_of_invited = response.valid_invitations.end();
  auto const end_of_rejected = response.invalid_email_addresses.end();

  std::vector<awaited_address> rest;
  for (std::size_t i = 0; i < requested.size(); ++i) {
    if (invited != end_of_invited && invited->email_address == requested[i])
      ++invited;
    else if (rejected != end_of_rejected && *rejected == requested[i])
      ++rejected;
    else
      rest.push_back({requested[i], i});
  }

  if (!rest.empty() && (invited != end_of_invited || rejected != end_of_rejected)) {
    awaited_addresses awaited(std::move(rest));
    for (; invited != end_of_invited; ++invited) awaited.name(invited->email_address);
    for (; rejected != end_of_rejected; ++rejected) awaited.name(*rejected);
    rest = awaited.unaccounted();
    std::sort(rest.begin(), rest.end(), [](auto const& a, auto const& b) { return a.index < b.index; });
  }

  std::vector<std::string> unaccounted;
  unaccounted.reserve(rest.size());
  for (auto const& one : rest) unaccounted.emplace_back(one.address);
  return unaccounted;
}

}  // namespace fictive::detail

#endif
