// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_FORK_GENERATION_HPP
#define FICTIVE_BEAST_DETAIL_FORK_GENERATION_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>

#include <boost/asio/detail/config.hpp>

#if !defined(BOOST_ASIO_WINDOWS)
#include <pthread.h>

#include <atomic>
#endif

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// Changes in the child of a `fork()`. Connections and threads belong to the process that made them: the child has
/// copies of the parent's descriptors, and none of its threads.
inline unsigned fork_generation() noexcept {
#if defined(BOOST_ASIO_WINDOWS)
  return 0;
#else
  static std::atomic<unsigned> generation = 0;
  [[maybe_unused]] static int const registered = ::pthread_atfork(nullptr, nullptr, [] { ++generation; });
  return generation.load(std::memory_order_relaxed);
#endif
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
