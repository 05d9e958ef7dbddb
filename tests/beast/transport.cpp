#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/adapter.hpp"
#include "support/catch.hpp"
#include "support/raw_server.hpp"
#include "support/samples.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <stop_token>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace blocking_transport_tests {

using namespace std::chrono_literals;
using fictive::effect;
using fictive::errc;
using fictive::beast::transport_options;
using tcp = raw_server::tcp;

// It may be a member that nobody initializes.
struct owner {
  fictive::beast::transport transport;
};
static_assert(std::is_default_constructible_v<owner> && requires { owner{}; });

// What holds for both transports.
#define BOTH_TEST_CASE(name) \
  TEMPLATE_TEST_CASE(name, "[beast][transport]", fictive::beast::transport, asynchronous_transport)

namespace {

/// The one answer to one request that got `answer`.
template <class Transport>
fictive::result<fictive::http_response> answer_of(std::string answer, fictive::http_limits limits = {}) {
  raw_server server(answering_once(std::move(answer)));
  auto request = request_to(server.url());
  request.limits = limits;
  return Transport{}(request);
}

/// A call to a service that stands still ends when its time is over or it is stopped, and says what it did.
template <class Transport>
void expect_end_in_time(Transport& transport, standstill const& service, effect did, bool stopped) {
  auto request = request_to(service.url());
  request.body.assign(service.body_size(), ' ');
  auto const connecting = did == effect::none;
  if (!stopped) (connecting ? request.limits.connect_timeout : request.limits.total_timeout) = a_moment;

  std::stop_source stopper;
  auto call = std::async(std::launch::async, [&] { return transport(request, stopper.get_token()); });
  auto const began = std::chrono::steady_clock::now();
  REQUIRE(call.wait_for(stopped ? a_moment : a_moment - 20ms) == std::future_status::timeout);
  if (stopped) stopper.request_stop();
  auto const asked = std::chrono::steady_clock::now();
  auto const e = call.get().error();

  CHECK(since(stopped ? asked : began + a_moment) < within);
  CHECK(e.code == (stopped ? errc::cancelled : errc::timed_out));
  CHECK(e.effect == did);
}

}  // namespace

