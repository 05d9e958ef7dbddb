#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/raw_server.hpp"

#include <boost/asio/ssl.hpp>

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

namespace tls_tests {

using fictive::effect;
using fictive::errc;
using fictive::beast::blocking_transport;
using fictive::beast::tls_options;
using fictive::beast::transport_options;
using tcp = raw_server::tcp;

namespace ssl = boost::asio::ssl;

namespace {

using tls_stream = ssl::stream<tcp::socket&>;

std::string const certificates = FICTIVE_TESTS_CERTIFICATES "/";

std::string text_of(std::string const& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Serves each connection over TLS, with the certificate of this name.
raw_server::session over_tls(std::string const& certificate, std::function<void(tls_stream&)> serve) {
  return [=](tcp::socket& client) {
    ssl::context context(ssl::context::tls_server);
    context.use_certificate_chain_file(certificates + certificate + ".pem");
    context.use_private_key_file(certificates + certificate + ".key", ssl::context::pem);
    tls_stream stream(client, context);
    stream.handshake(ssl::stream_base::server);
    serve(stream);
  };
}

raw_server::session answering(std::string const& certificate) {
  return over_tls(certificate, [](tls_stream& client) {
    for (;;) {
      read_request(client);
      send_text(client, http_answer("{}"));
    }
  });
}

fictive::http_request request_to(std::string url) {
  return {.method = "POST", .url = std::move(url), .headers = {{"X-SessionId", "session"}}, .body = "{}"};
}

blocking_transport trusting(std::string const& authority) {
  return blocking_transport{transport_options{.tls = {.ca_file = certificates + authority}}};
}

}  // namespace

TEST_CASE("a certificate of a trusted authority for this host is accepted, for names and addresses") {
  auto const host = GENERATE("localhost", "127.0.0.1");
  raw_server server(answering("server"));
  CHECK(trusting("ca.pem")(request_to(server.url(host, "https"))));
}

TEST_CASE("an authority may be given as text") {
  raw_server server(answering("server"));
  blocking_transport transport{transport_options{.tls = {.ca_pem = text_of(certificates + "ca.pem")}}};
  CHECK(transport(request_to(server.url("localhost", "https"))));
}

TEST_CASE("requests over TLS share a connection") {
  raw_server server(answering("server"));
  auto transport = trusting("ca.pem");
  for (int i = 0; i < 3; ++i) REQUIRE(transport(request_to(server.url("localhost", "https"))));
  CHECK(server.connections() == 1);
}

#if defined(TCP_CORK)
TEST_CASE("a record behind the response, read along with it, is not taken for the next answer") {
  auto const cork = [](tls_stream& client, int on) {
    ::setsockopt(client.next_layer().native_handle(), IPPROTO_TCP, TCP_CORK, &on, sizeof on);
  };
  raw_server server(over_tls("server", [&](tls_stream& client) {
    read_request(client);
    cork(client, 1);  // so that both records arrive at once
    send_text(client, http_answer("{}"));
    send_text(client, http_answer("nobody asked for this"));
    cork(client, 0);
    wait_for_end(client);
  }));
  auto transport = trusting("ca.pem");
  for (int i = 0; i < 2; ++i) {
    auto const reply = transport(request_to(server.url("localhost", "https")));
    REQUIRE(reply);
    CHECK(reply->body == "{}");
  }
  CHECK(server.connections() == 2);
}
#endif

TEST_CASE("a certificate that proves nothing is refused before a byte of the request is sent") {
  struct refusal {
    char const* certificate;
    char const* host;
    char const* authority;
    char const* reason;
  };
  auto const [certificate, host, authority, reason] = GENERATE(values<refusal>({
      {"other_name", "localhost", "ca.pem", "hostname mismatch"},
      {"other_name", "127.0.0.1", "ca.pem", "IP address mismatch"},
      {"expired", "localhost", "ca.pem", "certificate has expired"},
      {"unknown", "localhost", "ca.pem", "unable to get local issuer certificate"},
      {"server", "localhost", "other_ca.pem", "unable to get local issuer certificate"},
      {"server", "localhost", "", "unable to get local issuer certificate"},
  }));
  INFO(certificate << " for " << host << ", trusting " << (*authority ? authority : "the system's authorities"));

  std::atomic<bool> got_a_byte = false;
  raw_server server(over_tls(certificate, [&](tls_stream& client) {
    char byte = 0;
    boost::system::error_code ec;
    client.read_some(boost::asio::buffer(&byte, 1), ec);
    got_a_byte = !ec;
  }));
  auto transport = *authority ? trusting(authority) : blocking_transport{};
  auto const e = transport(request_to(server.url(host, "https"))).error();

  CHECK(e.code == errc::transport_failure);
  CHECK(e.effect == effect::none);
  CHECK(e.cause == std::errc::permission_denied);
  CHECK(e.cause.message() == reason);
  CHECK(e.message == std::string("the service's certificate was not accepted: ") + reason);
  CHECK_FALSE(got_a_byte);
}

TEST_CASE("verification is turned off by its loud name only") {
  raw_server server(answering("other_name"));
  tls_options tls;
  tls.dangerously_accept_any_certificate = true;
  CHECK(blocking_transport{transport_options{.tls = tls}}(request_to(server.url("localhost", "https"))));
}

TEST_CASE("the host's name is told in the handshake, an address is not") {
  auto const [host, expected] =
      GENERATE(table<std::string, std::string>({{"localhost", "localhost"}, {"127.0.0.1", ""}}));
  std::string told;
  raw_server server(over_tls("server", [&](tls_stream& client) {
    auto const* name = SSL_get_servername(client.native_handle(), TLSEXT_NAMETYPE_host_name);
    told = name ? name : "";
    read_request(client);
    send_text(client, http_answer("{}"));
  }));
  REQUIRE(trusting("ca.pem")(request_to(server.url(host, "https"))));
  CHECK(told == expected);
}

TEST_CASE("TLS before 1.2 is refused") {
  raw_server server([](tcp::socket& client) {
    ssl::context context(ssl::context::tls_server);
    SSL_CTX_set_security_level(context.native_handle(), 0);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.native_handle(), TLS1_1_VERSION);
    context.use_certificate_chain_file(certificates + "server.pem");
    context.use_private_key_file(certificates + "server.key", ssl::context::pem);
    tls_stream(client, context).handshake(ssl::stream_base::server);
  });
  auto const e = trusting("ca.pem")(request_to(server.url("localhost", "https"))).error();
  CHECK(e.code == errc::transport_failure);
  CHECK(e.effect == effect::none);
  CHECK(e.message == "no TLS connection could be made");
}

TEST_CASE("authorities that cannot be read are an invalid argument that says so") {
  tls_options tls;
  std::string field;
  SECTION("no file") {
    tls.ca_file = certificates + "no_such_file.pem";
    field = "tls.ca_file";
  }
  SECTION("not PEM") {
    tls.ca_pem = "not PEM";
    field = "tls.ca_pem";
  }
  auto const e = blocking_transport{transport_options{.tls = tls}}(request_to("https://localhost:1")).error();
  CHECK(e.code == errc::invalid_argument);
  CHECK(e.effect == effect::none);
  CHECK(e.message.find(field) != std::string::npos);
}

TEST_CASE("plain HTTP asks for no authorities") {
  raw_server server([](tcp::socket& client) {
    read_request(client);
    send_text(client, http_answer("{}"));
  });
  CHECK(trusting("no_such_file.pem")(request_to(server.url())));
}

TEST_CASE("a body that lasts until the end of the connection needs no farewell of TLS") {
  raw_server server(over_tls("server", [](tls_stream& client) {
    read_request(client);
    send_text(client, "HTTP/1.1 200 OK\r\n\r\nabc");
  }));
  auto const reply = trusting("ca.pem")(request_to(server.url("localhost", "https")));
  REQUIRE(reply);
  CHECK(reply->body == "abc");
}

TEST_CASE("a connection over TLS that ends early is a failure of unknown effect") {
  raw_server server(over_tls("server", [](tls_stream& client) { read_request(client); }));
  auto const e = trusting("ca.pem")(request_to(server.url("localhost", "https"))).error();
  CHECK(e.code == errc::transport_failure);
  CHECK(e.effect == effect::unknown);
}

}  // namespace tls_tests
