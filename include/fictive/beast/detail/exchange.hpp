// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_EXCHANGE_HPP
#define FICTIVE_BEAST_DETAIL_EXCHANGE_HPP

#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/pending_lookup.hpp>
#include <fictive/beast/detail/tls.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/url.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/service.hpp>
#include <fictive/transport.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace fictive::beast::detail {

namespace http = boost::beast::http;

#if defined(__cpp_lib_jthread)
template <class Callback>
using stop_callback = std::stop_callback<Callback>;
#else
template <class Callback>
struct stop_callback {
  stop_callback(stop_token const&, Callback) {}
};
#endif

/// One request and its response over one connection, which need not be connected yet: look-up, connect, handshake,
/// write, read. Every stage ends early when the time is over or the caller stops; and it is known at any time whether
/// a byte of the request may have been written.
class exchange {
 public:
  using clock = std::chrono::steady_clock;

  struct outcome {
    result<http_response> response;
    bool connection_is_reusable;
  };

  exchange(connection& over, http_request const& request, fictive::detail::url_parts const& url,
           transport_options const& options, asio::ssl::context* tls, clock::time_point began)
      : connection_(over),
        request_(request),
        url_(url),
        options_(options),
        tls_(tls),
        began_(began),
        head_(head_of(request, url)) {}

  exchange(exchange const&) = delete;
  exchange& operator=(exchange const&) = delete;

  ~exchange() {
    if (lookup_) lookup_->abandon();
    fictive::detail::wipe(head_);
  }

  /// Runs to the end on this thread. The connection must outlive this object.
  outcome run(stop_token const& stop) {
    auto& io = connection_.io;
    io.restart();
    {
      auto const end_early = [this, &io] {
        asio::post(io, [this] { finish(std::make_error_code(std::errc::operation_canceled)); });
      };
      stop_callback<decltype(end_early)> const on_stop(stop, end_early);
      if (connection_.stream.socket().is_open())
        write();
      else
        look_up();
      io.run();
    }
    io.restart();
    io.poll();  // a stop at the last moment has left a handler behind that refers to this object
    return {response_or_error(), connection_is_reusable()};
  }

 private:
  bool connection_is_reusable() const {
    return !cause_ && !write_failed_ && parser_ && parser_->keep_alive() && connection_.buffer.size() == 0 &&
           parser_->get().result() != http::status::switching_protocols;
  }
  enum class stage { look_up, connect, handshake, write, read };

  static std::string head_of(http_request const& request, fictive::detail::url_parts const& url) {
    std::string head;
    head.reserve(1024);
    head.append(request.method).append(" ");
    head.append(url.path.empty() ? "/" : url.path).append(url.query).append(" HTTP/1.1\r\nHost: ");
    if (url.host_is_ipv6)
      head.append("[").append(url.host).append("]");
    else
      head.append(url.host);
    if (!url.port.empty()) head.append(":").append(url.port);
    head.append("\r\n");
    for (auto const& header : request.headers)
      head.append(header.name).append(": ").append(header.value).append("\r\n");
    return head.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n\r\n");
  }

  void look_up() {
    end_at(std::min(request_.limits.connect_timeout, request_.limits.total_timeout));
    error_code not_an_address;
    std::string const host(url_.host), port(url_.port_or_default());
    auto const address = asio::ip::make_address(host, not_an_address);
    if (!not_an_address) return connect({{address, static_cast<std::uint16_t>(std::stoul(port))}});
    try {
      lookup_ = pending_lookup::start(options_.lookup, host, port, connection_.io,
                                      [this](error_code ec, std::vector<tcp::endpoint> endpoints) {
                                        if (ec || finished_) return finish(ec);
                                        connect(std::move(endpoints));
                                      });
    } catch (std::system_error const& no_thread) {
      finish(no_thread.code());
    }
  }

  void connect(std::vector<tcp::endpoint> endpoints) {
    stage_ = stage::connect;
    endpoints_ = std::move(endpoints);
    asio::async_connect(connection_.stream.socket(), endpoints_, [this](error_code ec, tcp::endpoint const&) {
      if (ec || finished_) return finish(ec);
      error_code not_so_important;
      connection_.stream.socket().set_option(tcp::no_delay(true), not_so_important);
      if (tls_) return shake_hands();
      write();
    });
  }

  void shake_hands() {
    stage_ = stage::handshake;
    auto& stream = connection_.stream.add_tls(*tls_);
    if (auto const ec = expect_host(stream.native_handle(), std::string(url_.host))) return finish(ec);
    stream.async_handshake(asio::ssl::stream_base::client, [this, &stream](error_code ec) {
      auto const verified = SSL_get_verify_result(stream.native_handle());
      if (ec && verified != X509_V_OK) return finish({static_cast<int>(verified), certificate_category_instance()});
      if (ec || finished_) return finish(ec);
      write();
    });
  }

