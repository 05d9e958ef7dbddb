// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_CALL_OPTIONS_HPP
#define FICTIVE_CALL_OPTIONS_HPP

#include <fictive/config.hpp>
#include <fictive/http.hpp>
#include <fictive/stop_token.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace fictive {

/// Options of one call.
struct call_options {
  /// Cancels the call: a delay ends at once, a request as soon as the transport can.
  stop_token stop = {};
  /// The deadline of this call, in place of `retry_policy::deadline`.
  std::optional<std::chrono::milliseconds> deadline = {};
  /// Headers of this call, for example `traceparent`, besides `client_config::extra_headers` and under the same rules.
  http_headers headers = {};
  /// A name for this call, which the hooks receive. It is not sent, and may be logged if the hooks log it.
  std::string label = {};
};

}  // namespace fictive

#endif
