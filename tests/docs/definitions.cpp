// The code of docs/installation.md: the one source file that holds the definitions.

// [definitions]
#include <fictive/beast/src.hpp>  // only with the adapter
#include <fictive/src.hpp>
// [definitions]
