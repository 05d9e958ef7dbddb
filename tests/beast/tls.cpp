#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include "support/adapter.hpp"
#include "support/catch.hpp"
#include "support/raw_server.hpp"
#include "support/thread_sanitizer.hpp"

#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>

#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
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

TEST_CASE("a certificate of a trusted authority for this host is accepted, for names and addresses", "[beast][tls]") {
  auto const host = GENERATE("localhost", "127.0.0.1");
  raw_server server(answering("server"));
  CHECK(trusting("ca.pem")(request_to(server.url(host, "https"))));
}

#if defined(__linux__)
TEST_CASE("a blocking connection has one descriptor", "[beast][tls][pool]") {
  auto const open_descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
  };
  raw_server server(answering("server"));
  auto client = trusting("ca.pem");
  auto request = request_to(server.url("localhost", "https"));
  request.force_new_connection = true;
  REQUIRE(client(request));
  auto const before = open_descriptors();
  constexpr std::ptrdiff_t connections = 5;
  for (std::ptrdiff_t i = 0; i < connections; ++i) REQUIRE(client(request));
  CHECK(open_descriptors() == before + connections * 2);  // with the server's
}
#endif

TEST_CASE("an authority may be given as text", "[beast][tls]") {
  raw_server server(answering("server"));
  fictive::beast::transport transport{transport_options{.tls = {.ca_pem = text_of(certificates + "ca.pem")}}};
  CHECK(transport(request_to(server.url("localhost", "https"))));
}

TEST_CASE("requests over TLS share a connection", "[beast][tls]") {
  raw_server server(answering("server"));
  auto transport = trusting("ca.pem");
  for (int i = 0; i < 3; ++i) REQUIRE(transport(request_to(server.url("localhost", "https"))));
  CHECK(server.connections() == 1);
}

