#define FICTIVE_BEAST_NO_TLS
#include <fictive/beast/src.hpp>
