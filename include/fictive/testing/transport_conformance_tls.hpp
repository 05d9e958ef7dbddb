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

/// PEM files, as a server has them.
struct server_certificate {
  /// Its certificate, then those that lead to the authority's.
  std::string certificate_file = {};
  /// Its key.
  std::string private_key_file = {};
};

/// What the servers on loopback show to the transport.
struct tls_conformance_certificates {
  /// The host that the transport is to ask for; it must be this machine's IPv4 loopback address, or a name of it.
  std::string host = "localhost";
  /// One for that host, that the transport trusts.
  server_certificate accepted = {};
  /// Those that it must refuse: of another authority, for another host, out of date.
  std::vector<server_certificate> refused = {};
};

/// What `check_transport` does, over https. The transports that `make` returns trust the authority of the accepted
/// certificate. The checks: "over TLS the request arrives as it was given", "redirects from https to http are not
/// followed", "over TLS a connection that ends before the status is an error", "over TLS a request is not sent again
/// when its connection dies", "the connect timeout holds against a silent handshake", "a certificate that proves
/// nothing is refused": without effect, with a cause that equals `std::errc::permission_denied`.
///
/// Throws as `check_transport` does, and `boost::system::system_error` for files that cannot be used.
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
      {"over TLS the request arrives as it was given",
       [&](checking& check) { kit::expect_request_arrives_as_given(check, over_tls); }},
      {"redirects from https to http are not followed",
       [&](checking& check) { kit::expect_redirects_not_followed(check, over_tls); }},
      {"over TLS a connection that ends before the status is an error",
       [&](checking& check) { kit::expect_error_after(check, "", "", over_tls); }},
      {"over TLS a request is not sent again when its connection dies",
       [&](checking& check) { kit::expect_request_not_sent_again(check, over_tls); }},
      {"the connect timeout holds against a silent handshake",
       [&](checking& check) {
         check.trial([&](kit::trial& at) {
           auto& server =
               at.serve_stalling(kit::serve_well, {.over = kit::never_shake_hands, .host = certificates.host});
           kit::expect_connect_timeout(at, server.url());
         });
       }},
      {"a certificate that proves nothing is refused",
       [&](checking& check) {
         if (certificates.refused.empty()) check.leave_out("there is no certificate to be refused");
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
