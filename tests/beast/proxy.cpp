#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include "support/adapter.hpp"
#include "support/catch.hpp"
#include "support/raw_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

extern char** environ;

namespace proxy_tests {

using fictive::effect;
using fictive::errc;
using fictive::beast::transport_options;
using tcp = raw_server::tcp;

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;

#define BOTH_TRANSPORTS_TEST_CASE(name, tags) \
  TEMPLATE_TEST_CASE(name, tags, fictive::beast::transport, asynchronous_transport)

namespace {

std::string const files = FICTIVE_TESTS_CERTIFICATES "/";

/// A server's context with the certificate of this name.
std::unique_ptr<ssl::context> server_context(std::string const& name) {
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  context->use_certificate_chain_file(files + name + ".pem");
  context->use_private_key_file(files + name + ".key", ssl::context::pem);
  return context;
}

/// A service over TLS.
raw_server::session service_over_tls() {
  return [](tcp::socket& client) {
    auto const context = server_context("server");
    ssl::stream<tcp::socket&> stream(client, *context);
    stream.handshake(ssl::stream_base::server);
    for (;;) {
      read_request(stream);
      send_text(stream, http_answer("{}"));
    }
  };
}

/// Copies what arrives at one stream to another one, until the end of either.
template <class From, class To>
class copying : public std::enable_shared_from_this<copying<From, To>> {
 public:
  copying(From& from, To& to, std::function<void()> at_end) : from_(from), to_(to), at_end_(std::move(at_end)) {}

  void run() {
    from_.async_read_some(asio::buffer(data_), [self = this->shared_from_this()](auto ec, std::size_t size) {
      if (ec) return self->at_end_();
      asio::async_write(self->to_, asio::buffer(self->data_, size), [self](auto problem, std::size_t) {
        if (problem) return self->at_end_();
        self->run();
      });
    });
  }

 private:
  From& from_;
  To& to_;
  std::function<void()> at_end_;
  std::array<char, 4096> data_ = {};
};

/// A proxy of CONNECT on loopback, over TLS or not, that records the heads of the requests to it. All names are those of
/// this machine.
class tunneling_proxy {
 public:
  explicit tunneling_proxy(std::string certificate = {}) : certificate_(std::move(certificate)) {}

  [[nodiscard]] std::string url(std::string const& user_info = {}) const {
    return (certificate_.empty() ? "http://" : "https://") + user_info + "localhost:" + std::to_string(server_.port());
  }

  [[nodiscard]] std::vector<std::string> heads() const {
    std::lock_guard lock(mutex_);
    return heads_;
  }

 private:
  void serve(tcp::socket& accepted) {
    asio::io_context io;
    tcp::socket client(io, tcp::v4(), ::dup(accepted.native_handle()));
    if (certificate_.empty()) return tunnel(io, client, client);
    auto const context = server_context(certificate_);
    ssl::stream<tcp::socket&> stream(client, *context);
    stream.handshake(ssl::stream_base::server);
    tunnel(io, stream, client);
  }

  template <class Stream>
  void tunnel(asio::io_context& io, Stream& stream, tcp::socket& client) {
    std::string head;
    asio::read_until(stream, asio::dynamic_buffer(head), "\r\n\r\n");
    {
      std::lock_guard lock(mutex_);
      heads_.push_back(head);
    }
    auto const port = std::stoul(head.substr(head.find(':') + 1));
    tcp::socket server(io);
    server.connect({asio::ip::address_v4::loopback(), static_cast<unsigned short>(port)});
    send_text(stream, "HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n");
    auto const close = [&] {
      boost::system::error_code ignored;
      client.close(ignored);
      server.close(ignored);
    };
    std::make_shared<copying<Stream, tcp::socket>>(stream, server, close)->run();
    std::make_shared<copying<tcp::socket, Stream>>(server, stream, close)->run();
    io.run();
  }

