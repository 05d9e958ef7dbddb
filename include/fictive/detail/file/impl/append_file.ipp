// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_FILE_IMPL_APPEND_FILE_IPP
#define FICTIVE_DETAIL_FILE_IMPL_APPEND_FILE_IPP

#include <fictive/detail/file/append_file.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#if defined(_WIN32)
#if !defined(NOMINMAX)
#define NOMINMAX
#endif
#if !defined(WIN32_LEAN_AND_MEAN)  // without winsock.h, which Asio does not accept
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
#else
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace fictive::detail {

#if defined(_WIN32)

FICTIVE_DECL std::error_code last_system_error() noexcept {
  return {static_cast<int>(::GetLastError()), std::system_category()};
}

/// Without any share mode, which keeps other programs out.
FICTIVE_DECL void* open_alone(std::filesystem::path const& path, unsigned long disposition) noexcept {
  auto* const file = ::CreateFileW(path.c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr, disposition,
                                   FILE_ATTRIBUTE_NORMAL, nullptr);
  return file == INVALID_HANDLE_VALUE ? nullptr : file;
}

FICTIVE_DECL append_file::~append_file() {
  if (handle_ != none) ::CloseHandle(handle_);
}

FICTIVE_DECL std::error_code append_file::create(std::filesystem::path const& path) {
  handle_ = open_alone(path, CREATE_NEW);
  return handle_ == none ? last_system_error() : sync();
}

FICTIVE_DECL std::error_code append_file::open(std::filesystem::path const& path) {
  handle_ = open_alone(path, OPEN_EXISTING);
  if (handle_ != none) return {};
  auto const problem = last_system_error();
  if (problem.value() != ERROR_SHARING_VIOLATION) return problem;
  return std::make_error_code(std::errc::resource_unavailable_try_again);
}

FICTIVE_DECL std::error_code append_file::read(std::string& content) const {
  if (!::SetFilePointerEx(handle_, {}, nullptr, FILE_BEGIN)) return last_system_error();
  for (char part[16384];;) {
    unsigned long size = 0;
    if (!::ReadFile(handle_, part, sizeof part, &size, nullptr)) return last_system_error();
    if (size == 0) return {};
    content.append(part, size);
  }
}

FICTIVE_DECL std::error_code append_file::append(std::string_view text) const noexcept {
  if (!::SetFilePointerEx(handle_, {}, nullptr, FILE_END)) return last_system_error();
  while (!text.empty()) {
    unsigned long size = 0;
    auto const part = static_cast<unsigned long>((std::min)(text.size(), std::size_t{1} << 20));
    if (!::WriteFile(handle_, text.data(), part, &size, nullptr)) return last_system_error();
    if (size == 0) return std::make_error_code(std::errc::io_error);
    text.remove_prefix(size);
  }
  return {};
}

FICTIVE_DECL std::error_code append_file::sync() const noexcept {
  return ::FlushFileBuffers(handle_) ? std::error_code() : last_system_error();
}

FICTIVE_DECL std::error_code append_file::truncate(std::uint64_t size) const noexcept {
  LARGE_INTEGER end{};
  end.QuadPart = static_cast<long long>(size);
  if (!::SetFilePointerEx(handle_, end, nullptr, FILE_BEGIN) || !::SetEndOfFile(handle_)) return last_system_error();
  return sync();
}

FICTIVE_DECL std::uint64_t process_id() noexcept {
  return ::GetCurrentProcessId();
}

#else

FICTIVE_DECL std::error_code last_system_error() noexcept {
  return {errno, std::system_category()};
}

/// Repeats a system call that a signal interrupted; the error if it fails.
template <class Call>
std::error_code repeat_if_interrupted(Call call) noexcept {
  while (call() < 0)
    if (errno != EINTR) return last_system_error();
  return {};
}

FICTIVE_DECL std::error_code sync_descriptor(int descriptor) noexcept {
#if defined(F_FULLFSYNC)  // of Apple, where fsync() leaves the data in the cache of the disk
  if (::fcntl(descriptor, F_FULLFSYNC) == 0) return {};
  // Another error may be that of the data, which is reported once.
  if (errno != ENOTSUP && errno != EINVAL && errno != ENOTTY) return last_system_error();
  return repeat_if_interrupted([&] { return ::fsync(descriptor); });
#else
  return repeat_if_interrupted([&] { return ::fdatasync(descriptor); });
#endif
}

/// Makes the name of a file durable.
FICTIVE_DECL std::error_code sync_folder_of(std::filesystem::path const& path) {
  auto const folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  int descriptor = -1;
  if (auto const problem =
          repeat_if_interrupted([&] { return descriptor = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC); }))
    return problem;
  auto const problem = repeat_if_interrupted([&] { return ::fsync(descriptor); });
  ::close(descriptor);
  return problem;
}

FICTIVE_DECL append_file::~append_file() {
  if (handle_ != none) ::close(handle_);
}

FICTIVE_DECL std::error_code append_file::open_alone(std::filesystem::path const& path, int flags) {
  auto const open = [&] {
    return handle_ = ::open(path.c_str(), flags | O_APPEND | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
  };
  if (auto const problem = repeat_if_interrupted(open)) return problem;
  return repeat_if_interrupted([&] { return ::flock(handle_, LOCK_EX | LOCK_NB); });
}

FICTIVE_DECL std::error_code append_file::create(std::filesystem::path const& path) {
  if (auto const problem = open_alone(path, O_CREAT | O_EXCL)) return problem;
  if (auto const problem = repeat_if_interrupted([&] { return ::fsync(handle_); })) return problem;
  return sync_folder_of(path);
}

FICTIVE_DECL std::error_code append_file::open(std::filesystem::path const& path) {
  if (auto const problem = open_alone(path, 0)) return problem;
  return sync_folder_of(path);  // its creation may have ended before that
}

FICTIVE_DECL std::error_code append_file::read(std::string& content) const {
  for (char part[16384];;) {
    auto const size = ::pread(handle_, part, sizeof part, static_cast<off_t>(content.size()));
    if (size == 0) return {};
    if (size > 0)
      content.append(part, static_cast<std::size_t>(size));
    else if (errno != EINTR)
      return last_system_error();
  }
}

FICTIVE_DECL std::error_code append_file::append(std::string_view text) const noexcept {
  while (!text.empty()) {
    auto const size = ::write(handle_, text.data(), text.size());
    if (size > 0)
      text.remove_prefix(static_cast<std::size_t>(size));
    else if (size == 0)
      return std::make_error_code(std::errc::io_error);
    else if (errno != EINTR)
      return last_system_error();
  }
  return {};
}

FICTIVE_DECL std::error_code append_file::sync() const noexcept {
  return sync_descriptor(handle_);
}

FICTIVE_DECL std::error_code append_file::truncate(std::uint64_t size) const noexcept {
  auto const end = static_cast<off_t>(size);
  if (auto const problem = repeat_if_interrupted([&] { return ::ftruncate(handle_, end); })) return problem;
  return repeat_if_interrupted([&] { return ::fsync(handle_); });
}

FICTIVE_DECL std::uint64_t process_id() noexcept {
  return static_cast<std::uint64_t>(::getpid());
}

#endif

}  // namespace fictive::detail

#endif
