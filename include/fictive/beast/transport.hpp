// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_TRANSPORT_HPP
#define FICTIVE_BEAST_TRANSPORT_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/transport.hpp>

#include <memory>
#include <string_view>

namespace FICTIVE_BEAST_NAMESPACE {

namespace detail {

class shared_state;

}  // namespace detail

/// A blocking transport over HTTP/1.1 and TLS.
///
///  - The limits of a request hold at every stage: resolve, connect, handshake, write, read. A `stop_token` cancels
///    each.
///  - Certificates and host names are verified, with the system's authorities, those of `tls_options`, or both.
///  - Connections are reused if they are still alive. Their number, age and idle time are limited as configured in
///    `transport_options`; calls beyond the maximum number wait in order. Idle connections that have expired are closed
///    when the next call begins or ends.
///  - All addresses of a host are tried within the connect timeout, as configured in `next_address_after`. The first to
///    connect is used; if its TLS handshake fails, the others are tried.
///  - A final response that arrives while the request is written is returned; the rest of the request is not written.
///  - `effect::none` means that no byte of the request was written. If a certificate was not accepted, or the
///    server requires one that is not configured, the error's `cause` equals `std::errc::permission_denied`.
///  - It follows no redirect, and sends nothing twice.
///  - A child process made by `fork()` shares no connection with its parent. Do not fork while another thread is in a
///    call.
///
/// It can be moved, and called from several threads at once: each call uses a connection of its own on the caller's
/// thread. Errors are returned; only `std::bad_alloc` is thrown.
class transport {
 public:
  /// Uses the default options.
  transport();
  /// Opens no connection yet.
  explicit transport(transport_options options);
  /// @{ What is moved from can only be assigned to or destroyed.
  transport(transport&&) noexcept;
  transport& operator=(transport&&) noexcept;
  /// @}
  ~transport();

  /// Sends one request; see `fictive::transport`.
  result<http_response> operator()(http_request const& request, stop_token stop = {});

  /// Closes the idle connections to the origin of `url`. Does nothing if that is not a URL.
  void drop_idle_connections(std::string_view url) noexcept;

 private:
  std::unique_ptr<detail::shared_state> state_;
};

}  // namespace FICTIVE_BEAST_NAMESPACE

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/impl/transport.ipp>
#endif

#endif
