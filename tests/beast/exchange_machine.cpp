#include <fictive/beast.hpp>

#include "support/catch.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/error.hpp>

#include <chrono>
#include <cstddef>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace exchange_machine_tests {

using namespace std::chrono_literals;
using fictive::effect;
using fictive::errc;
using fictive::beast::detail::exchange_machine;
using fictive::beast::detail::exchange_step;
using fictive::beast::detail::proxy_settings;
using step = exchange_step;
using error_code = boost::system::error_code;

namespace asio = boost::asio;

namespace {

exchange_machine::endpoint endpoint_of(std::string const& address) {
  return {asio::ip::make_address(address), 443};
}

/// A machine without a network: a test reports the results.
struct exchange {
  explicit exchange(std::string url = "https://service.example", std::string body = "{}",
                    fictive::http_limits limits = {}, std::optional<proxy_settings> through = {})
      : proxy(std::move(through)),
        request{.method = "POST", .url = std::move(url), .body = std::move(body), .limits = limits},
        machine(*fictive::detail::split_url(request.url), request, buffers, now, 250ms, proxy ? &*proxy : nullptr) {}

  step next() { return machine.next(now); }
  void expect(step wanted) { REQUIRE(next() == wanted); }

  void resolve(std::vector<std::string> const& addresses) {
    expect(step::resolve);
    std::vector<exchange_machine::endpoint> endpoints;
    for (auto const& address : addresses) endpoints.push_back(endpoint_of(address));
    machine.resolved({}, std::move(endpoints));
  }

  /// The attempt that is begun now.
  std::size_t connect(std::string const& address) {
    expect(step::connect);
    CHECK(machine.attempted_endpoint().address().to_string() == address);
    return machine.attempt();
  }

  void open() {
    resolve({"192.0.2.1"});
    machine.connected(connect("192.0.2.1"), {}, now);
    expect(step::select);
    if (request.url.starts_with("https")) {
      expect(step::handshake);
      machine.handshaken({}, now);
    }
    expect(step::check);
    machine.checked({}, now);
  }

  void write(std::size_t size) {
    expect(step::write);
    machine.wrote({}, size);
  }

  void write_all() { write(unwritten()); }

  [[nodiscard]] std::string sent() const { return boost::beast::buffers_to_string(machine.unwritten()); }

  [[nodiscard]] std::size_t unwritten() const { return asio::buffer_size(machine.unwritten()); }

  void receive(std::string_view text, error_code ec = {}) {
    machine.received(ec, asio::buffer_copy(machine.read_buffer(), asio::buffer(text.data(), text.size())));
  }

  void pass(std::chrono::milliseconds duration) {
    now += duration;
    machine.time_passed(now);
  }

