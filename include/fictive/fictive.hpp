// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_FICTIVE_HPP
#define FICTIVE_FICTIVE_HPP

// Everything but bulk runs (invite_all.hpp, file_journal.hpp), conversions to types of the standard library (format.hpp,
// expected.hpp), the adapter for Beast (beast.hpp) and test support (testing.hpp).

#include <fictive/async_client.hpp>
#include <fictive/call.hpp>
#include <fictive/call_options.hpp>
#include <fictive/client.hpp>
#include <fictive/client_config.hpp>
#include <fictive/config.hpp>
#include <fictive/credentials.hpp>
#include <fictive/date_time.hpp>
#include <fictive/error.hpp>
#include <fictive/hooks.hpp>
#include <fictive/http.hpp>
#include <fictive/invite.hpp>
#include <fictive/invite_endpoint.hpp>
#include <fictive/retry.hpp>
#include <fictive/stop_token.hpp>
#include <fictive/transport.hpp>
#include <fictive/version.hpp>

#endif
