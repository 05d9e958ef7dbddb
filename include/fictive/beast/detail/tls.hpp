// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_TLS_HPP
#define FICTIVE_BEAST_DETAIL_TLS_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/socket_stream.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/config.hpp>
#include <fictive/error.hpp>

#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#if !defined(FICTIVE_BEAST_NO_TLS)
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
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

  template <class Handler>
  void async_handshake(tls_context&, std::string const&, Handler&& handler) {
    asio::post(get_executor(), [handler = std::forward<Handler>(handler)]() mutable {
      handler(std::make_error_code(std::errc::operation_not_supported));
    });
  }
};

#else

using tls_context = asio::ssl::context;

/// Names the host in the handshake (SNI), and accepts that host's certificate only. The certificate names it by a
/// subject alternative name, never by its subject (RFC 9110, section 4.3.4). A trailing dot belongs to neither (RFC
/// 6066, section 3).
error_code expect_host(SSL* ssl, std::string host);

/// The result of a handshake. If the peer's certificate was not accepted, one of OpenSSL's X509_V_ERR_… values, which
/// equals `std::errc::permission_denied`: a retry would not help.
std::error_code handshake_result(SSL const* ssl, error_code const& ec);

/// A socket, with TLS over it or without. One type for both, so that reading and writing HTTP is compiled once.
class byte_stream : public socket_stream {
 public:
  using socket_stream::socket_stream;

  [[nodiscard]] bool has_tls() const noexcept { return tls_.has_value(); }

  /// Turns on TLS. The handler takes a `std::error_code`, see `handshake_result`.
  template <class Handler>
  void async_handshake(tls_context& context, std::string const& host, Handler&& handler) {
    auto& stream = tls_.emplace(socket(), context);
    auto* const ssl = stream.native_handle();
    if (auto const ec = expect_host(ssl, host))
      return asio::post(get_executor(), [ec, handler = std::forward<Handler>(handler)]() mutable { handler(ec); });
    stream.async_handshake(
        asio::ssl::stream_base::client,
        [ssl, handler = std::forward<Handler>(handler)](error_code ec) mutable { handler(handshake_result(ssl, ec)); });
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
  [[nodiscard]] error_code problem_before_request();

 private:
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
};

#endif

/// The context of all connections of a transport; an `invalid_argument` if the authorities cannot be loaded.
result<std::shared_ptr<tls_context>> make_tls_context(tls_options const& options);

/// Whether the connection ended without close_notify.
bool is_stream_truncated(error_code const& ec) noexcept;

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/tls.ipp>
#endif

#endif
