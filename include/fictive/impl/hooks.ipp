// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_IMPL_HOOKS_IPP
#define FICTIVE_IMPL_HOOKS_IPP

#include <fictive/hooks.hpp>

#include <atomic>
#include <cstdint>

namespace fictive::detail {

FICTIVE_DECL std::uint64_t next_call_id() noexcept {
  static std::atomic<std::uint64_t> last = 0;
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace fictive::detail

#endif
