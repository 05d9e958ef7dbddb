// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_EXCHANGE_HPP
#define FICTIVE_BEAST_DETAIL_EXCHANGE_HPP

#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/pending_lookup.hpp>
#include <fictive/beast/detail/stop_callback.hpp>
#include <fictive/beast/detail/target.hpp>
#include <fictive/beast/detail/tls.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/url.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/service.hpp>
#include <fictive/transport.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
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

namespace FICTIVE_BEAST_NAMESPACE::detail {

namespace http = boost::beast::http;

/// One request and its response over one connection, which need not be connected yet: look-up, connect, handshake,
/// write, read. Every stage ends early when the time is over or the caller stops; and it is known at any time whether
/// a byte of the request may have been written. Keeps itself alive until its end; all of it runs on the connection's
/// executor.
class exchange : public std::enable_shared_from_this<exchange> {
 public:
  using clock = std::chrono::steady_clock;

  /// How it ended. The connection is given back, whether or not it can carry another request.
  struct outcome {
    result<http_response> response;
    std::unique_ptr<detail::connection> connection;
    bool connection_is_reusable = false;
  };

  /// Called once, when nothing refers to the request any more.
  class handler {
   public:
    virtual ~handler() = default;
    virtual void operator()(outcome) = 0;
  };

  exchange(target to, std::unique_ptr<connection> over, http_request const& request, name_lookup lookup)
      : target_(std::move(to)),
        connection_(std::move(over)),
        request_(request),
        look_up_(std::move(lookup)),
        head_(head_of(request, target_.url)),
        timer_(connection_->stream.get_executor()) {}

  exchange(exchange const&) = delete;
  exchange& operator=(exchange const&) = delete;

  ~exchange() {
    if (lookup_) lookup_->abandon();
    fictive::detail::wipe(head_);
  }

  void start(stop_token stop, std::unique_ptr<handler> done) {
    done_ = std::move(done);
    asio::dispatch(connection_->stream.get_executor(), [self = shared_from_this(), stop = std::move(stop)] {
      self->on_stop_.emplace(stop, stopper{self, self->connection_->stream.get_executor()});
      if (self->connection_->stream.socket().is_open())
        self->write();
      else
        self->look_up();
    });
  }

 private:
  enum class stage { look_up, connect, handshake, write, read };

  /// What a stop does, on whatever thread it happens.
  struct stopper {
    std::weak_ptr<exchange> which;
    asio::any_io_executor executor;

    void operator()() const {
      asio::post(executor, [which = which] {
        if (auto const self = which.lock()) self->finish(std::make_error_code(std::errc::operation_canceled));
      });
    }
  };

  /// The handler of an operation that refers to this object, the connection or the request.
  template <class Then>
  auto when_done(Then then) {
    is_busy_ = true;
    return [self = shared_from_this(), then](auto ec, auto const&... more) {
      self->is_busy_ = false;
      then(ec, more...);
    };
  }

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
    end_at((std::min)(request_.limits.connect_timeout, request_.limits.total_timeout));
    error_code not_an_address;
    std::string const host(target_.url.host), port(target_.url.port_or_default());
    auto const address = asio::ip::make_address(host, not_an_address);
    if (!not_an_address) return connect({{address, static_cast<std::uint16_t>(std::stoul(port))}});
    try {
      lookup_ = pending_lookup::start(look_up_, host, port, connection_->stream.get_executor(),
                                      [which = weak_from_this()](error_code ec, std::vector<tcp::endpoint> endpoints) {
                                        auto const self = which.lock();
                                        if (!self || self->finished_) return;
                                        if (ec) return self->finish(ec);
                                        self->connect(std::move(endpoints));
                                      });
    } catch (std::system_error const& no_thread) {
      finish(no_thread.code());
    }
  }

  void connect(std::vector<tcp::endpoint> endpoints) {
    stage_ = stage::connect;
    endpoints_ = std::move(endpoints);
    asio::async_connect(connection_->stream.socket(), endpoints_, when_done([this](error_code ec, auto const&) {
                          if (ec || finished_) return finish(ec);
                          error_code not_so_important;
                          connection_->stream.socket().set_option(tcp::no_delay(true), not_so_important);
                          if (target_.tls) return shake_hands();
                          write();
                        }));
  }

