// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_EXCHANGE_STATE_HPP
#define FICTIVE_BEAST_DETAIL_EXCHANGE_STATE_HPP

#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/response_reader.hpp>
#include <fictive/beast/detail/target.hpp>
#include <fictive/beast/detail/tls.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/url.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/service.hpp>
#include <fictive/transport.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace FICTIVE_BEAST_NAMESPACE::detail {

enum class stage { look_up, connect, handshake, write, read };

/// One request and its response over one connection, as far as they have come: what is to be written, what was read,
/// and, at any time, whether a byte of the request may have been written. Does no I/O: those who derive from it do.
template <class = void>
class exchange_state {
 public:
  exchange_state(target to, std::unique_ptr<connection> over, http_request const& request)
      : target_(std::move(to)), connection_(std::move(over)), request_(request) {
    write_front();
    reader_.emplace(request.limits);
  }

  exchange_state(exchange_state const&) = delete;
  exchange_state& operator=(exchange_state const&) = delete;

 protected:
  static constexpr std::size_t largest_body_in_front = 2048;

  using clock = std::chrono::steady_clock;

  ~exchange_state() {
    if (connection_) fictive::detail::wipe(connection_->front);
  }

  /// The time at which `timeout` has passed since the exchange began.
  [[nodiscard]] clock::time_point time_after(std::chrono::milliseconds timeout) const noexcept {
    return target_.began + std::clamp(timeout, std::chrono::milliseconds(0), longest_timeout);
  }

  /// What of the request is still to be written, of which `written_bytes_` are gone.
  [[nodiscard]] std::array<asio::const_buffer, 2> unwritten() const {
    asio::const_buffer const front(connection_->front.data(), connection_->front.size());
    asio::const_buffer const rest(body_behind().data(), body_behind().size());
    auto const of_front = (std::min)(written_bytes_, front.size());
    return {front + of_front, rest + (written_bytes_ - of_front)};
  }

  [[nodiscard]] bool is_written() const noexcept {
    return written_bytes_ == connection_->front.size() + body_behind().size();
  }

  /// What of the body is not in front.
  [[nodiscard]] std::string_view body_behind() const noexcept {
    return is_body_in_front() ? std::string_view() : request_.body;
  }

  /// A service that refuses a request may do so before it has read all of it, and close: so its answer may be there
  /// although writing failed.
  void writing_failed(error_code ec) noexcept {
    is_write_known_ = true;
    if (written_bytes_ == 0)
      end(ec);
    else
      write_error_ = ec;
  }

  /// Takes up what is in the connection's buffer. Until the response is whole, or broken: that ends the exchange.
  void take_up_received() {
    auto& buffer = connection_->buffer;
    while (buffer.size() > 0 && !ended_) {
      error_code ec;
      buffer.consume(reader_->parse(buffer.data(), ec));
      if (ec == http::error::need_more) return;
      if (ec) return reading_failed(ec);
      if (reader_->has_ended()) end_response();
    }
  }

  void reading_failed(error_code ec) {
    // An end without TLS's farewell is no worse than one of plain HTTP: whether the body is whole, its reader finds out.
    if (is_end_without_farewell(ec) && reader_->is_header_done() && reader_->need_eof()) ec = asio::error::eof;
    if (ec == asio::error::eof && reader_->got_some()) reader_->put_eof(ec);
    if (ec == asio::error::eof) ec = http::error::end_of_stream;
    end(ec && write_error_ ? write_error_ : ec);
  }

  /// The first to come says how it ended; no cause is a whole response.
  void end(std::error_code cause) {
    if (ended_) return;
    ended_ = true;
    cause_ = cause;
  }

  /// What is under way then ends by itself, soon.
  void close_if_failed() {
    error_code ignored;
    if (cause_) connection_->stream.socket().close(ignored);
  }

  [[nodiscard]] bool connection_is_reusable() const {
    return !cause_ && !write_error_ && reader_->is_reusable() && connection_->buffer.size() == 0 &&
           reader_->response.status != 101;
  }

