// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_TLS_HPP
#define FICTIVE_BEAST_DETAIL_TLS_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/socket_stream.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/config.hpp>
#include <fictive/error.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <system_error>

#if !defined(FICTIVE_BEAST_NO_TLS)
#include <boost/asio/ssl/context.hpp>
#endif

// Everything that depends on TLS: `tls_context`, `byte_stream`, and the errors of TLS.

namespace FICTIVE_BEAST_NAMESPACE::detail {

#if defined(FICTIVE_BEAST_NO_TLS)

/// Never created.
struct tls_context {
  tls_context() = delete;
};

class byte_stream : public socket_stream {
 public:
  using socket_stream::socket_stream;

  [[nodiscard]] bool has_tls() const noexcept { return false; }
  [[nodiscard]] bool has_unsent() const noexcept { return false; }
  [[nodiscard]] bool may_have_decrypted() const noexcept { return false; }
  std::error_code begin_handshake(tls_context&, std::string const&) {
    return std::make_error_code(std::errc::operation_not_supported);
  }
  bool handshake(std::error_code&) { return true; }
};

#else

using tls_context = asio::ssl::context;

/// Names the host in the handshake (SNI), and accepts that host's certificate only. The certificate names it by a
/// subject alternative name, never by its subject (RFC 9110, section 4.3.4). A trailing dot belongs to neither (RFC
/// 6066, section 3).
error_code expect_host(SSL* ssl, std::string host);

/// The result of a handshake. If the peer's certificate was not accepted, one of OpenSSL's X509_V_ERR_… values, which
/// equals `std::errc::permission_denied`: a retry would not help. If the peer requested a certificate and then refused
/// the handshake, `client_certificate_required()`.
std::error_code handshake_result(SSL const* ssl, error_code const& ec, bool was_certificate_requested);

/// From here on, `was_requested` is set if the server requests a client certificate and none is configured.
void note_certificate_request(SSL* ssl, bool& was_requested) noexcept;

/// A socket, with TLS over it or without, or with TLS to a proxy and TLS to the origin in it. OpenSSL reads from the
/// socket, and what it writes is collected first, so that it never waits for the socket to take a part of a record.
class byte_stream : public socket_stream {
 public:
  explicit byte_stream(asio::any_io_executor const& executor);
  byte_stream(byte_stream const&) = delete;
  byte_stream& operator=(byte_stream const&) = delete;
  ~byte_stream();

  [[nodiscard]] bool has_tls() const noexcept { return outer_ != nullptr; }

  /// See `socket_stream`. Turns off TLS.
  void assign(tcp::socket socket);

  /// See `socket_stream`. Over TLS, sends close_notify first, if the socket takes it at once.
  void close() noexcept;

  /// Turns on TLS, the second time within TLS.
  std::error_code begin_handshake(tls_context& context, std::string const& host);

  /// Goes on with it: false until it has ended. For the result, see `handshake_result`. The last flight is sent together
  /// with the first `write`.
  bool handshake(std::error_code& result);

  /// See `socket_stream`. Over TLS, `write` must be called again with the same bytes after `would_block`: they may be
  /// encrypted already, and not all sent.
  /// @{
  std::size_t read(asio::mutable_buffer buffer, error_code& ec);
  std::size_t write(std::array<asio::const_buffer, 2> const& buffers, error_code& ec);
  [[nodiscard]] error_code problem_before_request();
  /// @}

  /// Whether TLS has something to send, or `write` something to report.
  [[nodiscard]] bool has_unsent() const noexcept { return !unsent_.empty() || encrypted_bytes_ > 0; }
  /// Whether `read` may succeed although nothing arrives.
  [[nodiscard]] bool may_have_decrypted() const noexcept;

 private:
  struct bio_functions;
  struct ssl_deleter {
    void operator()(SSL* ssl) const noexcept;
  };
  using ssl_ptr = std::unique_ptr<SSL, ssl_deleter>;

  /// The innermost.
  [[nodiscard]] SSL* ssl() const noexcept { return inner_ ? inner_.get() : outer_.get(); }
  /// The result of an OpenSSL function that returned this value.
  [[nodiscard]] error_code result_of(int value) noexcept;
  /// Encrypts the buffers, or a part of them: one record of each.
  void encrypt(std::array<asio::const_buffer, 2> const& buffers, error_code& ec) noexcept;
  std::size_t decrypt(asio::mutable_buffer buffer, error_code& ec) noexcept;
  /// Sends what is unsent: `would_block` if a part remains.
  void flush(error_code& ec);

  std::string unsent_ = {};          // encrypted
  std::size_t encrypted_bytes_ = 0;  // of what is to be written, and not yet reported as written
  error_code socket_error_ = {};     // that OpenSSL was told of
  error_code send_error_ = {};
  bool was_certificate_requested_ = false;
  ssl_ptr outer_, inner_;  // the last: their destruction uses the others
};

#endif

/// The context of all connections of a transport; an `invalid_argument` if the authorities cannot be loaded.
result<std::shared_ptr<tls_context>> make_tls_context(tls_options const& options);

/// Whether the server has refused a handshake because the client has no certificate (TLS 1.3, where the client sends its
/// request before it can notice).
bool is_certificate_required(error_code const& ec) noexcept;

/// Whether the connection ended without close_notify.
bool is_stream_truncated(error_code const& ec) noexcept;

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/tls.ipp>
#endif

#endif
