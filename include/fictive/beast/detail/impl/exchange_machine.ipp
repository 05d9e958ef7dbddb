// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_EXCHANGE_MACHINE_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_EXCHANGE_MACHINE_IPP

#include <fictive/beast/detail/exchange_machine.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/detail/http/error_response.hpp>
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
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace FICTIVE_BEAST_NAMESPACE::detail {

class client_certificate_category final : public std::error_category {
 public:
  [[nodiscard]] char const* name() const noexcept override { return "fictive.client_certificate"; }
  [[nodiscard]] std::string message(int) const override { return "client certificate required"; }
  [[nodiscard]] std::error_condition default_error_condition(int) const noexcept override {
    return std::errc::permission_denied;
  }
};

/// Whether the bytes begin with an alert (RFC 8446, sections 5.1 and B.1).
FICTIVE_DECL bool is_tls_alert(asio::const_buffer bytes) noexcept {
  auto const* const text = static_cast<char const*>(bytes.data());
  return std::string_view(text, bytes.size()).starts_with("\x15\x03");
}

FICTIVE_DECL std::error_code client_certificate_required() noexcept {
  static client_certificate_category const category;
  return {1, category};
}

/// Whether the certificate's authority is not known: OpenSSL's X509_V_ERR_… values for self-signed ones, for no local
/// issuer, and for a leaf that cannot be verified, which are the same in all versions.
FICTIVE_DECL bool is_unknown_authority(std::error_code const& ec) noexcept {
  return std::string_view(ec.category().name()) == certificate_category_name && ec.value() >= 18 && ec.value() <= 21;
}

FICTIVE_DECL exchange_machine::exchange_machine(fictive::detail::url_parts const& url, http_request const& request,
                                                exchange_buffers& buffers, time_point began,
                                                std::chrono::milliseconds next_address_after,
                                                proxy_settings const* proxy)
    : url_(url),
      request_(request),
      buffers_(&buffers),
      proxy_(proxy),
      began_(began),
      connecting_since_(began),
      next_address_after_(std::clamp(next_address_after, std::chrono::milliseconds(10), longest_timeout)) {
  serialize_head();
  reader_.emplace(request.limits);
}

FICTIVE_DECL exchange_machine::~exchange_machine() {
  if (buffers_) fictive::detail::wipe(buffers_->head);
  fictive::detail::wipe(connect_request_);
}

// --- Steps -----------------------------------------------------------------------------------------------------------

FICTIVE_DECL exchange_step exchange_machine::next(time_point now) {
  if (has_ended_) return next_ending();
  if (std::exchange(must_close_, false)) {
    is_open_ = false;
    return exchange_step::close;
  }
  switch (stage_) {
    case stage::resolve: return std::exchange(is_resolving_, true) ? exchange_step::wait : exchange_step::resolve;
    case stage::connect: return next_connecting(now);
    case stage::write:
    case stage::read: return next_exchanging();
    case stage::proxy_handshake:
    case stage::tunnel:
    case stage::handshake:
    case stage::check: break;
  }
  if (find_attempt(attempt_state::unneeded)) {
    attempts_[attempt_].state = attempt_state::abandoned;
    return exchange_step::abandon;
  }
  if (is_handshaking_) return exchange_step::wait;
  if (!std::exchange(is_open_, true)) {
    find_attempt(attempt_state::selected);
    return exchange_step::select;
  }
  if (stage_ == stage::check) return exchange_step::check;
  if (stage_ == stage::tunnel) return next_tunneling();
  is_handshaking_ = true;
  return exchange_step::handshake;
}

FICTIVE_DECL exchange_step exchange_machine::next_connecting(time_point now) {
  bool const is_due = now >= next_attempt_ || !has_attempt(attempt_state::connecting);
  if (!is_due || !find_attempt(attempt_state::untried)) return exchange_step::wait;
  attempts_[attempt_].state = attempt_state::connecting;
  next_attempt_ = now + next_address_after_;
  return exchange_step::connect;
}

FICTIVE_DECL exchange_step exchange_machine::next_tunneling() {
  if (is_writing_ || is_reading_) return exchange_step::wait;
  bool const must_read = is_written();
  (must_read ? is_reading_ : is_writing_) = true;
  return must_read ? exchange_step::read : exchange_step::write;
}

FICTIVE_DECL exchange_step exchange_machine::next_exchanging() {
  if (is_out_of_time_) {
    if (std::exchange(must_cancel_, false)) return exchange_step::cancel;
    if (is_reading_ || is_writing_) return exchange_step::wait;
    if (late_reads_++ < max_late_reads) {
      is_reading_ = true;
      return exchange_step::read_available;
    }
    end(std::make_error_code(std::errc::timed_out));
    return next_ending();
  }
  if (!is_writing_ && !write_error_ && !is_written() && !has_final_head()) {
    is_writing_ = has_begun_to_write_ = true;
    is_write_known_ = false;
    return exchange_step::write;
  }
  // The first write never waits, and mostly writes everything: a read next to it would only cost time.
  bool const has_written = is_write_known_ || written_bytes_ > 0;
  if (is_reading_ || !has_written) return exchange_step::wait;
  is_reading_ = true;
  return exchange_step::read;
}

FICTIVE_DECL exchange_step exchange_machine::next_ending() {
  for (auto const state : {attempt_state::connecting, attempt_state::unneeded})
    if (find_attempt(state)) {
      attempts_[attempt_].state = attempt_state::abandoned;
      return exchange_step::abandon;
    }
  bool const is_busy = is_handshaking_ || is_writing_ || is_reading_;
  if ((cause_ || is_busy || must_close_) && std::exchange(is_open_, false)) return exchange_step::close;
  return is_busy || has_attempt(attempt_state::abandoned) ? exchange_step::wait : exchange_step::done;
}

FICTIVE_DECL std::array<asio::const_buffer, 2> exchange_machine::unwritten() const {
  if (stage_ == stage::tunnel) return {asio::buffer(connect_request_) + written_bytes_, asio::const_buffer()};
  asio::const_buffer const head(buffers_->head.data(), buffers_->head.size());
  asio::const_buffer const body(separate_body().data(), separate_body().size());
  auto const of_head = (std::min)(written_bytes_, head.size());
  return {head + of_head, body + (written_bytes_ - of_head)};
}

FICTIVE_DECL asio::mutable_buffer exchange_machine::read_buffer() {
  auto& buffer = buffers_->received;
  return buffer.prepare((std::max<std::size_t>)(512, buffer.capacity() - buffer.size()));
}

FICTIVE_DECL exchange_machine::time_point exchange_machine::wait_until() const noexcept {
  if (has_ended_ || is_out_of_time_) return (time_point::max)();
  auto const until = deadline();
  if (!has_attempt(attempt_state::untried)) return until;
  if (stage_ == stage::connect) return (std::min)(until, next_attempt_);
  return is_handshaking_ && is_open_ ? (std::min)(until, handshake_until_) : until;
}

// --- Results ---------------------------------------------------------------------------------------------------------

FICTIVE_DECL void exchange_machine::resolved(std::error_code ec, std::vector<endpoint> endpoints) {
  if (has_ended_) return;
  if (ec) return end(ec);
  // The families alternate; within each, the order stays (RFC 8305, section 4).
  bool const first_is_v6 = !endpoints.empty() && endpoints.front().address().is_v6();
  auto const of_first_family = [=](endpoint const& one) { return one.address().is_v6() == first_is_v6; };
  std::vector<connection_attempt> attempts;
  attempts.reserve(endpoints.size());
  auto first = endpoints.begin(), second = endpoints.begin();
  for (bool wants_first = true; attempts.size() < endpoints.size(); wants_first = !wants_first) {
    first = std::find_if(first, endpoints.end(), of_first_family);
    second = std::find_if_not(second, endpoints.end(), of_first_family);
    bool const takes_first = first != endpoints.end() && (wants_first || second == endpoints.end());
    attempts.push_back({*(takes_first ? first++ : second++)});
  }
  attempts_ = std::move(attempts);
  stage_ = stage::connect;
  if (attempts_.empty()) end(make_error_code(asio::error::host_not_found));
}

FICTIVE_DECL void exchange_machine::connected(std::size_t attempt, error_code ec, time_point now) {
  auto& state = attempts_[attempt].state;
  if (has_ended_ || stage_ != stage::connect) {
    // If the connection in use turns out to be useless, this address is tried again.
    state = ec && state != attempt_state::abandoned ? attempt_state::failed : attempt_state::untried;
    return;
  }
  if (state == attempt_state::abandoned) {
    state = attempt_state::untried;
    return;
  }
  if (ec) return attempt_failed(attempt, stage::connect, ec, now);
  state = attempt_state::selected;
  for (auto& other : attempts_)
    if (other.state == attempt_state::connecting) other.state = attempt_state::unneeded;
  // Each address gets a share of the time.
  auto const others = std::count_if(attempts_.begin(), attempts_.end(), [](auto const& one) {
    return one.state == attempt_state::untried || one.state == attempt_state::unneeded;
  });
  handshake_until_ = now + (deadline() - now) / (others + 1);

  if (proxy_ && proxy_->is_https)
    stage_ = stage::proxy_handshake;
  else if (!url_.is_https())
    stage_ = stage::check;
  else if (proxy_)
    begin_tunnel();
  else
    stage_ = stage::handshake;
}

FICTIVE_DECL void exchange_machine::handshaken(std::error_code ec, time_point now) {
  is_handshaking_ = false;
  if (has_ended_) return;
  bool const was_closed = !is_open_ || must_close_;
  if (ec || was_closed) return connection_failed(was_closed ? std::make_error_code(std::errc::timed_out) : ec, now);
  if (handshakes_with_proxy() && url_.is_https())
    begin_tunnel();
  else
    stage_ = stage::check;
}

FICTIVE_DECL void exchange_machine::begin_tunnel() {
  stage_ = stage::tunnel;
  auto const host = authority() + (url_.port.empty() ? ":443" : "");
  auto const authorization = proxy_->authorization.reveal();
  buffers_->received.clear();
  reader_.emplace(request_.limits).skip(true);
  written_bytes_ = 0;
  connect_request_.clear();
  connect_request_.reserve(2 * host.size() + authorization.size() + 128);  // so that no copy is left behind
  connect_request_.append("CONNECT ").append(host).append(" HTTP/1.1\r\nHost: ").append(host);
  if (!authorization.empty()) connect_request_.append("\r\nProxy-Authorization: ").append(authorization);
  connect_request_.append("\r\n\r\n");
}

FICTIVE_DECL void exchange_machine::checked(error_code ec, time_point now) {
  if (has_ended_) return;
  if (!ec) {
    stage_ = stage::write;
    return;
  }
  connection_failed(ec, now);
}

FICTIVE_DECL void exchange_machine::connection_failed(std::error_code cause, time_point now) noexcept {
  find_attempt(attempt_state::selected);
  attempt_failed(attempt_, stage_, cause, now);
}

FICTIVE_DECL void exchange_machine::attempt_failed(std::size_t which, stage where, std::error_code cause,
                                                   time_point now) noexcept {
  attempts_[which].state = attempt_state::failed;
  must_close_ = is_open_;
  stage_ = stage::connect;
  next_attempt_ = now;
  if (where >= failed_stage_) {
    failed_stage_ = where;
    failed_cause_ = cause;
  }
  for (auto const state :
       {attempt_state::untried, attempt_state::connecting, attempt_state::unneeded, attempt_state::abandoned})
    if (has_attempt(state)) return;
  stage_ = failed_stage_;
  end(failed_cause_);
}

FICTIVE_DECL void exchange_machine::wrote(error_code ec, std::size_t size) {
  is_writing_ = false;
  written_bytes_ += size;
  bool const is_aborted = ec == asio::error::operation_aborted;  // some systems write and report nothing
  if (stage_ == stage::tunnel) {
    if (ec && !has_ended_) connection_failed(ec, {});
    return;
  }
  if (!is_aborted) is_write_known_ = true;
  if (has_ended_ || (is_aborted && is_out_of_time_)) return;
  if (ec) writing_failed(ec);
  if (is_written()) stage_ = stage::read;
}

FICTIVE_DECL void exchange_machine::writing_failed(error_code ec) noexcept {
  // If a part of the request was written, the response may already have been received: a server may refuse a request
  // before it has read it, and close the connection.
  if (written_bytes_ == 0) return end(ec);
  write_error_ = ec;
  stage_ = stage::read;
}

FICTIVE_DECL void exchange_machine::received(error_code ec, std::size_t size, bool is_truncated) {
  is_reading_ = false;
  buffers_->received.commit(size);
  if (has_ended_) return;
  if (stage_ == stage::tunnel) {
    if (ec == asio::error::eof) ec = http::error::end_of_stream;
    return ec ? connection_failed(ec, {}) : consume_connect_response();
  }
  if (is_out_of_time_ && ec == asio::error::operation_aborted) return;
  if (is_out_of_time_ && (ec == asio::error::would_block || ec == asio::error::try_again))
    return end(std::make_error_code(std::errc::timed_out));
  if (ec) return reading_failed(ec, is_truncated);
  consume_received();
}

FICTIVE_DECL void exchange_machine::consume_connect_response() {
  auto& buffer = buffers_->received;
  while (buffer.size() > 0) {
    error_code ec;
    buffer.consume(reader_->parse(buffer.data(), ec));
    if (ec == http::error::need_more) return;
    if (ec) return end(ec);
    if (!reader_->is_header_done()) continue;
    if (!is_interim()) break;
    reader_.emplace(request_.limits).skip(true);
  }
  if (!reader_->is_header_done() || is_interim()) return;
  auto const status = reader_->response.status;
  if (status < 200 || status > 299) return end(connect_refused(status));
  // In TLS, the client sends the first bytes.
  if (buffer.size() > 0) return end(unsolicited_data());
  fictive::detail::wipe(connect_request_);
  written_bytes_ = 0;
  reader_.emplace(request_.limits);
  stage_ = stage::handshake;
}

FICTIVE_DECL void exchange_machine::consume_received() {
  auto& buffer = buffers_->received;
  while (buffer.size() > 0 && !has_ended_) {
    error_code ec;
    if (!reader_->got_some() && is_tls_alert(buffer.data())) has_received_tls_ = true;
    buffer.consume(reader_->parse(buffer.data(), ec));
    if (ec == http::error::need_more) return;
    if (ec) return reading_failed(ec);
    if (!reader_->has_ended()) continue;
    if (is_interim())
      reader_.emplace(request_.limits);
    else
      end({});
  }
}

FICTIVE_DECL void exchange_machine::reading_failed(error_code ec, bool is_truncated) {
  // A missing close_notify is treated like the end of a plain connection: the framing shows whether the body is
  // complete.
  if (is_truncated && reader_->is_header_done() && reader_->need_eof()) ec = asio::error::eof;
  if (ec == asio::error::eof && reader_->got_some()) reader_->put_eof(ec);
  if (ec == asio::error::eof) ec = http::error::end_of_stream;
  end(ec && write_error_ ? write_error_ : ec);
}

FICTIVE_DECL void exchange_machine::time_passed(time_point now) noexcept {
  if (has_ended_ || is_out_of_time_) return;
  if (now < deadline()) {
    if (is_handshaking_ && is_open_ && now >= handshake_until_ && has_attempt(attempt_state::untried))
      must_close_ = true;
    return;
  }
  if (stage_ < stage::write) return end(std::make_error_code(std::errc::timed_out));
  is_out_of_time_ = true;
  must_cancel_ = is_reading_ || is_writing_;
}

FICTIVE_DECL void exchange_machine::fail(exchange_step step, std::error_code cause) noexcept {
  if (step == exchange_step::handshake) is_handshaking_ = false;
  if (step == exchange_step::read || step == exchange_step::read_available) is_reading_ = false;
  if (step == exchange_step::connect) attempts_[attempt_].state = attempt_state::failed;
  if (step == exchange_step::write) {
    is_writing_ = false;
    is_write_known_ = true;
    has_begun_to_write_ = has_begun_to_write_ && written_bytes_ > 0;
  }
  end(cause);
}

FICTIVE_DECL void exchange_machine::end(std::error_code cause) noexcept {
  if (has_ended_) return;
  has_ended_ = true;
  cause_ = cause;
}

// --- The request and the response ------------------------------------------------------------------------------------

FICTIVE_DECL void exchange_machine::serialize_head() {
  bool const through_proxy = proxy_ && !url_.is_https();
  std::string_view const path = url_.path.empty() ? "/" : url_.path;
  std::string const host = authority(), length = std::to_string(request_.body.size());
  std::string_view const scheme = through_proxy ? "http://" : "", origin = through_proxy ? host : std::string_view();
  std::string_view const authorization = through_proxy ? proxy_->authorization.reveal() : std::string_view();
  std::string_view const authorization_name = authorization.empty() ? "" : "\r\nProxy-Authorization: ";
  std::string_view const body = is_body_in_head() ? request_.body : std::string_view();

  auto const write = [&](auto put) {
    put(request_.method, " ", scheme, origin, path, url_.query, " HTTP/1.1\r\nHost: ", host);
    put(authorization_name, authorization);
    for (auto const& header : request_.headers) put("\r\n", header.name, ": ", header.value);
    put("\r\nContent-Length: ", length, "\r\n\r\n", body);
  };
  std::size_t size = 0;
  write([&size](auto const&... parts) { size += (std::string_view(parts).size() + ...); });
  buffers_->head.resize(size);
  auto* out = buffers_->head.data();
  write([&out](auto const&... parts) { ((out += std::string_view(parts).copy(out, std::string_view::npos)), ...); });
}

FICTIVE_DECL std::string exchange_machine::authority() const {
  std::string_view const opening = url_.host_is_ipv6 ? "[" : "", closing = url_.host_is_ipv6 ? "]" : "";
  return std::string(opening).append(url_.host).append(closing).append(url_.port.empty() ? "" : ":").append(url_.port);
}

FICTIVE_DECL bool exchange_machine::is_written() const noexcept {
  if (stage_ == stage::tunnel) return written_bytes_ == connect_request_.size();
  return written_bytes_ == buffers_->head.size() + separate_body().size();
}

FICTIVE_DECL bool exchange_machine::is_interim() const noexcept {
  auto const status = reader_->response.status;
  return status >= 100 && status < 200 && status != 101;
}

FICTIVE_DECL bool exchange_machine::connection_is_reusable() const {
  return is_open_ && !cause_ && is_written() && !write_error_ && reader_->is_reusable() &&
         buffers_->received.size() == 0 && reader_->response.status != 101;
}

// --- Helpers ---------------------------------------------------------------------------------------------------------

FICTIVE_DECL bool exchange_machine::find_attempt(attempt_state state) noexcept {
  for (std::size_t i = 0; i < attempts_.size(); ++i)
    if (attempts_[i].state == state) return attempt_ = i, true;
  return false;
}

FICTIVE_DECL bool exchange_machine::has_attempt(attempt_state state) const noexcept {
  return std::any_of(attempts_.begin(), attempts_.end(), [=](auto const& one) { return one.state == state; });
}

FICTIVE_DECL exchange_machine::time_point exchange_machine::deadline() const noexcept {
  auto const after = [](time_point begin, std::chrono::milliseconds timeout) {
    return begin + std::clamp(timeout, std::chrono::milliseconds(0), longest_timeout);
  };
  auto const end_of_all = after(began_, request_.limits.total_timeout);
  if (stage_ >= stage::write) return end_of_all;
  return (std::min)(end_of_all, after(connecting_since_, request_.limits.connect_timeout));
}

FICTIVE_DECL bool exchange_machine::may_have_written() const noexcept {
  bool const is_encrypted = url_.is_https() || (proxy_ && proxy_->is_https);
  return has_begun_to_write_ && (is_encrypted || !is_write_known_ || written_bytes_ > 0);
}

// --- The outcome -----------------------------------------------------------------------------------------------------

FICTIVE_DECL result<http_response> exchange_machine::outcome() noexcept {
  fictive::detail::wipe(buffers_->head);
  buffers_ = nullptr;
  if (!cause_) return std::move(reader_->response);
  try {
    return failure();
  } catch (std::bad_alloc const&) {
  }
  bool const is_timeout = cause_ == std::errc::timed_out, is_stop = cause_ == std::errc::operation_canceled;
  return error{.code = is_timeout ? errc::timed_out
                       : is_stop  ? errc::cancelled
                                  : errc::transport_failure,
               .cause = cause_,
               .effect = may_have_written() ? effect::unknown : effect::none};
}

FICTIVE_DECL error exchange_machine::failure() const {
  if (has_final_head()) {
    auto e = transport_error(cause_, reader_->response);
    if (auto const* limit = exceeded_limit())
      e.message = (e.effect == effect::applied ? fictive::detail::result_is_lost : std::string()) + limit;
    return e;
  }
  auto e = transport_error(cause_, may_have_written() ? effect::unknown : effect::none);
  e.message = message();
  return e;
}

FICTIVE_DECL char const* exchange_machine::exceeded_limit() const {
  if (cause_ == make_error_code(http::error::header_limit))
    return "the response's headers are larger than limits.max_header_bytes";
  if (cause_ == make_error_code(http::error::body_limit))
    return "the response's body is larger than limits.max_body_bytes";
  return nullptr;
}

FICTIVE_DECL bool exchange_machine::is_not_http() const {
  std::error_code const at_end = make_error_code(http::error::end_of_stream),
                        in_part = make_error_code(http::error::partial_message);
  return cause_.category() == at_end.category() && cause_ != at_end && cause_ != in_part;
}

FICTIVE_DECL bool exchange_machine::may_need_https() const {
  return !url_.is_https() && !proxy_ && !attempts_.empty() && !reader_->got_some();
}

FICTIVE_DECL std::string exchange_machine::proxy_message() const {
  if (cause_ == std::make_error_code(std::errc::timed_out))
    return stage_ == stage::tunnel ? "the proxy did not answer CONNECT within limits.connect_timeout"
                                   : "no connection to the proxy within limits.connect_timeout";
  if (auto const* problem = connect_problem(cause_)) return problem;
  if (cause_ == client_certificate_required()) return "the proxy requires a client certificate";
  switch (stage_) {
    case stage::resolve: return "the host of the proxy could not be resolved";
    case stage::connect: return "could not connect to the proxy";
    case stage::proxy_handshake:
      if (cause_ == std::errc::permission_denied)
        return "the proxy's certificate was not accepted: " + cause_.message() +
               (is_unknown_authority(cause_) ? ": set tls.ca_file if the proxy has an authority of its own" : "");
      return "the TLS handshake with the proxy failed";
    default: break;
  }
  if (cause_ == make_error_code(http::error::header_limit))
    return "the proxy's response to CONNECT is larger than limits.max_header_bytes";
  if (cause_ == std::error_code(unsolicited_data())) return "the proxy sent data before the server did";
  if (is_not_http()) return "the proxy's response to CONNECT is not HTTP";
  return "the proxy closed the connection before it answered CONNECT";
}

FICTIVE_DECL std::string exchange_machine::message() const {
  if (cause_ == std::errc::operation_canceled) return "the call was cancelled";
  if (cause_ == std::make_error_code(std::errc::not_enough_memory)) return "out of memory";
  if (proxy_ && stage_ < stage::handshake) return proxy_message();
  if (cause_ == std::make_error_code(std::errc::timed_out)) {  // the machine's, not the socket's
    if (stage_ >= stage::write) return "no response within limits.total_timeout";
    bool const had_whole_time = deadline() - connecting_since_ >= request_.limits.connect_timeout;
    return had_whole_time || connecting_since_ == began_
               ? "no connection within limits.connect_timeout"
               : "no connection within the rest of limits.total_timeout, after the wait for a free one";
  }
  if (auto const* limit = exceeded_limit()) return limit;
  if (cause_ == client_certificate_required())
    return "the server requires a client certificate: set tls.certificate_chain_file and tls.private_key_file";
  switch (stage_) {
    case stage::resolve: return "the host of base_url could not be resolved";
    case stage::connect: return "could not connect";
    case stage::proxy_handshake:
    case stage::tunnel:
    case stage::handshake:
      if (cause_ == std::errc::permission_denied)
        return "the server's certificate was not accepted: " + cause_.message() +
               (is_unknown_authority(cause_)
                    ? ": set tls.ca_file if the service, or a proxy that inspects TLS, has an authority of its own"
                    : "");
      return "the TLS handshake failed";
    case stage::check:
      return cause_ == unsolicited_data() ? "the server sent data before the request"
                                          : "the server closed the connection before the request";
    case stage::write: return "the connection was lost while the request was sent";
    case stage::read:
      if (has_received_tls_) return fictive::detail::needs_https;
      if (is_not_http()) return "the response is not HTTP";
      if (may_need_https())
        return "the connection was lost before there was a response: if the port of base_url is for https, write "
               "https://";
  }
  return "the connection was lost before there was a response";
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
