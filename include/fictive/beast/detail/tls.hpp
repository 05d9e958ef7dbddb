// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_TLS_HPP
#define FICTIVE_BEAST_DETAIL_TLS_HPP

#include <fictive/beast/options.hpp>
#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/transport.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/verify_mode.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <memory>
#include <string>
#include <system_error>

namespace fictive::beast::detail {

namespace asio = boost::asio;
using boost::system::error_code;

/// Why a certificate was not accepted: OpenSSL's X509_V_ERR_… values. Equals `std::errc::permission_denied`, since
/// trying again will not change it.
class certificate_category final : public std::error_category {
 public:
  [[nodiscard]] char const* name() const noexcept override { return "fictive.certificate"; }
  [[nodiscard]] std::string message(int value) const override { return X509_verify_cert_error_string(value); }
  [[nodiscard]] std::error_condition default_error_condition(int) const noexcept override {
    return std::errc::permission_denied;
  }
};

inline std::error_category const& certificate_category_instance() noexcept {
  static certificate_category const instance;
  return instance;
}

/// The context of all connections of a transport; an `invalid_argument` where the authorities cannot be loaded.
inline result<std::shared_ptr<asio::ssl::context>> make_tls_context(tls_options const& options) try {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  if (options.dangerously_accept_any_certificate) return context;

  error_code ec;
  context->set_verify_mode(asio::ssl::verify_peer);
  if (!options.ca_file.empty() && context->load_verify_file(options.ca_file, ec))
    return fictive::detail::refused("tls.ca_file cannot be read: give a PEM file with certificate authorities");
  if (!options.ca_pem.empty() && context->add_certificate_authority(asio::buffer(options.ca_pem), ec))
    return fictive::detail::refused("tls.ca_pem cannot be read: give the PEM text of certificate authorities");
  if (options.ca_file.empty() && options.ca_pem.empty() && context->set_default_verify_paths(ec))
    return fictive::detail::refused("the system's certificate authorities cannot be read: set tls.ca_file");
  return context;
} catch (boost::system::system_error const& no_tls) {
  return transport_error(no_tls.code(), effect::none);
}

/// Tells the service which host is meant (SNI), and OpenSSL to accept that host's certificate only.
inline error_code expect_host(SSL* ssl, std::string const& host) {
  error_code not_an_address;
  asio::ip::make_address(host, not_an_address);
  auto* parameters = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  bool const done = not_an_address ? SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 &&
                                         X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size()) == 1
                                   : X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1;
  return done ? error_code() : error_code(boost::system::errc::make_error_code(boost::system::errc::invalid_argument));
}

}  // namespace fictive::beast::detail

#endif
