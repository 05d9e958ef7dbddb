#ifndef FICTIVE_BENCHMARK_SUPPORT_MEASURE_HPP
#define FICTIVE_BENCHMARK_SUPPORT_MEASURE_HPP

#include "allocations.hpp"

#include <benchmark/benchmark.h>

#include <time.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace benchmarks {

/// The time that this thread has run, in seconds: what else the machine does is left out.
inline double thread_time() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Times `make` and not the destruction of what it makes; so many results are made between two looks at the clock that
/// those do not count. For benchmarks with `UseManualTime`, whose `range(0)` is the size of one result.
template <class Make>
void measure(benchmark::State& state, Make make, bool count_allocations = true) {
  auto const size = static_cast<std::size_t>(state.range(0));
  auto const batch = std::clamp<std::size_t>(1000 / size, 1, 50);

  if (count_allocations) {
    auto const counted = allocations_of(make);
    state.counters["allocations"] = static_cast<double>(counted.count);
    state.counters["peak_bytes"] = static_cast<double>(counted.peak_bytes);
    state.counters["kept_bytes"] = static_cast<double>(counted.kept_bytes);
  }

  std::vector<decltype(make())> results;
  results.reserve(batch);
  for (auto _ : state) {
    auto const start = thread_time();
    for (std::size_t i = 0; i < batch; ++i) results.push_back(make());
    auto const stop = thread_time();
    benchmark::DoNotOptimize(results.data());
    state.SetIterationTime((stop - start) / static_cast<double>(batch));
    results.clear();
  }
  state.SetComplexityN(state.range(0));
}

}  // namespace benchmarks

#endif