  std::string certificate_;
  mutable std::mutex mutex_;
  std::vector<std::string> heads_ = {};
  raw_server server_{[this](tcp::socket& client) { serve(client); }};
};

transport_options through(std::string const& proxy) {
  return {.tls = {.ca_file = files + "ca.pem"}, .proxy = proxy};
}

/// Everything that an error says.
std::string text_of(fictive::error const& e) {
  std::ostringstream text;
  text << e << e.message << e.cause.message();
  return text.str();
}

/// tinyproxy, from its package.
class tinyproxy {
 public:
  static bool is_installed() { return ::access(program, X_OK) == 0; }

  explicit tinyproxy(std::string const& directives) {
    folder_ = std::filesystem::temp_directory_path() / "fictive_tinyproxy_XXXXXX";
    REQUIRE(::mkdtemp(folder_.data()));
    auto const configuration = folder_ + "/tinyproxy.conf";
    std::ofstream(configuration) << "Port " << port_ << "\nListen 127.0.0.1\nTimeout 10\nLogLevel Critical\n"
                                 << directives << "\n";
    std::string program_name = program, option = "-d", option_c = "-c", file = configuration;
    std::array<char*, 5> arguments = {program_name.data(), option.data(), option_c.data(), file.data(), nullptr};
    REQUIRE(::posix_spawn(&process_, program, nullptr, nullptr, arguments.data(), environ) == 0);
    wait_until_it_listens();
  }

  tinyproxy(tinyproxy const&) = delete;
  tinyproxy& operator=(tinyproxy const&) = delete;

  ~tinyproxy() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    std::filesystem::remove_all(folder_);
  }

  [[nodiscard]] std::string url(std::string const& user_info = {}) const {
    return "http://" + user_info + "127.0.0.1:" + std::to_string(port_);
  }

 private:
  static constexpr char const* program = "/usr/bin/tinyproxy";

  void wait_until_it_listens() const {
    asio::io_context io;
    for (boost::system::error_code ec;;) {
      tcp::socket(io).connect({asio::ip::address_v4::loopback(), port_}, ec);
      if (!ec) return;
      REQUIRE(::waitpid(process_, nullptr, WNOHANG) == 0);
    }
  }

  unsigned short port_ = refusing_endpoint().port();
  std::string folder_;
  pid_t process_ = 0;
};

/// Whether tinyproxy can be tested here; says why not.
bool has_tinyproxy() {
  if (!tinyproxy::is_installed()) WARN("skipped: tinyproxy is not installed");
  return tinyproxy::is_installed();
}

}  // namespace

BOTH_TRANSPORTS_TEST_CASE("requests to an https URL go through a tunnel, and share a connection", "[beast][proxy]") {
  auto const certificate = GENERATE("", "server");
  raw_server server(service_over_tls());
  tunneling_proxy proxy(certificate);
  TestType transport(through(proxy.url("user:pass%20word@")));
  for (int i = 0; i < 3; ++i) REQUIRE(transport(request_to(server.url("localhost", "https"))));
  CHECK(server.connections() == 1);
  auto const to = "localhost:" + std::to_string(server.port());
  CHECK(proxy.heads() == std::vector<std::string>{"CONNECT " + to + " HTTP/1.1\r\nHost: " + to +
                                                  "\r\nProxy-Authorization: Basic dXNlcjpwYXNzIHdvcmQ=\r\n\r\n"});
}

BOTH_TRANSPORTS_TEST_CASE("a large request and response pass a proxy over TLS", "[beast][proxy]") {
  std::string const large(1024 * 1024, 'x');
  raw_server server([&](tcp::socket& client) {
    auto const context = server_context("server");
    ssl::stream<tcp::socket&> stream(client, *context);
    stream.handshake(ssl::stream_base::server);
    for (;;) {
      auto const request = read_request(stream);
      send_text(stream, http_answer(std::string_view(request).substr(request.find("\r\n\r\n") + 4)));
    }
  });
  tunneling_proxy proxy("server");
  TestType transport(through(proxy.url()));
  auto request = request_to(server.url("localhost", "https"));
  request.body = large;
  for (int i = 0; i < 2; ++i) {
    auto const reply = transport(request);
    REQUIRE(reply);
    CHECK((reply->body == large));
  }
}

