#ifndef FICTIVE_TESTS_SUPPORT_TEMPORARY_FOLDER_HPP
#define FICTIVE_TESTS_SUPPORT_TEMPORARY_FOLDER_HPP

#include <fictive/file_journal.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace tests {

/// A folder of its own, for a journal, which is removed at the end.
class temporary_folder {
 public:
  temporary_folder() {
    auto const name = "fictive_tests_" + std::to_string(fictive::detail::process_id()) + "_";
    // A process that was killed may have left one, and numbers of processes are used again.
    static unsigned count = 0;
    do {
      path_ = std::filesystem::temp_directory_path() / (name + std::to_string(++count));
    } while (!std::filesystem::create_directory(path_));
  }
  temporary_folder(temporary_folder const&) = delete;
  temporary_folder& operator=(temporary_folder const&) = delete;
  ~temporary_folder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::filesystem::path journal() const { return path_ / "run.journal"; }

 private:
  std::filesystem::path path_;
};

inline std::string content_of(std::filesystem::path const& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace tests

#endif
