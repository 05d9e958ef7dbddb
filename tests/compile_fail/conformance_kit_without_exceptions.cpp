// The kit checks what transports throw.
// flags: -fno-exceptions -Wfatal-errors
// expect: the conformance kit for transports needs exceptions: compile without -fno-exceptions

#include <fictive/testing/transport_conformance.hpp>
