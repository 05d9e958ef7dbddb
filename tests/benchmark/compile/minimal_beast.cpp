// The same as minimal_fictive.cpp on Boost.Beast and Boost.JSON alone, as their examples are written: no timeouts, no
// limits, no retries, and no word on what a failed request did.
//
//     minimal_beast HOST SESSION GROUP ADDRESS...

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/json.hpp>

#include <cstdio>
#include <exception>
#include <string>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace json = boost::json;

int main(int argc, char** argv) try {
  if (argc < 5) return 2;
  std::string const host = argv[1];

  asio::io_context io;
  asio::ssl::context tls(asio::ssl::context::tls_client);
  tls.set_default_verify_paths();
  tls.set_verify_mode(asio::ssl::verify_peer);
  beast::ssl_stream<beast::tcp_stream> stream(io, tls);
  if (!SSL_set_tlsext_host_name(stream.native_handle(), host.c_str())) return 1;
  stream.set_verify_callback(asio::ssl::host_name_verification(host));
  beast::get_lowest_layer(stream).connect(asio::ip::tcp::resolver(io).resolve(host, "https"));
  stream.handshake(asio::ssl::stream_base::client);

  json::array addresses;
  for (int i = 4; i < argc; ++i) addresses.emplace_back(argv[i]);
  http::request<http::string_body> request{http::verb::post,
                                           "/rest/api/accounts/groups/" + std::string(argv[3]) + "/invites", 11};
  request.set(http::field::host, host);
  request.set(http::field::accept, "application/json");
  request.set(http::field::content_type, "application/json");
  request.set("X-SessionId", argv[2]);
  request.body() = json::serialize(json::object{{"emailAddresses", addresses}});
  request.prepare_payload();
  http::write(stream, request);

  beast::flat_buffer buffer;
  http::response<http::string_body> response;
  http::read(stream, buffer, response);
  if (response.result() != http::status::ok) return std::fprintf(stderr, "status %u\n", response.result_int()), 1;

  auto const reply = json::parse(response.body());
  for (auto const& invitation : reply.at("validInvitations").as_array())
    std::printf("invited %s\n", invitation.at("emailAddress").as_string().c_str());
  for (auto const& address : reply.at("invalidEmailAddresses").as_array())
    std::printf("refused %s\n", address.as_string().c_str());
} catch (std::exception const& failure) {
  return std::fprintf(stderr, "%s\n", failure.what()), 1;
}