  /// For the end, and once.
  [[nodiscard]] result<http_response> response_or_error() {
    if (!cause_) return std::move(reader_->response);
    if (reader_->is_header_done() && !is_interim()) {
      auto e = transport_error(cause_, reader_->response);
      if (auto const* limit = exceeded_limit()) {
        e.message = limit;
        if (e.effect == effect::applied) e.message += fictive::detail::answer_is_lost;
      }
      return e;
    }
    auto e = transport_error(cause_, may_have_written() ? effect::unknown : effect::none);
    e.message = message();
    return e;
  }

  target target_;
  std::unique_ptr<connection> connection_;
  http_request const& request_;

  stage stage_ = stage::look_up;
  std::size_t written_bytes_ = 0;
  bool is_write_known_ = true;  // not while a write is under way
  bool ended_ = false;
  error_code write_error_;
  std::optional<response_reader<>> reader_;

 private:
  /// The request's head and, if it is small, its body: one piece to send.
  void write_front() {
    auto const& url = target_.url;
    std::string_view const path = url.path.empty() ? "/" : url.path, colon = url.port.empty() ? "" : ":";
    std::string_view const opening = url.host_is_ipv6 ? "[" : "", closing = url.host_is_ipv6 ? "]" : "";
    std::string const length = std::to_string(request_.body.size());
    std::string_view const body = is_body_in_front() ? request_.body : std::string_view();

    auto const write = [&](auto put) {
      put(request_.method, " ", path, url.query, " HTTP/1.1\r\nHost: ", opening, url.host, closing, colon, url.port);
      for (auto const& header : request_.headers) put("\r\n", header.name, ": ", header.value);
      put("\r\nContent-Length: ", length, "\r\n\r\n", body);
    };
    std::size_t size = 0;
    write([&size](auto const&... parts) { size += (std::string_view(parts).size() + ...); });
    connection_->front.resize(size);
    auto* out = connection_->front.data();
    write([&out](auto const&... parts) { ((out += std::string_view(parts).copy(out, std::string_view::npos)), ...); });
  }

  [[nodiscard]] bool is_body_in_front() const noexcept { return request_.body.size() <= largest_body_in_front; }

  /// 100 to 199 announce the response; 101 would be one, to a question that we do not ask.
  [[nodiscard]] bool is_interim() const noexcept {
    auto const status = reader_->response.status;
    return status >= 100 && status < 200 && status != 101;
  }

  void end_response() {
    if (is_interim())
      reader_.emplace(request_.limits);
    else
      end({});
  }

  /// Over TLS, what left this machine is more than the bytes that were written for sure.
  [[nodiscard]] bool may_have_written() const noexcept {
    if (stage_ < stage::write) return false;
    return connection_->stream.has_tls() || !is_write_known_ || written_bytes_ > 0;
  }

  /// What the response is too large for; null if it is not.
  [[nodiscard]] char const* exceeded_limit() const {
    if (cause_ == make_error_code(http::error::header_limit))
      return "the response's headers are larger than limits.max_header_bytes";
    if (cause_ == make_error_code(http::error::body_limit))
      return "the response's body is larger than limits.max_body_bytes";
    return nullptr;
  }

  [[nodiscard]] std::string message() const {
    if (cause_ == std::errc::operation_canceled) return "the call was stopped";
    if (cause_ == std::errc::timed_out && ended_by_timer())
      return stage_ < stage::write ? "no connection within limits.connect_timeout"
                                   : "no response within limits.total_timeout";
    if (auto const* limit = exceeded_limit()) return limit;
    if (stage_ < stage::write && cause_ == unsolicited_data()) return "the server sent data before the request";
    switch (stage_) {
      case stage::look_up: return "the host of service.base_url was not found";
      case stage::connect: return "no connection could be made";
      case stage::handshake:
        if (cause_ == std::errc::permission_denied)
          return "the service's certificate was not accepted: " + cause_.message();
        return "no TLS connection could be made";
      case stage::write: return "the connection broke while the request was sent";
      default: return "the connection broke before there was a response";
    }
  }

  [[nodiscard]] bool ended_by_timer() const noexcept { return cause_.category() == std::generic_category(); }

  std::error_code cause_;
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
