// The adapter handles exceptions of Asio.
// flags: -fno-exceptions -Wfatal-errors -DFICTIVE_BEAST_NO_TLS
// expect: the adapter for Beast needs exceptions: compile without -fno-exceptions

#include <fictive/beast.hpp>