  void shake_hands() {
    stage_ = stage::handshake;
    connection_->stream.async_handshake(*target_.tls, std::string(target_.url.host),
                                        when_done([this](std::error_code ec) {
                                          if (ec || finished_) return finish(ec);
                                          write();
                                        }));
  }

  void write() {
    end_at(request_.limits.total_timeout);
    stage_ = stage::write;
    std::array<asio::const_buffer, 2> const message = {asio::buffer(head_), asio::buffer(request_.body)};
    asio::async_write(connection_->stream, message, when_done([this](error_code ec, std::size_t size) {
                        written_ = size;
                        if (finished_ || (ec && size == 0)) return finish(ec);
                        // A service that refuses a request may do so before it has read all of it, and close: so its
                        // answer may be there although writing failed.
                        write_error_ = ec;
                        read();
                      }));
  }

  void read() {
    stage_ = stage::read;
    auto const& limits = request_.limits;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(
        (std::min<std::size_t>)(limits.max_header_bytes, (std::numeric_limits<std::uint32_t>::max)())));
    parser_->body_limit(static_cast<std::uint64_t>(limits.max_body_bytes));
    http::async_read(connection_->stream, connection_->buffer, *parser_, when_done([this](error_code ec, std::size_t) {
                       // No worse than an end of plain HTTP: whether the body is whole, its reader finds out.
                       if (is_end_without_farewell(ec) && parser_->is_header_done() && parser_->need_eof()) {
                         ec = {};
                         parser_->put_eof(ec);
                       }
                       if (!ec && is_interim(parser_->get().result_int()) && !finished_) return read();
                       if (!ec && header_size() > request_.limits.max_header_bytes) ec = http::error::header_limit;
                       finish(ec && write_error_ ? write_error_ : ec);
                     }));
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
    timer_.expires_at(target_.began + (std::min)(timeout, longest));
    timer_.async_wait([self = shared_from_this()](error_code) {
      if (clock::now() >= self->timer_.expiry()) self->finish(std::make_error_code(std::errc::timed_out));
    });
  }

  /// The first to come says how it ended. After a failure, what is under way ends by itself, soon; the last one to end
  /// completes.
  void finish(std::error_code cause) {
    if (!finished_) {
      finished_ = true;
      cause_ = cause;
      timer_.cancel();
      error_code ignored;
      if (cause) connection_->stream.socket().close(ignored);
    }
    if (!is_busy_ && done_) complete();
  }

  void complete() {
    on_stop_.reset();
    auto const done = std::move(done_);
    auto response = response_or_error();
    bool const reusable = connection_is_reusable();
    (*done)({std::move(response), std::move(connection_), reusable});
  }

  bool connection_is_reusable() const {
    return !cause_ && !write_error_ && parser_->keep_alive() && connection_->buffer.size() == 0 &&
           !connection_->stream.tls_holds_bytes() && parser_->get().result() != http::status::switching_protocols;
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
    return connection_->stream.has_tls() || !written_ || *written_ > 0;
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
        if (is_certificate_error(cause_)) return "the service's certificate was not accepted: " + cause_.message();
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

  target target_;
  std::unique_ptr<connection> connection_;
  http_request const& request_;
  name_lookup look_up_;
  std::string head_;

  asio::steady_timer timer_;
  std::shared_ptr<pending_lookup> lookup_;
  std::vector<tcp::endpoint> endpoints_;
  std::optional<http::response_parser<http::string_body>> parser_;
  std::optional<stop_callback<stopper>> on_stop_;
  std::unique_ptr<handler> done_;

  stage stage_ = stage::look_up;
  std::optional<std::size_t> written_;  // nothing while the write is under way
  error_code write_error_;
  bool is_busy_ = false;
  bool finished_ = false;
  std::error_code cause_;
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
