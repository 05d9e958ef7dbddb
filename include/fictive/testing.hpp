// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_TESTING_HPP
#define FICTIVE_TESTING_HPP

// What tests of programs that invite people need. Needs Boost.JSON's library, as response.hpp does.

#include <fictive/testing/scripted_transport.hpp>
#include <fictive/testing/stand_in_service.hpp>

#endif
