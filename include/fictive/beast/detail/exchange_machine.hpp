// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_EXCHANGE_MACHINE_HPP
#define FICTIVE_BEAST_DETAIL_EXCHANGE_MACHINE_HPP

#include <fictive/beast/detail/connection_pool.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/proxy.hpp>
#include <fictive/beast/detail/response_reader.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/http/url.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/system/errc.hpp>
#include <boost/system/error_code.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace FICTIVE_BEAST_NAMESPACE::detail {

inline error_code unsolicited_data() noexcept {
  return make_error_code(boost::system::errc::protocol_error);
}

/// The server requires a client certificate, and none is configured. Equals `std::errc::permission_denied`: a retry
/// would not help.
std::error_code client_certificate_required() noexcept;

/// The category of the causes if a certificate was not accepted; the values are OpenSSL's X509_V_ERR_….
inline constexpr char const* certificate_category_name = "fictive.certificate";

/// The buffers of a connection.
struct exchange_buffers {
  static constexpr std::size_t expected_response_size = 16 * 1024, expected_request_size = 2048;

  boost::beast::flat_buffer received;  ///< not parsed yet
  std::string head;                    ///< of the request; wiped after each exchange, since it holds secrets
};

/// What the driver of an `exchange_machine` must do next. An operation that takes time is begun, and its result
/// reported when it has ended; meanwhile the driver asks for the next step.
enum class exchange_step : unsigned char {
  resolve,         ///< Resolve `host_to_connect`: `resolved`.
  connect,         ///< Connect a socket of its own to `attempted_endpoint`: `connected`.
  abandon,         ///< Close the socket of `attempt`. Its connect still reports `connected`.
  select,          ///< Use the socket of `attempt` for the connection. Has no result.
  handshake,       ///< Perform the TLS handshake with `host_to_verify` on the connection: `handshaken`. If it is the
                   ///< second one, within the first one's.
  check,           ///< Check, without waiting, that the connection is open and that no data has arrived: `checked`.
  write,           ///< Write a part of `unwritten`: `wrote`.
  read,            ///< Read into `read_buffer`: `received`.
  cancel,          ///< Cancel the operations on the connection, which stays open. They report their results.
  read_available,  ///< Read into `read_buffer` without waiting: `received`, with `would_block` if nothing is there.
  close,           ///< Close the connection. Operations in progress report their results.
  wait,            ///< Wait for a result, or until `wait_until`: `time_passed`.
  done             ///< The exchange has ended, and no operation is in progress.
};

/// One HTTP exchange without I/O: decides what to do next, whether a byte of the request may have been written, which
/// effect a failure has, and whether the connection can be reused. It connects by RFC 8305: families of addresses
/// alternate; if an address does not answer, another one is tried at the same time; the first to connect is used,
/// unless its TLS handshake fails. With a proxy, these are the proxy's addresses; before the request to an https URL,
/// CONNECT is sent, which contains nothing of the request but host and port. It reads while a large request is written:
/// when a final response begins, the rest of the request is not written. Not thread-safe.
///
/// Only results of operations that it asked for may be reported. If a member function throws `std::bad_alloc`, the
/// driver calls `fail` and goes on with `next`.
class exchange_machine {
 public:
  using clock = std::chrono::steady_clock;
  using time_point = clock::time_point;
  using endpoint = asio::ip::tcp::endpoint;

  /// The request and the buffers must outlive the exchange; the URL is a view of the request's.
  exchange_machine(fictive::detail::url_parts const& url, http_request const& request, exchange_buffers& buffers,
                   time_point began, std::chrono::milliseconds next_address_after,
                   proxy_settings const* proxy = nullptr);
  exchange_machine(exchange_machine const&) = delete;
  exchange_machine& operator=(exchange_machine const&) = delete;
  /// Wipes the requests' heads.
  ~exchange_machine();

  /// The connection is open already. Called before `next`, if at all.
  void reuse_connection() noexcept {
    stage_ = stage::write;
    is_open_ = true;
  }

  /// The connect timeout begins now: the call has waited until it could connect. Called before `next`, if at all.
  void begin_to_connect(time_point now) noexcept { connecting_since_ = now; }

  [[nodiscard]] exchange_step next(time_point now);

  [[nodiscard]] std::size_t attempt() const noexcept { return attempt_; }
  [[nodiscard]] endpoint const& attempted_endpoint() const { return attempts_[attempt_].to; }
  /// @{ The origin's, or the proxy's.
  [[nodiscard]] std::string_view host_to_connect() const noexcept { return proxy_ ? proxy_->host : url_.host; }
  [[nodiscard]] std::string_view port_to_connect() const noexcept {
    return proxy_ ? proxy_->port : url_.port_or_default();
  }
  /// @}
  /// Whether the handshake is the one with the proxy.
  [[nodiscard]] bool handshakes_with_proxy() const noexcept { return stage_ == stage::proxy_handshake; }
  [[nodiscard]] std::string_view host_to_verify() const noexcept {
    return handshakes_with_proxy() ? proxy_->host : url_.host;
  }
  /// The rest of the request, or of CONNECT.
  [[nodiscard]] std::array<asio::const_buffer, 2> unwritten() const;
  [[nodiscard]] asio::mutable_buffer read_buffer();
  /// The maximum if only results end the wait.
  [[nodiscard]] time_point wait_until() const noexcept;

