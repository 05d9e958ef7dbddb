// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_BULK_IMPL_MATCH_RESPONSE_IPP
#define FICTIVE_DETAIL_BULK_IMPL_MATCH_RESPONSE_IPP

#include <fictive/detail/bulk/match_response.hpp>
#include <fictive/detail/text/ascii.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fictive::detail {

FICTIVE_DECL std::string to_lower_text(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = to_lower(c);
  return lower;
}

FICTIVE_DECL matched_response match_response(std::vector<std::string> const& requested,
                                             invite_response const& response) {
  auto const& invited = response.valid_invitations;
  auto const& refused = response.invalid_email_addresses;
  matched_response matched{std::vector<address_answer>(requested.size()), invited.size() + refused.size()};
  auto const answer = [&](std::size_t which, address_answer with) {
    matched.answers[which] = with;
    --matched.foreign;
  };

  std::vector<std::size_t> rest;  // requested addresses, and entries, that are not in the order of the request
  std::size_t next_invited = 0, next_refused = 0;
  for (std::size_t i = 0; i < requested.size(); ++i) {
    if (next_invited < invited.size() && invited[next_invited].email_address == requested[i])
      answer(i, {bulk_verdict::invited, next_invited++});
    else if (next_refused < refused.size() && refused[next_refused] == requested[i])
      answer(i, {bulk_verdict::refused, next_refused++});
    else
      rest.push_back(i);
  }

  for (bool const is_exact : {true, false}) {
    if (rest.empty() || matched.foreign == 0) break;
    auto const key = [is_exact](std::string const& text) { return is_exact ? text : to_lower_text(text); };
    std::vector<bool> is_taken_invited(invited.size()), is_taken_refused(refused.size());
    for (auto const& one : matched.answers) {
      if (one.verdict == bulk_verdict::invited) is_taken_invited[one.entry] = true;
      if (one.verdict == bulk_verdict::refused) is_taken_refused[one.entry] = true;
    }
    std::unordered_multimap<std::string, address_answer> entries;
    for (std::size_t i = 0; i < refused.size(); ++i)
      if (!is_taken_refused[i]) entries.emplace(key(refused[i]), address_answer{bulk_verdict::refused, i});
    for (std::size_t i = 0; i < invited.size(); ++i)
      if (!is_taken_invited[i])
        entries.emplace(key(invited[i].email_address), address_answer{bulk_verdict::invited, i});
    std::vector<std::size_t> still;
    for (auto const which : rest) {
      auto const found = entries.find(key(requested[which]));
      if (found == entries.end()) {
        still.push_back(which);
      } else {
        answer(which, found->second);
        entries.erase(found);
      }
    }
    rest = std::move(still);
  }
  return matched;
}

}  // namespace fictive::detail

#endif
