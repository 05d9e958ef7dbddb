#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include "support/adapter.hpp"
#include "support/catch.hpp"
#include "support/raw_server.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <numeric>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// The limits of a transport's connections, over loopback: their number, age and idle time.

namespace connection_limits_tests {

using namespace std::chrono_literals;
using fictive::effect;
using fictive::errc;
using fictive::beast::transport_options;
using tcp = raw_server::tcp;

namespace asio = boost::asio;

// What holds for both transports.
#define BOTH_TEST_CASE(name) \
  TEMPLATE_TEST_CASE(name, "[beast][transport][pool]", fictive::beast::transport, asynchronous_transport)

namespace {

using response = fictive::result<fictive::http_response>;

transport_options limited_to(std::size_t max_connections) {
  transport_options options;
  options.max_connections = max_connections;
  return options;
}

/// Answers every request, and reports the end of each connection.
class observed_server {
 public:
  [[nodiscard]] std::string url() const { return server_.url(); }
  [[nodiscard]] std::size_t connections() const { return server_.connections(); }

  [[nodiscard]] unsigned ended() const { return ended_; }

  /// Whether this many connections end, sooner or later.
  [[nodiscard]] bool ends(unsigned count) const {
    for (unsigned seen = ended_; seen < count; seen = ended_) ended_.wait(seen);
    return true;
  }

 private:
  void serve(tcp::socket& client) {
    try {
      answering(http_answer("{}"))(client);
    } catch (boost::system::system_error const&) {  // the client has closed the connection
    }
    ++ended_;
    ended_.notify_all();
  }

  std::atomic<unsigned> ended_ = 0;
  raw_server server_{[this](tcp::socket& client) { serve(client); }};
};

void run_on_threads(asio::io_context& io, unsigned count) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < count; ++i) threads.emplace_back([&] { io.run(); });
  for (auto& thread : threads) thread.join();
}

}  // namespace

// --- Idle time and age -----------------------------------------------------------------------------------------------

TEST_CASE("a timer closes idle connections of an asynchronous transport", "[beast][async][pool]") {
  observed_server server;
  transport_options options;
  options.max_idle_time = 50ms;
  asynchronous_transport transport(options);
  for (unsigned round = 1; round <= 2; ++round) {
    REQUIRE(transport(request_to(server.url())));
    CHECK(server.ends(round));
  }
  CHECK(server.connections() == 2);
}

TEST_CASE("the timer waits for the connection that expires first", "[beast][async][pool]") {
  std::atomic<unsigned> ended = 0;
  raw_server server([&](tcp::socket& client) {
    read_request(client);
    send_text(client, http_answer("{}", "200 OK", "Keep-Alive: timeout=2\r\n"));
    wait_for_end(client);
    ++ended;
    ended.notify_all();
  });
  observed_server lasting;
  transport_options options;
  options.max_idle_time = 1h;
  asynchronous_transport transport(options);
  REQUIRE(transport(request_to(lasting.url())));
  REQUIRE(transport(request_to(server.url())));
  ended.wait(0);
  CHECK(lasting.ended() == 0);
}

TEST_CASE("the timer does not keep the context's run from returning", "[beast][async][pool]") {
  observed_server server;
  asio::io_context io;
  auto const strands = GENERATE(0, 1, 2);
  asio::any_io_executor executor = io.get_executor();
  if (strands == 1) executor = asio::make_strand(io);
  if (strands == 2) executor = asio::make_strand(executor);
  transport_options options;
  options.max_idle_time = 100ms;
  fictive::beast::async_transport transport(executor, options);
  auto const request = request_to(server.url());
  unsigned answered = 0;
  for (unsigned round = 1; round <= 2; ++round) {
    transport.async_send(request, {}, [&](response const& arrived) { answered += arrived.has_value(); });
    io.run();
    io.restart();
    CHECK(answered == round);
    CHECK(server.ended() == round - 1);
    auto work = make_work_guard(io);
    while (server.ended() < round) io.run_for(10ms);
    work.reset();
    io.restart();
  }
}