#if defined(TCP_CORK)
TEST_CASE("a record behind the response, read along with it, is not taken for the next answer", "[beast][tls]") {
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

TEST_CASE("data that the server sends before the handshake is over is not taken for a response", "[beast][tls]") {
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

TEST_CASE("a certificate that proves nothing is refused before a byte of the request is sent", "[beast][tls]") {
  struct refusal {
    char const* certificate;
    char const* host;
    char const* authority;
    char const* reason;
    char const* advice = "";
  };
  constexpr auto* own_authority =
      ": set tls.ca_file if the service, or a proxy that inspects TLS, has an authority of its own";
  auto const [certificate, host, authority, reason, advice] = GENERATE(values<refusal>({
      {"other_name", "localhost", "ca.pem", "hostname mismatch"},
      {"other_name", "127.0.0.1", "ca.pem", "IP address mismatch"},
      {"expired", "localhost", "ca.pem", "certificate has expired"},
      {"unknown", "localhost", "ca.pem", "unable to get local issuer certificate", own_authority},
      {"cn_only", "localhost", "ca.pem", "hostname mismatch"},
      {"server", "localhost", "other_ca.pem", "unable to get local issuer certificate", own_authority},
      {"server", "localhost", "", "unable to get local issuer certificate", own_authority},
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
  CHECK(e.message == std::string("the server's certificate was not accepted: ") + reason + advice);
  CHECK_FALSE(got_a_byte);
}

TEST_CASE("a trailing dot of the host belongs neither to the certificate nor to the handshake", "[beast][tls]") {
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

TEST_CASE("a host with an empty label is refused: OpenSSL would accept any of its subdomains", "[beast][tls]") {
  auto const host = GENERATE(".localhost", ".", "..", "a..b");
  auto const e = trusting("ca.pem")(request_to("https://" + std::string(host))).error();
  CHECK(e.code == errc::invalid_argument);
  CHECK(e.effect == effect::none);
}

TEST_CASE("an intermediate certificate is an authority if it is given as one", "[beast][tls]") {
  raw_server server(answering("leaf"));
  CHECK(trusting("intermediate.pem")(request_to(server.url("localhost", "https"))));
  CHECK_FALSE(trusting("ca.pem")(request_to(server.url("localhost", "https"))));  // it is not sent
}

TEST_CASE("a handshake that fails for want of a client certificate is not blamed on the certificate of the server",
          "[beast][tls]") {
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
  CHECK(e.message.starts_with("the server requires a client certificate"));
}

TEST_CASE("a connection is used again although a session ticket arrives while it is idle", "[beast][tls]") {
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

TEST_CASE("verification is turned off by its loud name only", "[beast][tls]") {
  raw_server server(answering("other_name"));
  tls_options tls;
  tls.dangerously_accept_any_certificate = true;
  CHECK(fictive::beast::transport{transport_options{.tls = tls}}(request_to(server.url("localhost", "https"))));
}

TEST_CASE("the host's name is told in the handshake, an address is not", "[beast][tls]") {
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

TEST_CASE("TLS before 1.2 is refused", "[beast][tls]") {
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

TEST_CASE("authorities that cannot be read are an invalid argument that says so", "[beast][tls]") {
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

TEST_CASE("plain HTTP asks for no authorities", "[beast][tls]") {
  raw_server server([](tcp::socket& client) {
    read_request(client);
    send_text(client, http_answer("{}"));
  });
  CHECK(trusting("no_such_file.pem")(request_to(server.url())));
}

TEMPLATE_TEST_CASE("a large request over TLS is written while interim responses arrive", "[beast][tls]",
                   fictive::beast::transport, asynchronous_transport) {
  constexpr std::size_t size = 4 * 1024 * 1024;
  raw_server server(over_tls("server", [](tls_stream& client) {
    std::vector<char> part(64 * 1024);
    for (std::size_t received = 0; received < size; received += client.read_some(boost::asio::buffer(part)))
      send_text(client, "HTTP/1.1 103 Early Hints\r\n\r\n");
    send_text(client, http_answer("{}"));
  }));
  TestType client(transport_options{.tls = {.ca_file = certificates + "ca.pem"}});
  for (int i = 0; i < 10; ++i) {
    auto request = request_to(server.url("localhost", "https"));
    request.body = std::string(size, 'x');
    request.force_new_connection = true;
    request.limits.total_timeout = std::chrono::seconds(10);
    REQUIRE(client(request));
  }
}

TEST_CASE("what a read over TLS has sent of a write is still awaited and reported", "[beast][tls]") {
  using fictive::beast::detail::byte_stream;
  std::latch is_full(1);
  raw_server server(over_tls("server", [&is_full](tls_stream& client) {
    is_full.wait();
    for (std::vector<char> part(64 * 1024);;) client.read_some(boost::asio::buffer(part));
  }));
  auto const context = fictive::beast::detail::make_tls_context({.ca_file = certificates + "ca.pem"}).value();
  boost::asio::io_context io;
  byte_stream stream(io.get_executor());
  tcp::socket socket(io);
  socket.connect({boost::asio::ip::address_v4::loopback(), server.port()});
  stream.assign(std::move(socket));

  std::error_code failed = stream.begin_handshake(*context, "localhost");
  REQUIRE(!failed);
  while (!stream.handshake(failed)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  REQUIRE(!failed);
  std::string const body(16 * 1024, 'x');
  std::array<boost::asio::const_buffer, 2> const buffers = {boost::asio::buffer(body), boost::asio::const_buffer()};
  boost::system::error_code ec;
  while (!ec) stream.write(buffers, ec);
  REQUIRE(ec == boost::asio::error::would_block);
  is_full.count_down();
  for (int i = 0; i < 100; ++i) {  // meanwhile the server reads
    char byte = 0;
    boost::system::error_code nothing_there;
    stream.read(boost::asio::buffer(&byte, 1), nothing_there);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  CHECK(stream.has_unsent());
  ec = {};
  CHECK(stream.write(buffers, ec) == body.size());
  CHECK(!ec);
}

TEST_CASE("the cause of a failed handshake is that of the last address, not of one before", "[beast][tls]") {
  raw_server resetting([](tcp::socket& client) {
    char byte = 0;
    client.receive(boost::asio::buffer(&byte, 1));
    sockaddr nothing{};
    nothing.sa_family = AF_UNSPEC;
    ::connect(client.native_handle(), &nothing, sizeof nothing);  // resets the connection
  });
  raw_server plain([](tcp::socket& client) { send_text(client, http_answer("{}")); });
  fictive::beast::transport client(
      transport_options{.resolve = [&](std::string const&, std::string const&, std::error_code&) {
        return std::vector<fictive::beast::endpoint>{{"127.0.0.1", resetting.port()}, {"127.0.0.1", plain.port()}};
      }});
  auto const response = client(request_to("https://service.example"));
  REQUIRE(!response);
  CHECK(std::string_view(response.error().cause.category().name()) == "asio.ssl");
}

TEST_CASE("a body that lasts until the end of the connection needs no close_notify", "[beast][tls]") {
  raw_server server(over_tls("server", [](tls_stream& client) {
    read_request(client);
    send_text(client, "HTTP/1.1 200 OK\r\n\r\nabc");
  }));
  auto const reply = trusting("ca.pem")(request_to(server.url("localhost", "https")));
  REQUIRE(reply);
  CHECK(reply->body == "abc");
}

TEST_CASE("a connection over TLS that ends early is a failure of unknown effect", "[beast][tls]") {
  raw_server server(over_tls("server", [](tls_stream& client) { read_request(client); }));
  auto const e = trusting("ca.pem")(request_to(server.url("localhost", "https"))).error();
  CHECK(e.code == errc::transport_failure);
  CHECK(e.effect == effect::unknown);
}

namespace {

/// A server that demands a certificate of the authority "ca".
raw_server::session demanding_certificate(int version) {
  return [version](tcp::socket& client) {
    ssl::context context(ssl::context::tls_server);
    context.use_certificate_chain_file(certificates + "server.pem");
    context.use_private_key_file(certificates + "server.key", ssl::context::pem);
    context.load_verify_file(certificates + "ca.pem");
    SSL_CTX_set_min_proto_version(context.native_handle(), version);
    SSL_CTX_set_max_proto_version(context.native_handle(), version);
    SSL_CTX_set_purpose(context.native_handle(), X509_PURPOSE_ANY);
    context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    tls_stream stream(client, context);
    boost::system::error_code ec;
    stream.handshake(ssl::stream_base::server, ec);
    if (ec) return wait_for_end(client);  // else a reset could overtake the alert
    for (;;) {
      read_request(stream);
      send_text(stream, http_answer("{}"));
    }
  };
}

/// The key of "server", encrypted.
std::string encrypted_key(std::string password) {
  std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_file((certificates + "server.key").c_str(), "rb"), &BIO_free);
  std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr),
                                                          &EVP_PKEY_free);
  PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), EVP_aes_256_cbc(), nullptr, 0, nullptr, password.data());
  char* data = nullptr;
  auto const size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

TEST_CASE("a server that requires a client certificate gets it, from files or PEM texts", "[beast][tls]") {
  auto const version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  tls_options tls{.ca_file = certificates + "ca.pem"};
  SECTION("files") {
    tls.certificate_chain_file = certificates + "server.pem";
    tls.private_key_file = certificates + "server.key";
  }
  SECTION("texts") {
    tls.certificate_chain_pem = text_of(certificates + "server.pem");
    tls.private_key_pem = text_of(certificates + "server.key");
  }
  SECTION("an encrypted key") {
    tls.certificate_chain_file = certificates + "server.pem";
    tls.private_key_pem = encrypted_key("password");
    tls.private_key_password = "password";
  }
  raw_server server(demanding_certificate(version));
  fictive::beast::transport transport{transport_options{.tls = tls}};
  for (int i = 0; i < 2; ++i) REQUIRE(transport(request_to(server.url("localhost", "https"))));
  CHECK(server.connections() == 1);
}

TEST_CASE("a server that requires a client certificate where none is set is named as such", "[beast][tls]") {
  auto const version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  raw_server server(demanding_certificate(version));
  auto const e = trusting("ca.pem")(request_to(server.url("localhost", "https"))).error();
  CHECK(e.code == errc::transport_failure);
  if (version == TLS1_2_VERSION) CHECK(e.effect == effect::none);  // later versions send the request before the alert
  CHECK(e.cause == std::errc::permission_denied);
  CHECK(e.message ==
        "the server requires a client certificate: set tls.certificate_chain_file and tls.private_key_file");
}

TEST_CASE("a client certificate that cannot be used is an invalid argument that names the option", "[beast][tls]") {
  tls_options tls{.certificate_chain_file = certificates + "server.pem",
                  .private_key_file = certificates + "server.key"};
  std::string expected;
  SECTION("no key") {
    tls.private_key_file = "";
    expected = "needs tls.private_key_file";
  }
  SECTION("no certificate") {
    tls.certificate_chain_file = "";
    expected = "needs tls.certificate_chain_file";
  }
  SECTION("two keys") {
    tls.private_key_pem = "key";
    expected = "set one of them";
  }
  SECTION("another key") {
    tls.private_key_file = certificates + "other_name.key";
    expected = "does not belong to the certificate";
  }
  SECTION("an encrypted key without its password") {
    tls.private_key_file = "";
    tls.private_key_pem = encrypted_key("password");
    expected = "tls.private_key_pem cannot be read";
  }
  SECTION("no such file") {
    tls.certificate_chain_file = certificates + "no_such_file.pem";
    expected = "tls.certificate_chain_file or tls.certificate_chain_pem cannot be read";
  }
  auto const e = fictive::beast::transport{transport_options{.tls = tls}}(request_to("https://localhost:1")).error();
  CHECK(e.code == errc::invalid_argument);
  CHECK(e.message.find(expected) != std::string::npos);
  CHECK(e.message.find(certificates) == std::string::npos);
}

TEST_CASE("the system's authorities are trusted together with others on request only", "[beast][tls]") {
  bool const both = GENERATE(false, true);
  ::setenv("SSL_CERT_FILE", (certificates + "ca.pem").c_str(), 1);
  raw_server server(answering("server"));
  tls_options const tls{.ca_file = certificates + "other_ca.pem", .system_authorities = both};
  auto const reply =
      fictive::beast::transport{transport_options{.tls = tls}}(request_to(server.url("localhost", "https")));
  ::unsetenv("SSL_CERT_FILE");
  CHECK(reply.has_value() == both);
}

TEST_CASE("configure that throws is an invalid argument", "[beast][tls]") {
  tls_options const tls{.configure = [](ssl::context&) { throw std::runtime_error("secret"); }};
  auto const e = fictive::beast::transport{transport_options{.tls = tls}}(request_to("https://localhost:1")).error();
  CHECK(e.code == errc::invalid_argument);
  CHECK(e.message == "tls.configure threw an exception");
}

TEST_CASE("configure and min_version change the context", "[beast][tls]") {
  raw_server server([](tcp::socket& client) {
    ssl::context context(ssl::context::tls_server);
    context.use_certificate_chain_file(certificates + "server.pem");
    context.use_private_key_file(certificates + "server.key", ssl::context::pem);
    SSL_CTX_set_max_proto_version(context.native_handle(), TLS1_2_VERSION);
    tls_stream stream(client, context);
    stream.handshake(ssl::stream_base::server);
    read_request(stream);
    send_text(stream, http_answer("{}"));
  });
  tls_options tls{.ca_file = certificates + "ca.pem"};
  bool is_accepted = true;
  SECTION("by default") {}
  SECTION("min_version") {
    tls.min_version = fictive::beast::tls_version::tls_1_3;
    is_accepted = false;
  }
  SECTION("configure") {
    tls.configure = [](ssl::context& context) {
      SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_3_VERSION);
    };
    is_accepted = false;
  }
  auto const reply =
      fictive::beast::transport{transport_options{.tls = tls}}(request_to(server.url("localhost", "https")));
  CHECK(reply.has_value() == is_accepted);
}

TEMPLATE_TEST_CASE("a close sends close_notify", "[beast][tls]", fictive::beast::transport, asynchronous_transport) {
  struct row {
    char const* answer;
    int requests;
  };
  auto const [answer, requests] = GENERATE(values<row>({
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}", 1},  // closed at once
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 1},                       // closed while idle
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 2},                       // after it was used again
      {"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}", 1},                      // closed by a timeout
      {"no HTTP", 1},
  }));
  INFO(answer << ", " << requests << " requests");
  std::promise<boost::system::error_code> closed;
  raw_server server(over_tls("server", [&, sent = answer](tls_stream& client) {
    for (;;) {
      std::string request;
      boost::system::error_code ec;
      boost::asio::read_until(client, boost::asio::dynamic_buffer(request), "{}", ec);
      if (ec) return closed.set_value(ec);
      send_text(client, sent);
    }
  }));
  {
    TestType transport(transport_options{.tls = {.ca_file = certificates + "ca.pem"}});
    auto request = request_to(server.url("localhost", "https"));
    request.limits.total_timeout = std::chrono::seconds(1);
    for (int i = 0; i < requests; ++i) (void)transport(request);
  }
  CHECK(closed.get_future().get() == boost::asio::error::eof);
}

TEST_CASE("a close does not wait for a peer that does not read", "[beast][tls]") {
  raw_server server(over_tls("server", [](tls_stream& client) {
    client.next_layer().wait(tcp::socket::wait_error);  // until the test is over
  }));
  auto request = request_to(server.url("localhost", "https"));
  request.body = std::string(32 * 1024 * 1024, ' ');
  request.limits.total_timeout = a_moment;
  auto const began = std::chrono::steady_clock::now();
  CHECK(trusting("ca.pem")(request).error().code == errc::timed_out);
  CHECK(since(began) < 10 * a_moment);
}

#if !FICTIVE_TESTS_THREAD_SANITIZER  // which does not support threads after fork()
TEST_CASE("a child process does not end its parent's connections over TLS", "[beast][tls]") {
  raw_server server(answering("server"));
  auto transport = trusting("ca.pem");
  REQUIRE(transport(request_to(server.url("localhost", "https"))));
  auto const child = ::fork();
  if (child == 0) {
    transport.drop_idle_connections(server.url("localhost", "https"));
    bool const answered = transport(request_to(server.url("localhost", "https"))).has_value();
    ::_exit(answered ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  REQUIRE(transport(request_to(server.url("localhost", "https"))));
  CHECK(server.connections() == 2);
}
#endif

}  // namespace tls_tests
