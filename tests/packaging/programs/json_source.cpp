// The compiled part of Boost.JSON, for programs that do not link its library: in exactly one file of the program.
#include <boost/json/src.hpp>
