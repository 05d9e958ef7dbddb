// The same as minimal_fictive.cpp on plain Boost.Beast: https with verified certificate and host name, or http, with a
// timeout (hence asynchronous), and Boost.JSON's values.

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/json.hpp>

#include <chrono>
#include <cstdio>
#include <string>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace json = boost::json;
using asio::ip::tcp;
using boost::system::error_code;

struct call {
  asio::io_context io;
  tcp::resolver resolver{io};
  beast::flat_buffer buffer;
  http::request<http::string_body> request;
  http::response<http::string_body> response;
  error_code failed;

  template <class Stream>
  void exchange(Stream& stream) {
    http::async_write(stream, request, [&](error_code ec, std::size_t) {
      if ((failed = ec)) return;
      http::async_read(stream, buffer, response, [&](error_code result, std::size_t) { failed = result; });
    });
  }

  void run(std::string const& host, std::string const& port, bool is_https) {
    asio::ssl::context context(asio::ssl::context::tls_client);
    context.set_default_verify_paths();
    context.set_verify_mode(asio::ssl::verify_peer);
    beast::ssl_stream<beast::tcp_stream> tls(io, context);
    tls.set_verify_callback(asio::ssl::host_name_verification(host));
    SSL_set_tlsext_host_name(tls.native_handle(), host.c_str());
    auto& tcp_layer = beast::get_lowest_layer(tls);

    resolver.async_resolve(host, port, [&](error_code ec, tcp::resolver::results_type const& endpoints) {
      if ((failed = ec)) return;
      tcp_layer.expires_after(std::chrono::seconds(60));
      tcp_layer.async_connect(endpoints, [&](error_code result, tcp::endpoint const&) {
        if ((failed = result)) return;
        if (!is_https) return exchange(tcp_layer);
        tls.async_handshake(asio::ssl::stream_base::client, [&](error_code shaken) {
          if ((failed = shaken)) return;
          exchange(tls);
        });
      });
    });
    io.run();
  }
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) return 2;
  std::string const url = argv[1];
  bool const is_https = url.starts_with("https://");
  auto const authority = url.substr(is_https ? 8 : 7);
  auto const colon = authority.find(':');
  auto const host = authority.substr(0, colon);
  auto const port = colon == std::string::npos ? (is_https ? "443" : "80") : authority.substr(colon + 1);

  call one;
  one.request = {http::verb::post, std::string("/rest/api/accounts/groups/") + argv[3] + "/invites", 11};
  one.request.set(http::field::host, authority);
  one.request.set(http::field::accept, "application/json");
  one.request.set(http::field::content_type, "application/json");
  one.request.set("X-Version", "9.0");
  one.request.set("X-SessionId", argv[2]);
  one.request.body() = json::serialize(json::object{{"emailAddresses", json::array{"jamie.muir@fictiveglobal.com"}}});
  one.request.prepare_payload();
  one.run(host, port, is_https);
  if (one.failed || one.response.result() != http::status::ok) {
    std::fprintf(stderr, "%s\n", one.failed ? one.failed.message().c_str() : "refused");
    return 1;
  }
  auto const reply = json::parse(one.response.body());
  for (auto const& invitation : reply.at("validInvitations").as_array())
    std::puts(invitation.at("emailAddress").as_string().c_str());
} catch (std::exception const& failure) {
  std::fprintf(stderr, "%s\n", failure.what());
  return 1;
}
