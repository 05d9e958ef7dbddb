#ifndef FICTIVE_TESTS_SUPPORT_FAILING_ALLOCATIONS_HPP
#define FICTIVE_TESTS_SUPPORT_FAILING_ALLOCATIONS_HPP

#include <cstddef>

namespace tests {

/// The number of allocations until one fails; negative if none does. The operator new of the unit tests counts it.
inline std::ptrdiff_t allocations_until_failure = -1;

/// Counts an allocation, and returns whether it must fail.
inline bool allocation_fails() noexcept {
  return allocations_until_failure >= 0 && allocations_until_failure-- == 0;
}

/// Lets one allocation fail, `after` others, as long as this object exists. For one thread.
class failing_allocation {
 public:
  explicit failing_allocation(std::ptrdiff_t after) noexcept { allocations_until_failure = after; }
  failing_allocation(failing_allocation const&) = delete;
  failing_allocation& operator=(failing_allocation const&) = delete;
  ~failing_allocation() { allocations_until_failure = -1; }

  [[nodiscard]] static bool has_failed() noexcept { return allocations_until_failure < 0; }
};

}  // namespace tests

#endif
