// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_HPP
#define FICTIVE_BEAST_HPP

// The adapter for Boost.Beast, Boost.Asio and OpenSSL. Link fictive::beast, or OpenSSL (ssl, crypto) and threads.
//
// FICTIVE_BEAST_NO_TLS, defined before the first of these headers, removes TLS, for requests to a side-car over plain
// HTTP: no header of OpenSSL is included, only threads have to be linked, and an https URL is refused.

#include <fictive/beast/async_client.hpp>
#include <fictive/beast/async_transport.hpp>
#include <fictive/beast/client.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/beast/proxy.hpp>
#include <fictive/beast/transport.hpp>

#endif
