// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_EXCHANGE_STATE_HPP
#define FICTIVE_BEAST_DETAIL_EXCHANGE_STATE_HPP

#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/response_reader.hpp>
#include <fictive/beast/detail/shared_state.hpp>
#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>

#include <boost/asio/buffer.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace FICTIVE_BEAST_NAMESPACE::detail {

enum class stage { resolve, connect, handshake, write, read };

/// The progress of one request and its response over one connection: what is left to write, what was read, and at any
/// time whether a byte of the request may have been written. Derived classes do the I/O.
class exchange_state {
 public:
  exchange_state(target to, std::unique_ptr<connection> over, http_request const& request);
  exchange_state(exchange_state const&) = delete;
  exchange_state& operator=(exchange_state const&) = delete;

 protected:
  using clock = std::chrono::steady_clock;

  ~exchange_state();

  /// The time at which `timeout` has passed since the exchange began.
  [[nodiscard]] clock::time_point time_after(std::chrono::milliseconds timeout) const noexcept;

  /// The rest of the request.
  [[nodiscard]] std::array<asio::const_buffer, 2> unwritten() const;
  [[nodiscard]] bool is_written() const noexcept;

  /// If a part of the request was written, the response may already have been received: a server may refuse a request
  /// before it has read it, and close the connection.
  void writing_failed(error_code ec) noexcept;

  /// Parses the connection's buffer. Ends the exchange if the response is complete or malformed.
  void consume_received();

  void reading_failed(error_code ec);

  /// Ends the exchange, unless it has ended. Without a cause, the response is complete.
  void end(std::error_code cause) noexcept;

  /// Operations in progress then end soon.
  void close_if_failed();

  [[nodiscard]] bool connection_is_reusable() const;

  /// To be called once, at the end.
  [[nodiscard]] result<http_response> response_or_error();

  target target_;
  std::unique_ptr<connection> connection_;
  http_request const& request_;

  stage stage_ = stage::resolve;
  std::size_t written_bytes_ = 0;
  bool is_write_known_ = true;  // false while a write is in progress
  bool ended_ = false;
  error_code write_error_;
  std::optional<response_reader> reader_;

 private:
  /// Small bodies are copied behind the head, so that one piece is sent.
  static constexpr std::size_t largest_body_in_head = 2048;

  void serialize_head();
  [[nodiscard]] bool is_body_in_head() const noexcept { return request_.body.size() <= largest_body_in_head; }
  [[nodiscard]] std::string_view separate_body() const noexcept {
    return is_body_in_head() ? std::string_view() : request_.body;
  }

  /// 101 is final, though this library never requests an upgrade.
  [[nodiscard]] bool is_interim() const noexcept;
  void end_response();

  /// Over TLS, bytes of the request may have left although no write has completed.
  [[nodiscard]] bool may_have_written() const noexcept;

  /// The message if the response exceeds a limit; null otherwise.
  [[nodiscard]] char const* exceeded_limit() const;
  [[nodiscard]] std::string message() const;

  std::error_code cause_;
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/exchange_state.ipp>
#endif

#endif
