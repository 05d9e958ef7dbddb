#include "faults/faults.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

// Functions of the C library, in a program before those of the library itself. Each calls the original, unless it is the
// one that fails.

namespace {

std::atomic<std::ptrdiff_t> outstanding{0};

/// Counts a system call, and returns whether it is the one that fails.
bool is_faulty(char const* name, faults::calls which = faults::calls::of_sockets) {
  auto& mine = faults::mine;
  if (!mine.is_active || mine.which != which) return false;
  if (mine.calls_until_fault == faults::never || mine.calls_until_fault-- != 0) return false;
  mine.calls_until_fault = faults::never;
  mine.has_happened = true;
  mine.call = name;
  return true;
}

template <class Function>
Function* original(Function*, char const* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

/// The result of a call that transfers nothing.
template <class Call>
int control(char const* name, Call call) {
  if (!is_faulty(name) || faults::mine.at_fault.error == 0) return call();
  errno = faults::mine.at_fault.error;
  return -1;
}

/// The result of a call that transfers `size` bytes: an error, or a single byte.
template <class Call>
ssize_t transfer(char const* name, std::size_t size, Call call) {
  if (!is_faulty(name)) return call(size);
  if (faults::mine.at_fault.error == 0) return call(size < 1 ? size : 1);
  errno = faults::mine.at_fault.error;
  return -1;
}

/// The same for a vector of buffers.
template <class Call>
ssize_t transfer_message(char const* name, msghdr const* message, Call call) {
  iovec first{};
  msghdr shortened = *message;
  if (message->msg_iovlen > 0) first = message->msg_iov[0];
  bool is_shortened = false;
  auto const size = transfer(name, first.iov_len + 2, [&](std::size_t allowed) {
    is_shortened = allowed == 1;
    if (is_shortened) {
      first.iov_len = first.iov_len < 1 ? first.iov_len : 1;
      shortened.msg_iov = &first;
      shortened.msg_iovlen = 1;
    }
    return call(is_shortened ? &shortened : message);
  });
  return size;
}

/// The result of a call about a file that transfers nothing.
template <class Call>
auto file_control(char const* name, Call call) -> decltype(call()) {
  if (!is_faulty(name, faults::calls::of_files) || faults::mine.at_fault.error == 0) return call();
  errno = faults::mine.at_fault.error;
  return -1;
}

/// The result of a call that transfers `size` bytes to or from a file: an error, half of them, or half of them before an
/// error.
template <class Call>
ssize_t file_transfer(char const* name, std::size_t size, Call call) {
  if (!is_faulty(name, faults::calls::of_files)) return call(size);
  auto& what = faults::mine.at_fault;
  if (what.is_short) {
    if (what.error != 0) faults::mine.calls_until_fault = 0;
    what.is_short = false;
    return call((size + 1) / 2);
  }
  errno = what.error;
  return -1;
}

/// What is durable after a sync of this file or folder.
template <class Call>
int file_sync(char const* name, int fd, Call call) {
  return file_control(name, [&] {
    if (!faults::mine.is_active) return call();
    struct stat status {};
    if (::fstat(fd, &status) != 0) return -1;
    if (S_ISDIR(status.st_mode))
      faults::durable.has_its_name = true;
    else
      faults::durable.size = static_cast<std::uint64_t>(status.st_size);
    return 0;
  });
}

/// Before each allocation: whether it is counted.
union allocation_header {
  bool is_counted;
  std::max_align_t alignment;
};

void* allocate(std::size_t size) {
  auto& mine = faults::mine;
  if (mine.is_active && mine.allocations_until_failure != faults::never && mine.allocations_until_failure-- == 0) {
    mine.allocations_until_failure = faults::never;
    mine.has_happened = true;
    return nullptr;
  }
  auto* const header = static_cast<allocation_header*>(std::malloc(sizeof(allocation_header) + size));
  if (!header) return nullptr;
  header->is_counted = mine.is_active;
  if (mine.is_active) ++outstanding;
  return header + 1;
}

}  // namespace

#define ORIGINAL(name) static auto* const next = original(&::name, #name)

extern "C" {

int socket(int domain, int type, int protocol) noexcept {
  ORIGINAL(socket);
  return control("socket", [=] { return next(domain, type, protocol); });
}
int connect(int fd, sockaddr const* to, socklen_t size) {
  ORIGINAL(connect);
  return control("connect", [=] { return next(fd, to, size); });
}
int setsockopt(int fd, int level, int option, void const* value, socklen_t size) noexcept {
  ORIGINAL(setsockopt);
  return control("setsockopt", [=] { return next(fd, level, option, value, size); });
}
int getsockopt(int fd, int level, int option, void* value, socklen_t* size) noexcept {
  ORIGINAL(getsockopt);
  return control("getsockopt", [=] { return next(fd, level, option, value, size); });
}
int poll(pollfd* all, nfds_t count, int timeout) {
  ORIGINAL(poll);
  return control("poll", [=] { return next(all, count, timeout); });
}
int epoll_create1(int flags) noexcept {
  ORIGINAL(epoll_create1);
  return control("epoll_create1", [=] { return next(flags); });
}
int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) noexcept {
  ORIGINAL(epoll_ctl);
  return control("epoll_ctl", [=] { return next(epoll, operation, fd, event); });
}
int epoll_wait(int epoll, epoll_event* events, int count, int timeout) {
  ORIGINAL(epoll_wait);
  return control("epoll_wait", [=] { return next(epoll, events, count, timeout); });
}
int eventfd(unsigned count, int flags) noexcept {
  ORIGINAL(eventfd);
  return control("eventfd", [=] { return next(count, flags); });
}
int timerfd_create(int clock, int flags) noexcept {
  ORIGINAL(timerfd_create);
  return control("timerfd_create", [=] { return next(clock, flags); });
}
ssize_t send(int fd, void const* data, std::size_t size, int flags) {
  ORIGINAL(send);
  return transfer("send", size, [=](std::size_t allowed) { return next(fd, data, allowed, flags); });
}
ssize_t recv(int fd, void* data, std::size_t size, int flags) {
  ORIGINAL(recv);
  return transfer("recv", size, [=](std::size_t allowed) { return next(fd, data, allowed, flags); });
}
ssize_t sendmsg(int fd, msghdr const* message, int flags) {
  ORIGINAL(sendmsg);
  return transfer_message("sendmsg", message, [=](msghdr const* allowed) { return next(fd, allowed, flags); });
}
ssize_t recvmsg(int fd, msghdr* message, int flags) {
  ORIGINAL(recvmsg);
  return transfer_message("recvmsg", message,
                          [=](msghdr const* allowed) { return next(fd, const_cast<msghdr*>(allowed), flags); });
}

int open(char const* path, int flags, ...) {
  ORIGINAL(open);
  mode_t mode = 0;
  if ((flags & O_CREAT) != 0) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
  }
  return file_control("open", [=] { return next(path, flags, mode); });
}
int flock(int fd, int operation) noexcept {
  ORIGINAL(flock);
  return file_control("flock", [=] { return next(fd, operation); });
}
int ftruncate(int fd, off_t size) noexcept {
  ORIGINAL(ftruncate);
  return file_control("ftruncate", [=] { return next(fd, size); });
}
int fsync(int fd) {
  ORIGINAL(fsync);
  return file_sync("fsync", fd, [=] { return next(fd); });
}
int fdatasync(int fd) {
  ORIGINAL(fdatasync);
  return file_sync("fdatasync", fd, [=] { return next(fd); });
}
ssize_t write(int fd, void const* data, std::size_t size) {
  ORIGINAL(write);
  return file_transfer("write", size, [=](std::size_t allowed) { return next(fd, data, allowed); });
}
ssize_t pread(int fd, void* data, std::size_t size, off_t offset) {
  ORIGINAL(pread);
  return file_transfer("pread", size, [=](std::size_t allowed) { return next(fd, data, allowed, offset); });
}

}  // extern "C"

#undef ORIGINAL

std::ptrdiff_t faults::outstanding_allocations() {
  return outstanding;
}

void* operator new(std::size_t size) {
  if (void* const memory = allocate(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::nothrow_t const&) noexcept {
  return allocate(size);
}
void operator delete(void* memory) noexcept {
  if (!memory) return;
  auto* const header = static_cast<allocation_header*>(memory) - 1;
  if (header->is_counted) --outstanding;
  std::free(header);
}
void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}
