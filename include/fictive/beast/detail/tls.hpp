// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_TLS_HPP
#define FICTIVE_BEAST_DETAIL_TLS_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/socket_stream.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/transport.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#if !defined(FICTIVE_BEAST_NO_TLS)
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/ssl/verify_mode.hpp>
#endif

// All that the adapter knows of TLS: `tls_context` and how to make one, `byte_stream`, and the errors of TLS.

namespace FICTIVE_BEAST_NAMESPACE::detail {

#if defined(FICTIVE_BEAST_NO_TLS)

/// There is none.
struct tls_context {
  tls_context() = delete;
};

inline result<std::shared_ptr<tls_context>> make_tls_context(tls_options const&) {
  return fictive::detail::refused("this build has no TLS: give an http URL, or build without FICTIVE_BEAST_NO_TLS");
}

inline bool is_end_without_farewell(error_code const&) noexcept {
  return false;
}

class byte_stream : public socket_stream {
 public:
  using socket_stream::socket_stream;

  [[nodiscard]] bool has_tls() const noexcept { return false; }

  template <class Handler>
  void async_handshake(tls_context&, std::string const&, Handler&& handler) {
    asio::post(get_executor(), [handler = std::forward<Handler>(handler)]() mutable {
      handler(std::make_error_code(std::errc::operation_not_supported));
    });
  }
};

#else

using tls_context = asio::ssl::context;

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

/// Whether the connection ended without TLS's own word for it.
inline bool is_end_without_farewell(error_code const& ec) noexcept {
  return ec == asio::ssl::error::stream_truncated;
}

/// The context of all connections of a transport; an `invalid_argument` where the authorities cannot be loaded.
template <class = void>
inline result<std::shared_ptr<tls_context>> make_tls_context(tls_options const& options) try {
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

/// Names the host in the handshake (SNI), and accepts that host's certificate only. The certificate names it by a subject
/// alternative name, never by its subject (RFC 9110, section 4.3.4). A trailing dot belongs to neither (RFC 6066,
/// section 3).
inline error_code expect_host(SSL* ssl, std::string host) {
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

/// Whether a handshake failed since the peer's certificate was not accepted.
inline bool is_certificate_refusal(error_code const& ec) noexcept {
  return ec.category() == asio::error::get_ssl_category() &&
         ERR_GET_REASON(static_cast<unsigned long>(ec.value())) == SSL_R_CERTIFICATE_VERIFY_FAILED;
}

/// A socket, with TLS over it or without. One type for both, so that reading and writing HTTP is compiled once.
class byte_stream : public socket_stream {
 public:
  using socket_stream::socket_stream;

  [[nodiscard]] bool has_tls() const noexcept { return tls_.has_value(); }

  /// From then on there is TLS. The handler gets a `std::error_code`: of a certificate that was not accepted, why.
  template <class Handler>
  void async_handshake(tls_context& context, std::string const& host, Handler&& handler) {
    auto& stream = tls_.emplace(socket(), context);
    auto* const ssl = stream.native_handle();
    if (auto const ec = expect_host(ssl, host))
      return asio::post(get_executor(), [ec, handler = std::forward<Handler>(handler)]() mutable { handler(ec); });
    stream.async_handshake(
        asio::ssl::stream_base::client, [ssl, handler = std::forward<Handler>(handler)](error_code ec) mutable {
          if (is_certificate_refusal(ec))
            handler(std::error_code(static_cast<int>(SSL_get_verify_result(ssl)), certificate_category_instance()));
          else
            handler(ec);
        });
  }

  template <class Buffers, class Handler>
  void async_read_some(Buffers const& buffers, Handler&& handler) {
    if (tls_)
      tls_->async_read_some(buffers, std::forward<Handler>(handler));
    else
      socket_stream::async_read_some(buffers, std::forward<Handler>(handler));
  }

  template <class Buffers, class Handler>
  void async_write_some(Buffers const& buffers, Handler&& handler) {
    if (tls_)
      tls_->async_write_some(buffers, std::forward<Handler>(handler));
    else
      socket_stream::async_write_some(buffers, std::forward<Handler>(handler));
  }

  /// See `socket_stream`. Over TLS, what has arrived may be a session ticket: it is read to find out.
  [[nodiscard]] error_code problem_before_request() {
    if (!tls_) return socket_stream::problem_before_request();
    error_code ec;
    socket().non_blocking(true, ec);
    char byte = 0;
    if (!ec) tls_->read_some(asio::buffer(&byte, 1), ec);
    if (!ec) return unsolicited_data();
    return ec == asio::error::would_block ? error_code() : ec;
  }

 private:
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
};

#endif

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