  std::optional<proxy_settings> proxy;
  fictive::http_request request;
  fictive::beast::detail::exchange_buffers buffers = {};
  exchange_machine::time_point now = exchange_machine::time_point(1h);
  exchange_machine machine;
};

std::string const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
std::string const refusal = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno";
error_code const reset = asio::error::connection_reset, refused = asio::error::connection_refused,
                 aborted = asio::error::operation_aborted, nothing_there = asio::error::would_block;

enum class point { resolve, connect, handshake, check, write, partly_written, read, head, body };

/// Brings a machine to this point, with its operation in progress.
void bring_to(exchange& e, point where) {
  if (where == point::resolve) return e.expect(step::resolve);
  if (where <= point::check) {
    e.resolve({"192.0.2.1"});
    auto const attempt = e.connect("192.0.2.1");
    if (where == point::connect) return;
    e.machine.connected(attempt, {}, e.now);
    e.expect(step::select);
    e.expect(step::handshake);
    if (where == point::handshake) return;
    e.machine.handshaken({}, e.now);
    return e.expect(step::check);
  }
  e.open();
  if (where == point::write) return e.expect(step::write);
  if (where == point::partly_written) {
    e.write(1);
    e.expect(step::write);
    return e.expect(step::read);
  }
  e.write_all();
  e.expect(step::read);
  if (where == point::read) return;
  e.receive(where == point::head ? "HTTP/1.1 200 OK\r\nContent-Ty"
                                 : "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{");
  e.expect(step::read);
}

void bring_to_read_over_http(exchange& e) {
  e.open();
  e.write_all();
  e.expect(step::read);
}

/// Reports this result for the operations in progress.
void report(exchange& e, point where, error_code ec) {
  switch (where) {
    case point::resolve: return e.machine.resolved(ec, {});
    case point::connect: return e.machine.connected(0, ec, e.now);
    case point::handshake: return e.machine.handshaken(ec, e.now);
    case point::check: return e.machine.checked(ec, e.now);
    case point::write: return e.machine.wrote(ec, 0);
    case point::partly_written: e.machine.wrote(ec, 0); return e.machine.received(ec, 0);
    default: return e.machine.received(ec, 0);
  }
}

proxy_settings const plain_proxy{.host = "proxy.example", .port = "3128", .authorization = "Basic dTpw"};
proxy_settings const proxy_over_tls{
    .is_https = true, .host = "proxy.example", .port = "3128", .authorization = "Basic dTpw"};

enum class proxy_point { resolve, connect, handshake, write_connect, read_connect, part_of_head, origin_handshake };

/// Brings a machine with `proxy_over_tls` to this point, with its operation in progress.
void bring_to(exchange& e, proxy_point where) {
  if (where == proxy_point::resolve) return e.expect(step::resolve);
  e.resolve({"192.0.2.1"});
  auto const attempt = e.connect("192.0.2.1");
  if (where == proxy_point::connect) return;
  e.machine.connected(attempt, {}, e.now);
  e.expect(step::select);
  e.expect(step::handshake);
  if (where == proxy_point::handshake) return;
  e.machine.handshaken({}, e.now);
  if (where == proxy_point::write_connect) return e.expect(step::write);
  e.write_all();
  e.expect(step::read);
  if (where == proxy_point::read_connect) return;
  e.receive("HTTP/1.1 200 Connection es");
  e.expect(step::read);
  if (where == proxy_point::part_of_head) return;
  e.receive("tablished\r\n\r\n");
  e.expect(step::handshake);
}

/// Reports this result for the operation in progress.
void report(exchange& e, proxy_point where, error_code ec) {
  switch (where) {
    case proxy_point::resolve: return e.machine.resolved(ec, {});
    case proxy_point::connect: return e.machine.connected(0, ec, e.now);
    case proxy_point::handshake:
    case proxy_point::origin_handshake: return e.machine.handshaken(ec, e.now);
    case proxy_point::write_connect: return e.machine.wrote(ec, 0);
    default: return e.machine.received(ec, 0);
  }
}

/// Does what a driver does at the end, until the machine is done.
template <class Point>
void finish(exchange& e, Point where) {
  for (int steps = 0; steps < 10; ++steps) {
    auto const next = e.next();
    if (next == step::done) return;
    if (next == step::cancel || next == step::close || next == step::abandon) report(e, where, aborted);
    if (next == step::read_available) e.machine.received(nothing_there, 0);
  }
  FAIL("the machine is not done");
}

}  // namespace

TEST_CASE("every failure at every stage has its effect and its message", "[beast][exchange][effect]") {
  enum class event { error, end_of_stream, time_out, stop, no_memory };
  struct row {
    point where;
    effect did;
    char const* on_error;
    char const* on_time_out;
  };
  auto const [where, did, on_error, on_time_out] = GENERATE(values<row>({
      {point::resolve, effect::none, "the host of base_url could not be resolved",
       "no connection within limits.connect_timeout"},
      {point::connect, effect::none, "could not connect", "no connection within limits.connect_timeout"},
      {point::handshake, effect::none, "the TLS handshake failed", "no connection within limits.connect_timeout"},
      {point::check, effect::none, "the server closed the connection before the request",
       "no connection within limits.connect_timeout"},
      {point::write, effect::unknown, "the connection was lost while the request was sent",
       "no response within limits.total_timeout"},
      {point::partly_written, effect::unknown, "the connection was lost before there was a response",
       "no response within limits.total_timeout"},
      {point::read, effect::unknown, "the connection was lost before there was a response",
       "no response within limits.total_timeout"},
      {point::head, effect::unknown, "the connection was lost before there was a response",
       "no response within limits.total_timeout"},
      {point::body, effect::applied, "", ""},
  }));
  auto const what = GENERATE(event::error, event::end_of_stream, event::time_out, event::stop, event::no_memory);
  INFO("stage " << static_cast<int>(where) << ", event " << static_cast<int>(what));
  exchange e("https://service.example", where == point::partly_written ? std::string(10000, ' ') : "{}");
  bring_to(e, where);
  std::string message = on_error;
  switch (what) {
    case event::error: report(e, where, reset); break;
    case event::end_of_stream: report(e, where, asio::error::eof); break;
    case event::time_out:
      e.pass(60s);
      message = on_time_out;
      break;
    case event::stop:
      e.machine.stop();
      message = "the call was cancelled";
      break;
    case event::no_memory:
      e.machine.fail(step::wait, std::make_error_code(std::errc::not_enough_memory));
      message = "out of memory";
      break;
  }
  finish(e, where);
  CHECK_FALSE(e.machine.connection_is_reusable());
  auto const outcome = e.machine.outcome();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().effect == did);
  if (did != effect::applied) CHECK(outcome.error().message == message);
  CHECK(e.buffers.head.empty());
}