  void write() {
    end_at(request_.limits.total_timeout);
    stage_ = stage::write;
    written_ = std::nullopt;
    std::array<asio::const_buffer, 2> const message = {asio::buffer(head_), asio::buffer(request_.body)};
    asio::async_write(connection_.stream, message, [this](error_code ec, std::size_t size) {
      written_ = size;
      write_failed_ = ec.failed();
      if (finished_ || (ec && size == 0)) return finish(ec);
      // A service that refuses a request may do so before it has read all of it, and close: so its answer may be
      // there although writing failed.
      write_error_ = ec;
      read();
    });
  }

  void read() {
    stage_ = stage::read;
    auto const& limits = request_.limits;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(
        std::min<std::size_t>(limits.max_header_bytes, (std::numeric_limits<std::uint32_t>::max)())));
    parser_->body_limit(static_cast<std::uint64_t>(limits.max_body_bytes));
    http::async_read(connection_.stream, connection_.buffer, *parser_, [this](error_code ec, std::size_t) {
      // An end without TLS's farewell is no worse than plain HTTP's: whether the body is whole, its reader finds out.
      if (ec == asio::ssl::error::stream_truncated && parser_->is_header_done() && parser_->need_eof()) {
        ec = {};
        parser_->put_eof(ec);
      }
      if (!ec && is_interim(parser_->get().result_int()) && !finished_) return read();
      if (!ec && header_size() > request_.limits.max_header_bytes) ec = http::error::header_limit;
      finish(ec && write_error_ ? write_error_ : ec);
    });
  }

  /// Beast's own limit is of what arrives at once: it bounds the memory, not the sum.
  std::size_t header_size() const {
    auto size = parser_->get().reason().size() + std::string_view("HTTP/1.1 200 \r\n\r\n").size();
    for (auto const& field : parser_->get())
      size += field.name_string().size() + field.value().size() + std::string_view(": \r\n").size();
    return size;
  }

  /// 100 to 199 announce the response; 101 would be one, to a question that we do not ask.
  static bool is_interim(unsigned status) noexcept { return status >= 100 && status < 200 && status != 101; }

  /// The exchange ends when `timeout` has passed since it began.
  void end_at(std::chrono::milliseconds timeout) {
    constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365);
    timer_.expires_at(began_ + std::min(timeout, longest));
    timer_.async_wait([this](error_code) {
      if (clock::now() >= timer_.expiry()) finish(std::make_error_code(std::errc::timed_out));
    });
  }

  /// The first to come says how it ended. After a failure, what is under way ends by itself, soon.
  void finish(std::error_code cause) {
    if (finished_) return;
    finished_ = true;
    cause_ = cause;
    timer_.cancel();
    if (!cause) return;
    error_code ignored;
    connection_.stream.socket().close(ignored);
  }

  result<http_response> response_or_error() const {
    if (!cause_) return response();
    if (parser_ && parser_->is_header_done() && !is_interim(parser_->get().result_int())) {
      auto e = transport_error(cause_, response());
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

  /// Over TLS, what left this machine is more than the bytes that were written for sure.
  bool may_have_written() const noexcept {
    if (stage_ < stage::write) return false;
    return connection_.stream.has_tls() || !written_ || *written_ > 0;
  }

  /// What the response is too large for; null if it is not.
  char const* exceeded_limit() const {
    if (cause_ == make_error_code(http::error::header_limit))
      return "the response's headers are larger than limits.max_header_bytes";
    if (cause_ == make_error_code(http::error::body_limit))
      return "the response's body is larger than limits.max_body_bytes";
    return nullptr;
  }

  std::string message() const {
    if (cause_ == std::errc::operation_canceled) return "the call was stopped";
    if (cause_ == std::errc::timed_out && finished_by_timer())
      return stage_ < stage::write ? "no connection within limits.connect_timeout"
                                   : "no response within limits.total_timeout";
    if (auto const* limit = exceeded_limit()) return limit;
    switch (stage_) {
      case stage::look_up: return "the host of service.base_url was not found";
      case stage::connect: return "no connection could be made";
      case stage::handshake:
        if (cause_.category() == certificate_category_instance())
          return "the service's certificate was not accepted: " + cause_.message();
        return "no TLS connection could be made";
      case stage::write: return "the connection broke while the request was sent";
      default: return "the connection broke before there was a response";
    }
  }

  bool finished_by_timer() const noexcept { return cause_.category() == std::generic_category(); }

  http_response response() const {
    auto const& message = parser_->get();
    http_response response{.status = message.result_int(), .body = message.body()};
    for (auto const& field : message)
      response.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    return response;
  }

  connection& connection_;
  http_request const& request_;
  fictive::detail::url_parts const& url_;
  transport_options const& options_;
  asio::ssl::context* tls_;
  clock::time_point const began_;
  std::string head_;

  asio::steady_timer timer_{connection_.io};
  std::shared_ptr<pending_lookup> lookup_;
  std::vector<tcp::endpoint> endpoints_;
  std::optional<http::response_parser<http::string_body>> parser_;

  stage stage_ = stage::look_up;
  std::optional<std::size_t> written_;  // nothing while the write is under way
  bool write_failed_ = false;
  error_code write_error_;
  bool finished_ = false;
  std::error_code cause_;
};

}  // namespace fictive::beast::detail

#endif
