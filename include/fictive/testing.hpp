// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_TESTING_HPP
#define FICTIVE_TESTING_HPP

// Test support for programs that invite people: a fake service and a scripted transport. Link Boost.JSON.

#include <fictive/testing/fake_service.hpp>
#include <fictive/testing/scripted_transport.hpp>

#endif
