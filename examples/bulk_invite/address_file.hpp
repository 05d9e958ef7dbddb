// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_ADDRESS_FILE_HPP
#define FICTIVE_EXAMPLES_ADDRESS_FILE_HPP

#include "csv.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Files that list addresses: one a line, or CSV.

namespace examples {

/// Whether an e-mail address may look like this: text on both sides of one '@', without blanks, control characters and
/// `,;:<>()"`, except in quotes before the '@'. The service decides about the rest.
[[nodiscard]] bool looks_like_address(std::string_view text) noexcept;

/// A file that an option names, or standard input for "-". It can be read again: standard input, a pipe and the like are
/// copied into a temporary file without a name. All of it throws `usage_error` with the names of both.
class input_file {
 public:
  explicit input_file(std::string name, std::string option = "--from");

  /// Its name, for messages.
  [[nodiscard]] std::string const& name() const noexcept { return name_; }
  /// Reads it from its begin. The source must not outlive the file.
  [[nodiscard]] byte_source read();
  /// Whether nobody has changed it since it was opened, as far as its size and time say.
  [[nodiscard]] bool is_unchanged() const;

 private:
  struct closer {
    void operator()(std::FILE* file) const noexcept {
      if (file != stdin) std::fclose(file);
    }
  };
  struct state {
    std::uintmax_t size = 0;
    std::filesystem::file_time_type changed = {};
    friend bool operator==(state const&, state const&) = default;
  };

  [[nodiscard]] std::optional<state> current() const;
  void copy_to_temporary();

  std::string path_, name_, option_;
  std::unique_ptr<std::FILE, closer> file_;
  std::optional<state> opened_;  // of a regular file
};

/// An address as it is listed.
struct listed_address {
  std::string text = {};          ///< without blanks around it
  std::size_t line = 0;           ///< where it, or its record, begins
  char const* problem = nullptr;  ///< why it is none; null if it looks like an address
};

/// Reads the addresses of a file. Throws `usage_error` with file and line for a text that cannot be read.
class address_reader {
 public:
  /// One address a line. Blank lines, and lines that begin with '#', are skipped.
  explicit address_reader(input_file& file);
  /// This column of a CSV file, which begins with a header line.
  address_reader(input_file& file, std::string column);

  /// Stores the next one; false at the end.
  bool next(listed_address& to);

 private:
  bool next_line(listed_address& to);
  bool next_record(listed_address& to);
  void read_header();

  std::string name_, column_;
  std::unique_ptr<line_reader> lines_;
  std::unique_ptr<csv_reader> records_;
  std::vector<std::string> fields_;
  std::size_t at_ = 0, width_ = 0;
};

}  // namespace examples

#endif
