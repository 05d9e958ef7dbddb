// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_STOP_CALLBACK_HPP
#define FICTIVE_BEAST_DETAIL_STOP_CALLBACK_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>
#include <fictive/stop_token.hpp>

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// `std::stop_callback`; if the standard library has none, one that is never called.
#if defined(__cpp_lib_jthread)
template <class Callback>
using stop_callback = std::stop_callback<Callback>;
#else
template <class Callback>
struct stop_callback {
  stop_callback(stop_token const&, Callback) {}
};
#endif

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