TEST_CASE("every failure on the way through a proxy has no effect, and its message",
          "[beast][exchange][proxy][effect]") {
  enum class event { error, end_of_stream, time_out, stop, no_memory };
  struct row {
    proxy_point where;
    char const* on_error;
    char const* on_time_out;
  };
  constexpr auto no_connection = "no connection to the proxy within limits.connect_timeout",
                 no_answer = "the proxy did not answer CONNECT within limits.connect_timeout",
                 closed = "the proxy closed the connection before it answered CONNECT";
  auto const [where, on_error, on_time_out] = GENERATE_COPY(values<row>({
      {proxy_point::resolve, "the host of the proxy could not be resolved", no_connection},
      {proxy_point::connect, "could not connect to the proxy", no_connection},
      {proxy_point::handshake, "the TLS handshake with the proxy failed", no_connection},
      {proxy_point::write_connect, closed, no_answer},
      {proxy_point::read_connect, closed, no_answer},
      {proxy_point::part_of_head, closed, no_answer},
      {proxy_point::origin_handshake, "the TLS handshake failed", "no connection within limits.connect_timeout"},
  }));
  auto const what = GENERATE(event::error, event::end_of_stream, event::time_out, event::stop, event::no_memory);
  INFO("stage " << static_cast<int>(where) << ", event " << static_cast<int>(what));
  exchange e("https://service.example", "{}", {}, proxy_over_tls);
  bring_to(e, where);
  std::string message = on_error;
  switch (what) {
    case event::error: report(e, where, reset); break;
    case event::end_of_stream: report(e, where, asio::error::eof); break;
    case event::time_out:
      e.pass(10s);
      message = on_time_out;
      break;
    case event::stop:
      e.machine.stop();
      message = "the call was cancelled";
      break;
    case event::no_memory:
      e.machine.fail(step::wait, std::make_error_code(std::errc::not_enough_memory));
      message = "out of memory";
      break;
  }
  finish(e, where);
  CHECK_FALSE(e.machine.connection_is_reusable());
  auto const outcome = e.machine.outcome();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().effect == effect::none);
  CHECK(outcome.error().message == message);
}

TEST_CASE("every answer to CONNECT but 2xx ends the exchange without effect", "[beast][exchange][proxy][effect]") {
  struct row {
    std::string response;
    char const* message;
    bool is_final;
  };
  auto const [response, message, is_final] = GENERATE(values<row>({
      {"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nno",
       "the proxy requires other credentials: check user and password of options.proxy", true},
      {"HTTP/1.1 403 Forbidden\r\n\r\n", "the proxy does not allow connections to this host and port", true},
      {"HTTP/1.0 502 Bad Gateway\r\nContent-Length: 100\r\n\r\n<html>", "the proxy could not connect to the server",
       false},
      {"HTTP/1.1 101 Switching Protocols\r\n\r\n", "the proxy could not connect to the server", false},
      {"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", "the proxy could not connect to the server", false},
      {"SSH-2.0-OpenSSH_9.2\r\n", "the proxy's response to CONNECT is not HTTP", false},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(100000, 'x'),
       "the proxy's response to CONNECT is larger than limits.max_header_bytes", false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "the proxy sent data before the server did", false},
  }));
  INFO(response.substr(0, 40));
  exchange e("https://service.example", "{}", {}, proxy_over_tls);
  bring_to(e, proxy_point::read_connect);
  for (std::string_view rest = response; !rest.empty() && !e.machine.has_ended();) {
    auto const size = asio::buffer_copy(e.machine.read_buffer(), asio::buffer(rest.data(), rest.size()));
    e.machine.received({}, size);
    rest.remove_prefix(size);
    if (!e.machine.has_ended()) e.expect(step::read);
  }
  finish(e, proxy_point::read_connect);
  auto const error = e.machine.outcome().error();
  CHECK(error.effect == effect::none);
  CHECK(error.message == message);
  CHECK((error.cause == std::errc::permission_denied) == is_final);
  CHECK_FALSE(error.cause.message().empty());
}

