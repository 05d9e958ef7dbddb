#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include "support/adapter.hpp"
#include "support/catch.hpp"
#include "support/raw_server.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

namespace address_tests {

using namespace std::chrono_literals;
using fictive::effect;
using fictive::beast::endpoint;
using fictive::beast::transport_options;
using tcp = raw_server::tcp;

#define BOTH_TRANSPORTS_TEST_CASE(name, tags) \
  TEMPLATE_TEST_CASE(name, tags, fictive::beast::transport, asynchronous_transport)

namespace {

std::uint16_t port_of(std::string const& url) {
  return static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
}

transport_options resolving_to(std::vector<endpoint> endpoints) {
  transport_options options;
  options.resolve = [endpoints](std::string const&, std::string const&, std::error_code&) { return endpoints; };
  return options;
}

constexpr std::size_t too_much_for_socket_buffers = 32 * 1024 * 1024;

}  // namespace

BOTH_TRANSPORTS_TEST_CASE("an address that does not answer does not keep the next one from being used",
                          "[beast][connect]") {
  raw_server server(answering(http_answer("{}")));
  unresponsive_listener const one, two, three;
  auto const dead = [](unresponsive_listener const& which) { return endpoint{"127.0.0.1", port_of(which.url())}; };
  TestType transport(resolving_to({dead(one), dead(two), dead(three), {"127.0.0.1", server.port()}}));
  auto const began = std::chrono::steady_clock::now();
  REQUIRE(transport(request_to("http://service.example")));
  CHECK(since(began) >= 3 * 250ms);
  CHECK(since(began) < 3 * 250ms + 10 * within);
  REQUIRE(transport(request_to("http://service.example")));  // over the same connection
  CHECK(server.connections() == 1);
}

BOTH_TRANSPORTS_TEST_CASE("IPv6 comes first and fails, IPv4 is used at once", "[beast][connect]") {
  raw_server server(answering(http_answer("{}")));
  TestType transport(resolving_to({{"::1", refusing_endpoint().port()}, {"127.0.0.1", server.port()}}));
  auto const began = std::chrono::steady_clock::now();
  CHECK(transport(request_to("http://service.example")));
  CHECK(since(began) < 200ms);
}

BOTH_TRANSPORTS_TEST_CASE("if the TLS handshake fails at one address, the next one is used", "[beast][connect][tls]") {
  raw_server broken([](tcp::socket& client) { send_text(client, "SSH-2.0-OpenSSH_9.2\r\n"); });
  raw_server closing([](tcp::socket&) {});
  auto options = resolving_to({{"127.0.0.1", broken.port()}, {"127.0.0.1", closing.port()}});
  auto const e = TestType(options)(request_to("https://service.example")).error();
  CHECK(e.effect == effect::none);
  CHECK(e.message == "the TLS handshake failed");
  CHECK(broken.connections() == 1);
  CHECK(closing.connections() == 1);
}

BOTH_TRANSPORTS_TEST_CASE("a response that arrives while the request is written is returned at once",
                          "[beast][write]") {
  unsigned const answered_before = GENERATE(0U, 1U);
  raw_server server([=](tcp::socket& client) {
    for (unsigned i = 0; i < answered_before; ++i) {
      read_request(client);
      send_text(client, http_answer("{}"));
    }
    std::string begin;
    boost::asio::read_until(client, boost::asio::dynamic_buffer(begin), "\r\n\r\n");
    send_text(client, http_answer("too large", "413 Content Too Large"));
    client.wait(tcp::socket::wait_error);  // reads nothing more, and does not close
  });
  TestType transport;
  for (unsigned i = 0; i < answered_before; ++i) REQUIRE(transport(request_to(server.url())));
  auto request = request_to(server.url());
  request.body.assign(too_much_for_socket_buffers, ' ');
  request.limits.total_timeout = 5s;
  auto const began = std::chrono::steady_clock::now();
  auto const reply = transport(request);
  REQUIRE(reply);
  CHECK(reply->status == 413);
  CHECK(since(began) < 2s);
  CHECK(server.connections() == 1);
}

}  // namespace address_tests
