// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_NAMESPACE_HPP
#define FICTIVE_BEAST_DETAIL_NAMESPACE_HPP

#include <fictive/config.hpp>

/// Where the adapter lives. Without TLS it is other types, so that one program may hold both kinds: what is handed from
/// one to the other does not compile or does not link.
#if defined(FICTIVE_BEAST_NO_TLS)
#define FICTIVE_BEAST_NAMESPACE fictive::beast::inline without_tls
#else
#define FICTIVE_BEAST_NAMESPACE fictive::beast
#endif

// Most of what lives there is a template of nothing (`template <class = void>`; `Nothing`, where a base is one, too), so
// that it is compiled where a program makes a transport and calls it, and not in every file that includes it: with all
// that it is made of in Asio, Beast and OpenSSL, it would cost such a file a quarter more. A body that is no template
// compiles whatever it uses; hence the constructors and the call operator of the transports are templates, too.

#endif
