#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/raw_server.hpp"

#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>

#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tls_tests {

using fictive::effect;
using fictive::errc;
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

/// OpenSSL on the socket itself, with the certificate of "server", for what Asio's stream does not offer. It writes without
/// MSG_NOSIGNAL, so SIGPIPE is blocked on the server's thread.
std::unique_ptr<SSL, decltype(&SSL_free)> native_tls(tcp::socket& client, ssl::context& context) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  context.use_certificate_chain_file(certificates + "server.pem");
  context.use_private_key_file(certificates + "server.key", ssl::context::pem);
  std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context.native_handle()), SSL_free);
  SSL_set_fd(tls.get(), static_cast<int>(client.native_handle()));
  SSL_set_accept_state(tls.get());
  return tls;
}

#if defined(TCP_CORK)
/// Collects what is sent, until it is turned off: then it arrives at once.
void cork(tcp::socket& client, int on) {
  ::setsockopt(client.native_handle(), IPPROTO_TCP, TCP_CORK, &on, sizeof on);
}
#endif

fictive::beast::transport trusting(std::string const& authority) {
  return fictive::beast::transport{transport_options{.tls = {.ca_file = certificates + authority}}};
}

}  // namespace

TEST_CASE("a certificate of a trusted authority for this host is accepted, for names and addresses") {
  auto const host = GENERATE("localhost", "127.0.0.1");
  raw_server server(answering("server"));
  CHECK(trusting("ca.pem")(request_to(server.url(host, "https"))));
}

TEST_CASE("an authority may be given as text") {
  raw_server server(answering("server"));
  fictive::beast::transport transport{transport_options{.tls = {.ca_pem = text_of(certificates + "ca.pem")}}};
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
  raw_server server(over_tls("server", [&](tls_stream& client) {
    read_request(client);
    cork(client.next_layer(), 1);
    send_text(client, http_answer("{}"));
    send_text(client, http_answer("nobody asked for this"));
    cork(client.next_layer(), 0);
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

TEST_CASE("data that the server sends before the handshake is over is not taken for a response") {
  raw_server server([](tcp::socket& client) {
    ssl::context context(ssl::context::tls_server);
    auto const tls = native_tls(client, context);
    std::string const answer = http_answer("nobody asked for this");
    std::size_t size = 0;
    char byte = 0;
    cork(client, 1);
    SSL_read_early_data(tls.get(), &byte, 1, &size);
    SSL_write_early_data(tls.get(), answer.data(), answer.size(), &size);
    cork(client, 0);
    wait_for_end(client);
  });
  auto const reply = trusting("ca.pem")(request_to(server.url("localhost", "https")));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().effect == effect::none);
  CHECK(reply.error().message == "the server sent data before the request");
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
      {"cn_only", "localhost", "ca.pem", "hostname mismatch"},
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
  auto transport = *authority ? trusting(authority) : fictive::beast::transport{};
  auto const e = transport(request_to(server.url(host, "https"))).error();

  CHECK(e.code == errc::transport_failure);
  CHECK(e.effect == effect::none);
  CHECK(e.cause == std::errc::permission_denied);
  CHECK(e.cause.message() == reason);
  CHECK(e.message == std::string("the server's certificate was not accepted: ") + reason);
  CHECK_FALSE(got_a_byte);
}

TEST_CASE("a trailing dot of the host belongs neither to the certificate nor to the handshake") {
  std::string told;
  raw_server server(over_tls("server", [&](tls_stream& client) {
    told = SSL_get_servername(client.native_handle(), TLSEXT_NAMETYPE_host_name);
    read_request(client);
    send_text(client, http_answer("{}"));
  }));
  transport_options options{.tls = {.ca_file = certificates + "ca.pem"}};
  options.resolve = [&server](std::string const&, std::string const&, std::error_code&) {
    return std::vector<fictive::beast::endpoint>{{"127.0.0.1", server.port()}};
  };
  REQUIRE(fictive::beast::transport{options}(request_to(server.url("localhost.", "https"))));
  CHECK(told == "localhost");
}

TEST_CASE("a host with an empty label is refused: OpenSSL would accept any of its subdomains") {
  auto const host = GENERATE(".localhost", ".", "..", "a..b");
  auto const e = trusting("ca.pem")(request_to("https://" + std::string(host))).error();
  CHECK(e.code == errc::invalid_argument);
  CHECK(e.effect == effect::none);
}

TEST_CASE("an intermediate certificate is an authority if it is given as one") {
  raw_server server(answering("leaf"));
  CHECK(trusting("intermediate.pem")(request_to(server.url("localhost", "https"))));
  CHECK_FALSE(trusting("ca.pem")(request_to(server.url("localhost", "https"))));  // it is not sent
}

TEST_CASE("a handshake that fails is not a certificate's fault where any is accepted") {
  raw_server server([](tcp::socket& client) {
    ssl::context context(ssl::context::tls_server);
    context.use_certificate_chain_file(certificates + "other_name.pem");
    context.use_private_key_file(certificates + "other_name.key", ssl::context::pem);
    SSL_CTX_set_max_proto_version(context.native_handle(), TLS1_2_VERSION);
    context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    tls_stream(client, context).handshake(ssl::stream_base::server);
  });
  tls_options tls;
  tls.dangerously_accept_any_certificate = true;
  auto const e =
      fictive::beast::transport{transport_options{.tls = tls}}(request_to(server.url("localhost", "https"))).error();
  CHECK(e.effect == effect::none);
  CHECK(e.message == "the TLS handshake failed");
}

TEST_CASE("a connection is used again although a session ticket arrives while it is idle") {
  raw_server server([](tcp::socket& client) {
    ssl::context context(ssl::context::tls_server);
    auto const tls = native_tls(client, context);
    SSL_accept(tls.get());
    std::array<char, 4096> request{};
    std::string const answer = http_answer("{}");
    while (SSL_read(tls.get(), request.data(), static_cast<int>(request.size())) > 0) {
      SSL_write(tls.get(), answer.data(), static_cast<int>(answer.size()));
      SSL_new_session_ticket(tls.get());
      SSL_do_handshake(tls.get());
    }
  });
  auto transport = trusting("ca.pem");
  for (int i = 0; i < 3; ++i) {
    REQUIRE(transport(request_to(server.url("localhost", "https"))));
    boost::asio::io_context io;
    boost::asio::steady_timer(io, std::chrono::milliseconds(20)).wait();  // for the ticket
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("verification is turned off by its loud name only") {
  raw_server server(answering("other_name"));
  tls_options tls;
  tls.dangerously_accept_any_certificate = true;
  CHECK(fictive::beast::transport{transport_options{.tls = tls}}(request_to(server.url("localhost", "https"))));
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
  CHECK(e.message == "the TLS handshake failed");
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
  auto const e = fictive::beast::transport{transport_options{.tls = tls}}(request_to("https://localhost:1")).error();
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

TEST_CASE("a body that lasts until the end of the connection needs no close_notify") {
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
