// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_EXCHANGE_STATE_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_EXCHANGE_STATE_IPP

#include <fictive/beast/detail/exchange_state.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/detail/http/outcomes.hpp>
#include <fictive/detail/text/wipe.hpp>
#include <fictive/transport.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace FICTIVE_BEAST_NAMESPACE::detail {

FICTIVE_DECL exchange_state::exchange_state(target to, std::unique_ptr<connection> over, http_request const& request)
    : target_(std::move(to)), connection_(std::move(over)), request_(request) {
  serialize_head();
  reader_.emplace(request.limits);
}

FICTIVE_DECL exchange_state::~exchange_state() {
  if (connection_) fictive::detail::wipe(connection_->head);
}

FICTIVE_DECL exchange_state::clock::time_point exchange_state::time_after(
    std::chrono::milliseconds timeout) const noexcept {
  return target_.began + std::clamp(timeout, std::chrono::milliseconds(0), longest_timeout);
}

FICTIVE_DECL std::array<asio::const_buffer, 2> exchange_state::unwritten() const {
  asio::const_buffer const head(connection_->head.data(), connection_->head.size());
  asio::const_buffer const body(separate_body().data(), separate_body().size());
  auto const of_head = (std::min)(written_bytes_, head.size());
  return {head + of_head, body + (written_bytes_ - of_head)};
}

FICTIVE_DECL bool exchange_state::is_written() const noexcept {
  return written_bytes_ == connection_->head.size() + separate_body().size();
}

FICTIVE_DECL void exchange_state::writing_failed(error_code ec) noexcept {
  is_write_known_ = true;
  if (written_bytes_ == 0)
    end(ec);
  else
    write_error_ = ec;
}

FICTIVE_DECL void exchange_state::consume_received() {
  auto& buffer = connection_->buffer;
  while (buffer.size() > 0 && !ended_) {
    error_code ec;
    buffer.consume(reader_->parse(buffer.data(), ec));
    if (ec == http::error::need_more) return;
    if (ec) return reading_failed(ec);
    if (reader_->has_ended()) end_response();
  }
}

FICTIVE_DECL void exchange_state::reading_failed(error_code ec) {
  // A missing close_notify is treated like the end of a plain connection: the framing shows whether the body is
  // complete.
  if (is_stream_truncated(ec) && reader_->is_header_done() && reader_->need_eof()) ec = asio::error::eof;
  if (ec == asio::error::eof && reader_->got_some()) reader_->put_eof(ec);
  if (ec == asio::error::eof) ec = http::error::end_of_stream;
  end(ec && write_error_ ? write_error_ : ec);
}

FICTIVE_DECL void exchange_state::end(std::error_code cause) noexcept {
  if (ended_) return;
  ended_ = true;
  cause_ = cause;
}

FICTIVE_DECL void exchange_state::close_if_failed() {
  error_code ignored;
  if (cause_) connection_->stream.socket().close(ignored);
}

FICTIVE_DECL bool exchange_state::connection_is_reusable() const {
  return !cause_ && !write_error_ && reader_->is_reusable() && connection_->buffer.size() == 0 &&
         reader_->response.status != 101;
}

FICTIVE_DECL result<http_response> exchange_state::response_or_error() {
  if (!cause_) return std::move(reader_->response);
  if (reader_->is_header_done() && !is_interim()) {
    auto e = transport_error(cause_, reader_->response);
    if (auto const* limit = exceeded_limit())
      e.message = (e.effect == effect::applied ? fictive::detail::result_is_lost : std::string()) + limit;
    return e;
  }
  auto e = transport_error(cause_, may_have_written() ? effect::unknown : effect::none);
  e.message = message();
  return e;
}

FICTIVE_DECL void exchange_state::serialize_head() {
  auto const& url = target_.url;
  std::string_view const path = url.path.empty() ? "/" : url.path, colon = url.port.empty() ? "" : ":";
  std::string_view const opening = url.host_is_ipv6 ? "[" : "", closing = url.host_is_ipv6 ? "]" : "";
  std::string const length = std::to_string(request_.body.size());
  std::string_view const body = is_body_in_head() ? request_.body : std::string_view();

  auto const write = [&](auto put) {
    put(request_.method, " ", path, url.query, " HTTP/1.1\r\nHost: ", opening, url.host, closing, colon, url.port);
    for (auto const& header : request_.headers) put("\r\n", header.name, ": ", header.value);
    put("\r\nContent-Length: ", length, "\r\n\r\n", body);
  };
  std::size_t size = 0;
  write([&size](auto const&... parts) { size += (std::string_view(parts).size() + ...); });
  connection_->head.resize(size);
  auto* out = connection_->head.data();
  write([&out](auto const&... parts) { ((out += std::string_view(parts).copy(out, std::string_view::npos)), ...); });
}

FICTIVE_DECL bool exchange_state::is_interim() const noexcept {
  auto const status = reader_->response.status;
  return status >= 100 && status < 200 && status != 101;
}

FICTIVE_DECL void exchange_state::end_response() {
  if (is_interim())
    reader_.emplace(request_.limits);
  else
    end({});
}

FICTIVE_DECL bool exchange_state::may_have_written() const noexcept {
  if (stage_ < stage::write) return false;
  return connection_->stream.has_tls() || !is_write_known_ || written_bytes_ > 0;
}

FICTIVE_DECL char const* exchange_state::exceeded_limit() const {
  if (cause_ == make_error_code(http::error::header_limit))
    return "the response's headers are larger than limits.max_header_bytes";
  if (cause_ == make_error_code(http::error::body_limit))
    return "the response's body is larger than limits.max_body_bytes";
  return nullptr;
}

FICTIVE_DECL std::string exchange_state::message() const {
  if (cause_ == std::errc::operation_canceled) return "the call was cancelled";
  if (cause_ == std::make_error_code(std::errc::timed_out))  // the timer's, not the socket's
    return stage_ < stage::write ? "no connection within limits.connect_timeout"
                                 : "no response within limits.total_timeout";
  if (auto const* limit = exceeded_limit()) return limit;
  if (stage_ < stage::write && cause_ == unsolicited_data()) return "the server sent data before the request";
  switch (stage_) {
    case stage::resolve: return "the host of base_url could not be resolved";
    case stage::connect: return "could not connect";
    case stage::handshake:
      if (cause_ == std::errc::permission_denied)
        return "the server's certificate was not accepted: " + cause_.message();
      return "the TLS handshake failed";
    case stage::write: return "the connection was lost while the request was sent";
    default: return "the connection was lost before there was a response";
  }
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
