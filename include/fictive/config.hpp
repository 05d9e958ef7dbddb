// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_CONFIG_HPP
#define FICTIVE_CONFIG_HPP

// What every other header relies on: C++20. MSVC reports the language in _MSVC_LANG.

#if defined(_MSVC_LANG)
#if _MSVC_LANG < 202002L
#error "fictive needs C++20: compile with /std:c++20 or later"
#endif
#elif __cplusplus < 202002L
#error "fictive needs C++20: compile with -std=c++20 or later"
#endif

// All that such a function calls is compiled into it: for the few that run for each text of a response.
#if defined(__GNUC__)
#define FICTIVE_FLATTEN [[gnu::flatten]]
#else
#define FICTIVE_FLATTEN
#endif

#endif
