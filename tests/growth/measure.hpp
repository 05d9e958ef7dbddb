#ifndef FICTIVE_TESTS_GROWTH_MEASURE_HPP
#define FICTIVE_TESTS_GROWTH_MEASURE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iostream>
#include <string>

// Time and memory of a function over the size of its input.

namespace growth {

/// What `operator new`, which allocations.cpp replaces, has handed out.
struct allocated {
  std::size_t now = 0, peak = 0, count = 0;
};
inline allocated memory;

/// Nanoseconds of this thread's processor time.
std::int64_t processor_time();

/// Lets malloc keep what was freed: the system would clear it again, which costs small sizes nothing.
void keep_memory();

/// A text of about `size` bytes, and the function that reads it.
struct shape {
  char const* name;
  std::function<std::string(std::size_t size)> text;
  std::function<void(std::string const&)> read;
  double most_memory = 4;  ///< times the size of the text
  double most_exponent = 1.1;
};

struct measurement {
  double exponent = 0;      ///< of the time, from 64 KiB to 8 MiB
  double memory = 0;        ///< the most from 64 KiB to 8 MiB, beyond that of 1 KiB, in times of the text's size
  double milliseconds = 0;  ///< of 8 MiB
};

/// Bytes at the peak while the function reads the text, besides the text.
inline std::size_t peak_of(shape const& one, std::string const& text) {
  auto const before = memory.now;
  memory.peak = memory.now;
  one.read(text);
  return memory.peak - before;
}

/// The least time of some runs.
inline std::int64_t time_of(shape const& one, std::string const& text, int runs) {
  std::int64_t least = INT64_MAX;
  for (; runs > 0; --runs) {
    auto const begin = processor_time();
    one.read(text);
    least = (std::min)(least, processor_time() - begin);
  }
  return least;
}

/// The time is that of a processor which others use, too: the least exponent of some tries counts. Work that is not
/// linear has a larger one in each. Copying alone is not linear, because of the caches: what takes no longer is good.
inline measurement measure(shape const& one) {
  constexpr std::size_t small = 64 * 1024, large = 8 * 1024 * 1024;
  measurement seen{.exponent = 1e9};
  auto const fixed = peak_of(one, one.text(1024));
  for (std::size_t size = small; size <= large; size *= 2) {
    auto const text = one.text(size);
    auto const peak = (std::max)(peak_of(one, text), fixed) - fixed;
    seen.memory = (std::max)(seen.memory, static_cast<double>(peak) / static_cast<double>(text.size()));
  }
  constexpr double copying = 4;  // ms for 8 MiB, in which nothing but copies and searches is possible
  auto const few = one.text(small), many = one.text(large);
  for (int tries = 0; tries < 5 && seen.exponent > one.most_exponent; ++tries) {
    auto const less = time_of(one, few, 20), more = time_of(one, many, 3);
    auto const ratio = static_cast<double>(more) / static_cast<double>((std::max<std::int64_t>)(less, 1000));
    auto const sizes = static_cast<double>(many.size()) / static_cast<double>(few.size());
    seen.milliseconds = static_cast<double>(more) / 1e6;
    auto const exponent = seen.milliseconds < copying ? 1 : std::log(ratio) / std::log(sizes);
    seen.exponent = (std::min)(seen.exponent, exponent);
  }
  return seen;
}

/// Measures the shape, prints a row, and returns whether time and memory are within their limits.
inline bool is_within_limits(shape const& one) {
  auto const seen = measure(one);
  bool const is_good = seen.exponent <= one.most_exponent && seen.memory <= one.most_memory;
  std::cout << (is_good ? "  " : "! ") << one.name << ": time ~ size^" << std::round(seen.exponent * 100) / 100 << ", "
            << std::round(seen.milliseconds * 10) / 10 << " ms for 8 MiB, memory "
            << std::round(seen.memory * 100) / 100 << " x size (at most " << one.most_memory << ")\n";
  return is_good;
}

}  // namespace growth

#endif
