// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_BULK_JOURNAL_LINE_HPP
#define FICTIVE_DETAIL_BULK_JOURNAL_LINE_HPP

#include <fictive/config.hpp>
#include <fictive/detail/json/json_reader.hpp>
#include <fictive/journal.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fictive::detail {

/// The highest HTTP status in a journal (RFC 9110, section 15: three digits).
inline constexpr int highest_journal_status = 999;

/// Reads the members of one record. Those that are unknown are skipped; one of the wrong type makes the line unreadable.
class journal_line final : public json_handler {
 public:
  /// False if the line is not a JSON object, or has a member of the wrong type.
  bool parse(std::string_view line) { return !read_json(line, *this); }

  [[nodiscard]] std::optional<std::uint64_t> n() const noexcept { return numbers_[0]; }
  [[nodiscard]] std::uint64_t version() const noexcept { return number(member::version).value_or(0); }

  /// @{ The record, if the line has all its members.
  [[nodiscard]] std::optional<journal_header> header(std::uint64_t version) const;
  [[nodiscard]] std::optional<journal_intent> intent();
  [[nodiscard]] std::optional<journal_outcome> outcome();
  [[nodiscard]] std::optional<journal_end> end() const;
  /// @}

  FICTIVE_DECL json_action begin_object() override;
  json_action end_object() override { return json_action::take; }
  FICTIVE_DECL json_action begin_array() override;
  FICTIVE_DECL json_action end_array() override;
  FICTIVE_DECL json_action key(std::string_view name) override;
  FICTIVE_DECL json_action string(std::string_view text) override;
  json_action null() override { return json_action::refuse; }
  FICTIVE_DECL json_action other(std::string_view text) override;

 private:
  enum class member : unsigned char {
    // numbers
    n,
    version,
    batch,
    intent,
    size,
    outcome,
    status,
    rate,
    // texts
    run,
    group,
    request,
    input,
    effect,
    end,
    // lists
    ranges,
    refused,
    unaccounted,
    references,
    none,
  };
  static constexpr std::size_t number_count = 8, text_count = 6, name_count = 18;

  [[nodiscard]] std::optional<std::uint64_t> const& number(member which) const noexcept {
    return numbers_[static_cast<std::size_t>(which)];
  }
  [[nodiscard]] std::optional<std::string> const& text(member which) const noexcept {
    return texts_[static_cast<std::size_t>(which) - number_count];
  }
  [[nodiscard]] std::optional<fingerprint> identifier(member which) const;
  bool take_number(std::uint64_t value);

  std::optional<std::uint64_t> numbers_[number_count];
  std::optional<std::string> texts_[text_count];
  std::vector<std::uint64_t> flat_ranges_, refused_, unaccounted_;
  std::vector<std::string> references_;
  member member_ = member::none;
  std::size_t arrays_ = 0;  // open ones
  bool in_object_ = false;
};

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/bulk/impl/journal_line.ipp>
#endif

#endif
