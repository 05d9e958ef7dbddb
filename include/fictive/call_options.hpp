// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_CALL_OPTIONS_HPP
#define FICTIVE_CALL_OPTIONS_HPP

#include <fictive/config.hpp>
#include <fictive/stop_token.hpp>

namespace fictive {

/// Options of one call.
struct call_options {
  /// Cancels the call: a delay ends at once, a request as soon as the transport can.
  stop_token stop = {};
};

}  // namespace fictive

#endif
