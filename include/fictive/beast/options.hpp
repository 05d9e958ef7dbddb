// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_OPTIONS_HPP
#define FICTIVE_BEAST_OPTIONS_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

namespace FICTIVE_BEAST_NAMESPACE {

/// An IP address and a port.
struct endpoint {
  /// An IPv4 or IPv6 address, as in "192.0.2.1" or "2001:db8::1".
  std::string address = {};
  /// The TCP port.
  std::uint16_t port = 0;
};

/// TLS verification settings. TLS 1.2 or later is required, and a certificate that is valid for the host.
struct tls_options {
  /// A PEM file with the certificate authorities to trust. If neither this nor `ca_pem` is set, those of the system.
  std::string ca_file = {};
  /// The PEM text of authorities to trust; may be combined with `ca_file`.
  std::string ca_pem = {};
  /// Disables verification. Anybody between client and server can then read the credentials and forge responses.
  bool dangerously_accept_any_certificate = false;
};

/// How a transport connects, and which connections it keeps.
struct transport_options {
  /// TLS verification settings.
  tls_options tls = {};
  /// Maximum number of idle connections to one origin that are kept for later requests.
  std::size_t max_idle_connections = 64;
  /// Maximum time that a connection is idle before it is closed, when the next request is sent.
  std::chrono::milliseconds max_idle_time = std::chrono::seconds(30);
  /// Replaces the system's resolver. Blocks, and returns the host's endpoints in the order to try them, or sets the
  /// error. It is called on a thread that is left behind if the call times out or is cancelled, so it must not refer to
  /// what may be destroyed by then. Calls that need the same host and port at the same time share one resolution; a
  /// transport runs at most 8 of them at once.
  std::function<std::vector<endpoint>(std::string const& host, std::string const& port, std::error_code&)> resolve = {};
};

}  // namespace FICTIVE_BEAST_NAMESPACE

#endif
