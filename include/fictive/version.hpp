// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_VERSION_HPP
#define FICTIVE_VERSION_HPP

#include <fictive/config.hpp>

// The version of this library, by semantic versioning. This is its one home: the build
// files read it from here.

#define FICTIVE_VERSION_MAJOR 0
#define FICTIVE_VERSION_MINOR 1
#define FICTIVE_VERSION_PATCH 0
#define FICTIVE_VERSION_STRING "0.1.0"

#endif