TEST_CASE("on the executor of another context, the next call closes what has expired", "[beast][async][pool]") {
  observed_server server, other;
  asio::thread_pool threads(2);
  transport_options options;
  options.max_idle_time = 1ms;
  fictive::beast::async_transport transport(threads, options);
  auto const send = [&](fictive::http_request const& request) {
    std::promise<bool> answered;
    transport.async_send(request, {}, [&](response const& arrived) { answered.set_value(arrived.has_value()); });
    return answered.get_future().get();
  };
  REQUIRE(send(request_to(server.url())));
  std::this_thread::sleep_for(2ms);
  REQUIRE(send(request_to(other.url())));
  CHECK(server.ends(1));
  threads.join();
}

TEST_CASE("the next call of a blocking transport closes what has expired, of whatever origin",
          "[beast][transport][pool]") {
  observed_server server, other;
  transport_options options;
  options.max_idle_time = 1ms;
  fictive::beast::transport transport(options);
  REQUIRE(transport(request_to(server.url())));
  std::this_thread::sleep_for(2ms);
  REQUIRE(transport(request_to(other.url())));
  CHECK(server.ends(1));
}

BOTH_TEST_CASE("a connection is not used beyond its maximum age") {
  observed_server server;
  transport_options options;
  options.max_connection_age = 0ms;
  TestType transport(options);
  for (int i = 0; i < 2; ++i) REQUIRE(transport(request_to(server.url())));
  CHECK(server.connections() == 2);
}

BOTH_TEST_CASE("Keep-Alive of a response limits the idle time, and never extends it") {
  auto const [headers, max_idle_time, connections] =
      GENERATE(table<std::string, std::chrono::milliseconds, std::size_t>({
          {"Keep-Alive: timeout=1\r\n", 30s, 2},
          {"keep-alive: max=100,  Timeout=0\r\n", 30s, 2},
          {"Keep-Alive: timeout=5\r\nKeep-Alive: timeout=1, max=3\r\n", 30s, 2},
          {"Keep-Alive: timeout=60\r\n", 0ms, 2},
          {"Keep-Alive: timeout=60\r\n", 30s, 1},
          {"Keep-Alive: timeout=99999999999999999999\r\n", 30s, 1},
          {"Keep-Alive: timeout=\r\n", 30s, 1},
          {"Keep-Alive: , ,timeout,max=1\r\n", 30s, 1},
          {"X-Keep-Alive: timeout=1\r\n", 30s, 1},
      }));
  INFO(headers);
  raw_server server(answering(http_answer("{}", "200 OK", headers)));
  transport_options options;
  options.max_idle_time = max_idle_time;
  TestType transport(options);
  for (int i = 0; i < 2; ++i) REQUIRE(transport(request_to(server.url())));
  CHECK(server.connections() == connections);
}

// --- Number ----------------------------------------------------------------------------------------------------------