BOTH_TEST_CASE("the request arrives as it was given, with Host and Content-Length added and nothing else") {
  std::string received;
  raw_server server([&](tcp::socket& client) {
    received = read_request(client);
    send_text(client, http_answer("{}"));
  });
  auto const reply = TestType{}({.method = "POST",
                                 .url = server.url() + "/prefix/path%2F?query=1",
                                 .headers = {{"Accept", "application/json"}, {"X-Version", "9.0"}},
                                 .body = "{\"a\":1}"});
  REQUIRE(reply);
  CHECK(received == "POST /prefix/path%2F?query=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                        "\r\nAccept: application/json\r\nX-Version: 9.0\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
}

BOTH_TEST_CASE("a URL without a path is asked for at the root") {
  std::string received;
  raw_server server([&](tcp::socket& client) {
    received = read_request(client);
    send_text(client, http_answer("{}"));
  });
  REQUIRE(TestType{}(request_to(server.url())));
  CHECK(received.starts_with("POST / HTTP/1.1\r\n"));
}

BOTH_TEST_CASE("an IPv6 literal is connected to and named with its brackets") {
  std::string received;
  raw_server server(
      [&](tcp::socket& client) {
        received = read_request(client);
        send_text(client, http_answer("{}"));
      },
      "::1");
  REQUIRE(TestType{}(request_to(server.url("[::1]"))));
  CHECK(received.find("\r\nHost: [::1]:" + std::to_string(server.port()) + "\r\n") != std::string::npos);
}

BOTH_TEST_CASE("a host name is resolved") {
  raw_server server(answering(http_answer("{}")));
  CHECK(TestType{}(request_to(server.url("localhost"))));
}

BOTH_TEST_CASE("resolve replaces the system's resolver, and its endpoints are tried in order") {
  raw_server server(answering(http_answer("{}")));
  std::string asked;
  transport_options options;
  options.resolve = [&](std::string const& host, std::string const& port, std::error_code&) {
    asked = host + " " + port;
    return std::vector<fictive::beast::endpoint>{{"127.0.0.2", server.port()}, {"127.0.0.1", server.port()}};
  };
  CHECK(TestType{options}(request_to("http://service.example:81")));
  CHECK(asked == "service.example 81");
}

BOTH_TEST_CASE("a resolver that throws or finds nothing is a failure without effect") {
  transport_options options;
  SECTION("throws") {
    options.resolve = [](std::string const&, std::string const&,
                         std::error_code&) -> std::vector<fictive::beast::endpoint> { throw std::bad_alloc(); };
  }
  SECTION("nothing") {
    options.resolve = [](std::string const&, std::string const&, std::error_code&) {
      return std::vector<fictive::beast::endpoint>();
    };
  }
  auto const e = TestType{options}(request_to("http://service.example")).error();
  CHECK(e.code == errc::transport_failure);
  CHECK(e.effect == effect::none);
  CHECK(e.message == "the host of base_url could not be resolved");
}

BOTH_TEST_CASE("status, all headers in order and the body are returned, whatever the status") {
  auto const status = GENERATE(200, 301, 302, 303, 307, 308, 404, 500);
  auto const reply = answer_of<TestType>(http_answer("body", std::to_string(status) + " Some Reason",
                                                     "Location: http://127.0.0.1:1/\r\nX-Twice: 1\r\nX-Twice: 2\r\n"));
  REQUIRE(reply);
  CHECK(reply->status == status);
  CHECK(reply->body == "body");
  REQUIRE(reply->headers.size() == 4);
  CHECK(reply->headers[0].name == "Location");
  CHECK(reply->headers[1].value == "1");
  CHECK(reply->headers[2].value == "2");
}

BOTH_TEST_CASE("interim responses are passed over") {
  auto const reply = answer_of<TestType>("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" +
                                         http_answer("{}", "201 Created", ""));
  REQUIRE(reply);
  CHECK(reply->status == 201);
  CHECK(reply->body == "{}");
}

BOTH_TEST_CASE("a body may come in chunks, until the end of the connection, or not at all") {
  auto const [answer, body] = GENERATE(table<std::string, std::string>({
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"},
      {"HTTP/1.1 200 OK\r\n\r\nabcde", "abcde"},
      {"HTTP/1.0 200 OK\r\n\r\nabcde", "abcde"},
      {"HTTP/1.1 204 No Content\r\n\r\n", ""},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""},
  }));
  auto const reply = answer_of<TestType>(answer);
  REQUIRE(reply);
  CHECK(reply->body == body);
}

BOTH_TEST_CASE("requests to one origin share a connection, those to another have their own") {
  raw_server server(answering(http_answer("{}")));
  raw_server another(answering(http_answer("{}")));
  TestType transport;
  for (int i = 0; i < 3; ++i) REQUIRE(transport(request_to(server.url())));
  REQUIRE(transport(request_to(another.url())));
  REQUIRE(transport(request_to(server.url())));
  CHECK(server.connections() == 1);
  CHECK(another.connections() == 1);
}

BOTH_TEST_CASE("a connection that the server ended while it was idle is not written to") {
  std::atomic<unsigned> ended = 0;
  raw_server server([&](tcp::socket& client) {
    read_request(client);
    send_text(client, http_answer("{}"));
    client.shutdown(tcp::socket::shutdown_both);
    ++ended;
    ended.notify_one();
  });
  TestType transport;
  for (unsigned i = 0; i < 3; ++i) {
    REQUIRE(transport(request_to(server.url())));
    ended.wait(i);
  }
  CHECK(server.connections() == 3);
}

