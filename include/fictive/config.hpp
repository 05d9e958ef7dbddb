// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_CONFIG_HPP
#define FICTIVE_CONFIG_HPP

// What every other header relies on: C++20, the version of Boost, and the mode of compilation. MSVC reports the
// language in _MSVC_LANG.

#if defined(_MSVC_LANG)
#if _MSVC_LANG < 202002L
#error "fictive needs C++20: compile with /std:c++20 or later"
#endif
#elif __cplusplus < 202002L
#error "fictive needs C++20: compile with -std=c++20 or later"
#endif

// Before any other header of Boost: an older version lacks some of them.
#include <boost/version.hpp>
#if BOOST_VERSION < 108100
#error "fictive needs Boost 1.81 or later"
#endif

// Headers declare, and by default include their definitions (impl/*.ipp) as inline functions. With
// FICTIVE_SEPARATE_COMPILATION defined in all files of a program they do not; then exactly one of its source files
// includes <fictive/src.hpp> and, for the adapter for Beast, <fictive/beast/src.hpp>.
#if defined(FICTIVE_SEPARATE_COMPILATION)
#define FICTIVE_DECL
#else
#define FICTIVE_DECL inline
#endif

// For functions that many places call, and seldom. Compilers limit how much inlining may enlarge a source file; this
// leaves it to the functions that run for each JSON token.
#if defined(__GNUC__)
#define FICTIVE_NOINLINE [[gnu::noinline]]
#else
#define FICTIVE_NOINLINE
#endif

// A linker refuses a symbol that is thread_local in one file and not in another.
#if defined(_MSC_VER)
#if defined(FICTIVE_SEPARATE_COMPILATION)
#pragma detect_mismatch("FICTIVE_SEPARATE_COMPILATION", "defined")
#else
#pragma detect_mismatch("FICTIVE_SEPARATE_COMPILATION", "not defined")
#endif
#elif defined(__ELF__)
namespace fictive::detail {
// NOLINTBEGIN(readability-identifier-naming): it is the linker's message
#if defined(FICTIVE_SEPARATE_COMPILATION)
[[gnu::used,
  gnu::visibility("hidden")]] inline thread_local char define_FICTIVE_SEPARATE_COMPILATION_in_all_files_or_in_none = 0;
#else
[[gnu::used, gnu::visibility("hidden")]] inline char define_FICTIVE_SEPARATE_COMPILATION_in_all_files_or_in_none = 0;
#endif
// NOLINTEND(readability-identifier-naming)
}  // namespace fictive::detail
#endif

#endif
