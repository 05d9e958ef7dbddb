// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_NAMESPACE_HPP
#define FICTIVE_BEAST_DETAIL_NAMESPACE_HPP

#include <fictive/config.hpp>

#include <boost/config.hpp>

#if defined(BOOST_NO_EXCEPTIONS)
#error "the adapter for Beast needs exceptions: compile without -fno-exceptions"
#endif

/// The namespace of the adapter. Without TLS its types are different ones, so that one program may contain both kinds;
/// passing an object of one kind to the other does not compile or does not link.
#if defined(FICTIVE_BEAST_NO_TLS)
#define FICTIVE_BEAST_NAMESPACE fictive::beast::inline without_tls
#else
#define FICTIVE_BEAST_NAMESPACE fictive::beast
#endif

#endif
