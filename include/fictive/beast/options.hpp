// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_OPTIONS_HPP
#define FICTIVE_BEAST_OPTIONS_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>
#include <fictive/credentials.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

namespace boost::asio::ssl {

class context;

}  // namespace boost::asio::ssl

namespace FICTIVE_BEAST_NAMESPACE {

/// An IP address and a port.
struct endpoint {
  /// An IPv4 or IPv6 address, as in "192.0.2.1" or "2001:db8::1".
  std::string address = {};
  /// The TCP port.
  std::uint16_t port = 0;
};

/// Versions of TLS. Older ones are not offered.
enum class tls_version : unsigned char { tls_1_2, tls_1_3 };

/// TLS settings. A certificate that is valid for the host is required. What cannot be loaded fails each request to an
/// https URL with `errc::invalid_argument`, which names the option.
struct tls_options {
  /// A PEM file with the certificate authorities to trust. If neither this nor `ca_pem` is set, those of the system.
  std::string ca_file = {};
  /// The PEM text of authorities to trust; may be combined with `ca_file`.
  std::string ca_pem = {};
  /// Trusts the system's authorities in addition to those of `ca_file` and `ca_pem`.
  bool system_authorities = false;
  /// @{ The client's certificate, for servers that require one: a PEM file or PEM text with the certificate first, then
  /// the intermediate ones. Set at most one of the two, and the key.
  std::string certificate_chain_file = {};
  std::string certificate_chain_pem = {};
  /// @}
  /// @{ The key of the client's certificate: a PEM file or PEM text. Set at most one of the two.
  std::string private_key_file = {};
  secret private_key_pem = {};
  /// @}
  /// The password of the key, if it is encrypted.
  secret private_key_password = {};
  /// Disables verification. Anybody between client and server can then read the credentials and forge responses.
  bool dangerously_accept_any_certificate = false;
  /// Called last, once, before the first connection, for what these options do not offer: certificate revocation lists,
  /// PKCS#11, pinning. If it throws, the request fails with `errc::invalid_argument`. Weakening the verification here
  /// has the same risk as `dangerously_accept_any_certificate`.
  std::function<void(boost::asio::ssl::context&)> configure = {};
  /// The oldest version to accept.
  tls_version min_version = tls_version::tls_1_2;
};

/// How a transport connects, and which connections it keeps.
struct transport_options {
  /// TLS settings.
  tls_options tls = {};
  /// Maximum number of connections to one origin, in use and idle. At least 1. Each call in progress uses one; calls
  /// beyond the maximum wait in order, within their `total_timeout`. A wait that times out or is cancelled ends with
  /// `errc::timed_out` or `errc::cancelled`, and `effect::none`. The connect timeout begins after the wait.
  std::size_t max_connections = 64;
  /// Maximum number of idle connections to one origin that are kept for later requests.
  std::size_t max_idle_connections = 64;
  /// Maximum time that a connection is idle before it is closed. If a response has `Keep-Alive: timeout=N`, the time is
  /// N - 1 seconds, if that is shorter. An asynchronous transport on an `io_context`, or a strand of one, closes the
  /// connection at that time, if the context runs; others close it when the next call begins or ends.
  std::chrono::milliseconds max_idle_time = std::chrono::seconds(30);
  /// Maximum age of a connection. It is not used for a new request then, so that requests reach the addresses to which
  /// the host resolves now. A request in progress is not interrupted.
  std::chrono::milliseconds max_connection_age = std::chrono::minutes(10);
  /// If an address of the host does not answer for this time, the next one is tried as well (RFC 8305); if it fails,
  /// the next one is tried at once. IPv6 and IPv4 addresses alternate. At least 10 ms.
  std::chrono::milliseconds next_address_after = std::chrono::milliseconds(250);
  /// The proxy to use for all requests, as in `http://user:password@host:port`; `https` for TLS to the proxy. User and
  /// password, if it has them, are percent-encoded. With a URL that cannot be used each request fails with
  /// `errc::invalid_argument`. For https URLs, the proxy receives only host and port (CONNECT); for http URLs, the whole
  /// request. A proxy over TLS is verified with the authorities of `tls`, and receives no client certificate. See
  /// `proxy_from_environment`.
  secret proxy = {};
  /// Replaces the system's resolver. Blocks, and returns the host's endpoints in the order to try them, or sets the
  /// error. It is called on a thread that is left behind if the call times out or is cancelled, so it must not refer to
  /// what may be destroyed by then. Calls that need the same host and port at the same time share one resolution; a
  /// transport runs at most 8 of them at once.
  std::function<std::vector<endpoint>(std::string const& host, std::string const& port, std::error_code&)> resolve = {};
};

}  // namespace FICTIVE_BEAST_NAMESPACE

#endif
