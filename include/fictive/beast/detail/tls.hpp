// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_TLS_HPP
#define FICTIVE_BEAST_DETAIL_TLS_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/socket_stream.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/config.hpp>
#include <fictive/error.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>

#include <array>
#include <cstddef>
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
/// equals `std::errc::permission_denied`: a retry would not help. If the peer requested a certificate and then refused
/// the handshake, `client_certificate_required()`.
std::error_code handshake_result(SSL const* ssl, error_code const& ec, bool was_certificate_requested);

/// From here on, `was_requested` is set if the server requests a client certificate and none is configured.
void note_certificate_request(SSL* ssl, bool& was_requested) noexcept;

/// A socket, with TLS over it or without, or with TLS to a proxy and TLS to the origin in it. One type for all, so that
/// reading and writing HTTP is compiled once.
class byte_stream : public socket_stream {
 public:
  using socket_stream::socket_stream;

  [[nodiscard]] bool has_tls() const noexcept { return tls_.has_value(); }

  /// See `socket_stream`. Turns off TLS.
  void assign(tcp::socket socket) {
    inner_.reset();
    tls_.reset();
    socket_stream::assign(std::move(socket));
  }

  /// See `socket_stream`. Over TLS, sends close_notify first, without waiting: not at all if the socket does not take
  /// it at once.
  void close() noexcept;

  /// Turns on TLS, the second time within TLS. The handler takes a `std::error_code`, see `handshake_result`.
  template <class Handler>
  void async_handshake(tls_context& context, std::string const& host, Handler&& handler) {
    if (tls_)
      begin_handshake(inner_.emplace(*tls_, context), host, std::forward<Handler>(handler));
    else
      begin_handshake(tls_.emplace(socket(), context), host, std::forward<Handler>(handler));
  }

  template <class Buffers, class Handler>
  void async_read_some(Buffers const& buffers, Handler&& handler) {
    if (inner_)
      inner_->async_read_some(buffers, std::forward<Handler>(handler));
    else if (tls_)
      tls_->async_read_some(buffers, std::forward<Handler>(handler));
    else
      socket_stream::async_read_some(buffers, std::forward<Handler>(handler));
  }

  template <class Buffers, class Handler>
  void async_write_some(Buffers const& buffers, Handler&& handler) {
    if (inner_)
      inner_->async_write_some(buffers, std::forward<Handler>(handler));
    else if (tls_)
      tls_->async_write_some(buffers, std::forward<Handler>(handler));
    else
      socket_stream::async_write_some(buffers, std::forward<Handler>(handler));
  }

  /// See `socket_stream`. Over TLS, `write_available` must not be called again after `would_block`: a part of a record
  /// may have been written.
  /// @{
  std::size_t read_available(asio::mutable_buffer buffer, error_code& ec);
  std::size_t write_available(std::array<asio::const_buffer, 2> const& buffers, error_code& ec);
  /// @}

  /// See `socket_stream`. Over TLS, what has arrived may be a session ticket: it is read to find out.
  [[nodiscard]] error_code problem_before_request();

 private:
  using tls_stream = asio::ssl::stream<tcp::socket&>;

  template <class Stream, class Handler>
  void begin_handshake(Stream& stream, std::string const& host, Handler&& handler) {
    auto* const ssl = stream.native_handle();
    was_certificate_requested_ = false;
    note_certificate_request(ssl, was_certificate_requested_);
    if (auto const ec = expect_host(ssl, host))
      return asio::post(get_executor(), [ec, handler = std::forward<Handler>(handler)]() mutable { handler(ec); });
    stream.async_handshake(asio::ssl::stream_base::client,
                           [this, ssl, handler = std::forward<Handler>(handler)](error_code ec) mutable {
                             handler(handshake_result(ssl, ec, was_certificate_requested_));
                           });
  }

  std::optional<tls_stream> tls_;
  std::optional<asio::ssl::stream<tls_stream&>> inner_;
  bool was_certificate_requested_ = false;
};

#endif

/// The context of all connections of a transport; an `invalid_argument` if the authorities cannot be loaded.
result<std::shared_ptr<tls_context>> make_tls_context(tls_options const& options);

/// Whether the server has refused a handshake for want of a client certificate (TLS 1.3, where the client sends its
/// request before it can notice).
bool is_certificate_required(error_code const& ec) noexcept;

/// Whether the connection ended without close_notify.
bool is_stream_truncated(error_code const& ec) noexcept;

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/tls.ipp>
#endif

#endif
