#include "growth/measure.hpp"

#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

// Counts the bytes that are allocated, as malloc rounds them.

std::int64_t growth::processor_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void growth::keep_memory() {
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

void* operator new(std::size_t size) {
  void* const memory = std::malloc(size > 0 ? size : 1);
  if (!memory) throw std::bad_alloc();
  auto& all = growth::memory;
  ++all.count;
  all.now += malloc_usable_size(memory);
  all.peak = (std::max)(all.peak, all.now);
  return memory;
}

void operator delete(void* memory) noexcept {
  if (!memory) return;
  growth::memory.now -= malloc_usable_size(memory);
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}
