// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_FORK_GENERATION_HPP
#define FICTIVE_BEAST_DETAIL_FORK_GENERATION_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// Changes in the child of a `fork()`. Connections and threads belong to the process that made them: the child has
/// copies of the parent's descriptors, and none of its threads.
unsigned fork_generation() noexcept;

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/fork_generation.ipp>
#endif

#endif
