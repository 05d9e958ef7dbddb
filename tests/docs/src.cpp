// What docs/boost-json.md shows: the one file of a program that compiles Boost.JSON into it.

// [src]
#include <boost/json/src.hpp>
// [src]
