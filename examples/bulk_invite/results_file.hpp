// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_RESULTS_FILE_HPP
#define FICTIVE_EXAMPLES_RESULTS_FILE_HPP

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace examples {

/// What became of an address.
struct result_row {
  std::uint64_t index = 0;
  std::string_view address = {}, verdict = {}, reference = {}, status = {};
  std::string message = {};
};

/// A file with a row for each address: CSV with a header line, or JSON Lines, depending on its suffix. Only this user can
/// read it. It is written as FILE.part, which gets its name at the end of the run: the results of an earlier run are
/// replaced by complete ones only.
class results_file {
 public:
  /// Creates nothing yet. Throws `usage_error` if the suffix is another one, or if the file exists and `replaces` is false.
  results_file(std::string path, bool replaces);
  results_file(results_file const&) = delete;
  results_file& operator=(results_file const&) = delete;
  ~results_file() = default;

  /// Creates FILE.part. Throws `usage_error`.
  void create();
  /// @{ Return false if the file could not be written, now or before.
  bool write(result_row const& row);
  bool flush();
  /// Makes it durable, and gives it its name.
  bool publish();
  /// @}
  /// Removes FILE.part.
  void discard() noexcept;

  [[nodiscard]] std::string const& path() const noexcept { return path_; }

 private:
  struct closer {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };

  std::string path_, part_;
  bool is_json_, replaces_, has_failed_ = false;
  std::unique_ptr<std::FILE, closer> file_;
};

}  // namespace examples

#endif
