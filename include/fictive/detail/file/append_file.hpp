// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_FILE_APPEND_FILE_HPP
#define FICTIVE_DETAIL_FILE_APPEND_FILE_HPP

#include <fictive/config.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace fictive::detail {

/// A file that only this object writes, at its end. Other programs are kept out by a lock that ends with the process,
/// however that ends. Not for network file systems.
class append_file {
 public:
  append_file() = default;
  append_file(append_file&& other) noexcept : handle_(std::exchange(other.handle_, none)) {}
  append_file& operator=(append_file&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~append_file();

  /// Creates the file, readable by this user only, and makes its name durable. Fails if it exists.
  std::error_code create(std::filesystem::path const& path);
  /// Opens an existing file, and makes its name durable; `std::errc::resource_unavailable_try_again` if another program
  /// has locked it.
  std::error_code open(std::filesystem::path const& path);

  /// Reads the content into an empty string.
  std::error_code read(std::string& content) const;
  /// Appends all of the text, or part of it if that fails.
  std::error_code append(std::string_view text) const noexcept;
  /// Returns when everything that was appended would survive a loss of power. After a failure, what was written is not
  /// known, also if a second call succeeds.
  std::error_code sync() const noexcept;
  /// Cuts the file off at this size, durably.
  std::error_code truncate(std::uint64_t size) const noexcept;

 private:
#if defined(_WIN32)
  using handle = void*;
  static constexpr handle none = nullptr;
#else
  using handle = int;
  static constexpr handle none = -1;

  std::error_code open_alone(std::filesystem::path const& path, int flags);
#endif
  handle handle_ = none;
};

/// The number of this process.
std::uint64_t process_id() noexcept;

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/file/impl/append_file.ipp>
#endif

#endif
