#ifndef FICTIVE_TESTS_SUPPORT_ALLOCATED_BYTES_HPP
#define FICTIVE_TESTS_SUPPORT_ALLOCATED_BYTES_HPP

#include <atomic>
#include <cstddef>

namespace tests {

/// The total of all sizes that were passed to `operator new`, which tests/unit/credentials.cpp replaces.
inline std::atomic<std::size_t> allocated_bytes{0};

}  // namespace tests

#endif