BOTH_TEST_CASE("a connection is not used again") {
  auto const [answer, why] = GENERATE(table<std::string, std::string>({
      {http_answer("{}", "200 OK", "Connection: close\r\n"), "when the server says that it closes it"},
      {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", "when the server speaks HTTP/1.0"},
      {http_answer("{}") + "HTTP/1.1 200 OK\r\n", "when bytes follow the response"},
  }));
  INFO(why);
  raw_server server([text = answer](tcp::socket& client) {
    read_request(client);
    send_text(client, text);
    wait_for_end(client);
  });
  TestType transport;
  REQUIRE(transport(request_to(server.url())));
  REQUIRE(transport(request_to(server.url())));
  CHECK(server.connections() == 2);
}

BOTH_TEST_CASE("a request that asks for a new connection gets one, and leaves it to others") {
  raw_server server(answering(http_answer("{}")));
  TestType transport;
  auto request = request_to(server.url());
  REQUIRE(transport(request));
  request.force_new_connection = true;
  REQUIRE(transport(request));
  CHECK(server.connections() == 2);
  request.force_new_connection = false;
  REQUIRE(transport(request));
  CHECK(server.connections() == 2);
}

BOTH_TEST_CASE("idle connections are given up after the maximal time and beyond the maximal number") {
  raw_server server(answering(http_answer("{}")));
  transport_options options;
  SECTION("time") {
    options.max_idle_time = 0ms;
  }
  SECTION("number") {
    options.max_idle_connections = 0;
  }
  TestType transport(options);
  REQUIRE(transport(request_to(server.url())));
  REQUIRE(transport(request_to(server.url())));
  CHECK(server.connections() == 2);
}

BOTH_TEST_CASE("a refused connection is a failure without effect") {
  auto const e = TestType{}(request_to(refusing_url())).error();
  CHECK(e.code == errc::transport_failure);
  CHECK(e.cause == std::errc::connection_refused);
  CHECK(e.effect == effect::none);
  CHECK(e.message == "could not connect");
}

BOTH_TEST_CASE("a connection that ends before a whole response is a failure of unknown effect") {
  auto const answer = GENERATE("", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nContent-Ty");
  auto const e = answer_of<TestType>(answer).error();
  CHECK(e.code == errc::transport_failure);
  CHECK(e.effect == effect::unknown);
  CHECK(e.status == 0);
}

BOTH_TEST_CASE("what is not HTTP is a failure of unknown effect") {
  auto const answer = GENERATE("SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
                               "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
                               "HTTP/1.1 200 OK\r\nContent-Length: minus\r\n\r\n{}");
  auto const e = answer_of<TestType>(answer).error();
  CHECK(e.code == errc::transport_failure);
  CHECK(e.effect == effect::unknown);
}

BOTH_TEST_CASE("a success whose JSON is lost was applied, any other response whose body is lost may have been") {
  auto const [head, code, did, status] = GENERATE(table<std::string, errc, effect, int>({
      {"200 OK\r\nContent-Type: application/json", errc::malformed_response, effect::applied, 200},
      {"200 OK\r\nContent-Type: text/html", errc::transport_failure, effect::unknown, 200},
      {"500 Oops\r\nContent-Type: application/json", errc::transport_failure, effect::unknown, 500},
  }));
  auto const e =
      answer_of<TestType>("HTTP/1.1 " + head + "\r\nX-Request-Id: r1\r\nContent-Length: 10\r\n\r\n<").error();
  CHECK(e.code == code);
  CHECK(e.effect == did);
  CHECK(e.status == status);
  CHECK(e.request_id == "r1");
}

BOTH_TEST_CASE("a length that no memory could hold is not believed before the body is there") {
  auto const e = answer_of<TestType>(
                     "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                     "Content-Length: 9000000000000000000\r\n\r\n{",
                     {.max_body_bytes = static_cast<std::size_t>(-1)})
                     .error();
  CHECK(e.code == errc::malformed_response);
  CHECK(e.effect == effect::applied);
}

BOTH_TEST_CASE("headers beyond the limit end the call, whether one is too long or they are too many") {
  auto const [length, count] = GENERATE(table<std::size_t, int>({{2000, 1}, {100, 10}, {1000 - 45, 1}}));
  std::string answer = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < count; ++i) answer += "X-Long: " + std::string(length, 'x') + "\r\n";
  auto const e = answer_of<TestType>(answer + "Content-Length: 2\r\n\r\n{}", {.max_header_bytes = 1000}).error();
  CHECK(e.code == errc::transport_failure);
  CHECK(e.effect == effect::unknown);
  CHECK(e.message == "the response's headers are larger than limits.max_header_bytes");
}

BOTH_TEST_CASE("headers of the limit's size are read") {
  std::string const before = "HTTP/1.1 200 OK\r\nX: ", behind = "\r\nContent-Length: 2\r\n\r\n";
  auto const answer = before + std::string(1000 - before.size() - behind.size(), 'x') + behind + "{}";
  CHECK(answer_of<TestType>(answer, {.max_header_bytes = 1000}));
}

BOTH_TEST_CASE("a body beyond the limit ends the call, announced or not") {
  auto const framing = GENERATE("Content-Length: 1001\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3e9\r\n", "\r\n");
  auto const e = answer_of<TestType>(std::string("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n") + framing +
                                         std::string(1001, ' '),
                                     {.max_body_bytes = 1000})
                     .error();
  CHECK(e.code == errc::malformed_response);
  CHECK(e.effect == effect::applied);
  CHECK(e.status == 200);
}

BOTH_TEST_CASE("a body of the limit's size is read") {
  auto const reply = answer_of<TestType>(http_answer(std::string(1000, ' ')), {.max_body_bytes = 1000});
  REQUIRE(reply);
  CHECK(reply->body.size() == 1000);
}

BOTH_TEST_CASE("a refusal that comes before the request was read is returned") {
  unsigned const answered_before = GENERATE(0U, 1U);
  raw_server server([=](tcp::socket& client) {
    for (unsigned i = 0; i < answered_before; ++i) {
      read_request(client);
      send_text(client, http_answer("{}"));
    }
    std::string begin;
    boost::asio::read_until(client, boost::asio::dynamic_buffer(begin), "\r\n\r\n");
    send_text(client, http_answer("too large", "413 Content Too Large", "Connection: close\r\n"));
    client.shutdown(tcp::socket::shutdown_send);
    wait_for_end(client);
  });
  TestType transport;
  for (unsigned i = 0; i < answered_before; ++i) REQUIRE(transport(request_to(server.url())));
  auto request = request_to(server.url());
  request.body.assign(1024 * 1024, ' ');
  auto const reply = transport(request);
  REQUIRE(reply);
  CHECK(reply->status == 413);
  CHECK(server.connections() == 1);
}

BOTH_TEST_CASE("a request that would say something else on the wire than here is refused") {
  auto request = request_to("http://127.0.0.1:1/");
  SECTION("user info") {
    request.url = "http://user@127.0.0.1:1/";
  }
  SECTION("fragment") {
    request.url = "http://127.0.0.1:1/#a";
  }
  SECTION("a line end in the URL") {
    request.url = "http://127.0.0.1:1/\r\nX: y";
  }
  SECTION("no URL") {
    request.url = "somewhere";
  }
  SECTION("method") {
    request.method = "POST / HTTP/1.1\r\nX";
  }
  SECTION("header name") {
    request.headers.push_back({"X: y\r\nZ", "1"});
  }
  SECTION("header value") {
    request.headers.push_back({"X", "1\r\nZ: 2"});
  }
  SECTION("Host") {
    request.headers.push_back({"host", "elsewhere"});
  }
  SECTION("Content-Length") {
    request.headers.push_back({"Content-Length", "1"});
  }
  SECTION("Transfer-Encoding") {
    request.headers.push_back({"Transfer-Encoding", "chunked"});
  }
  auto const e = TestType{}(request).error();
  CHECK(e.code == errc::invalid_argument);
  CHECK(e.effect == effect::none);
}

BOTH_TEST_CASE("timeouts and cancellation take effect at every stage, and the effect is the certain one") {
  auto const [name, did] = GENERATE(from_range(stages));
  bool const stopped = GENERATE(false, true);
  INFO(name << (stopped ? ", stopped" : ", out of time"));
  standstill service(name);
  TestType transport(service.options());
  expect_end_in_time(transport, service, did, stopped);
}

BOTH_TEST_CASE("timeouts and cancellation take effect over a reused connection, too") {
  auto const [name, did] = GENERATE(filter([](stage const& s) { return s.did != effect::none; }, from_range(stages)));
  bool const stopped = GENERATE(false, true);
  INFO(name << (stopped ? ", stopped" : ", out of time"));
  standstill service(name, 1);
  TestType transport(service.options());
  REQUIRE(transport(request_to(service.url())));
  expect_end_in_time(transport, service, did, stopped);
}

BOTH_TEST_CASE("a stop that is never made does no harm, and one that comes after the answer is no stop") {
  raw_server server(answering(http_answer("{}")));
  TestType transport;
  std::stop_source stopper;
  for (int i = 0; i < 3; ++i) REQUIRE(transport(request_to(server.url()), stopper.get_token()));
  stopper.request_stop();
  REQUIRE(transport(request_to(server.url())));
  CHECK(server.connections() == 1);
}

BOTH_TEST_CASE("a time limit that is shorter than the last one's holds on the same connection") {
  standstill service("read", 2);
  TestType transport;
  for (auto limit : {60s, 1s}) {
    auto request = request_to(service.url());
    request.limits.total_timeout = limit;
    REQUIRE(transport(request));
  }
  expect_end_in_time(transport, service, effect::unknown, false);
}

BOTH_TEST_CASE("what is larger than the socket's buffers goes both ways over a connection that is used again") {
  std::string const large(4 * 1024 * 1024, 'x');
  std::size_t received = 0;
  raw_server server([&](tcp::socket& client) {
    for (;;) {
      received = read_request(client).size();
      send_text(client, http_answer(large));
    }
  });
  TestType transport;
  for (int i = 0; i < 3; ++i) {
    auto request = request_to(server.url());
    request.body = large;
    auto const reply = transport(request);
    REQUIRE(reply);
    CHECK(reply->body == large);
    CHECK(received > large.size());
  }
  CHECK(server.connections() == 1);
}

BOTH_TEST_CASE("a response that comes byte by byte is read over a connection that is used again") {
  raw_server server([](tcp::socket& client) {
    for (;;) {
      read_request(client);
      for (char c : "HTTP/1.1 100 Continue\r\n\r\n" + http_answer("{}")) send_text(client, {&c, 1});
    }
  });
  TestType transport;
  for (int i = 0; i < 3; ++i) {
    auto const reply = transport(request_to(server.url()));
    REQUIRE(reply);
    CHECK(reply->status == 200);
    CHECK(reply->body == "{}");
  }
  CHECK(server.connections() == 1);
}

BOTH_TEST_CASE("a connection that is used again and ends within the exchange is a failure of unknown effect") {
  auto const answer = GENERATE("", "HTTP/1.1 200 OK\r\nContent-Ty");
  raw_server server([answer](tcp::socket& client) {
    read_request(client);
    send_text(client, http_answer("{}"));
    read_request(client);
    send_text(client, answer);
  });
  TestType transport;
  REQUIRE(transport(request_to(server.url())));
  auto const e = transport(request_to(server.url())).error();
  CHECK(e.code == errc::transport_failure);
  CHECK(e.effect == effect::unknown);
  CHECK(e.message == "the connection was lost before there was a response");
  CHECK(server.connections() == 1);
}

BOTH_TEST_CASE("a call that is stopped already sends nothing") {
  std::stop_source stopper;
  stopper.request_stop();
  raw_server server(answering(http_answer("{}")));
  auto const e = TestType{}(request_to(server.url()), stopper.get_token()).error();
  CHECK(e.code == errc::cancelled);
  CHECK(e.effect == effect::none);
  CHECK(server.connections() == 0);
}

BOTH_TEST_CASE("a server that sends a byte now and then does not get around the total timeout") {
  raw_server server([](tcp::socket& client) {
    read_request(client);
    send_text(client, "HTTP/1.1 200 OK\r\nX: ");
    boost::asio::io_context io;
    for (;;) {
      send_text(client, "x");
      boost::asio::steady_timer(io, 10ms).wait();
    }
  });
  auto request = request_to(server.url());
  request.limits.total_timeout = a_moment;
  auto const began = std::chrono::steady_clock::now();
  auto const e = TestType{}(request).error();
  CHECK(e.code == errc::timed_out);
  CHECK(since(began) < a_moment + within);
}

BOTH_TEST_CASE("timeouts of centuries are no trouble") {
  fictive::http_limits limits;
  limits.connect_timeout = limits.total_timeout = (std::chrono::milliseconds::max)();
  CHECK(answer_of<TestType>(http_answer("{}"), limits));
}

BOTH_TEST_CASE("several threads may call one transport") {
  raw_server server(answering(http_answer("{}")));
  TestType transport;
  std::vector<std::future<unsigned>> threads;
  for (int i = 0; i < 4; ++i)
    threads.push_back(std::async(std::launch::async, [&] {
      unsigned answered = 0;
      for (int call = 0; call < 50; ++call) answered += transport(request_to(server.url())).has_value();
      return answered;
    }));
  for (auto& thread : threads) CHECK(thread.get() == 50);
  CHECK(server.connections() <= 4);
}

BOTH_TEST_CASE("one response too many does not make a call report the result of another one") {
  auto const delay = GENERATE(0ms, 1ms);
  fictive::testing::fake_service service;
  std::atomic<bool> was_sent = false;
  raw_server server([&](tcp::socket& client) {
    for (;;) {
      auto const text = read_request(client);
      auto const body = text.substr(text.find("\r\n\r\n") + 4);
      auto const answer = service({.method = "POST",
                                   .url = "http://host/rest/api/accounts/groups/group/invites",
                                   .headers = {{"Accept", "application/json"},
                                               {"Content-Type", "application/json"},
                                               {"X-SessionId", "session"}},
                                   .body = body});
      send_text(client, http_answer(answer->body));
      if (was_sent.exchange(true)) continue;
      boost::asio::io_context io;
      boost::asio::steady_timer(io, delay).wait();
      send_text(client, http_answer(answer->body));
    }
  });
  fictive::client client{TestType{}, {.base_url = server.url(), .credentials = {.session_id = "session"}}};
  int failures = 0;
  for (int i = 0; i < 30; ++i) {
    auto const address = "person" + std::to_string(i) + "@example.com";
    auto const reply = client.invite({.account_group_token = "group", .email_addresses = {address}});
    if (reply) {
      REQUIRE(reply->valid_invitations.size() == 1);
      CHECK(reply->valid_invitations[0].email_address == address);
      CHECK(service.deliveries(address) == 1);
    } else {
      ++failures;
      CHECK(reply.error().effect == effect::unknown);
      CHECK(service.deliveries(address) <= 1);
    }
  }
  CHECK(failures <= 1);
}

BOTH_TEST_CASE("the client invites through it") {
  raw_server server(answering(http_answer(sample("response-200.json"))));
  fictive::client client{TestType{}, {.base_url = server.url(), .credentials = {.session_id = "session"}}};
  auto const reply =
      client.invite({.account_group_token = "group", .email_addresses = {"jamie.muir@fictiveglobal.com"}});
  REQUIRE(reply);
  CHECK(reply->valid_invitations.size() == 2);
  CHECK(reply->invalid_email_addresses.size() == 2);
}

BOTH_TEST_CASE("trailers do not become headers: a Retry-After among them does not make a failure safe to retry") {
  std::atomic<int> requests = 0;
  raw_server server([&](tcp::socket& client) {
    for (;;) {
      read_request(client);
      ++requests;
      send_text(client,
                "HTTP/1.1 503 Oops\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\nRetry-After: 0\r\n\r\n");
    }
  });
  fictive::client client{TestType{}, {.base_url = server.url(), .credentials = {.session_id = "session"}}};
  auto const e = client.invite({.account_group_token = "group", .email_addresses = {"somebody@example.com"}}).error();
  CHECK(e.code == errc::server_error);
  CHECK(e.effect == effect::unknown);
  CHECK(requests == 1);
}

BOTH_TEST_CASE("chunked framing without end is cut off at max_header_bytes") {
  auto const [begin, rest] = GENERATE(table<std::string, std::string>({
      {"1;", "xxxxxxxxxxxxxxxx"},
      {"", "0000000000000000"},
      {"2\r\n{}\r\n0\r\n", "X: xxxxxxxxxxx\r\n"},
  }));
  std::atomic<std::size_t> sent = 0;
  raw_server server([&, first = begin, more = rest](tcp::socket& client) {
    read_request(client);
    send_text(client,
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + first);
    std::string much;
    while (much.size() < 100 * 1024) much += more;
    while (sent < 100 * 1024 * 1024) {
      send_text(client, much);
      sent += much.size();
    }
  });
  auto const e = TestType{}(request_to(server.url())).error();
  CHECK(e.code == errc::malformed_response);
  CHECK(e.effect == effect::applied);
  CHECK(e.message.ends_with("the response's headers are larger than limits.max_header_bytes"));
  CHECK(sent < 50 * 1024 * 1024);
}

BOTH_TEST_CASE("a server that sends the last chunk in small pieces is read") {
  raw_server server([](tcp::socket& client) {
    read_request(client);
    send_text(client, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.set_option(tcp::no_delay(true));
    for (std::string_view const part : {"0\r\n", "\r", "\n"}) {
      send_text(client, part);
      boost::asio::io_context io;
      boost::asio::steady_timer(io, 10ms).wait();
    }
  });
  auto const reply = TestType{}(request_to(server.url()));
  REQUIRE(reply);
  CHECK(reply->body.empty());
}

BOTH_TEST_CASE("an idle connection on which data arrives is not used again") {
  std::atomic<int> sent = 0;
  raw_server server([&](tcp::socket& client) {
    read_request(client);
    send_text(client, http_answer("{}"));
    boost::asio::io_context io;
    boost::asio::steady_timer(io, 10ms).wait();  // until the client has put the connection back
    send_text(client, http_answer("nobody asked for this"));
    ++sent;
    sent.notify_all();
    wait_for_end(client);
  });
  TestType transport;
  for (int i = 0; i < 2; ++i) {
    auto const reply = transport(request_to(server.url()));
    REQUIRE(reply);
    CHECK(reply->body == "{}");
    sent.wait(i);
  }
  CHECK(server.connections() == 2);
}

TEST_CASE("a resolution that ends just when its call does posts to nothing that is gone", "[beast][transport]") {
  transport_options options;
  options.resolve = [](std::string const&, std::string const&, std::error_code& ec) {
    boost::asio::io_context io;
    auto const some = std::chrono::steady_clock::now().time_since_epoch() % 300us;
    boost::asio::steady_timer(io, 1ms + some).wait();
    ec = make_error_code(boost::asio::error::host_not_found);
    return std::vector<fictive::beast::endpoint>();
  };
  std::vector<std::future<bool>> threads;
  for (int thread = 0; thread < 8; ++thread)
    threads.push_back(std::async(std::launch::async, [&] {
      fictive::beast::transport transport(options);
      auto request = request_to("http://service.example");
      request.limits.connect_timeout = 1ms;
      bool only_failures_without_effect = true;
      for (int i = 0; i < 500; ++i) only_failures_without_effect &= transport(request).error().effect == effect::none;
      return only_failures_without_effect;
    }));
  for (auto& thread : threads) CHECK(thread.get());
}

BOTH_TEST_CASE("max_idle_time may be as long as there are numbers") {
  raw_server server(answering(http_answer("{}")));
  transport_options options;
  options.max_idle_time = (std::chrono::milliseconds::max)();
  TestType transport(options);
  for (int i = 0; i < 2; ++i) REQUIRE(transport(request_to(server.url())));
  CHECK(server.connections() == 1);
}

BOTH_TEST_CASE("a status below 100 is not a response") {
  auto const status = GENERATE("000", "099");
  auto const e = answer_of<TestType>(http_answer("{}", status)).error();
  CHECK(e.code == errc::transport_failure);
  CHECK(e.effect == effect::unknown);
}

BOTH_TEST_CASE("drop_idle_connections closes those to one origin") {
  raw_server server(answering(http_answer("{}"))), another(answering(http_answer("{}")));
  TestType transport;
  for (int i = 0; i < 2; ++i) {
    REQUIRE(transport(request_to(server.url())));
    REQUIRE(transport(request_to(another.url())));
    transport.drop_idle_connections(server.url() + "/path");
    transport.drop_idle_connections("not a URL");
  }
  CHECK(server.connections() == 2);
  CHECK(another.connections() == 1);
}

#if defined(__linux__)
BOTH_TEST_CASE("sockets are closed in programs that this one starts") {
  raw_server server(answering(http_answer("{}")));
  TestType transport;
  REQUIRE(transport(request_to(server.url())));
  int found = 0;
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0 || peer.sin_family != AF_INET ||
        ntohs(peer.sin_port) != server.port())
      continue;
    ++found;
    CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  }
  CHECK(found == 1);
}
#endif

TEST_CASE("after a fork, parent and child do not share idle connections", "[beast][transport]") {
  raw_server server(answering(http_answer("{}")));
  fictive::beast::transport transport;
  REQUIRE(transport(request_to(server.url())));

  auto const child = ::fork();
  if (child == 0) {
    bool const answered = transport(request_to(server.url())).has_value();
    ::_exit(answered ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(server.connections() == 2);

  REQUIRE(transport(request_to(server.url())));  // the child has not ended the parent's
  CHECK(server.connections() == 2);
}

}  // namespace blocking_transport_tests

#undef BOTH_TEST_CASE
