// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_DRIVER_WAIT_FOR_CHANGE_HPP
#define FICTIVE_DETAIL_DRIVER_WAIT_FOR_CHANGE_HPP

#include <fictive/config.hpp>
#include <fictive/stop_token.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace fictive::detail {

/// Waits until the number of changes grows, of which `changed` notifies. Returns false at `until`, or earlier when a stop
/// is requested. `lock` is held.
bool wait_for_change(std::condition_variable_any& changed, std::unique_lock<std::mutex>& lock,
                     std::uint64_t const& changes, std::chrono::steady_clock::time_point until, stop_token const& stop);

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/driver/impl/wait_for_change.ipp>
#endif

#endif
