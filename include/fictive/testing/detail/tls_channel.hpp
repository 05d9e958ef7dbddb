// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_TESTING_DETAIL_TLS_CHANNEL_HPP
#define FICTIVE_TESTING_DETAIL_TLS_CHANNEL_HPP

#include <fictive/config.hpp>
#include <fictive/testing/detail/misbehaving_server.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace fictive::detail::conformance {

class tls_channel final : public channel {
 public:
  tls_channel(tcp::socket& socket, std::shared_ptr<asio::ssl::context> context)
      : channel(socket), context_(std::move(context)), stream_(socket, *context_) {}

  void async_begin(handler done) override {
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [done = std::move(done)](error_code ec) { done(ec, std::size_t(0)); });
  }
  void async_read_some(asio::mutable_buffer into, handler done) override {
    stream_.async_read_some(into, std::move(done));
  }
  void async_write(asio::const_buffer from, handler done) override {
    asio::async_write(stream_, from, std::move(done));
  }

 private:
  std::shared_ptr<asio::ssl::context> context_;
  asio::ssl::stream<tcp::socket&> stream_;
};

/// Accepts a connection, and never answers the handshake.
class silent_channel final : public channel {
 public:
  explicit silent_channel(tcp::socket& socket) : channel(socket), socket_(socket) {}

  void async_begin(handler done) override {
    socket_.async_wait(tcp::socket::wait_error, [done = std::move(done)](error_code ec) { done(ec, std::size_t(0)); });
  }
  void async_read_some(asio::mutable_buffer, handler done) override {  // what arrives is not part of a request
    asio::post(socket_.get_executor(), [done = std::move(done)] { done(asio::error::eof, std::size_t(0)); });
  }

 private:
  tcp::socket& socket_;
};

inline std::unique_ptr<channel> never_handshake(tcp::socket& socket) {
  return std::make_unique<silent_channel>(socket);
}

/// Throws `boost::system::system_error` for files that cannot be read.
inline make_channel over_tls(std::string const& certificate_file, std::string const& private_key_file) {
  auto const context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  context->use_certificate_chain_file(certificate_file);
  context->use_private_key_file(private_key_file, asio::ssl::context::pem);
  return [context](tcp::socket& socket) { return std::make_unique<tls_channel>(socket, context); };
}

}  // namespace fictive::detail::conformance

#endif
