// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_FORK_GENERATION_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_FORK_GENERATION_IPP

#include <fictive/beast/detail/fork_generation.hpp>

#include <atomic>

#if !defined(_WIN32)
#include <pthread.h>
#endif

namespace FICTIVE_BEAST_NAMESPACE::detail {

FICTIVE_DECL unsigned fork_generation() noexcept {
#if defined(_WIN32)
  return 0;
#else
  static std::atomic<unsigned> generation = 0;
  [[maybe_unused]] static int const registered = ::pthread_atfork(nullptr, nullptr, [] { ++generation; });
  return generation.load(std::memory_order_relaxed);
#endif
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
