// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_SRC_HPP
#define FICTIVE_BEAST_SRC_HPP

// The definitions of the adapter for Boost.Beast, for separate compilation: include this in exactly one source file of
// the program, next to <fictive/src.hpp>.

#include <fictive/config.hpp>

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#error "<fictive/beast/src.hpp> needs FICTIVE_SEPARATE_COMPILATION, defined in all files of the program"
#endif

#include <fictive/beast.hpp>

#include <fictive/beast/detail/impl/async_exchange.ipp>
#include <fictive/beast/detail/impl/blocking_exchange.ipp>
#include <fictive/beast/detail/impl/connection.ipp>
#include <fictive/beast/detail/impl/connection_pool.ipp>
#include <fictive/beast/detail/impl/exchange.ipp>
#include <fictive/beast/detail/impl/exchange_machine.ipp>
#include <fictive/beast/detail/impl/fork_generation.ipp>
#include <fictive/beast/detail/impl/pooled_exchange.ipp>
#include <fictive/beast/detail/impl/proxy.ipp>
#include <fictive/beast/detail/impl/resolver.ipp>
#include <fictive/beast/detail/impl/response_reader.ipp>
#include <fictive/beast/detail/impl/shared_state.ipp>
#include <fictive/beast/detail/impl/socket_stream.ipp>
#include <fictive/beast/detail/impl/tls.ipp>
#include <fictive/beast/impl/async_transport.ipp>
#include <fictive/beast/impl/proxy.ipp>
#include <fictive/beast/impl/transport.ipp>

#endif
