// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_TLS_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_TLS_IPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/tls.hpp>
#include <fictive/transport.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/system/errc.hpp>
#include <boost/system/system_error.hpp>

#include <memory>
#include <string>
#include <system_error>

#if !defined(FICTIVE_BEAST_NO_TLS)
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/verify_mode.hpp>
#endif

namespace FICTIVE_BEAST_NAMESPACE::detail {

#if defined(FICTIVE_BEAST_NO_TLS)

FICTIVE_DECL result<std::shared_ptr<tls_context>> make_tls_context(tls_options const&) {
  return fictive::detail::refused("this build has no TLS: give an http URL, or build without FICTIVE_BEAST_NO_TLS");
}

FICTIVE_DECL bool is_stream_truncated(error_code const&) noexcept {
  return false;
}

#else

/// OpenSSL's X509_V_ERR_… values.
class certificate_category final : public std::error_category {
 public:
  [[nodiscard]] char const* name() const noexcept override { return "fictive.certificate"; }
  [[nodiscard]] std::string message(int value) const override { return X509_verify_cert_error_string(value); }
  [[nodiscard]] std::error_condition default_error_condition(int) const noexcept override {
    return std::errc::permission_denied;
  }
};

FICTIVE_DECL std::error_code handshake_result(SSL const* ssl, error_code const& ec) {
  static certificate_category const category;
  auto const code = static_cast<unsigned long>(ec.value());
  bool const is_refused_certificate = ec.category() == asio::error::get_ssl_category() &&
                                      ERR_GET_LIB(code) == ERR_LIB_SSL &&
                                      ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED;
  auto const verified = SSL_get_verify_result(ssl);
  if (!is_refused_certificate || verified == X509_V_OK) return ec;
  return {static_cast<int>(verified), category};
}

FICTIVE_DECL bool is_stream_truncated(error_code const& ec) noexcept {
  return ec == asio::ssl::error::stream_truncated;
}

FICTIVE_DECL result<std::shared_ptr<tls_context>> make_tls_context(tls_options const& options) try {
  auto context = std::make_shared<tls_context>(tls_context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  if (options.dangerously_accept_any_certificate) return context;

  // As curl does: an authority file that holds only an intermediate certificate is enough.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context->native_handle()), X509_V_FLAG_PARTIAL_CHAIN);
  error_code ec;
  context->set_verify_mode(asio::ssl::verify_peer);
  if (!options.ca_file.empty()) context->load_verify_file(options.ca_file, ec);
  if (ec) return fictive::detail::refused("tls.ca_file cannot be read: give a PEM file with certificate authorities");
  if (!options.ca_pem.empty()) context->add_certificate_authority(asio::buffer(options.ca_pem), ec);
  if (ec) return fictive::detail::refused("tls.ca_pem cannot be read: give the PEM text of certificate authorities");
  if (options.ca_file.empty() && options.ca_pem.empty()) context->set_default_verify_paths(ec);
  if (ec) return fictive::detail::refused("the system's certificate authorities cannot be read: set tls.ca_file");
  return context;
} catch (boost::system::system_error const& no_tls) {
  return transport_error(no_tls.code(), effect::none);
}

FICTIVE_DECL error_code expect_host(SSL* ssl, std::string host) {
  if (host.ends_with('.')) host.pop_back();
  error_code not_an_address;
  asio::ip::make_address(host, not_an_address);
  auto* parameters = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(parameters,
                                  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  bool const done = not_an_address ? SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 &&
                                         X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size()) == 1
                                   : X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1;
  return done ? error_code() : make_error_code(boost::system::errc::invalid_argument);
}

FICTIVE_DECL error_code byte_stream::problem_before_request() {
  if (!tls_) return socket_stream::problem_before_request();
  error_code ec;
  socket().non_blocking(true, ec);
  char byte = 0;
  if (!ec) tls_->read_some(asio::buffer(&byte, 1), ec);
  if (!ec) return unsolicited_data();
  return ec == asio::error::would_block ? error_code() : ec;
}

#endif

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
