// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_BULK_IMPL_JOURNAL_LINE_IPP
#define FICTIVE_DETAIL_BULK_IMPL_JOURNAL_LINE_IPP

#include <fictive/detail/bulk/journal_line.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace fictive::detail {

/// The whole text as a number, or nothing.
FICTIVE_DECL std::optional<std::uint64_t> number_of(std::string_view text, int base = 10) {
  std::uint64_t value = 0;
  auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

FICTIVE_DECL json_action journal_line::begin_object() {
  return std::exchange(in_object_, true) ? json_action::refuse : json_action::take;
}

FICTIVE_DECL json_action journal_line::key(std::string_view name) {
  constexpr std::string_view names[name_count] = {"n",      "v",    "batch",  "intent",  "size",        "outcome",
                                                  "status", "rate", "run",    "group",   "request",     "input",
                                                  "effect", "end",  "ranges", "refused", "unaccounted", "references"};
  auto const at = std::find(std::begin(names), std::end(names), name);
  member_ = static_cast<member>(at - std::begin(names));
  return member_ == member::none ? json_action::skip : json_action::take;
}

FICTIVE_DECL json_action journal_line::begin_array() {
  bool const is_list = member_ >= member::ranges && member_ < member::none;
  std::size_t const most = member_ == member::ranges ? 2 : 1;
  return is_list && ++arrays_ <= most ? json_action::take : json_action::refuse;
}

FICTIVE_DECL json_action journal_line::end_array() {
  --arrays_;
  bool const ends_range = member_ == member::ranges && arrays_ == 1;
  return !ends_range || flat_ranges_.size() % 2 == 0 ? json_action::take : json_action::refuse;
}

FICTIVE_DECL json_action journal_line::string(std::string_view text) {
  if (member_ == member::references && arrays_ == 1) {
    references_.emplace_back(text);
    return json_action::take;
  }
  if (member_ < member::run || member_ > member::end) return json_action::refuse;
  auto& out = texts_[static_cast<std::size_t>(member_) - number_count];
  if (out) return json_action::refuse;
  out = text;
  return json_action::take;
}

FICTIVE_DECL json_action journal_line::other(std::string_view text) {
  auto const value = number_of(text);
  return value && take_number(*value) ? json_action::take : json_action::refuse;
}

FICTIVE_DECL bool journal_line::take_number(std::uint64_t value) {
  if (member_ < member::run) {
    auto& out = numbers_[static_cast<std::size_t>(member_)];
    if (out) return false;
    out = value;
    return true;
  }
  auto* const list = member_ == member::ranges && arrays_ == 2        ? &flat_ranges_
                     : member_ == member::refused && arrays_ == 1     ? &refused_
                     : member_ == member::unaccounted && arrays_ == 1 ? &unaccounted_
                                                                      : nullptr;
  if (list) list->push_back(value);
  return list != nullptr;
}

FICTIVE_DECL std::optional<fingerprint> journal_line::identifier(member which) const {
  auto const& digits = text(which);
  constexpr std::size_t half = 16;
  if (!digits || digits->size() != 2 * half) return std::nullopt;
  auto const first = number_of(std::string_view(*digits).substr(0, half), 16);
  auto const second = number_of(std::string_view(*digits).substr(half), 16);
  if (!first || !second) return std::nullopt;
  return fingerprint{*first, *second};
}

FICTIVE_DECL std::optional<journal_header> journal_line::header(std::uint64_t version) const {
  auto const run = identifier(member::run), group = identifier(member::group), request = identifier(member::request);
  auto const batch = number(member::batch);
  if (number(member::version) != version || !run || !group || !request || !batch) return std::nullopt;
  return journal_header{.run_id = *run, .group = *group, .request = *request, .batch = *batch};
}

FICTIVE_DECL std::optional<journal_intent> journal_line::intent() {
  auto const size = number(member::size);
  auto const input = identifier(member::input);
  if (!number(member::intent) || flat_ranges_.empty() || !size || !input) return std::nullopt;
  journal_intent intent{.number = *number(member::intent), .ranges = {}, .input_size = *size, .input = *input};
  for (std::size_t i = 0; i < flat_ranges_.size(); i += 2) {
    index_range const range{.first = flat_ranges_[i], .count = flat_ranges_[i + 1]};
    if (range.count == 0 || range.count > *size || range.first > *size - range.count) return std::nullopt;
    intent.ranges.push_back(range);
  }
  return intent;
}

FICTIVE_DECL std::optional<journal_outcome> journal_line::outcome() {
  auto const& name = text(member::effect);
  auto const status = number(member::status);
  if (!number(member::outcome) || !name || !status || *status > highest_journal_status) return std::nullopt;
  for (auto const did : {effect::none, effect::unknown, effect::applied})
    if (*name == to_string(did))
      return journal_outcome{.number = *number(member::outcome),
                             .effect = did,
                             .status = static_cast<int>(*status),
                             .refused = std::move(refused_),
                             .unaccounted = std::move(unaccounted_),
                             .references = std::move(references_)};
  return std::nullopt;
}

FICTIVE_DECL std::optional<journal_end> journal_line::end() const {
  auto const rate = number(member::rate);
  if (!text(member::end) || !rate) return std::nullopt;
  return journal_end{.reason = bulk_end::complete, .rate = static_cast<double>(*rate) / 1000};
}

}  // namespace fictive::detail

#endif