TEST_CASE("CONNECT contains the proxy's credentials, and of the request host and port only",
          "[beast][exchange][proxy]") {
  auto const [url, target] = GENERATE(table<char const*, std::string>({
      {"https://service.example/path?query", "service.example:443"},
      {"https://service.example:8443", "service.example:8443"},
      {"https://[2001:db8::1]", "[2001:db8::1]:443"},
  }));
  exchange e(url, "{}", {}, plain_proxy);
  CHECK(e.machine.host_to_connect() == "proxy.example");
  CHECK(e.machine.port_to_connect() == "3128");
  e.resolve({"192.0.2.1"});
  e.machine.connected(e.connect("192.0.2.1"), {}, e.now);
  e.expect(step::select);
  e.expect(step::write);
  CHECK(e.sent() ==
        "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\nProxy-Authorization: Basic dTpw\r\n\r\n");
  e.machine.wrote({}, 1);
  CHECK(e.next() == step::write);
  e.machine.wrote({}, e.unwritten());
  CHECK(e.next() == step::read);
  CHECK(e.next() == step::wait);
  e.receive("HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(e.next() == step::read);
  // A length or an encoding of a 2xx response has no meaning (RFC 9110, section 9.3.6).
  e.receive("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nVia: 1.1 proxy\r\n\r\n");
  CHECK(e.next() == step::handshake);
  CHECK_FALSE(e.machine.handshakes_with_proxy());
  e.machine.handshaken({}, e.now);
  CHECK(e.next() == step::check);
  e.machine.checked({}, e.now);
  e.expect(step::write);
  CHECK(e.sent().find("Proxy-Authorization") == std::string::npos);
  CHECK(e.sent().starts_with("POST /"));
  e.machine.wrote({}, e.unwritten());
  CHECK(e.next() == step::read);
  e.receive(answer);
  CHECK(e.next() == step::done);
  CHECK(e.machine.connection_is_reusable());
  CHECK(e.machine.outcome());
}

TEST_CASE("an http URL goes to the proxy in absolute form", "[beast][exchange][proxy]") {
  bool const is_https = GENERATE(false, true);
  exchange e("http://service.example:8080/path?query", "{}", {}, is_https ? proxy_over_tls : plain_proxy);
  e.resolve({"192.0.2.1"});
  e.machine.connected(e.connect("192.0.2.1"), {}, e.now);
  e.expect(step::select);
  if (is_https) {
    e.expect(step::handshake);
    CHECK(e.machine.handshakes_with_proxy());
    CHECK(e.machine.host_to_verify() == "proxy.example");
    e.machine.handshaken({}, e.now);
  }
  e.expect(step::check);
  e.machine.checked({}, e.now);
  e.expect(step::write);
  CHECK(e.sent() ==
        "POST http://service.example:8080/path?query HTTP/1.1\r\nHost: service.example:8080\r\n"
        "Proxy-Authorization: Basic dTpw\r\nContent-Length: 2\r\n\r\n{}");
  // Over TLS, bytes may have left although the write failed.
  e.machine.wrote(reset, 0);
  finish(e, point::write);
  CHECK(e.machine.outcome().error().effect == (is_https ? effect::unknown : effect::none));
}

TEST_CASE("a proxy that closes before its answer makes the next address be tried",
          "[beast][exchange][proxy][connect]") {
  exchange e("https://service.example", "{}", {}, plain_proxy);
  e.resolve({"192.0.2.1", "192.0.2.2"});
  e.machine.connected(e.connect("192.0.2.1"), {}, e.now);
  e.expect(step::select);
  e.write_all();
  e.expect(step::read);
  e.receive("HTTP/1.1 200 O");
  e.expect(step::read);
  e.machine.received(asio::error::eof, 0);
  CHECK(e.next() == step::close);
  e.machine.connected(e.connect("192.0.2.2"), {}, e.now);
  e.expect(step::select);
  e.expect(step::write);
  CHECK(e.sent().starts_with("CONNECT "));
  e.machine.wrote({}, e.unwritten());
  e.expect(step::read);
  e.receive("HTTP/1.1 200 OK\r\n\r\n");
  CHECK(e.next() == step::handshake);
}

TEST_CASE("a proxy's certificate that is not accepted is named as such", "[beast][exchange][proxy]") {
  exchange e("https://service.example", "{}", {}, proxy_over_tls);
  bring_to(e, proxy_point::handshake);
  auto const cause = GENERATE(std::make_error_code(std::errc::permission_denied),
                              fictive::beast::detail::client_certificate_required());
  e.machine.handshaken(cause, e.now);
  finish(e, proxy_point::handshake);
  auto const error = e.machine.outcome().error();
  CHECK(error.effect == effect::none);
  CHECK(error.cause == cause);
  CHECK(error.message.starts_with(cause == std::make_error_code(std::errc::permission_denied)
                                      ? "the proxy's certificate was not accepted: "
                                      : "the proxy requires a client certificate"));
}

TEST_CASE("a response that is not HTTP is named as such, with the parser's cause", "[beast][exchange][framing]") {
  exchange e("http://service.example");
  bring_to_read_over_http(e);
  e.receive("220 mail.example ESMTP\r\n");
  finish(e, point::read);
  auto const error = e.machine.outcome().error();
  CHECK(error.effect == effect::unknown);
  CHECK(error.cause == boost::beast::http::make_error_code(boost::beast::http::error::bad_version));
  CHECK(error.message == "the response is not HTTP");
}

TEST_CASE("an error says that the port may be for https", "[beast][exchange]") {
  auto const [bytes, message] = GENERATE(table<std::string, char const*>({
      {"", "the connection was lost before there was a response: if the port of base_url is for https, write https://"},
      {std::string("\x15\x03\x01\0\x02\x02\x46", 7),
       "the port of base_url is for https: write https:// instead of http://"},
      {"HTTP", "the connection was lost before there was a response"},
  }));
  bool const is_reset = GENERATE(false, true);
  exchange e("http://service.example");
  bring_to_read_over_http(e);
  if (!bytes.empty()) {
    e.receive(bytes);
    e.expect(step::read);
  }
  e.machine.received(is_reset ? reset : error_code(asio::error::eof), 0);
  finish(e, point::read);
  auto const error = e.machine.outcome().error();
  CHECK(error.message == message);
  CHECK(error.effect == effect::unknown);
}

TEST_CASE("an exchange returns the response, and its connection can be used again", "[beast][exchange]") {
  exchange e;
  e.open();
  e.write_all();
  e.expect(step::read);
  e.receive("HTTP/1.1 100 Continue\r\n\r\n" + answer.substr(0, 20));
  e.expect(step::read);
  e.receive(answer.substr(20));
  CHECK(e.next() == step::done);
  CHECK(e.machine.connection_is_reusable());
  auto const outcome = e.machine.outcome();
  REQUIRE(outcome);
  CHECK(outcome->body == "{}");
}

TEST_CASE("without TLS, a first write that fails has no effect", "[beast][exchange][effect]") {
  exchange e("http://service.example");
  e.open();
  e.expect(step::write);
  e.machine.wrote(reset, 0);
  finish(e, point::write);
  CHECK(e.machine.outcome().error().effect == effect::none);
}

TEST_CASE("a write that is aborted without a cancellation ends the exchange, and is not repeated",
          "[beast][exchange][effect]") {
  exchange e("http://service.example");
  e.open();
  e.expect(step::write);
  e.machine.wrote(aborted, 0);
  CHECK(e.next() == step::close);
  CHECK(e.next() == step::done);
  CHECK(e.machine.outcome().error().effect == effect::unknown);
}

TEST_CASE("a step that cannot begin for want of memory ends the exchange", "[beast][exchange][memory]") {
  auto const where = GENERATE(point::connect, point::handshake, point::write, point::read);
  exchange e;
  bring_to(e, where);
  auto const failed = where == point::connect     ? step::connect
                      : where == point::handshake ? step::handshake
                      : where == point::write     ? step::write
                                                  : step::read;
  e.machine.fail(failed, std::make_error_code(std::errc::not_enough_memory));
  if (where != point::connect) CHECK(e.next() == step::close);
  CHECK(e.next() == step::done);
  auto const error = e.machine.outcome().error();
  CHECK(error.effect == (where == point::read ? effect::unknown : effect::none));
  CHECK(error.cause == std::errc::not_enough_memory);
}

TEST_CASE("the families of addresses alternate", "[beast][exchange][connect]") {
  exchange e;
  e.resolve({"2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1", "192.0.2.2"});
  for (char const* address : {"2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "2001:db8::3"})
    e.machine.connected(e.connect(address), refused, e.now);
  CHECK(e.next() == step::done);
  auto const error = e.machine.outcome().error();
  CHECK(error.cause == std::errc::connection_refused);
  CHECK(error.message == "could not connect");
}

TEST_CASE("an address that does not answer delays the next one by 250 ms, not more", "[beast][exchange][connect]") {
  exchange e("http://service.example");
  e.resolve({"2001:db8::1", "192.0.2.1"});
  auto const silent = e.connect("2001:db8::1");
  CHECK(e.next() == step::wait);
  CHECK(e.machine.wait_until() == e.now + 250ms);
  e.pass(249ms);
  CHECK(e.next() == step::wait);
  e.pass(1ms);
  auto const good = e.connect("192.0.2.1");
  CHECK(e.next() == step::wait);
  e.machine.connected(good, {}, e.now);
  CHECK(e.next() == step::abandon);
  CHECK(e.machine.attempt() == silent);
  CHECK(e.next() == step::select);
  CHECK(e.machine.attempt() == good);
  CHECK(e.next() == step::check);
  e.machine.checked({}, e.now);
  e.machine.connected(silent, aborted, e.now);
  e.write_all();
  CHECK(e.next() == step::read);
  e.receive(answer);
  CHECK(e.next() == step::done);
  CHECK(e.machine.outcome());
}

TEST_CASE("an address that fails makes the next one start at once, the slow one may still win",
          "[beast][exchange][connect]") {
  exchange e("http://service.example");
  e.resolve({"192.0.2.1", "192.0.2.2", "192.0.2.3"});
  auto const slow = e.connect("192.0.2.1");
  e.pass(250ms);
  e.machine.connected(e.connect("192.0.2.2"), refused, e.now);
  auto const third = e.connect("192.0.2.3");
  e.machine.connected(slow, {}, e.now);
  CHECK(e.next() == step::abandon);
  CHECK(e.machine.attempt() == third);
  CHECK(e.next() == step::select);
  CHECK(e.machine.attempt() == slow);
}

TEST_CASE("an attempt that a driver closes on its own is tried again", "[beast][exchange][connect]") {
  exchange e("http://service.example");
  e.resolve({"192.0.2.1", "192.0.2.2"});
  auto const slow = e.connect("192.0.2.1");
  e.pass(250ms);
  auto const quick = e.connect("192.0.2.2");
  e.machine.connected(quick, {}, e.now);
  CHECK(e.next() == step::abandon);
  CHECK(e.machine.attempt() == slow);
  CHECK(e.next() == step::select);
  CHECK(e.next() == step::check);
  e.machine.checked(reset, e.now);
  CHECK(e.next() == step::close);
  CHECK(e.next() == step::wait);
  e.machine.connected(slow, aborted, e.now);
  CHECK(e.connect("192.0.2.1") == slow);
}

TEST_CASE("a response over a limit is named as such", "[beast][exchange][limits]") {
  struct row {
    char const* text;
    effect did;
    char const* message;
  };
  auto const [text, did, message] = GENERATE(values<row>({
      {"HTTP/1.1 200 OK\r\nX: 0123456789012345678901234567890123456789012345678901234567890123456789\r\n\r\n",
       effect::unknown, "the response's headers are larger than limits.max_header_bytes"},
      {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n", effect::applied,
       "the response's body is larger than limits.max_body_bytes"},
      {"HTTP/1.1 400 Bad Request\r\nContent-Length: 11\r\n\r\n", effect::none,
       "the response's body is larger than limits.max_body_bytes"},
  }));
  INFO(text);
  exchange e("http://service.example", "{}", {.max_header_bytes = 80, .max_body_bytes = 10});
  bring_to_read_over_http(e);
  e.receive(text);
  finish(e, point::read);
  auto const error = e.machine.outcome().error();
  CHECK(error.effect == did);
  CHECK(error.message.ends_with(message));
}

TEST_CASE("a certificate of an unknown authority is refused with advice", "[beast][exchange][tls][proxy]") {
  struct certificate_category final : std::error_category {
    [[nodiscard]] char const* name() const noexcept override { return "fictive.certificate"; }
    [[nodiscard]] std::string message(int) const override { return "the reason"; }
    [[nodiscard]] std::error_condition default_error_condition(int) const noexcept override {
      return std::errc::permission_denied;
    }
  };
  static certificate_category const category;
  auto const value = GENERATE(10, 17, 18, 19, 20, 21, 22, 62);  // 18 to 21: the values about authorities
  auto const advice = [&](std::string text) { return value >= 18 && value <= 21 ? text : std::string(); };
  SECTION("the server's") {
    exchange e;
    bring_to(e, point::handshake);
    e.machine.handshaken({value, category}, e.now);
    finish(e, point::handshake);
    CHECK(e.machine.outcome().error().message ==
          "the server's certificate was not accepted: the reason" +
              advice(": set tls.ca_file if the service, or a proxy that inspects TLS, has an authority of its own"));
  }
  SECTION("the proxy's") {
    exchange e("https://service.example", "{}", {}, proxy_over_tls);
    bring_to(e, proxy_point::handshake);
    e.machine.handshaken({value, category}, e.now);
    finish(e, proxy_point::handshake);
    CHECK(e.machine.outcome().error().message ==
          "the proxy's certificate was not accepted: the reason" +
              advice(": set tls.ca_file if the proxy has an authority of its own"));
  }
}

TEST_CASE("a certificate that is not accepted, and one that is missing, are named as such", "[beast][exchange][tls]") {
  exchange e;
  auto const required = fictive::beast::detail::client_certificate_required();
  SECTION("the server's") {
    bring_to(e, point::handshake);
    e.machine.handshaken(std::make_error_code(std::errc::permission_denied), e.now);
    finish(e, point::handshake);
    CHECK(e.machine.outcome().error().message.starts_with("the server's certificate was not accepted: "));
  }
  SECTION("the client's, in the handshake") {
    bring_to(e, point::handshake);
    e.machine.handshaken(required, e.now);
    finish(e, point::handshake);
    CHECK(e.machine.outcome().error().message.starts_with("the server requires a client certificate: set tls."));
  }
  SECTION("the client's, after the request") {
    bring_to(e, point::read);
    e.machine.fail(step::read, required);
    finish(e, point::read);
    CHECK(e.machine.outcome().error().message.starts_with("the server requires a client certificate: set tls."));
  }
  CHECK(required == std::errc::permission_denied);
  CHECK(required.category().name() == std::string("fictive.client_certificate"));
  CHECK(required.message() == "client certificate required");
}

TEST_CASE("an error without memory for its text has its cause and its effect", "[beast][exchange][memory]") {
  struct category_without_memory final : std::error_category {
    char const* name() const noexcept override { return "test"; }
    std::string message(int) const override { throw std::bad_alloc(); }
    std::error_condition default_error_condition(int) const noexcept override { return std::errc::permission_denied; }
  };
  static category_without_memory const category;
  std::error_code const cause(1, category);
  exchange e;
  bring_to(e, point::handshake);
  e.machine.handshaken(cause, e.now);
  finish(e, point::handshake);
  auto const error = e.machine.outcome().error();
  CHECK(error.code == errc::transport_failure);
  CHECK((error.cause == cause));
  CHECK(error.effect == effect::none);
  CHECK(error.message.empty());
}

TEST_CASE("the request's headers are sent", "[beast][exchange]") {
  fictive::http_request const request{
      .method = "POST", .url = "http://[::1]:8080", .headers = {{"A", "b"}, {"C", "d"}}, .body = "{}"};
  fictive::beast::detail::exchange_buffers buffers;
  exchange_machine machine(*fictive::detail::split_url(request.url), request, buffers, {}, 250ms);
  machine.reuse_connection();
  CHECK(machine.next({}) == step::write);
  CHECK(boost::beast::buffers_to_string(machine.unwritten()) ==
        "POST / HTTP/1.1\r\nHost: [::1]:8080\r\nA: b\r\nC: d\r\nContent-Length: 2\r\n\r\n{}");
}

TEST_CASE("a failed TLS handshake moves on to the next address", "[beast][exchange][connect][tls]") {
  exchange e;
  e.resolve({"192.0.2.1", "192.0.2.2"});
  e.machine.connected(e.connect("192.0.2.1"), {}, e.now);
  CHECK(e.next() == step::select);
  CHECK(e.next() == step::handshake);
  e.machine.handshaken(reset, e.now);
  CHECK(e.next() == step::close);
  e.machine.connected(e.connect("192.0.2.2"), refused, e.now);
  CHECK(e.next() == step::done);
  CHECK(e.machine.outcome().error().message == "the TLS handshake failed");  // the furthest failure
}

TEST_CASE("a TLS handshake that stalls takes its share of the time, then the next address is tried",
          "[beast][exchange][connect][tls]") {
  exchange e;
  e.resolve({"192.0.2.1", "192.0.2.2"});
  e.machine.connected(e.connect("192.0.2.1"), {}, e.now);
  CHECK(e.next() == step::select);
  CHECK(e.next() == step::handshake);
  CHECK(e.next() == step::wait);
  CHECK(e.machine.wait_until() == e.now + 5s);  // of 10 s
  e.pass(5s);
  CHECK(e.next() == step::close);
  CHECK(e.next() == step::wait);
  e.machine.handshaken(aborted, e.now);
  e.machine.connected(e.connect("192.0.2.2"), {}, e.now);
  CHECK(e.next() == step::select);
  CHECK(e.next() == step::handshake);
}

TEST_CASE("a final response that begins while the request is written ends the writing", "[beast][exchange][write]") {
  exchange e("https://service.example", std::string(100000, ' '));
  e.open();
  e.write(16384);
  e.expect(step::write);
  e.expect(step::read);
  SECTION("the response is complete while a write waits") {
    e.receive(refusal);
    CHECK(e.next() == step::close);
    CHECK(e.next() == step::wait);
    e.machine.wrote(aborted, 0);
  }
  SECTION("the response comes in parts, the write returns between them") {
    e.receive(refusal.substr(0, refusal.size() - 1));
    CHECK(e.next() == step::read);
    e.machine.wrote({}, 16384);
    CHECK(e.next() == step::wait);  // nothing more is written
    e.receive(refusal.substr(refusal.size() - 1));
  }
  SECTION("the write fails") {
    e.machine.wrote(reset, 0);
    CHECK(e.next() == step::wait);
    e.receive(refusal);
  }
  CHECK(e.next() == step::done);
  CHECK_FALSE(e.machine.connection_is_reusable());
  auto const outcome = e.machine.outcome();
  REQUIRE(outcome);
  CHECK(outcome->status == 413);
}

TEST_CASE("an interim response does not end the writing", "[beast][exchange][write]") {
  exchange e("https://service.example", std::string(100000, ' '));
  e.open();
  e.write(16384);
  e.expect(step::write);
  e.expect(step::read);
  e.receive("HTTP/1.1 100 Continue\r\n\r\n");
  e.machine.wrote({}, 16384);
  CHECK(e.next() == step::write);
}

TEST_CASE("at the deadline, a response that has arrived is read", "[beast][exchange][deadline]") {
  exchange e;
  bring_to(e, point::read);
  e.pass(60s);
  CHECK(e.next() == step::cancel);
  CHECK(e.next() == step::wait);
  e.machine.received(aborted, 0);
  e.expect(step::read_available);
  e.receive(answer.substr(0, 10));
  e.expect(step::read_available);
  e.receive(answer.substr(10));
  CHECK(e.next() == step::done);
  CHECK(e.machine.outcome());
}

TEST_CASE("a server that sends without end does not get around the deadline", "[beast][exchange][deadline]") {
  exchange e;
  bring_to(e, point::read);
  e.pass(60s);
  CHECK(e.next() == step::cancel);
  e.machine.received(aborted, 0);
  int reads = 0;
  for (; e.next() == step::read_available; ++reads) e.receive("HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(reads == 64);
  CHECK(e.next() == step::done);
  CHECK(e.machine.outcome().error().code == errc::timed_out);
}

// --- After a wait for a connection -----------------------------------------------------------------------------------

TEST_CASE("the connect timeout begins after the wait for a connection, and the total timeout before",
          "[exchange][timeout]") {
  auto const [total, after_wait, message] =
      GENERATE(table<std::chrono::milliseconds, std::chrono::milliseconds, std::string>({
          {60s, 10s, "no connection within limits.connect_timeout"},
          {25s, 5s, "no connection within the rest of limits.total_timeout, after the wait for a free one"},
      }));
  exchange e("https://service.example", "{}", {.connect_timeout = 10s, .total_timeout = total});
  e.now += 20s;
  e.machine.begin_to_connect(e.now);
  e.resolve({"192.0.2.1"});
  auto const attempt = e.connect("192.0.2.1");
  e.pass(after_wait - 1ms);
  CHECK_FALSE(e.machine.has_ended());
  e.pass(1ms);
  REQUIRE(e.machine.has_ended());
  e.expect(step::abandon);
  e.machine.connected(attempt, aborted, e.now);
  e.expect(step::done);
  auto const outcome = e.machine.outcome();
  CHECK(outcome.error().effect == effect::none);
  CHECK(outcome.error().message == message);
}

}  // namespace exchange_machine_tests
