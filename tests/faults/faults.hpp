#ifndef FICTIVE_TESTS_FAULTS_FAULTS_HPP
#define FICTIVE_TESTS_FAULTS_FAULTS_HPP

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

// Faults of system calls and allocations: interposed.cpp replaces the functions of the C library and `operator new`.

namespace faults {

/// What happens instead of a system call.
struct fault {
  int error = 0;          ///< errno, if not 0
  bool is_short = false;  ///< a part is transferred: one byte over a socket, half to or from a file
  // Both: a part is written to a file, and the next call fails.
};

/// The system calls that may fail.
enum class calls { of_sockets, of_files };

inline constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

/// The state of one thread: faults happen only on threads that ask for them, not in the servers of the tests.
struct plan {
  std::size_t calls_until_fault = never;  ///< of the system
  fault at_fault = {};
  calls which = calls::of_sockets;
  std::size_t allocations_until_failure = never;
  bool is_active = false;
  bool has_happened = false;
  char const* call = "";  ///< the system call that failed
};
inline thread_local plan mine;

/// What would survive a loss of power, as this thread synchronized it while a plan was active. Nothing is really
/// synchronized then, which would take long.
struct durable_state {
  std::uint64_t size = 0;     ///< of the file
  bool has_its_name = false;  ///< its folder was synchronized
};
inline thread_local durable_state durable;

/// Lets a system call of this thread fail, after `calls` others, as long as this object exists.
class failing_call {
 public:
  failing_call(std::size_t calls, fault what, faults::calls which = faults::calls::of_sockets) {
    mine = {.calls_until_fault = calls, .at_fault = what, .which = which, .is_active = true};
  }
  failing_call(failing_call const&) = delete;
  failing_call& operator=(failing_call const&) = delete;
  ~failing_call() { mine.is_active = false; }
};

/// Lets an allocation of this thread fail, after `allocations` others.
class failing_allocation {
 public:
  explicit failing_allocation(std::size_t allocations) {
    mine = {.allocations_until_failure = allocations, .is_active = true};
  }
  failing_allocation(failing_allocation const&) = delete;
  failing_allocation& operator=(failing_allocation const&) = delete;
  ~failing_allocation() { mine.is_active = false; }
};

/// Suspends the plan of this thread.
class no_failures {
 public:
  no_failures() = default;
  no_failures(no_failures const&) = delete;
  no_failures& operator=(no_failures const&) = delete;
  ~no_failures() { mine.is_active = was_active_; }

 private:
  bool was_active_ = std::exchange(mine.is_active, false);
};

/// Allocations of this program during plans of their threads that were not freed yet.
std::ptrdiff_t outstanding_allocations();

}  // namespace faults

#endif
