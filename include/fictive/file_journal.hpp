// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_FILE_JOURNAL_HPP
#define FICTIVE_FILE_JOURNAL_HPP

#include <fictive/config.hpp>
#include <fictive/detail/file/append_file.hpp>
#include <fictive/error.hpp>
#include <fictive/journal.hpp>
#include <fictive/journal_text.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace fictive {

/// The journal of a bulk run in a file, so that the run can be continued after a crash or a loss of power:
///
///     auto journal = fictive::file_journal::create("invitations.journal");
///     if (!journal) return report(journal.error());
///     auto const report = client.invite_all(std::move(request), {.journal = journal->writer()}, sink);
///
/// and, to continue it with the same input:
///
///     auto journal = fictive::file_journal::open("invitations.journal");
///     if (!journal) return report(journal.error());
///     auto const report = client.invite_all(
///         std::move(request), {.journal = journal->writer(), .resume = journal->take_run()}, sink);
///
/// The file must be on a local file system. One program at a time has it open. It holds no address, token or secret; the
/// format is that of `journal_text.hpp`.
class file_journal {
 public:
  /// Creates the file, which only this user can read. An existing one is refused, since it may be the journal of a run.
  /// The error is an `invalid_argument` whose message says what to do, with that of the system as cause.
  [[nodiscard]] static result<file_journal> create(std::filesystem::path const& path);

  /// Opens the journal of a run that is to be continued. Removes an incomplete last record; refuses one that is damaged
  /// otherwise, see `recover_journal`, and one that another program has open.
  [[nodiscard]] static result<file_journal> open(std::filesystem::path const& path);

  /// For `bulk_options::resume`, once: the run so far; nothing if it had not begun.
  [[nodiscard]] std::optional<recovered_run> take_run() { return std::exchange(run_, std::nullopt); }

  /// For `bulk_options::journal`. Its copies, and this object, share the file, which is closed with the last of them. Not
  /// thread-safe. An error is final: later calls write nothing and return it again. A file that has a run is refused for
  /// another one (`std::errc::file_exists`): pass `take_run()` as `bulk_options::resume`. A child process after `fork()`
  /// can not write.
  [[nodiscard]] journal_writer writer() const;

 private:
  struct state {
    std::error_code write(std::vector<journal_record> const& records);

    detail::append_file file = {};
    std::uint64_t next_line = 0, process = detail::process_id();
    std::error_code problem = {};
  };

  file_journal() : state_(std::make_shared<state>()) {}

  std::shared_ptr<state> state_;
  std::optional<recovered_run> run_ = {};
};

}  // namespace fictive

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/impl/file_journal.ipp>
#endif

#endif
