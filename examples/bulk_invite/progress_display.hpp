// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_PROGRESS_DISPLAY_HPP
#define FICTIVE_EXAMPLES_PROGRESS_DISPLAY_HPP

#include <fictive/bulk_report.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace examples {

/// As in "1,234,567".
[[nodiscard]] std::string with_separators(std::uint64_t number);

/// Shows the progress of a bulk run on standard error: a bar that is updated on a terminal, else a line every few seconds.
class progress_display {
 public:
  progress_display(std::string_view program, std::uint64_t addresses, bool is_quiet);

  /// How often to call `show`.
  [[nodiscard]] std::chrono::milliseconds interval() const noexcept;
  /// Shows this state; without a terminal, not at the very begin, since a short run needs no progress.
  void show(fictive::bulk_progress const& state);
  /// Writes a message of whole lines, above the bar.
  void say(std::string_view message);
  /// Removes the bar.
  void clear();

 private:
  std::string program_;
  std::uint64_t addresses_;
  bool is_quiet_, is_terminal_, has_bar_ = false;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace examples

#endif
