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

// Much of this library is a "template of nothing" (`template <class = void>`): compiled where a program calls it, and not
// in every file that includes it. Whatever is no template compiles all that it uses, so that in the adapter for Beast the
// constructors and the calls of the public classes are templates of nothing, too. They are called as if they were not.

#endif
