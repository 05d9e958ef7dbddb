// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_DRIVER_IMPL_WAIT_FOR_CHANGE_IPP
#define FICTIVE_DETAIL_DRIVER_IMPL_WAIT_FOR_CHANGE_IPP

#include <fictive/detail/driver/wait_for_change.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace fictive::detail {

FICTIVE_DECL bool wait_for_change(std::condition_variable_any& changed, std::unique_lock<std::mutex>& lock,
                                  std::uint64_t const& changes, std::chrono::steady_clock::time_point until,
                                  [[maybe_unused]] stop_token const& stop) {
  auto const has_changed = [&changes, before = changes] { return changes != before; };
#if defined(__cpp_lib_jthread)
  return changed.wait_until(lock, stop, until, has_changed);
#else
  return changed.wait_until(lock, until, has_changed);
#endif
}

}  // namespace fictive::detail

#endif
