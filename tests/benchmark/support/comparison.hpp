#ifndef FICTIVE_BENCHMARK_SUPPORT_COMPARISON_HPP
#define FICTIVE_BENCHMARK_SUPPORT_COMPARISON_HPP

#include "allocations.hpp"

#include <benchmark/benchmark.h>

#include <time.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace benchmarks {

/// Processor time of this thread in seconds: excludes the time of other processes.
inline double thread_time() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Times several implementations of the same work, interleaved in random order, for a benchmark with `UseManualTime` whose
/// `range(0)` is the size of one result. The speed of a virtual machine changes by a third from one second to the next, so
/// each repetition times all of them, and only times of one repetition are compared.
class comparison {
 public:
  explicit comparison(benchmark::State& state)
      : state_(state), batch_(std::clamp<std::size_t>(1000 / static_cast<std::size_t>(state.range(0)), 1, 50)) {}

  /// `make()` does the work once. The destruction of its result is not timed.
  template <class Make>
  void add(std::string const& name, Make make, bool uses_operator_new = true) {
    if (uses_operator_new) {
      auto const counted = allocations_of(make);
      count(name + ".allocations", static_cast<double>(counted.count));
      count(name + ".peak_bytes", static_cast<double>(counted.peak_bytes));
      count(name + ".kept_bytes", static_cast<double>(counted.kept_bytes));
    }
    libraries_.push_back({name, [make, batch = batch_] { return seconds_of(batch, make); }});
  }

  /// Reports the mean time of each library in nanoseconds.
  void run() {
    std::vector<std::size_t> order(libraries_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (auto _ : state_) {
      std::shuffle(order.begin(), order.end(), random_);
      double round = 0;
      for (auto const i : order) {
        auto const seconds = libraries_[i].seconds();
        libraries_[i].total += seconds;
        round += seconds;
      }
      state_.SetIterationTime(round);
    }
    for (auto const& one : libraries_)
      count(one.name + ".nanoseconds",
            1e9 * one.total / static_cast<double>(static_cast<std::size_t>(state_.iterations()) * batch_));
  }

 private:
  struct library {
    std::string name;
    std::function<double()> seconds;
    double total = 0;
  };

  /// The time of `batch` results, after a first one that warms up the caches and the heap.
  template <class Make>
  static double seconds_of(std::size_t batch, Make const& make) {
    std::vector<decltype(make())> results;
    results.reserve(batch);
    results.push_back(make());
    results.clear();
    auto const before = thread_time(), start = thread_time();  // reading this clock takes a microsecond
    for (std::size_t i = 0; i < batch; ++i) results.push_back(make());
    auto const stop = thread_time();
    benchmark::DoNotOptimize(results.data());
    return (stop - start) - (start - before);
  }

  void count(std::string const& name, double value) { state_.counters[name] = value; }

  benchmark::State& state_;
  std::size_t batch_;
  std::vector<library> libraries_;
  inline static std::mt19937 random_{20170709};  // goes on: a repetition may be a single round
};

}  // namespace benchmarks

#endif
