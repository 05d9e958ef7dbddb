// SPDX-License-Identifier: BSL-1.0

#include "fake_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace examples {

/// The service and the requests in progress; used on one thread.
struct served {
  fictive::testing::fake_service service;
  server_capacity capacity = {};
  std::size_t requests_in_progress = 0;
};

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

using plain_stream = beast::tcp_stream;
using tls_stream = beast::ssl_stream<beast::tcp_stream>;

constexpr auto idle_timeout = std::chrono::seconds(60);
constexpr std::size_t max_body_bytes = 64 * 1024 * 1024;

fictive::http_request to_fictive(http::request<http::string_body>&& message) {
  fictive::http_request request{.method = std::string(message.method_string()),
                                .url = "http://localhost" + std::string(message.target())};
  for (auto const& field : message)
    request.headers.push_back({.name = std::string(field.name_string()), .value = std::string(field.value())});
  request.body = std::move(message).body();
  return request;
}

http::response<http::string_body> to_beast(fictive::http_response&& response, bool keep_alive) {
  http::response<http::string_body> message{static_cast<http::status>(response.status), 11, std::move(response.body)};
  for (auto const& header : response.headers) message.insert(header.name, header.value);
  message.keep_alive(keep_alive);
  message.prepare_payload();
  return message;
}

/// Answers the requests of one connection, one after the other. Pending operations keep it alive.
template <class Stream>
class connection : public std::enable_shared_from_this<connection<Stream>> {
 public:
  /// `to` must outlive it.
  connection(Stream stream, served& to) : stream_(std::move(stream)), served_(to), delay_(stream_.get_executor()) {}

  void start() {
    if constexpr (std::is_same_v<Stream, tls_stream>) {
      beast::get_lowest_layer(stream_).expires_after(idle_timeout);
      stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](error_code failed) {
        if (!failed) self->read();
      });
    } else {
      read();
    }
  }

 private:
  void read() {
    parser_.emplace();
    parser_->body_limit(max_body_bytes);
    beast::get_lowest_layer(stream_).expires_after(idle_timeout);
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](error_code failed, std::size_t) { self->answer(failed); });
  }

  void answer(error_code failed) {
    if (!failed) {
      respond_to(parser_->release());
    } else if (failed != http::error::end_of_stream &&
               failed.category() == make_error_code(http::error::end_of_stream).category()) {
      write(to_beast({.status = 400, .body = "Bad request: " + failed.message()}, false));
    }
  }

  void respond_to(http::request<http::string_body> request) {
    bool const keep_alive = request.keep_alive();
    auto const most = served_.capacity.max_concurrency;
    if (most > 0 && served_.requests_in_progress >= most)
      return write(to_beast({.status = 429, .body = "Too many requests at a time"}, keep_alive));
    ++served_.requests_in_progress;
    response_ = to_beast(served_.service(to_fictive(std::move(request))).value(), keep_alive);
    if (served_.capacity.delay.count() == 0) return end_request();
    beast::get_lowest_layer(stream_).expires_never();
    delay_.expires_after(served_.capacity.delay);
    delay_.async_wait([self = this->shared_from_this()](error_code) { self->end_request(); });
  }

  void end_request() {
    --served_.requests_in_progress;
    write(std::move(response_));
  }

  void write(http::response<http::string_body> response) {
    response_ = std::move(response);
    beast::get_lowest_layer(stream_).expires_after(idle_timeout);
    http::async_write(stream_, response_, [self = this->shared_from_this()](error_code failed, std::size_t) {
      if (!failed && self->response_.keep_alive()) self->read();
    });
  }

  Stream stream_;
  served& served_;
  asio::steady_timer delay_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
};

}  // namespace

class fake_server::implementation {
 public:
  implementation(fictive::testing::fake_service service, std::optional<tls_files> const& tls, server_capacity capacity)
      : served_{std::move(service), capacity} {
    if (tls) {
      tls_.emplace(asio::ssl::context::tls_server);
      tls_->use_certificate_chain_file(tls->certificate_chain);
      tls_->use_private_key_file(tls->private_key, asio::ssl::context::pem);
    }
    accept();
    thread_ = std::thread([this] { context_.run(); });
  }

  ~implementation() {
    context_.stop();
    thread_.join();
  }

  std::string base_url() const {
    return (tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(acceptor_.local_endpoint().port());
  }

 private:
  void accept() {
    acceptor_.async_accept([this](error_code failed, asio::ip::tcp::socket socket) {
      if (failed) return accept_later();
      serve(std::move(socket));
      accept();
    });
  }

  /// Accepting may fail temporarily, for example without a free file descriptor.
  void accept_later() {
    pause_.expires_after(std::chrono::milliseconds(50));
    pause_.async_wait([this](error_code) { accept(); });
  }

  void serve(asio::ip::tcp::socket socket) {
    error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    if (tls_)
      std::make_shared<connection<tls_stream>>(tls_stream(plain_stream(std::move(socket)), *tls_), served_)->start();
    else
      std::make_shared<connection<plain_stream>>(plain_stream(std::move(socket)), served_)->start();
  }

  served served_;
  std::optional<asio::ssl::context> tls_;
  asio::io_context context_{1};
  asio::ip::tcp::acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
  asio::steady_timer pause_{context_};
  std::thread thread_;
};

fake_server::fake_server(fictive::testing::fake_service service, std::optional<tls_files> const& tls,
                         server_capacity capacity)
    : implementation_(std::make_unique<implementation>(std::move(service), tls, capacity)) {}

fake_server::~fake_server() = default;

std::string fake_server::base_url() const {
  return implementation_->base_url();
}

}  // namespace examples