BOTH_TRANSPORTS_TEST_CASE("through a proxy, the server's certificate is verified as ever", "[beast][proxy][tls]") {
  raw_server server([](tcp::socket& client) {
    auto const context = server_context("unknown");
    ssl::stream<tcp::socket&>(client, *context).handshake(ssl::stream_base::server);
  });
  tunneling_proxy proxy("server");
  auto const e = TestType(through(proxy.url()))(request_to(server.url("localhost", "https"))).error();
  CHECK(e.effect == effect::none);
  CHECK(e.cause == std::errc::permission_denied);
  CHECK(e.message.starts_with("the server's certificate was not accepted"));
}

BOTH_TRANSPORTS_TEST_CASE("a proxy over TLS is verified, and nothing is sent to another one", "[beast][proxy][tls]") {
  auto const certificate = GENERATE("other_name", "unknown", "expired");
  tunneling_proxy proxy(certificate);
  auto const e = TestType(through(proxy.url("user:sesame@")))(request_to("https://service.example")).error();
  CHECK(e.effect == effect::none);
  CHECK(e.cause == std::errc::permission_denied);
  CHECK(e.message.starts_with("the proxy's certificate was not accepted"));
  CHECK(e.message.ends_with(": set tls.ca_file if the proxy has an authority of its own") ==
        (std::string_view(certificate) == "unknown"));
  CHECK(proxy.heads().empty());
}

BOTH_TRANSPORTS_TEST_CASE("a proxy over TLS that demands a certificate does not get the one for the server",
                          "[beast][proxy][tls]") {
  auto const version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  raw_server proxy([version](tcp::socket& client) {
    auto const context = server_context("server");
    SSL_CTX_set_max_proto_version(context->native_handle(), version);
    context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    ssl::stream<tcp::socket&>(client, *context).handshake(ssl::stream_base::server);
  });
  auto options = through(proxy.url("localhost", "https"));
  options.tls.certificate_chain_file = files + "server.pem";
  options.tls.private_key_file = files + "server.key";
  auto const e = TestType(options)(request_to("https://service.example")).error();
  CHECK(e.effect == effect::none);
  CHECK(e.message == "the proxy requires a client certificate");
}

BOTH_TRANSPORTS_TEST_CASE("a request to an http URL goes to the proxy in absolute form", "[beast][proxy]") {
  std::string received;
  std::mutex mutex;
  raw_server proxy([&](tcp::socket& client) {
    for (;;) {
      auto text = read_request(client);
      std::lock_guard lock(mutex);
      received = std::move(text);
      send_text(client, http_answer("{}"));
    }
  });
  TestType transport(through(proxy.url()));
  for (int i = 0; i < 2; ++i) REQUIRE(transport(request_to("http://service.example/path")));
  CHECK(proxy.connections() == 1);
  std::lock_guard lock(mutex);
  CHECK(received.starts_with("POST http://service.example/path HTTP/1.1\r\nHost: service.example\r\n"));
}

BOTH_TRANSPORTS_TEST_CASE("a hostile proxy costs the call, without effect, and learns nothing of the request",
                          "[beast][proxy][effect]") {
  struct row {
    std::string response;
    char const* message;
  };
  auto const [response, message] = GENERATE(values<row>({
      {"", "the proxy closed the connection before it answered CONNECT"},
      {"HTTP/1.1 200 Connection est", "the proxy closed the connection before it answered CONNECT"},
      {"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 6\r\n\r\nsesame",
       "the proxy requires other credentials: check user and password of options.proxy"},
      {"HTTP/1.1 502 sesame\r\n\r\nsesame", "the proxy could not connect to the server"},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(1000000, 'x') + "\r\n\r\n",
       "the proxy's response to CONNECT is larger than limits.max_header_bytes"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsesame", "the proxy sent data before the server did"},
      {"sesame\r\n\r\n", "the proxy's response to CONNECT is not HTTP"},
  }));
  INFO(response.substr(0, 50));
  std::string received;
  std::mutex mutex;
  raw_server proxy([&, sent = response](tcp::socket& client) {
    std::string head;
    asio::read_until(client, asio::dynamic_buffer(head), "\r\n\r\n");
    {
      std::lock_guard lock(mutex);
      received += head;
    }
    boost::system::error_code closed_meanwhile;
    asio::write(client, asio::buffer(sent), closed_meanwhile);
    if (sent.empty() || sent.ends_with("est")) return;
    std::string rest;
    asio::read(client, asio::dynamic_buffer(rest), closed_meanwhile);
    std::lock_guard lock(mutex);
    received += rest;
  });
  auto request = request_to("https://service.example/path");
  request.headers = {{"X-SessionId", "session"}};
  auto const e = TestType(through("http://user:sesame@" + proxy.url().substr(7)))(request).error();
  CHECK(e.code == errc::transport_failure);
  CHECK(e.effect == effect::none);
  CHECK(e.message == message);
  CHECK(text_of(e).find("sesame") == std::string::npos);
  CHECK(text_of(e).find("127.0.0.1") == std::string::npos);
  std::lock_guard lock(mutex);
  CHECK(received.find("session") == std::string::npos);
  CHECK(received.find("path") == std::string::npos);
}

