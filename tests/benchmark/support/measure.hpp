#ifndef FICTIVE_BENCHMARK_SUPPORT_MEASURE_HPP
#define FICTIVE_BENCHMARK_SUPPORT_MEASURE_HPP

#include "allocations.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

namespace benchmarks {

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
    auto const start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < batch; ++i) results.push_back(make());
    auto const stop = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(results.data());
    state.SetIterationTime(std::chrono::duration<double>(stop - start).count() / static_cast<double>(batch));
    results.clear();
  }
  state.SetComplexityN(state.range(0));
}

}  // namespace benchmarks

#endif
