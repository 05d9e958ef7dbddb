// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BULK_REPORT_HPP
#define FICTIVE_BULK_REPORT_HPP

#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/invite.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

namespace fictive {

/// What became of an address in a bulk run. Each address has exactly one.
enum class bulk_verdict : unsigned char {
  invited,           ///< invited; the invitation is in the result
  refused,           ///< refused by the service as invalid
  duplicate,         ///< the same as an address before it; not sent
  unaccounted,       ///< the request took effect, but its response does not say what became of this address
  not_applied,       ///< sent or refused before, and certainly not invited: see the error
  unknown,           ///< may have been invited; a second request could invite twice
  not_attempted,     ///< the run ended before; see `bulk_report::end`
  accepted_already,  ///< was unknown or unaccounted, and is among the known members
};

/// The number of verdicts.
inline constexpr std::size_t bulk_verdicts = 8;

/// The name, as in "not attempted".
[[nodiscard]] constexpr char const* to_string(bulk_verdict verdict) noexcept {
  switch (verdict) {
    case bulk_verdict::invited: return "invited";
    case bulk_verdict::refused: return "refused";
    case bulk_verdict::duplicate: return "duplicate";
    case bulk_verdict::unaccounted: return "unaccounted";
    case bulk_verdict::not_applied: return "not applied";
    case bulk_verdict::unknown: return "unknown";
    case bulk_verdict::not_attempted: return "not attempted";
    case bulk_verdict::accepted_already: return "accepted already";
  }
  return "unknown verdict";
}

/// Why a bulk run ended. All but the first one leave addresses *not attempted*, for a later run.
enum class bulk_end : unsigned char {
  complete,           ///< no address is left
  invalid_argument,   ///< the request or an option was refused before anything was pulled
  stopped,            ///< the caller stopped it
  deadline,           ///< `bulk_options::deadline` has passed
  not_authenticated,  ///< the credentials were refused, and could not be renewed or were refused again
  not_found,          ///< 404: the account group or a subscription does not exist
  paused,             ///< the service asks for a delay longer than `bulk_options::patience`: a daily quota, for example
  too_many_unknown,   ///< too many batches with an unknown effect; another one would add unknown addresses
  too_many_failures,  ///< too many batches in a row had no effect
  journal_failed,     ///< the journal could not be written
  input_changed,      ///< a continued run: the input is not that of the run in the journal. Nothing is sent from the
                      ///< first difference on; the verdicts from there on are not those of the addresses
};

/// The name, as in "not authenticated".
[[nodiscard]] constexpr char const* to_string(bulk_end end) noexcept {
  switch (end) {
    case bulk_end::complete: return "complete";
    case bulk_end::invalid_argument: return "invalid argument";
    case bulk_end::stopped: return "stopped";
    case bulk_end::deadline: return "deadline";
    case bulk_end::not_authenticated: return "not authenticated";
    case bulk_end::not_found: return "not found";
    case bulk_end::paused: return "paused";
    case bulk_end::too_many_unknown: return "too many unknown";
    case bulk_end::too_many_failures: return "too many failures";
    case bulk_end::journal_failed: return "journal failed";
    case bulk_end::input_changed: return "input changed";
  }
  return "unknown end";
}

/// The verdict on one address.
struct bulk_result {
  /// The position of the address in the input, from 0.
  std::uint64_t index = 0;
  /// The address, as pulled.
  std::string email_address = {};
  /// What became of it.
  bulk_verdict verdict = bulk_verdict::not_attempted;
  /// Of an address that was invited. In a continued run, of one that was invited before, only the reference is set, if
  /// the journal has it.
  std::optional<fictive::invitation> invitation = {};
  /// Of its batch, which shares it: why it was not applied, unknown, unaccounted or not attempted, if there is a reason.
  std::shared_ptr<fictive::error const> error = {};
};

/// The number of addresses for each verdict.
struct bulk_counts {
  /// Indexed by the values of `bulk_verdict`.
  std::array<std::uint64_t, bulk_verdicts> by_verdict = {};

  /// Those with this verdict.
  [[nodiscard]] std::uint64_t operator[](bulk_verdict verdict) const noexcept {
    return by_verdict[static_cast<std::size_t>(verdict)];
  }

  /// All addresses with a verdict.
  [[nodiscard]] std::uint64_t total() const noexcept {
    std::uint64_t sum = 0;
    for (auto const count : by_verdict) sum += count;
    return sum;
  }
};

/// Why a run sends nothing at present.
enum class bulk_pause : unsigned char {
  none,         ///< it sends
  throttled,    ///< the service limits the rate: a delay after 429, or 503 with `Retry-After`
  rate,         ///< the learnt or configured rate
  retry,        ///< the delay before a batch is sent again
  credentials,  ///< new credentials are obtained
};

/// The state of a run.
struct bulk_progress {
  /// The verdicts so far.
  bulk_counts counts = {};
  std::uint64_t pulled = 0;     ///< addresses pulled from the input
  std::uint64_t open = 0;       ///< addresses that wait to be sent
  std::uint64_t in_flight = 0;  ///< addresses in requests in progress
  /// Requests in progress.
  std::size_t requests_in_flight = 0;
  /// Addresses per second with a verdict of the service, over the last 10 s.
  double rate = 0;
  /// @{ Why nothing is sent, and until when, if that is known.
  bulk_pause pause = bulk_pause::none;
  std::optional<std::chrono::steady_clock::time_point> paused_until = {};
  /// @}
  /// The estimated time until the end, if `bulk_options::expected_addresses` is set.
  std::optional<std::chrono::seconds> time_left = {};
};

/// The result of a run. The verdicts on single addresses are passed to the sink.
struct bulk_report {
  /// Why the run ended.
  bulk_end end = bulk_end::complete;
  /// The number of addresses for each verdict; together, all that were pulled.
  bulk_counts counts = {};
  /// The error that ended the run, if one did.
  std::optional<fictive::error> error = {};
  /// If `end` is `paused`: the delay that the service asked for, from its response on.
  std::optional<std::chrono::seconds> retry_after = {};
  /// If `end` is `journal_failed`: the error of writing it.
  std::error_code journal_error = {};
  std::uint64_t requests = 0;   ///< requests that were sent
  std::uint64_t throttled = 0;  ///< those that were answered 429
  std::uint64_t repeated = 0;   ///< those that were sent again, for any reason
  /// Entries of responses that name no requested address, or one twice.
  std::uint64_t foreign_entries = 0;
  /// The learnt limit in requests per second; 0 if none was met.
  double rate = 0;
};

}  // namespace fictive

#endif