BOTH_TRANSPORTS_TEST_CASE("a proxy that stalls takes the connect timeout, a stop ends the wait", "[beast][proxy]") {
  raw_server proxy([](tcp::socket& client) { wait_for_end(client); });
  TestType transport(through(proxy.url()));
  auto request = request_to("https://service.example");
  auto const began = std::chrono::steady_clock::now();
  SECTION("timeout") {
    request.limits.connect_timeout = a_moment;
    auto const e = transport(request).error();
    CHECK(e.code == errc::timed_out);
    CHECK(e.effect == effect::none);
    CHECK(e.message == "the proxy did not answer CONNECT within limits.connect_timeout");
  }
  SECTION("stop") {
    fictive::stop_source source;
    std::thread stopping([&] {
      std::this_thread::sleep_for(a_moment);
      source.request_stop();
    });
    auto const e = transport(request, source.get_token()).error();
    stopping.join();
    CHECK(e.code == errc::cancelled);
    CHECK(e.effect == effect::none);
  }
  CHECK(since(began) >= a_moment);
  CHECK(since(began) < 10 * a_moment);
}

BOTH_TRANSPORTS_TEST_CASE("a proxy's URL that cannot be used is an invalid argument", "[beast][proxy]") {
  auto const url = GENERATE("socks5://sesame.example:1080", "http://user:sesame@proxy.example");
  auto const e = TestType(through(url))(request_to("https://service.example")).error();
  CHECK(e.code == errc::invalid_argument);
  CHECK(e.message.starts_with("the proxy's URL "));
  CHECK(text_of(e).find("sesame") == std::string::npos);
}

BOTH_TRANSPORTS_TEST_CASE("tinyproxy tunnels, forwards, and asks for a password", "[beast][proxy][tinyproxy]") {
  if (!has_tinyproxy()) return;
  raw_server tls_service(service_over_tls()), plain_service(answering(http_answer("{}")));
  tinyproxy proxy("BasicAuth user sesame");
  auto const https_url = tls_service.url("localhost", "https"), http_url = plain_service.url();
  {
    TestType transport(through(proxy.url("user:sesame@")));
    for (int i = 0; i < 2; ++i) REQUIRE(transport(request_to(https_url)));
    CHECK(tls_service.connections() == 1);
    REQUIRE(transport(request_to(http_url)));
  }
  for (char const* user_info : {"", "user:wrong@"}) {
    auto const e = TestType(through(proxy.url(user_info)))(request_to(https_url)).error();
    CHECK(e.effect == effect::none);
    CHECK(e.cause == std::errc::permission_denied);
    CHECK(e.message.starts_with("the proxy requires other credentials"));
  }
  auto const unreachable = TestType(through(proxy.url("user:sesame@")))(
                               request_to("https://127.0.0.1:" + std::to_string(refusing_endpoint().port())))
                               .error();
  CHECK(unreachable.effect == effect::none);
  CHECK(unreachable.message == "the proxy could not connect to the server");
}

}  // namespace proxy_tests
