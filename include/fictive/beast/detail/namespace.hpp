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

#endif
