// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_IMPL_FILE_JOURNAL_IPP
#define FICTIVE_IMPL_FILE_JOURNAL_IPP

#include <fictive/file_journal.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

namespace fictive {

namespace detail {

FICTIVE_DECL error unusable_journal(std::error_code cause, char const* message) {
  return {.code = errc::invalid_argument, .cause = cause, .effect = effect::none, .message = message};
}

FICTIVE_DECL error journal_in_use(std::error_code cause) {
  return unusable_journal(cause, "another program has the journal open: wait for its end");
}

FICTIVE_DECL bool is_locked(std::error_code const& cause) noexcept {
  return cause == std::errc::resource_unavailable_try_again || cause == std::errc::operation_would_block;
}

FICTIVE_DECL error journal_not_created(std::error_code cause) {
  if (is_locked(cause)) return journal_in_use(cause);
  if (cause == std::errc::file_exists)
    return unusable_journal(cause, "the journal exists already: continue its run, or choose another file");
  return unusable_journal(cause, "the journal could not be created: choose a folder that this user may write to");
}

FICTIVE_DECL error journal_not_opened(std::error_code cause) {
  if (cause == std::errc::no_such_file_or_directory)
    return unusable_journal(cause, "there is no journal to continue: check its path, or begin a run");
  if (is_locked(cause)) return journal_in_use(cause);
  return unusable_journal(cause, "the journal could not be opened or read: check its permissions and the disk");
}

}  // namespace detail

FICTIVE_DECL result<file_journal> file_journal::create(std::filesystem::path const& path) {
  file_journal journal;
  if (auto const problem = journal.state_->file.create(path)) return detail::journal_not_created(problem);
  return journal;
}

FICTIVE_DECL result<file_journal> file_journal::open(std::filesystem::path const& path) {
  file_journal journal;
  auto& file = journal.state_->file;
  std::string text;
  if (auto const problem = file.open(path)) return detail::journal_not_opened(problem);
  if (auto const problem = file.read(text)) return detail::journal_not_opened(problem);
  auto recovered = recover_journal(text);
  if (!recovered) return recovered.error();
  if (recovered->size < text.size())
    if (auto const problem = file.truncate(recovered->size)) return detail::journal_not_opened(problem);
  journal.state_->next_line = recovered->next_line;
  journal.run_ = std::move(recovered->run);
  return journal;
}

FICTIVE_DECL journal_writer file_journal::writer() const {
  return [state = state_](std::vector<journal_record> const& records) { return state->write(records); };
}

FICTIVE_DECL std::error_code file_journal::state::write(std::vector<journal_record> const& records) {
  if (problem) return problem;
  if (detail::process_id() != process) return std::make_error_code(std::errc::operation_not_permitted);
  bool const begins_run = !records.empty() && std::holds_alternative<journal_header>(records.front());
  if (begins_run && next_line > 0) return std::make_error_code(std::errc::file_exists);
  auto const text = journal_lines(records, next_line);
  next_line += records.size();
  problem = file.append(text);
  if (!problem && must_be_durable(records)) problem = file.sync();
  return problem;
}

}  // namespace fictive

#endif
