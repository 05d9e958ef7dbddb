// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_BULK_INPUT_HPP
#define FICTIVE_EXAMPLES_BULK_INPUT_HPP

#include "address_file.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace examples {

/// A row of the input that does not look like an address, and so is not sent.
struct skipped_row {
  std::uint64_t index = 0;  ///< in the input
  std::string text = {};
  std::string problem = {};  ///< with file and line
};

/// The addresses of a bulk run, from one or more files, one after the other. They are read twice: first to check and count
/// them, then to send them; so a file of any size needs little memory.
class bulk_input {
 public:
  /// With a column, the files are CSV. Throws `usage_error`.
  bulk_input(std::vector<std::string> const& names, std::optional<std::string> column, bool keeps_going);

  /// Reads all of it. Throws `usage_error`, which names the first rows that do not look like an address, unless those are
  /// skipped.
  void check();
  /// The number of addresses that `check` found.
  [[nodiscard]] std::uint64_t addresses() const noexcept { return addresses_; }

  /// Stores the next address to send; false at the end. Passes each row that is skipped to `on_skipped`. Throws
  /// `usage_error`.
  bool next(std::string& address, std::function<void(skipped_row const&)> const& on_skipped);
  /// The index in the input of the address that `next` returned as the n-th, from 0.
  [[nodiscard]] std::uint64_t index_of(std::uint64_t n) const;

  /// The name of a file that was changed meanwhile, if one was.
  [[nodiscard]] std::optional<std::string> changed_file() const;

 private:
  bool read(listed_address& to);
  void rewind();
  [[nodiscard]] std::string problem_of(listed_address const& row) const;

  std::vector<std::unique_ptr<input_file>> files_;
  std::optional<std::string> column_;
  bool keeps_going_;
  std::uint64_t addresses_ = 0, skipped_ = 0;

  std::size_t file_ = 0;  // the current one
  std::optional<address_reader> reader_;
  std::uint64_t rows_ = 0;
  std::vector<std::uint64_t> skipped_before_;  // of each skipped row, the number of addresses before it
};

}  // namespace examples

#endif