TEST_CASE("5,000 calls at once use the maximum number of connections, and each is answered", "[beast][async][pool]") {
  auto const [max_connections, calls] = GENERATE(table<std::size_t, unsigned>({{4, 200}, {64, 5'000}}));
  observed_server server;
  asio::io_context io;
  fictive::beast::async_transport transport(io, limited_to(max_connections));
  auto const request = request_to(server.url());
  std::atomic<unsigned> answered = 0;
  for (unsigned i = 0; i < calls; ++i)
    transport.async_send(request, {}, [&](response const& arrived) { answered += arrived.has_value(); });
  run_on_threads(io, 2);
  CHECK(answered == calls);
  CHECK(server.connections() == max_connections);
}

TEST_CASE("calls that wait are sent in order", "[beast][async][pool]") {
  observed_server server;
  asio::io_context io;
  fictive::beast::async_transport transport(io, limited_to(1));
  auto const request = request_to(server.url());
  std::vector<int> order, expected(100);
  std::iota(expected.begin(), expected.end(), 0);
  for (int const i : expected) transport.async_send(request, {}, [&order, i](response const&) { order.push_back(i); });
  io.run();
  CHECK(order == expected);
  CHECK(server.connections() == 1);
}

BOTH_TEST_CASE("threads that call at once share the maximum number of connections") {
  observed_server server;
  TestType transport(limited_to(2));
  std::vector<std::future<unsigned>> threads;
  for (int i = 0; i < 8; ++i)
    threads.push_back(std::async(std::launch::async, [&] {
      unsigned answered = 0;
      for (int call = 0; call < 25; ++call) answered += transport(request_to(server.url())).has_value();
      return answered;
    }));
  for (auto& thread : threads) CHECK(thread.get() == 25);
  CHECK(server.connections() <= 2);
}

BOTH_TEST_CASE("a call that waits for a connection times out or is cancelled, without effect") {
  bool const stopped = GENERATE(false, true);
  standstill service("read");
  TestType transport(limited_to(1));
  std::stop_source first_stopper, stopper;
  auto const request = request_to(service.url());
  auto first = std::async(std::launch::async, [&] { return transport(request, first_stopper.get_token()); });
  REQUIRE(first.wait_for(a_moment) == std::future_status::timeout);

  auto waiting = request;
  if (!stopped) waiting.limits.total_timeout = a_moment;
  auto const began = std::chrono::steady_clock::now();
  auto second = std::async(std::launch::async, [&] { return transport(waiting, stopper.get_token()); });
  REQUIRE(second.wait_for(a_moment - 20ms) == std::future_status::timeout);
  if (stopped) stopper.request_stop();
  auto const e = second.get().error();
  CHECK(since(began) < a_moment + within);
  CHECK(e.code == (stopped ? errc::cancelled : errc::timed_out));
  CHECK(e.effect == effect::none);
  CHECK(e.message == (stopped ? "the call was cancelled while it waited for a free connection"
                              : "no connection was free within limits.total_timeout: raise options.max_connections, or "
                                "make fewer calls at once"));
  first_stopper.request_stop();
  CHECK(first.get().error().code == errc::cancelled);
}

BOTH_TEST_CASE("the wait for a connection that is used again counts towards the total timeout") {
  std::atomic<bool> is_first_to_be_answered = false;
  raw_server server([&](tcp::socket& client) {
    read_request(client);
    is_first_to_be_answered.wait(false);
    send_text(client, http_answer("{}"));
    wait_for_end(client);
  });
  TestType transport(limited_to(1));
  auto request = request_to(server.url());
  auto first = std::async(std::launch::async, [&] { return transport(request); });
  REQUIRE(first.wait_for(a_moment) == std::future_status::timeout);

  auto waiting = request;
  waiting.limits.total_timeout = 2s;
  auto const began = std::chrono::steady_clock::now();
  auto second = std::async(std::launch::async, [&] { return transport(waiting); });
  CHECK(second.wait_for(1500ms) == std::future_status::timeout);
  is_first_to_be_answered = true;
  is_first_to_be_answered.notify_all();
  CHECK(first.get());
  auto const e = second.get().error();
  CHECK(since(began) < 3s);  // 3.5 s if the timeout began after the wait
  CHECK(e.code == errc::timed_out);
  CHECK(e.effect == effect::unknown);
  CHECK(server.connections() == 1);
}

BOTH_TEST_CASE("a call receives its slot when another one cannot connect, and has its own connect timeout then") {
  unresponsive_listener listener;
  TestType transport(limited_to(1));
  auto request = request_to(listener.url());
  request.limits.connect_timeout = a_moment;
  auto const began = std::chrono::steady_clock::now();
  auto const call = [&] { return transport(request).error(); };
  auto first = std::async(std::launch::async, call), second = std::async(std::launch::async, call);
  for (auto* one : {&first, &second}) {
    auto const e = one->get();
    CHECK(e.code == errc::timed_out);
    CHECK(e.effect == effect::none);
    CHECK(e.message == "no connection within limits.connect_timeout");
  }
  CHECK(since(began) >= 2 * a_moment);
  CHECK(since(began) < 2 * (a_moment + within));
}

BOTH_TEST_CASE("refused connections make room for the calls that wait") {
  TestType transport(limited_to(1));
  std::vector<std::future<fictive::error>> calls;
  auto const url = refusing_url();
  for (int i = 0; i < 16; ++i)
    calls.push_back(std::async(std::launch::async, [&] { return transport(request_to(url)).error(); }));
  for (auto& one : calls) CHECK(one.get().message == "could not connect");
}

BOTH_TEST_CASE("a call that needs a new connection has one closed for it at the maximum") {
  observed_server server;
  TestType transport(limited_to(1));
  auto request = request_to(server.url());
  REQUIRE(transport(request));
  request.force_new_connection = true;
  REQUIRE(transport(request));
  CHECK(server.ends(1));
  CHECK(server.connections() == 2);
}

BOTH_TEST_CASE("a maximum of 0 connections is one of 1") {
  observed_server server;
  TestType transport(limited_to(0));
  for (int i = 0; i < 2; ++i) REQUIRE(transport(request_to(server.url())));
  CHECK(server.connections() == 1);
}

TEST_CASE("stops from another thread end calls that wait exactly once, whether or not they come too late",
          "[beast][async][pool]") {
  observed_server server;
  asio::io_context io;
  fictive::beast::async_transport transport(io, limited_to(2));
  auto const request = request_to(server.url());
  constexpr unsigned rounds = 8, calls = 64;
  std::atomic<unsigned> ended = 0, wrong = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    std::vector<std::stop_source> stoppers(calls);
    for (auto& stopper : stoppers)
      transport.async_send(request, stopper.get_token(), [&](response const& arrived) {
        ++ended;
        wrong += !arrived && arrived.error().code != errc::cancelled;
      });
    std::thread stopping([&] {
      for (auto stopper = stoppers.rbegin(); stopper != stoppers.rend(); ++stopper) stopper->request_stop();
    });
    run_on_threads(io, 3);
    stopping.join();
    io.restart();
  }
  CHECK(ended == rounds * calls);
  CHECK(wrong == 0);
  std::optional<response> last;
  transport.async_send(request, {}, [&](response arrived) { last = std::move(arrived); });
  io.run();
  REQUIRE(last);
  CHECK(*last);
}

TEST_CASE("a transport may be destroyed while calls wait for a connection: they go on", "[beast][async][pool]") {
  observed_server server;
  asio::io_context io;
  std::optional<fictive::beast::async_transport> transport(std::in_place, io, limited_to(1));
  auto const request = request_to(server.url());
  unsigned answered = 0;
  for (int i = 0; i < 8; ++i)
    transport->async_send(request, {}, [&](response const& arrived) { answered += arrived.has_value(); });
  transport.reset();
  io.run();
  CHECK(answered == 8);
}

TEST_CASE("a context may be destroyed while calls wait for a connection: their handlers are destroyed, and not called",
          "[beast][async][pool]") {
  bool const has_run = GENERATE(false, true);
  standstill service("read");
  auto const alive = std::make_shared<int>();
  bool called = false;
  std::stop_source stopper;
  auto const request = request_to(service.url());
  {
    asio::io_context io;
    fictive::beast::async_transport transport(io, limited_to(2));
    for (int i = 0; i < 8; ++i)
      transport.async_send(request, stopper.get_token(), [&called, alive](response const&) { called = true; });
    if (has_run) io.run_for(a_moment);
    CHECK(alive.use_count() == 9);
  }
  CHECK(alive.use_count() == 1);
  CHECK_FALSE(called);
  stopper.request_stop();
}

TEST_CASE("a context may be destroyed after any number of its handlers: those of calls are called or destroyed once",
          "[beast][async][pool]") {
  observed_server server;
  auto const request = request_to(server.url());
  constexpr unsigned calls = 4;
  unsigned called = 0;
  for (unsigned handlers = 0; called < calls; ++handlers) {
    REQUIRE(handlers < 200);
    called = 0;
    auto const alive = std::make_shared<int>();
    {
      asio::io_context io;
      fictive::beast::async_transport transport(io, limited_to(1));
      for (unsigned i = 0; i < calls; ++i)
        transport.async_send(request, {}, [&called, alive](response const&) { ++called; });
      for (unsigned i = 0; i < handlers; ++i) io.run_one();
    }
    CHECK(alive.use_count() == 1);
  }
}

TEST_CASE("a handler of a call that waited may start calls, and the stack does not grow", "[beast][async][pool]") {
  observed_server server;
  asio::io_context io;
  fictive::beast::async_transport transport(io, limited_to(1));
  auto const request = request_to(server.url());
  unsigned ended = 0;
  bool is_inside = false, was_inside = false;
  std::function<void()> next = [&] {
    if (ended >= 1000) return;
    is_inside = true;
    std::stop_source stopper;
    auto const stop = stopper.get_token();
    if (ended % 2 == 0) stopper.request_stop();
    transport.async_send(request, stop, [&](response const&) {
      was_inside |= is_inside;
      ++ended;
      next();
    });
    is_inside = false;
  };
  for (int i = 0; i < 4; ++i) next();
  io.run();
  CHECK_FALSE(was_inside);
  CHECK(ended >= 1000);
}

}  // namespace connection_limits_tests

#undef BOTH_TEST_CASE
