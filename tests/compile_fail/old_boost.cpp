// An old Boost is named as such, before a header that it lacks.
// flags: -I{here}/old_boost -Wfatal-errors
// expect: fictive needs Boost 1.81 or later

#include <fictive/fictive.hpp>
