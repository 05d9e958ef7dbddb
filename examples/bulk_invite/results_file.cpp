// SPDX-License-Identifier: BSL-1.0

#include "results_file.hpp"

#include "arguments.hpp"
#include "csv.hpp"
#include "error_text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace examples {
namespace {

std::string csv_line(result_row const& row) {
  std::string line = std::to_string(row.index);
  for (std::string_view const text :
       {row.address, row.verdict, row.reference, row.status, std::string_view(row.message)})
    line.append(",").append(csv_field(text));
  return line + '\n';
}

std::string json_line(result_row const& row) {
  return boost::json::serialize(boost::json::object{{"index", row.index},
                                                    {"address", value_of(row.address)},
                                                    {"verdict", value_of(row.verdict)},
                                                    {"reference", value_of(row.reference)},
                                                    {"status", value_of(row.status)},
                                                    {"message", value_of(row.message)}}) +
         '\n';
}

}  // namespace

results_file::results_file(std::string path, bool replaces)
    : path_(std::move(path)), part_(path_ + ".part"), is_json_(path_.ends_with(".jsonl")), replaces_(replaces) {
  if (!is_json_ && !path_.ends_with(".csv")) refuse("--results: give a name that ends in .csv or .jsonl");
  for (auto const& name : {path_, part_}) {
    std::error_code ignored;
    if (!replaces && std::filesystem::exists(name, ignored))
      refuse("--results: " + name + " exists: it may be of another run; choose another name, or remove it");
  }
}

void results_file::create() {
  if (replaces_) ::unlink(part_.c_str());
  int const descriptor = ::open(part_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor >= 0) file_.reset(::fdopen(descriptor, "w"));
  if (!file_)
    refuse("--results: cannot create " + part_ + ": " + std::error_code(errno, std::generic_category()).message());
  if (!is_json_) has_failed_ = std::fputs("index,address,verdict,reference,status,message\n", file_.get()) < 0;
}

bool results_file::write(result_row const& row) {
  auto const line = is_json_ ? json_line(row) : csv_line(row);
  if (!has_failed_) has_failed_ = std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size();
  return !has_failed_;
}

bool results_file::flush() {
  if (!has_failed_) has_failed_ = std::fflush(file_.get()) != 0;
  return !has_failed_;
}

bool results_file::publish() {
  if (flush()) has_failed_ = ::fsync(::fileno(file_.get())) != 0;
  if (std::fclose(file_.release()) != 0) has_failed_ = true;
  if (!has_failed_) has_failed_ = std::rename(part_.c_str(), path_.c_str()) != 0;
  return !has_failed_;
}

void results_file::discard() noexcept {
  if (!file_) return;
  file_.reset();
  ::unlink(part_.c_str());
}

}  // namespace examples
