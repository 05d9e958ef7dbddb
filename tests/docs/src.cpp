// The code of docs/boost-json.md: the one source file of a program that compiles Boost.JSON.

// [src]
#include <boost/json/src.hpp>
// [src]
