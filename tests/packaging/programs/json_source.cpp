// Boost.JSON's compiled part, for programs that link no library of Boost: in exactly one file of the program.
#include <boost/json/src.hpp>