  void resolved(std::error_code ec, std::vector<endpoint> endpoints);
  void connected(std::size_t attempt, error_code ec, time_point now);
  void handshaken(std::error_code ec, time_point now);
  void checked(error_code ec, time_point now);
  void wrote(error_code ec, std::size_t size);
  /// `is_truncated`: TLS ended without close_notify, which is reported as an error, too.
  void received(error_code ec, std::size_t size, bool is_truncated = false);
  void time_passed(time_point now) noexcept;
  void stop() noexcept { end(std::make_error_code(std::errc::operation_canceled)); }
  /// The driver has not begun this step, and cannot go on.
  void fail(exchange_step step, std::error_code cause) noexcept;

  [[nodiscard]] bool has_ended() const noexcept { return has_ended_; }
  /// Whether the connection can carry another request. Called after `done`.
  [[nodiscard]] bool connection_is_reusable() const;
  /// The result. Called once, at the end: wipes the request's head, and refers to the buffers no longer. Has no message
  /// if there is no memory for it.
  [[nodiscard]] result<http_response> outcome() noexcept;

 private:
  enum class stage : unsigned char { resolve, connect, proxy_handshake, tunnel, handshake, check, write, read };
  enum class attempt_state : unsigned char { untried, connecting, unneeded, abandoned, selected, failed };

  struct connection_attempt {
    endpoint to;
    attempt_state state = attempt_state::untried;
  };

  /// Small bodies are copied behind the head, so that one piece is sent.
  static constexpr std::size_t largest_body_in_head = 2048;
  /// How often `read_available` is asked for after the deadline.
  static constexpr unsigned max_late_reads = 64;

  void serialize_head();
  /// The host as in Host and CONNECT, with the port if it is given.
  [[nodiscard]] std::string authority() const;
  [[nodiscard]] bool is_body_in_head() const noexcept { return request_.body.size() <= largest_body_in_head; }
  [[nodiscard]] std::string_view separate_body() const noexcept {
    return is_body_in_head() ? std::string_view() : request_.body;
  }

  [[nodiscard]] exchange_step next_connecting(time_point now);
  [[nodiscard]] exchange_step next_tunneling();
  [[nodiscard]] exchange_step next_exchanging();
  [[nodiscard]] exchange_step next_ending();
  /// Sets `attempt_` to the first attempt in this state, if there is one.
  bool find_attempt(attempt_state state) noexcept;
  [[nodiscard]] bool has_attempt(attempt_state state) const noexcept;
  void attempt_failed(std::size_t which, stage where, std::error_code cause, time_point now) noexcept;
  /// The same for the one that is selected, at this stage.
  void connection_failed(std::error_code cause, time_point now) noexcept;
  /// The connection to the proxy can be used.
  void begin_tunnel();
  /// Parses the response to CONNECT.
  void consume_connect_response();

  [[nodiscard]] time_point deadline() const noexcept;
  [[nodiscard]] bool is_written() const noexcept;
  [[nodiscard]] bool has_final_head() const noexcept {
    return stage_ >= stage::write && reader_->is_header_done() && !is_interim();
  }
  /// 101 is final, though this library never requests an upgrade.
  [[nodiscard]] bool is_interim() const noexcept;
  void writing_failed(error_code ec) noexcept;
  void reading_failed(error_code ec, bool is_truncated = false);
  /// Parses the received bytes. Ends the exchange if the response is complete or malformed.
  void consume_received();
  /// Ends the exchange, unless it has ended. Without a cause, the response is complete.
  void end(std::error_code cause) noexcept;

  /// Over TLS, bytes of the request may have left although no write has completed.
  [[nodiscard]] bool may_have_written() const noexcept;
  [[nodiscard]] error failure() const;
  /// The message if the response exceeds a limit; null otherwise.
  [[nodiscard]] char const* exceeded_limit() const;
  /// The messages of failures between this program and the proxy.
  [[nodiscard]] std::string proxy_message() const;
  [[nodiscard]] bool is_not_http() const;
  /// Whether the connection ended without a byte, as ports for https do that receive plain http.
  [[nodiscard]] bool may_need_https() const;
  [[nodiscard]] std::string message() const;

  fictive::detail::url_parts const url_;
  http_request const& request_;
  exchange_buffers* buffers_;          // null at the end
  proxy_settings const* const proxy_;  // null if there is none
  time_point const began_;
  time_point connecting_since_;
  std::chrono::milliseconds const next_address_after_;

  stage stage_ = stage::resolve;
  std::vector<connection_attempt> attempts_ = {};
  std::size_t attempt_ = 0;
  time_point next_attempt_ = {}, handshake_until_ = {};
  stage failed_stage_ = stage::resolve;  // the furthest that an attempt has reached
  std::error_code failed_cause_ = {};

  std::string connect_request_ = {};
  std::size_t written_bytes_ = 0;  // of the request, or of CONNECT
  error_code write_error_ = {};
  std::optional<response_reader> reader_ = {};
  unsigned late_reads_ = 0;

  bool is_resolving_ = false, is_handshaking_ = false, is_writing_ = false, is_reading_ = false;
  bool is_open_ = false;             // the connection's socket
  bool must_close_ = false;          // the connection, and then go on
  bool must_cancel_ = false;         // the operations in progress
  bool has_begun_to_write_ = false;  // a write was asked for
  bool is_write_known_ = true;       // how much was written
  bool has_received_tls_ = false;    // instead of HTTP
  bool is_out_of_time_ = false;      // only what has arrived already is read
  bool has_ended_ = false;
  std::error_code cause_ = {};
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/exchange_machine.ipp>
#endif

#endif
