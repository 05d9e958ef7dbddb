// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_JOURNAL_HPP
#define FICTIVE_JOURNAL_HPP

#include <fictive/bulk_report.hpp>
#include <fictive/config.hpp>
#include <fictive/error.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

// The records of a bulk run's journal: what a run that ended early, in whatever way, needs in order to continue.

namespace fictive {

/// 128 bits that identify something without disclosing it: two numbers.
using fingerprint = std::array<std::uint64_t, 2>;

/// Consecutive indices of the input, which counts from 0.
struct index_range {
  std::uint64_t first = 0;  ///< the first of them
  std::uint64_t count = 0;  ///< their number
  /// Whether all members are equal.
  friend bool operator==(index_range const&, index_range const&) = default;
};

/// The first record of a journal: which run it is of. A run is continued only with the same group and request.
struct journal_header {
  /// Random; the key of all fingerprints of the run.
  fingerprint run_id = {};
  /// @{ Of the account group's token; of the subscription references and the expiry date.
  fingerprint group = {}, request = {};
  /// @}
  /// `bulk_options::max_batch`, for information.
  std::uint64_t batch = 0;
  /// Whether all members are equal.
  friend bool operator==(journal_header const&, journal_header const&) = default;
};

/// A batch that is about to be sent. It must be durable before it is sent.
struct journal_intent {
  /// Counts from 0, without gaps.
  std::uint64_t number = 0;
  /// The indices of its addresses, in the order of the input.
  std::vector<index_range> ranges = {};
  /// @{ The first `input_size` addresses of the input have this fingerprint.
  std::uint64_t input_size = 0;
  fingerprint input = {};
  /// @}
  /// Whether all members are equal.
  friend bool operator==(journal_intent const&, journal_intent const&) = default;
};

/// What became of the batch with this number.
struct journal_outcome {
  /// That of the intent.
  std::uint64_t number = 0;
  /// `none`: it may be sent again. `applied`: its addresses were invited, except for those below.
  fictive::effect effect = fictive::effect::unknown;
  /// The HTTP status; 0 without a response.
  int status = 0;
  /// @{ The indices of addresses that were refused, and of those that the response does not mention.
  std::vector<std::uint64_t> refused = {}, unaccounted = {};
  /// @}
  /// With `bulk_options::records_references`: the references of the addresses that were invited, in their order.
  std::vector<std::string> references = {};
  /// Whether all members are equal.
  friend bool operator==(journal_outcome const&, journal_outcome const&) = default;
};

/// The run has ended in an orderly way. A run that continues appends to the journal.
struct journal_end {
  /// Why the run ended.
  bulk_end reason = bulk_end::complete;
  /// The learnt limit in requests per second; 0 if none was met.
  double rate = 0;
  /// Whether all members are equal.
  friend bool operator==(journal_end const&, journal_end const&) = default;
};

/// A record of a journal.
using journal_record = std::variant<journal_header, journal_intent, journal_outcome, journal_end>;

/// Whether records must be durable before the run continues. Outcomes alone need not be: a lost one makes the addresses
/// of its batch *unknown*.
[[nodiscard]] inline bool must_be_durable(std::vector<journal_record> const& records) noexcept {
  for (auto const& record : records)
    if (!std::holds_alternative<journal_outcome>(record)) return true;
  return false;
}

/// A batch as its journal has it.
struct recovered_batch {
  /// What was recorded before it was sent.
  journal_intent intent = {};
  /// Not set if the run ended meanwhile: the effect is unknown.
  std::optional<journal_outcome> outcome = {};
};

/// A run as its journal has it.
struct recovered_run {
  /// Which run it is.
  journal_header header = {};
  /// In the order of their numbers.
  std::vector<recovered_batch> batches = {};
  /// The learnt limit; 0 if none.
  double rate = 0;
};

/// Writes records: one write for all of them, and if they must be durable, one sync, before it returns. An error is
/// final: the run sends nothing more and does not call it again.
using journal_writer = std::function<std::error_code(std::vector<journal_record> const&)>;

}  // namespace fictive

#endif
