// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_FICTIVE_HPP
#define FICTIVE_FICTIVE_HPP

// Everything but the adapters (beast.hpp) and what tests need (testing.hpp).

#include <fictive/async_client.hpp>
#include <fictive/call.hpp>
#include <fictive/client.hpp>
#include <fictive/config.hpp>
#include <fictive/date_time.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/invite.hpp>
#include <fictive/observe.hpp>
#include <fictive/request.hpp>
#include <fictive/response.hpp>
#include <fictive/retry.hpp>
#include <fictive/service.hpp>
#include <fictive/transport.hpp>
#include <fictive/version.hpp>

#endif
