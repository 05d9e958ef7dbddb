#ifndef FICTIVE_BENCHMARK_SUPPORT_ALLOCATIONS_HPP
#define FICTIVE_BENCHMARK_SUPPORT_ALLOCATIONS_HPP

#include <cstddef>

namespace benchmarks {

/// The allocations of a piece of work by `operator new`, which allocations.cpp replaces.
struct allocations {
  std::size_t count = 0;
  std::size_t peak_bytes = 0;  ///< at once
  std::size_t kept_bytes = 0;  ///< and not given back
};

void start_counting() noexcept;
allocations stop_counting() noexcept;

/// The result of `work` is destroyed afterwards.
template <class Work>
allocations allocations_of(Work&& work) {
  start_counting();
  auto const result = work();
  return stop_counting();
}

}  // namespace benchmarks

#endif
