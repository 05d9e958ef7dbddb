#include "allocations.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

// The programs have one thread each.

namespace {

bool counting = false;
std::size_t count = 0, bytes = 0, peak_bytes = 0;

void* allocate(std::size_t size) {
  void* const memory = std::malloc(size);
  if (!memory) throw std::bad_alloc();
  if (counting) {
    ++count;
    bytes += malloc_usable_size(memory);
    peak_bytes = std::max(peak_bytes, bytes);
  }
  return memory;
}

void release(void* memory) noexcept {
  if (counting && memory) bytes -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

namespace benchmarks {

void start_counting() noexcept {
  count = bytes = peak_bytes = 0;
  counting = true;
}

allocations stop_counting() noexcept {
  counting = false;
  return {.count = count, .peak_bytes = peak_bytes, .kept_bytes = bytes};
}

}  // namespace benchmarks

void* operator new(std::size_t size) {
  return allocate(size);
}
void* operator new[](std::size_t size) {
  return allocate(size);
}
void operator delete(void* memory) noexcept {
  release(memory);
}
void operator delete[](void* memory) noexcept {
  release(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  release(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  release(memory);
}
