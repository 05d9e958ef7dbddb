// SPDX-License-Identifier: BSL-1.0

#include "address_file.hpp"

#include "arguments.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace examples {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n\v\f";
  auto const begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

bool is_plain(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    auto const byte = static_cast<unsigned char>(c);
    return byte > ' ' && byte != 0x7F && std::string_view("@,;<>()\"").find(c) == std::string_view::npos;
  });
}

/// As in `"john smith"@example.com`. A comma or a line end cannot be sent.
bool is_quoted(std::string_view text) noexcept {
  if (text.size() < 3 || text.front() != '"' || text.back() != '"') return false;
  return std::all_of(text.begin() + 1, text.end() - 1, [](char c) {
    auto const byte = static_cast<unsigned char>(c);
    return byte >= ' ' && byte != 0x7F && c != ',' && c != '"';
  });
}

}  // namespace

bool looks_like_address(std::string_view text) noexcept {
  auto const at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) return false;
  auto const local = text.substr(0, at);
  return (is_plain(local) || is_quoted(local)) && is_plain(text.substr(at + 1));
}

// The file.

input_file::input_file(std::string name, std::string option)
    : path_(std::move(name)), name_(path_ == "-" ? "standard input" : path_), option_(std::move(option)) {
  file_.reset(path_ == "-" ? stdin : std::fopen(path_.c_str(), "rb"));
  if (!file_)
    refuse(option_ + ": cannot open " + name_ + ": give a file that exists and may be read, or - for standard input");
  opened_ = current();
  if (!opened_) copy_to_temporary();
}

std::optional<input_file::state> input_file::current() const {
  std::error_code failed;
  if (path_ == "-" || !std::filesystem::is_regular_file(path_, failed)) return std::nullopt;
  state now{std::filesystem::file_size(path_, failed), std::filesystem::last_write_time(path_, failed)};
  return now;
}

bool input_file::is_unchanged() const {
  return current() == opened_;
}

byte_source input_file::read() {
  std::rewind(file_.get());
  return [this](char* to, std::size_t size) {
    auto const count = std::fread(to, 1, size, file_.get());
    if (count == 0 && std::ferror(file_.get()))
      refuse(option_ + ": cannot read " + name_ + ": give a file with one address a line, or CSV");
    return count;
  };
}

void input_file::copy_to_temporary() {
  std::unique_ptr<std::FILE, closer> copy(std::tmpfile());
  if (!copy) refuse(option_ + ": cannot create a temporary file for " + name_ + ": give a regular file");
  std::array<char, 64 * 1024> buffer;
  auto const source = read();
  while (auto const count = source(buffer.data(), buffer.size()))
    if (std::fwrite(buffer.data(), 1, count, copy.get()) != count)
      refuse(option_ + ": cannot copy " + name_ + " to a temporary file: give a regular file");
  if (std::fflush(copy.get()) != 0)
    refuse(option_ + ": cannot copy " + name_ + " to a temporary file: give a regular file");
  file_ = std::move(copy);
}

// The addresses.

address_reader::address_reader(input_file& file)
    : name_(file.name()), lines_(std::make_unique<line_reader>(file.read())) {}

address_reader::address_reader(input_file& file, std::string column)
    : name_(file.name()), column_(std::move(column)), records_(std::make_unique<csv_reader>(file.read())) {}

bool address_reader::next(listed_address& to) {
  try {
    to.problem = nullptr;
    if (!(lines_ ? next_line(to) : next_record(to))) return false;
    if (!to.problem && !looks_like_address(to.text)) to.problem = "does not look like an e-mail address";
    return true;
  } catch (text_error const& e) {
    refuse(name_ + ":" + std::to_string(e.line) + ": " + e.what());
  }
}

bool address_reader::next_line(listed_address& to) {
  while (lines_->next(to.text)) {
    auto const text = trimmed(to.text);
    if (text.empty() || text.starts_with('#')) continue;
    to.line = lines_->line();
    to.text = std::string(text);
    return true;
  }
  return false;
}

bool address_reader::next_record(listed_address& to) {
  if (width_ == 0) read_header();
  if (!records_->next(fields_)) return false;
  to.line = records_->line();
  to.text = at_ < fields_.size() ? trimmed(fields_[at_]) : std::string_view();
  if (fields_.size() != width_) to.problem = "has another number of fields than the header line";
  return true;
}

void address_reader::read_header() {
  if (!records_->next(fields_)) refuse(name_ + ": is empty: the first line must be the header line");
  auto const where = name_ + ":" + std::to_string(records_->line()) + ": the header line has ";
  auto const is_it = [this](std::string const& field) { return trimmed(field) == column_; };
  auto const count = std::count_if(fields_.begin(), fields_.end(), is_it);
  if (count == 0) refuse(where + "no column " + column_ + ": give --column one of its names, which commas separate");
  if (count > 1) refuse(where + "more than one column " + column_);
  width_ = fields_.size();
  at_ = static_cast<std::size_t>(std::find_if(fields_.begin(), fields_.end(), is_it) - fields_.begin());
}

}  // namespace examples
