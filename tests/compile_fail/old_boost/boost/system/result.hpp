#error "Boost 1.74 does not have this header"
