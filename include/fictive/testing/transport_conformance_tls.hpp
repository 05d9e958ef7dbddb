// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_TESTING_TRANSPORT_CONFORMANCE_TLS_HPP
#define FICTIVE_TESTING_TRANSPORT_CONFORMANCE_TLS_HPP

#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/testing/conformance.hpp>
#include <fictive/testing/detail/exchange_checks.hpp>
#include <fictive/testing/detail/failure_checks.hpp>
#include <fictive/testing/detail/limit_checks.hpp>
#include <fictive/testing/detail/misbehaving_server.hpp>
#include <fictive/testing/detail/tls_channel.hpp>
#include <fictive/testing/detail/trial.hpp>
#include <fictive/testing/transport_conformance.hpp>

#include <string>
#include <system_error>
#include <vector>

// The conformance kit over https. Also needs OpenSSL.

namespace fictive::testing {

/// The PEM files of a server.
struct server_certificate {
  /// Its certificate, followed by the intermediate ones.
  std::string certificate_file = {};
  /// Its private key.
  std::string private_key_file = {};
};

/// The certificates of the servers on loopback.
struct tls_conformance_certificates {
  /// The host in the URLs: this machine's IPv4 loopback address, or a name that resolves to it.
  std::string host = "localhost";
  /// For that host, and trusted by the transport.
  server_certificate accepted = {};
  /// Those that the transport must reject: of another authority, for another host, expired.
  std::vector<server_certificate> refused = {};
};

/// The same as `check_transport`, over https. The transports that `make` returns trust the authority of the accepted
/// certificate. The checks: "over TLS the request arrives unchanged", "redirects from https to http are not
/// followed", "over TLS a connection that ends before the status is an error", "over TLS a request is not sent again
/// when its connection dies", "the connect timeout holds against a silent handshake", "a certificate that proves
/// nothing is refused": without effect, with a cause that equals `std::errc::permission_denied`.
///
/// Throws as `check_transport` does, and `boost::system::system_error` for files that cannot be read.
template <makes_transport MakeTransport>
std::vector<conformance_check> check_transport_over_tls(MakeTransport make,
                                                        tls_conformance_certificates const& certificates,
                                                        conformance_options const& options = {}) {
  namespace kit = fictive::detail::conformance;
  using checking = kit::checking;
  kit::server_options const over_tls = {
      .over = kit::over_tls(certificates.accepted.certificate_file, certificates.accepted.private_key_file),
      .host = certificates.host};
  std::vector<kit::named_check> const checks = {
      {"over TLS the request arrives unchanged",
       [&](checking& check) { kit::expect_request_arrives_unchanged(check, over_tls); }},
      {"redirects from https to http are not followed",
       [&](checking& check) { kit::expect_redirects_not_followed(check, over_tls); }},
      {"over TLS a connection that ends before the status is an error",
       [&](checking& check) { kit::expect_error_after(check, "", "", over_tls); }},
      {"over TLS a request is not sent again when its connection dies",
       [&](checking& check) { kit::expect_request_not_sent_again(check, over_tls); }},
      {"the connect timeout holds against a silent handshake",
       [&](checking& check) {
         check.trial([&](kit::trial& at) {
           auto& server = at.serve_stalling(kit::serve_well, {.over = kit::never_handshake, .host = certificates.host});
           kit::expect_connect_timeout(at, server.url());
         });
       }},
      {"an invalid certificate is rejected",
       [&](checking& check) {
         if (certificates.refused.empty()) check.leave_out("no certificate to reject is given");
         for (auto const& one : certificates.refused)
           check.trial(one.certificate_file, [&](kit::trial& at) {
             auto& server = at.serve(
                 kit::serve_well,
                 {.over = kit::over_tls(one.certificate_file, one.private_key_file), .host = certificates.host});
             auto const& sent = at.send(at.request_to(server));
             at.expect_no_effect(sent);
             if (!sent.reply)
               at.expect(sent.reply.error().cause == std::errc::permission_denied,
                         "expected a cause that equals std::errc::permission_denied, got " + kit::describe(sent));
           });
       }},
  };
  return kit::run(
      checks, [&make] { return kit::erase_type(make()); }, options);
}

}  // namespace fictive::testing

#endif
