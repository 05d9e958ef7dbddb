// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_DRIVER_CLOCK_HPP
#define FICTIVE_DETAIL_DRIVER_CLOCK_HPP

#include <fictive/config.hpp>
#include <fictive/detail/driver/missing_date.hpp>
#include <fictive/detail/driver/wait_for_change.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/transport.hpp>

#include <chrono>
#include <concepts>
#include <condition_variable>
#include <mutex>

// The clock of a transport, or the system's if it has none.

namespace fictive::detail {

using clock = std::chrono::steady_clock;

template <class Transport>
clock::time_point now(Transport& transport) {
  if constexpr (requires {
                  { transport.now() } -> std::same_as<clock::time_point>;
                })
    return transport.now();
  else
    return clock::now();
}

/// Returns false, and early, when a stop is requested.
template <class Transport>
bool wait_until(Transport& transport, clock::time_point time, stop_token const& stop) {
  if constexpr (has_clock<Transport>) {
    return transport.wait_until(time, stop);
  } else {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    static_cast<void>(wait_for_change(never, lock, 0, time, stop));
    return !stop.stop_requested();
  }
}

/// The same for a transport's response. A transport's own clock is not the time of day.
template <class Transport>
void add_missing_date([[maybe_unused]] Transport& transport, result<http_response>& response) {
  if constexpr (!requires { transport.now(); }) {
    if (response) add_missing_date(response->headers);
  }
}

}  // namespace fictive::detail

#endif
