// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BULK_OPTIONS_HPP
#define FICTIVE_BULK_OPTIONS_HPP

#include <fictive/address_source.hpp>
#include <fictive/bulk_report.hpp>
#include <fictive/config.hpp>
#include <fictive/date_time.hpp>
#include <fictive/journal.hpp>
#include <fictive/stop_token.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fictive {

/// A request to invite any number of addresses to an account group. Move-only.
struct bulk_request {
  /// See `invite_request`.
  std::string account_group_token = {};
  /// The addresses, pulled as they can be sent.
  address_source email_addresses = {};
  /// @{ See `invite_request`.
  std::vector<std::string> subscription_references = {};
  std::optional<date_time> expiry_date = {};
  /// @}
};

/// Which addresses of a run are the same.
enum class duplicate_detection : unsigned char {
  off,          ///< none are, except within a request. Needs no memory; an address may be invited twice
  same_domain,  ///< equal, or their domains differ in ASCII case only
  ignore_case,  ///< equal, or they differ in ASCII case only
};

/// How a run is stopped.
enum class bulk_stop : unsigned char {
  drain,    ///< sends nothing more, and waits for the requests in progress
  abandon,  ///< cancels the requests in progress, and does not wait for their results: their addresses are *unknown*.
            ///< The blocking client waits for a transport that takes no stop token
};

/// Options of a bulk run. A value out of its range is an `invalid_argument` before any address is pulled.
/// @see @ref bulk-page
struct bulk_options {
  /// Addresses in a request: 1 to 10,000.
  std::size_t max_batch = 100;
  /// Bytes of the addresses in a request, as JSON: 1 KiB to 16 MiB. An address that is longer is sent alone.
  std::size_t max_batch_bytes = 64 * 1024;
  /// Addresses in the first request, and in those until one succeeds, one at a time: 1 to 10,000. So a wrong token costs
  /// little. `max_batch` applies, too.
  std::size_t canary = 10;
  /// Concurrent requests at most: 1 to 64. Their number grows while the service answers well, and is reduced after 5xx,
  /// timeouts and responses that take longer than `slow_response`.
  std::size_t max_concurrency = 8;
  /// Concurrent requests at the begin: 1 to 64.
  std::size_t initial_concurrency = 2;
  /// See `max_concurrency`. Positive.
  std::chrono::milliseconds slow_response = std::chrono::seconds(5);
  /// A limit on requests per second from the begin; 0 for none until the first 429.
  double max_requests_per_second = 0;
  /// A delay requested by the service that is longer ends the run as `paused`. Not negative.
  std::chrono::seconds patience = std::chrono::seconds(120);
  /// The deadline of the run, which then ends as if drained.
  std::optional<std::chrono::milliseconds> deadline = {};
  /// @{ The run ends after this many batches in a row with an unknown effect; after this many among the last 50; after
  /// this many in a row that had no effect. At least 1.
  std::size_t max_unknown_in_a_row = 5, max_unknown_of_50 = 10, max_failures_in_a_row = 5;
  /// @}
  /// Divides a batch that the service rejects (400, 409, 412, 422) until the addresses that cause it are alone, with at
  /// most `max_split_requests` additional requests. Otherwise the whole batch is *not applied*.
  bool splits_rejected = false;
  /// See `splits_rejected`.
  std::size_t max_split_requests = 64;
  /// Which addresses are the same. Needs about 23 bytes of memory for each address pulled: a keyed hash of 128 bits, in
  /// tables that are filled by at least four fifths. With a million addresses, two different ones have the same hash
  /// with a probability of about 10^-27.
  duplicate_detection duplicates = duplicate_detection::same_domain;
  /// After an early end, pulls the rest of the input, so that each address has a verdict.
  bool pulls_rest = true;
  /// @{ A continued run. Sends *unknown* addresses of the previous run again. CAREFUL: they may be invited twice.
  bool resends_unknown = false;
  /// Addresses that are members already: those of them that are *unknown* or *unaccounted* in the journal are *accepted
  /// already*. An address that is not listed may still have been invited.
  address_source members = {};
  /// @}
  /// Records the references of invitations in the journal.
  bool records_references = false;
  /// Identifies the run, and is the key of its hashes. Random; a client sets it if it is zero.
  fingerprint run_id = {};
  /// Number of addresses in the input, if it is known, for an estimate of the end.
  std::optional<std::uint64_t> expected_addresses = {};

  // For the clients, not the state machine:
  /// Makes records durable before the requests that they are about are sent. Not set: no journal.
  journal_writer journal = {};
  /// The run to continue. The input must be the same from its begin.
  std::optional<recovered_run> resume = {};
  /// Drains the run.
  stop_token stop = {};
  /// Abandons the run, and cancels its requests.
  stop_token abandon = {};
  /// Called while the run is in progress, at most once in `progress_interval`.
  std::function<void(bulk_progress const&)> on_progress = {};
  /// See `on_progress`.
  std::chrono::milliseconds progress_interval = std::chrono::seconds(1);
};

/// Receives the verdicts as batches end.
using bulk_sink = std::function<void(bulk_result&&)>;

}  // namespace fictive

#endif
