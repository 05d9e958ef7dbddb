// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_HPP
#define FICTIVE_BEAST_HPP

// Transports on Boost.Beast, Boost.Asio and OpenSSL. Link fictive::beast, or OpenSSL (ssl, crypto) and threads.

#include <fictive/beast/blocking_transport.hpp>
#include <fictive/beast/client.hpp>
#include <fictive/beast/transport.hpp>

#endif
