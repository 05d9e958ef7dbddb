// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_OPTIONS_HPP
#define FICTIVE_BEAST_OPTIONS_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace FICTIVE_BEAST_NAMESPACE {

/// Whom to trust. TLS 1.2 or later is asked for, and a certificate that is valid for the host.
struct tls_options {
  /// A PEM file with the certificate authorities to trust. If neither this nor `ca_pem` is set: the system's.
  std::string ca_file = {};
  /// The PEM text of authorities to trust; both may be set.
  std::string ca_pem = {};
  /// Talks to whoever answers: anybody on the way can then read the credentials and answer in the service's name.
  bool dangerously_accept_any_certificate = false;
};

/// Resolves a host, blocking: its endpoints in the order to try them, or an error. Called on a thread that is left behind
/// if the call times out or is cancelled, so it must not refer to what may be destroyed by then. Calls that need the same
/// host and port at the same time share one resolution; a transport runs at most 8 of them at once.
using name_lookup = std::function<std::vector<boost::asio::ip::tcp::endpoint>(
    std::string const& host, std::string const& port, boost::system::error_code&)>;

/// How a transport connects, and what it keeps.
struct transport_options {
  /// Whom to trust.
  tls_options tls = {};
  /// How many idle connections to one origin are kept for later requests.
  std::size_t max_idle_connections = 64;
  /// How long a connection may have been idle to be used. Older ones are closed when the next request is sent.
  std::chrono::milliseconds max_idle_time = std::chrono::seconds(30);
  /// Instead of the system's resolver.
  name_lookup lookup = {};
};

}  // namespace FICTIVE_BEAST_NAMESPACE

#endif
