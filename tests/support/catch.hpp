#ifndef FICTIVE_TESTS_SUPPORT_CATCH_HPP
#define FICTIVE_TESTS_SUPPORT_CATCH_HPP

// Catch2, version 3 or, where only that is there, 2.13.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#endif
