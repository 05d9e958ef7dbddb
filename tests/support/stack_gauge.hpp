#ifndef FICTIVE_TESTS_SUPPORT_STACK_GAUGE_HPP
#define FICTIVE_TESTS_SUPPORT_STACK_GAUGE_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace tests {

/// How deep the stack was, at most, when it was called, compared with the least.
class stack_gauge {
 public:
  /// Takes the frame, since AddressSanitizer has local variables elsewhere.
  void look() {
    auto const here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    lowest_ = (std::min)(lowest_, here);
    highest_ = (std::max)(highest_, here);
  }

  [[nodiscard]] std::size_t growth() const { return highest_ - lowest_; }

 private:
  std::uintptr_t lowest_ = UINTPTR_MAX, highest_ = 0;
};

}  // namespace tests

#endif
