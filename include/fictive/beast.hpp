// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_HPP
#define FICTIVE_BEAST_HPP

// Transports on Boost.Beast, Boost.Asio and OpenSSL. Link fictive::beast, or OpenSSL (ssl, crypto) and threads.
//
// With FICTIVE_BEAST_NO_TLS defined before the first of these headers, for requests that go to a side-car over plain
// HTTP: no header of OpenSSL is included, threads are all there is to link, and an https URL is refused.

#include <fictive/beast/blocking_transport.hpp>
#include <fictive/beast/client.hpp>
#include <fictive/beast/transport.hpp>

#endif
