// SPDX-License-Identifier: BSL-1.0

#include "bulk_input.hpp"

#include "arguments.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace examples {

bulk_input::bulk_input(std::vector<std::string> const& names, std::optional<std::string> column, bool keeps_going)
    : column_(std::move(column)), keeps_going_(keeps_going) {
  for (auto const& name : names) files_.push_back(std::make_unique<input_file>(name));
}

void bulk_input::check() {
  constexpr std::uint64_t most_named = 10;
  std::string named;
  for (listed_address row; read(row);) {
    if (!row.problem) {
      ++addresses_;
    } else if (++skipped_ <= most_named) {
      named.append(named.empty() ? "" : "; ").append(problem_of(row));
    }
  }
  rewind();
  if (skipped_ == 0 || keeps_going_) return;
  if (skipped_ > most_named) named += "; and " + std::to_string(skipped_ - most_named) + " more";
  refuse(named + ": nothing was sent; correct the file, or skip such rows with --keep-going" +
         (column_ ? "" : "; for CSV, give --column"));
}

bool bulk_input::next(std::string& address, std::function<void(skipped_row const&)> const& on_skipped) {
  for (listed_address row; read(row); ++rows_) {
    if (!row.problem) {
      address = std::move(row.text);
      ++rows_;
      return true;
    }
    if (!keeps_going_) refuse(problem_of(row) + ": the file was changed after it had been checked");
    skipped_before_.push_back(rows_ - skipped_before_.size());
    on_skipped({.index = rows_, .text = std::move(row.text), .problem = problem_of(row)});
  }
  return false;
}

std::uint64_t bulk_input::index_of(std::uint64_t n) const {
  auto const skipped = std::upper_bound(skipped_before_.begin(), skipped_before_.end(), n) - skipped_before_.begin();
  return n + static_cast<std::uint64_t>(skipped);
}

std::optional<std::string> bulk_input::changed_file() const {
  for (auto const& file : files_)
    if (!file->is_unchanged()) return file->name();
  return std::nullopt;
}

bool bulk_input::read(listed_address& to) {
  for (; file_ < files_.size(); ++file_) {
    if (!reader_) {
      if (column_)
        reader_.emplace(*files_[file_], *column_);
      else
        reader_.emplace(*files_[file_]);
    }
    if (reader_->next(to)) return true;
    reader_.reset();
  }
  return false;
}

void bulk_input::rewind() {
  file_ = 0;
  reader_.reset();
}

std::string bulk_input::problem_of(listed_address const& row) const {
  return files_[file_]->name() + ":" + std::to_string(row.line) + ": " + row.problem;
}

}  // namespace examples
