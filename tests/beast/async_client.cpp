#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/adapter.hpp"
#include "support/catch.hpp"
#include "support/raw_server.hpp"
#include "support/samples.hpp"
#include "support/stack_gauge.hpp"

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <new>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace async_tests {

using namespace std::chrono_literals;
using fictive::effect;
using fictive::errc;
using fictive::beast::transport_options;
using tcp = raw_server::tcp;

namespace asio = boost::asio;

namespace {

using reply = fictive::result<fictive::invite_response>;
using response = fictive::result<fictive::http_response>;

fictive::client_config service_at(std::string url, fictive::retry_policy retry = {}, fictive::hooks hooks = {}) {
  return {.base_url = std::move(url),
          .credentials = {.session_id = "s"},
          .retry = std::move(retry),
          .hooks = std::move(hooks),
          .allow_insecure_http = true};
}

fictive::client_config service_at(raw_server const& server) {
  return service_at(server.url());
}

fictive::invite_request invitation_of(std::string address) {
  return {.account_group_token = "group", .email_addresses = {std::move(address)}};
}

fictive::invite_request const somebody = invitation_of("jamie.muir@fictiveglobal.com");
fictive::invite_request const refused = {};

std::string const invited = http_answer(sample("response-200.json"));

/// Waits as little as can be between attempts.
fictive::retry_policy impatient(unsigned max_attempts = 3) {
  return {.max_attempts = max_attempts, .base_delay = 0ms, .budget = nullptr};
}

/// What `read_request` read.
fictive::http_request parsed(std::string const& text) {
  fictive::http_request request;
  auto const space = text.find(' '), end_of_head = text.find("\r\n\r\n");
  request.method = text.substr(0, space);
  request.url = "http://127.0.0.1" + text.substr(space + 1, text.find(' ', space + 1) - space - 1);
  request.body = text.substr(end_of_head + 4);
  for (auto line = text.find("\r\n"); line != end_of_head;) {
    auto const next = text.find("\r\n", line + 2), colon = text.find(": ", line);
    request.headers.push_back({text.substr(line + 2, colon - line - 2), text.substr(colon + 2, next - colon - 2)});
    line = next;
  }
  return request;
}

/// Answers the first requests with these, and the others as the service.
raw_server::session refusing_first(std::vector<std::string> answers, fictive::testing::fake_service service) {
  auto const asked = std::make_shared<std::atomic<std::size_t>>(0);
  return [answers = std::move(answers), service, asked](tcp::socket& client) {
    for (;;) {
      auto const request = read_request(client);
      auto const number = (*asked)++;
      send_text(client, number < answers.size() ? answers[number] : http_answer(service(parsed(request))->body));
    }
  };
}

/// Runs a context on several threads, until it has nothing left to do.
void run_on_threads(asio::io_context& io, unsigned count) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < count; ++i) threads.emplace_back([&] { io.run(); });
  for (auto& thread : threads) thread.join();
}

constexpr std::size_t a_few_frames = 16 * 1024;

}  // namespace

// --- Completion tokens -----------------------------------------------------------------------------------------------

TEST_CASE("a callback gets the reply", "[beast][async]") {
  raw_server server(answering(invited));
  asio::io_context io;
  fictive::beast::async_client client(io, service_at(server));
  std::optional<reply> outcome;
  client.async_invite(somebody, [&](reply arrived) { outcome = std::move(arrived); });
  io.run();
  REQUIRE(outcome);
  REQUIRE(*outcome);
  CHECK(outcome->value().valid_invitations.size() == 2);
}

TEST_CASE("a callback may be move-only", "[beast][async]") {
  raw_server server(answering(invited));
  asio::io_context io;
  fictive::beast::async_client client(io, service_at(server));
  bool arrived = false;
  client.async_invite(somebody, [&, only = std::make_unique<int>(1)](reply) { arrived = *only == 1; });
  io.run();
  CHECK(arrived);
}

TEST_CASE("a future holds the reply, whether it is a success or an error", "[beast][async]") {
  raw_server server(answering(invited));
  asio::io_context io;
  fictive::beast::async_client client(io, service_at(server));
  std::future<reply> good = client.async_invite(somebody, asio::use_future);
  std::future<reply> bad = client.async_invite(refused, asio::use_future);
  io.run();
  CHECK(good.get());
  CHECK(bad.get().error().code == errc::invalid_argument);
}

TEST_CASE("a deferred call begins when it is launched, and needs the client no longer", "[beast][async]") {
  raw_server server(answering(invited));
  asio::io_context io;
  std::optional<reply> outcome;
  auto launch = [&] {
    fictive::beast::async_client client(io, service_at(server));
    return client.async_invite(somebody, asio::deferred);
  }();
  io.run();
  CHECK(server.connections() == 0);

  io.restart();
  std::move(launch)([&](reply arrived) { outcome = std::move(arrived); });
  io.run();
  REQUIRE(outcome);
  CHECK(*outcome);
}

TEST_CASE("a detached call is made all the same", "[beast][async]") {
  fictive::testing::fake_service service;
  raw_server server(refusing_first({}, service));
  asio::io_context io;
  fictive::beast::async_client client(io, service_at(server));
  client.async_invite(somebody, asio::detached);
  io.run();
  CHECK(service.deliveries("jamie.muir@fictiveglobal.com") == 1);
}

#ifdef BOOST_ASIO_HAS_CO_AWAIT

TEST_CASE("a coroutine awaits the reply, and the next one", "[beast][async]") {
  fictive::testing::fake_service service;
  raw_server server(refusing_first({}, service));
  asio::io_context io;
  fictive::beast::async_client client(io, service_at(server));
  auto both = asio::co_spawn(
      io,
      [&]() -> asio::awaitable<bool> {
        auto one = invitation_of("one@example.com"), other = invitation_of("other@example.com");
        auto const first = co_await client.async_invite(std::move(one), asio::use_awaitable);
        auto const second = co_await client.async_invite(std::move(other), asio::use_awaitable);
        co_return first&& second;
      },
      asio::use_future);
  io.run();
  CHECK(both.get());
  CHECK(service.deliveries("one@example.com") == 1);
  CHECK(service.deliveries("other@example.com") == 1);
}

TEST_CASE("a cancelled coroutine receives the outcome of its call", "[beast][async]") {
  standstill service("read");
  asio::io_context io;
  fictive::beast::async_client client(io, service_at(service.url()));
  asio::cancellation_signal signal;
  std::optional<reply> outcome;
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        auto what = somebody;
        outcome = co_await client.async_invite(std::move(what), asio::use_awaitable);
      },
      asio::bind_cancellation_slot(signal.slot(), asio::detached));
  io.run_for(a_moment);
  REQUIRE_FALSE(outcome);
  signal.emit(asio::cancellation_type::terminal);
  io.run_for(within);
  REQUIRE(outcome);
  CHECK(outcome->error().code == errc::cancelled);
  CHECK(outcome->error().effect == effect::unknown);
}

#endif

// --- Where and when the handler is called ----------------------------------------------------------------------------

TEST_CASE("the handler runs on the strand that it is bound to", "[beast][async]") {
  raw_server server(answering(invited));
  asio::io_context io;
  fictive::beast::async_client client(io, service_at(server));
  auto const strand = asio::make_strand(io);
  auto const what = GENERATE(somebody, refused);
  bool in_strand = false;
  client.async_invite(what, asio::bind_executor(strand, [&](reply) { in_strand = strand.running_in_this_thread(); }));
  io.run();
  CHECK(in_strand);
}

TEST_CASE("the handler runs on another context that it is bound to, and keeps that running until then",
          "[beast][async]") {
  raw_server server(answering(invited));
  asio::io_context io, other;
  fictive::beast::async_client client(io, service_at(server));
  std::thread::id ran_on;
  client.async_invite(somebody,
                      asio::bind_executor(other.get_executor(), [&](reply) { ran_on = std::this_thread::get_id(); }));
  std::thread runner([&] { io.run(); });
  other.run();
  CHECK(ran_on == std::this_thread::get_id());
  runner.join();
}

namespace {

/// An executor that has no memory to post a function.
struct executor_without_memory {
  asio::io_context* of;

  static constexpr asio::execution::blocking_t query(asio::execution::blocking_t) {
    return asio::execution::blocking.never;
  }
  [[nodiscard]] asio::execution_context& query(asio::execution::context_t) const noexcept { return *of; }

  template <class Function>
  void execute(Function&&) const {
    throw std::bad_alloc();
  }

  bool operator==(executor_without_memory const&) const = default;
};

}  // namespace

TEST_CASE("a handler that cannot be posted is called all the same, once, with the outcome", "[beast][async][memory]") {
  raw_server server(answering(invited));
  asio::io_context io;
  fictive::beast::async_client client(io, service_at(server));
  std::vector<bool> outcomes;
  bool const is_valid = GENERATE(true, false);
  client.async_invite(is_valid ? somebody : refused,
                      asio::bind_executor(executor_without_memory{&io},
                                          [&](reply outcome) { outcomes.push_back(outcome.has_value()); }));
  io.run();
  CHECK(outcomes == std::vector{is_valid});
}

TEST_CASE("without an executor of its own the handler runs on the client's", "[beast][async]") {
  asio::io_context io;
  auto const strand = asio::make_strand(io);
  fictive::beast::async_client client(strand, service_at(refusing_url()));
  CHECK(client.get_executor() == strand);
  bool in_strand = false;
  client.async_invite(refused, [&](reply) { in_strand = strand.running_in_this_thread(); });
  io.run();
  CHECK(in_strand);
}

TEST_CASE("the handler is never called within async_invite, however soon the outcome is known", "[beast][async]") {
  auto const what = GENERATE(somebody, refused);
  auto const url = GENERATE(std::string("not a URL"), refusing_url());
  bool const from_its_thread = GENERATE(false, true);
  asio::io_context io;
  fictive::beast::async_client client(io, service_at(url, impatient(1)));
  bool is_inside = false, was_inside = true;
  auto const call = [&] {
    is_inside = true;
    client.async_invite(what, [&](reply) { was_inside = is_inside; });
    is_inside = false;
  };
  if (from_its_thread)
    asio::post(io, call);
  else
    call();
  io.run();
  CHECK_FALSE(was_inside);
}

namespace {

struct allocation_count {
  std::atomic<std::ptrdiff_t> all = 0, live = 0;
  std::thread::id handlers_thread = {};
  std::promise<void> handled = {};

  /// Memory that is not given back by who calls the handler may come back too late, so here it does.
  void before_deallocation() {
    if (std::this_thread::get_id() != handlers_thread) handled.get_future().wait_for(a_moment);
  }
};

template <class T = void>
struct counting_allocator {
  using value_type = T;

  explicit counting_allocator(allocation_count& to) : count(&to) {}
  template <class U>
  counting_allocator(counting_allocator<U> const& other) : count(other.count) {}

  T* allocate(std::size_t n) {
    ++count->all;
    ++count->live;
    return std::allocator<T>().allocate(n);
  }

  void deallocate(T* pointer, std::size_t n) {
    count->before_deallocation();
    --count->live;
    std::allocator<T>().deallocate(pointer, n);
  }

  template <class U>
  bool operator==(counting_allocator<U> const& other) const {
    return count == other.count;
  }

  allocation_count* count;
};

}  // namespace

TEST_CASE("the handler's allocator is used, and has everything back when the handler is called", "[beast][async]") {
  raw_server server(answering(invited));
  asio::io_context io, other;
  fictive::beast::async_client client(io, service_at(server));
  allocation_count count;
  count.handlers_thread = std::this_thread::get_id();
  std::ptrdiff_t live = -1;
  auto handler = [&](reply) {
    live = count.live;
    count.handled.set_value();
  };
  client.async_invite(somebody, asio::bind_allocator(counting_allocator<>(count),
                                                     asio::bind_executor(other.get_executor(), std::move(handler))));
  std::thread runner([&] { io.run(); });
  other.run();
  runner.join();
  CHECK(count.all > 0);
  CHECK(live == 0);
  CHECK(count.live == 0);
}

// --- Cancellation ----------------------------------------------------------------------------------------------------

TEST_CASE("a cancellation slot ends the call at every stage, and the effect is what is certain", "[beast][async]") {
  auto const [name, did] = GENERATE(from_range(stages), value(stage{"back-off", effect::none}));
  auto const type =
      GENERATE(asio::cancellation_type::terminal, asio::cancellation_type::partial, asio::cancellation_type::total);
  INFO(name);
  standstill service(name);
  asio::io_context io;
  fictive::beast::async_client client(io, service_at(service.url()), service.options());
  auto request = somebody;
  request.subscription_references.emplace_back(service.body_size(), 's');

  asio::cancellation_signal signal;
  std::optional<reply> outcome;
  std::chrono::milliseconds took = {};
  std::chrono::steady_clock::time_point asked;
  client.async_invite(std::move(request), asio::bind_cancellation_slot(signal.slot(), [&](reply arrived) {
                        took = since(asked);
                        outcome = std::move(arrived);
                      }));
  io.run_for(a_moment);
  REQUIRE_FALSE(outcome);
  asked = std::chrono::steady_clock::now();
  signal.emit(type);
  io.run();

  REQUIRE(outcome);
  CHECK(took < within);
  CHECK(outcome->error().code == errc::cancelled);
  CHECK(outcome->error().effect == did);
  CHECK(outcome->error().attempts == 1);
}

TEST_CASE("a cancellation of no type is none", "[beast][async]") {
  standstill service("read");
  auto at = service_at(service.url());
  at.limits.total_timeout = a_moment;
  asio::io_context io;
  fictive::beast::async_client client(io, at);
  asio::cancellation_signal signal;
  std::optional<reply> outcome;
  client.async_invite(
      somebody, asio::bind_cancellation_slot(signal.slot(), [&](reply arrived) { outcome = std::move(arrived); }));
  signal.emit(asio::cancellation_type::none);
  io.run();
  REQUIRE(outcome);
  CHECK(outcome->error().code == errc::timed_out);
}

TEST_CASE("a cancellation before the first byte sends nothing", "[beast][async]") {
  raw_server server(answering(invited));
  asio::io_context io;
  fictive::beast::async_client client(io, service_at(server));
  asio::cancellation_signal signal;
  std::optional<reply> outcome;
  client.async_invite(
      somebody, asio::bind_cancellation_slot(signal.slot(), [&](reply arrived) { outcome = std::move(arrived); }));
  signal.emit(asio::cancellation_type::total);
  io.run();
  REQUIRE(outcome);
  CHECK(outcome->error().code == errc::cancelled);
  CHECK(outcome->error().effect == effect::none);
}

TEST_CASE("a cancellation after the end or within the handler changes nothing, and the slot can be used again",
          "[beast][async]") {
  raw_server server(answering(invited));
  asio::io_context io;
  fictive::beast::async_client client(io, service_at(server));
  asio::cancellation_signal signal;
  for (int i = 0; i < 2; ++i) {
    bool had_slot = true;
    std::optional<reply> outcome;
    client.async_invite(somebody, asio::bind_cancellation_slot(signal.slot(), [&](reply arrived) {
                          had_slot = signal.slot().has_handler();
                          signal.emit(asio::cancellation_type::total);
                          outcome = std::move(arrived);
                        }));
    io.run();
    io.restart();
    signal.emit(asio::cancellation_type::total);
    REQUIRE(outcome);
    CHECK(*outcome);
    CHECK_FALSE(had_slot);
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("stops from another thread end every call exactly once, whether or not they come too late",
          "[beast][async]") {
  raw_server server(answering(http_answer("{}")));
  asio::io_context io;
  fictive::beast::async_transport transport(io, {.max_idle_connections = 64});
  std::atomic<unsigned> ended = 0, wrong = 0;
  auto const request = request_to(server.url());
  constexpr unsigned rounds = 8, calls = 32;
  for (unsigned round = 0; round < rounds; ++round) {
    std::vector<std::stop_source> stoppers(calls);
    for (auto& stopper : stoppers) {
      transport.async_send(request, stopper.get_token(), [&](response const& arrived) {
        ++ended;
        wrong += !arrived && arrived.error().code != errc::cancelled;
      });
      transport.async_wait(1h, stopper.get_token(), [&] { ++ended; });
    }
    std::thread stopping([&] {
      for (auto& stopper : stoppers) stopper.request_stop();
    });
    run_on_threads(io, 3);
    stopping.join();
    io.restart();
  }
  CHECK(ended == 2 * rounds * calls);
  CHECK(wrong == 0);
}

// --- Lifetimes -------------------------------------------------------------------------------------------------------

TEST_CASE("a client may be destroyed while calls are under way: they go on", "[beast][async]") {
  raw_server server(answering(invited));
  asio::io_context io;
  std::optional<fictive::beast::async_client> client(std::in_place, io, service_at(server));
  unsigned answered = 0;
  for (int i = 0; i < 3; ++i)
    client->async_invite(somebody, [&](reply const& arrived) { answered += arrived.has_value(); });
  client.reset();
  io.run();
  CHECK(answered == 3);
}

TEST_CASE("a client may be destroyed by a handler, between the attempts of another call", "[beast][async]") {
  raw_server server(refusing_first({http_answer("", "429 Too Many Requests", "Retry-After: 0\r\n")}, {}));
  asio::io_context io;
  std::optional<fictive::beast::async_client> client(std::in_place, io, service_at(server.url(), impatient()));
  unsigned answered = 0;
  client->async_invite(refused, [&](reply const&) { client.reset(); });
  client->async_invite(somebody, [&](reply const& arrived) { answered += arrived.has_value(); });
  io.run();
  CHECK_FALSE(client);
  CHECK(answered == 1);
}

TEST_CASE("a context may be destroyed with a call under way at any stage: its handler is destroyed, and not called",
          "[beast][async]") {
  auto const [name, _] = GENERATE(from_range(stages), value(stage{"back-off", effect::none}));
  INFO(name);
  standstill service(name);
  auto request = somebody;
  request.subscription_references.emplace_back(service.body_size(), 's');
  auto const alive = std::make_shared<int>();
  asio::cancellation_signal signal;
  bool called = false;
  {
    asio::io_context io;
    fictive::beast::async_client client(io, service_at(service.url()), service.options());
    client.async_invite(std::move(request),
                        asio::bind_cancellation_slot(signal.slot(), [&called, alive](reply const&) { called = true; }));
    io.run_for(a_moment);
    CHECK(alive.use_count() == 2);
  }
  CHECK(alive.use_count() == 1);
  CHECK_FALSE(called);
  signal.emit(asio::cancellation_type::total);
}

TEST_CASE("a context may be destroyed before it ran, with calls, waits and idle connections there", "[beast][async]") {
  raw_server server(answering(invited));
  auto const alive = std::make_shared<int>();
  bool called = false;
  {
    asio::io_context io;
    fictive::beast::async_transport transport(io);
    fictive::beast::async_client client(io, service_at(server));
    client.async_invite(somebody, asio::detached);
    io.run();
    io.restart();
    auto const request = request_to(server.url());
    transport.async_send(request, {}, [&called, alive](response const&) { called = true; });
    transport.async_wait(1h, {}, [&called, alive] { called = true; });
    client.async_invite(somebody, [&called, alive](reply const&) { called = true; });
    client.async_invite(refused, [&called, alive](reply const&) { called = true; });
  }
  CHECK(alive.use_count() == 1);
  CHECK_FALSE(called);
}

// --- Many calls ------------------------------------------------------------------------------------------------------

TEST_CASE("64 calls in flight on a context that 4 threads run are each answered once, over 64 connections at most",
          "[beast][async]") {
  fictive::testing::fake_service service;
  raw_server server(refusing_first({}, service));
  asio::io_context io;
  fictive::beast::async_client client(io, service_at(server), {.max_idle_connections = 64});
  constexpr unsigned calls = 640, at_once = 64;
  std::atomic<unsigned> begun = 0, ended = 0, answered = 0;
  std::function<void()> next = [&] {
    auto const number = begun++;
    if (number >= calls) return;
    client.async_invite(invitation_of("a" + std::to_string(number) + "@example.com"), [&](reply const& arrived) {
      ++ended;
      answered += arrived.has_value();
      next();
    });
  };
  for (unsigned i = 0; i < at_once; ++i) next();
  run_on_threads(io, 4);

  CHECK(ended == calls);
  CHECK(answered == calls);
  CHECK(server.connections() <= at_once);
  unsigned once = 0;
  for (unsigned i = 0; i < calls; ++i) once += service.deliveries("a" + std::to_string(i) + "@example.com") == 1;
  CHECK(once == calls);
}

TEST_CASE("calls one after the other use one connection", "[beast][async]") {
  raw_server server(answering(invited));
  asio::io_context io;
  fictive::beast::async_client client(io, service_at(server));
  unsigned answered = 0, left = 1000;
  std::function<void()> next = [&] {
    client.async_invite(somebody, [&](reply const& arrived) {
      answered += arrived.has_value();
      if (--left > 0) next();
    });
  };
  next();
  io.run();
  CHECK(answered == 1000);
  CHECK(server.connections() == 1);
}

TEST_CASE("of the idle connections the last used is used first, and the oldest are given up beyond the maximum",
          "[beast][async]") {
  std::atomic<int> connections = 0;
  std::latch first_three(3);
  raw_server server([&](tcp::socket& client) {
    auto const number = ++connections;
    for (bool first = true;; first = false) {
      read_request(client);
      if (first && number <= 3) first_three.arrive_and_wait();
      send_text(client, http_answer(std::to_string(number)));
    }
  });
  asio::io_context io;
  fictive::beast::async_transport transport(io, {.max_idle_connections = 2});
  auto const request = request_to(server.url());
  std::vector<std::string> used;
  auto const send = [&](int count) {
    used.clear();
    for (int i = 0; i < count; ++i)
      transport.async_send(request, {},
                           [&](response const& arrived) { used.push_back(arrived ? arrived->body : "-"); });
    io.run();
    io.restart();
  };

  send(3);
  REQUIRE(used.size() == 3);
  auto const kept = std::vector<std::string>{used[1], used[2]};
  auto const newest = used[2];
  send(1);
  CHECK(used == std::vector<std::string>{newest});
  send(2);
  CHECK(std::is_permutation(used.begin(), used.end(), kept.begin(), kept.end()));
  CHECK(server.connections() == 3);
  send(3);
  CHECK(server.connections() == 4);
}

TEST_CASE("however many calls are refused at once, each begun by the one before, the stack does not grow",
          "[beast][async]") {
  asio::io_context io;
  fictive::beast::async_client client(io, service_at(refusing_url()));
  tests::stack_gauge stack;
  int left = 100'000;
  std::function<void()> next = [&] {
    client.async_invite(refused, [&](reply const&) {
      stack.look();
      if (--left > 0) next();
    });
  };
  asio::post(io, next);
  io.run();
  CHECK(left == 0);
  CHECK(stack.growth() < a_few_frames);
}

TEST_CASE("however many attempts fail at once, the stack does not grow", "[beast][async]") {
  asio::io_context io;
  tests::stack_gauge stack;
  fictive::hooks hooks{.on_attempt = [&](fictive::attempt_event const&) { stack.look(); }};
  fictive::beast::async_client client(io, service_at(refusing_url(), impatient(1000), hooks));
  std::optional<reply> outcome;
  client.async_invite(somebody, [&](reply arrived) { outcome = std::move(arrived); });
  io.run();
  REQUIRE(outcome);
  CHECK(outcome->error().attempts == 1000);
  CHECK(stack.growth() < a_few_frames);
}

// --- Waits -----------------------------------------------------------------------------------------------------------

TEST_CASE("a wait ends on time, and not before", "[beast][async]") {
  auto const duration = GENERATE(-1000ms, 0ms, 50ms);
  asio::io_context io;
  fictive::beast::async_transport transport(io);
  auto const began = std::chrono::steady_clock::now();
  bool is_inside = true, was_inside = true;
  std::chrono::milliseconds took = {};
  transport.async_wait(duration, {}, [&] {
    was_inside = is_inside;
    took = since(began);
  });
  is_inside = false;
  io.run();
  CHECK_FALSE(was_inside);
  CHECK(took >= duration);
  CHECK(took < std::max(duration, 0ms) + within);
}

TEST_CASE("a wait ends when it is cancelled, before or after its start", "[beast][async]") {
  auto const duration = GENERATE(std::chrono::nanoseconds(1h), (std::chrono::nanoseconds::max)());
  bool const before = GENERATE(false, true);
  asio::io_context io;
  fictive::beast::async_transport transport(io);
  std::stop_source stopper;
  bool ended = false;
  if (before) stopper.request_stop();
  transport.async_wait(duration, stopper.get_token(), [&] { ended = true; });
  if (!before) {
    io.run_for(10ms);
    REQUIRE_FALSE(ended);
  }
  auto const asked = std::chrono::steady_clock::now();
  stopper.request_stop();
  io.run();
  CHECK(ended);
  CHECK(since(asked) < within);
}

// --- Attempts --------------------------------------------------------------------------------------------------------

TEST_CASE("a service that is busy is asked again, and invites once", "[beast][async]") {
  fictive::testing::fake_service service;
  raw_server server(refusing_first({http_answer("", "429 Too Many Requests", "Retry-After: 0\r\n"),
                                    http_answer("", "503 Service Unavailable", "Retry-After: 0\r\n")},
                                   service));
  asio::io_context io;
  std::vector<int> statuses;
  fictive::hooks hooks{.on_attempt = [&](fictive::attempt_event const& e) { statuses.push_back(e.status); }};
  fictive::beast::async_client client(io, service_at(server.url(), impatient(), hooks));
  auto outcome = client.async_invite(somebody, asio::use_future);
  io.run();
  CHECK(outcome.get());
  CHECK(statuses == std::vector<int>{429, 503, 200});
  CHECK(service.deliveries("jamie.muir@fictiveglobal.com") == 1);
  CHECK(server.connections() == 1);
}

TEST_CASE("a service that asks for another connection gets one", "[beast][async]") {
  fictive::testing::fake_service service;
  raw_server server(refusing_first({http_answer("", "421 Misdirected Request", "")}, service));
  asio::io_context io;
  fictive::beast::async_client client(io, service_at(server.url(), impatient()));
  auto outcome = client.async_invite(somebody, asio::use_future);
  io.run();
  CHECK(outcome.get());
  CHECK(service.deliveries("jamie.muir@fictiveglobal.com") == 1);
  CHECK(server.connections() == 2);
}

TEST_CASE("a service that refuses a connection at first is asked again", "[beast][async]") {
  fictive::testing::fake_service service;
  raw_server server(refusing_first({}, service));
  transport_options options;
  options.resolve = [&, is_up = std::make_shared<std::atomic<bool>>()](std::string const&, std::string const&,
                                                                       std::error_code&) {
    return std::vector<fictive::beast::endpoint>{
        {"127.0.0.1", is_up->exchange(true) ? server.port() : refusing_endpoint().port()}};
  };
  asio::io_context io;
  unsigned attempts = 0;
  fictive::hooks hooks{.on_result = [&](fictive::result_event const& e) { attempts = e.attempts; }};
  fictive::beast::async_client client(io, service_at("http://service.example", impatient(), hooks), options);
  auto outcome = client.async_invite(somebody, asio::use_future);
  io.run();
  CHECK(outcome.get());
  CHECK(attempts == 2);
  CHECK(service.deliveries("jamie.muir@fictiveglobal.com") == 1);
}

TEST_CASE("what may have been carried out is not sent again", "[beast][async]") {
  fictive::testing::fake_service service;
  raw_server server([service](tcp::socket& client) { static_cast<void>(service(parsed(read_request(client)))); });
  asio::io_context io;
  fictive::beast::async_client client(io, service_at(server.url(), impatient()));
  auto outcome = client.async_invite(somebody, asio::use_future);
  io.run();
  auto const e = outcome.get().error();
  CHECK(e.effect == effect::unknown);
  CHECK(e.attempts == 1);
  CHECK(service.deliveries("jamie.muir@fictiveglobal.com") == 1);
}

TEST_CASE("a new connection on which data arrives before the request is not used", "[beast][async]") {
  std::promise<void> has_sent;
  std::atomic<bool> got_a_request = false;
  raw_server server([&](tcp::socket& client) {
    send_text(client, http_answer("nobody asked for this"));
    has_sent.set_value();
    char byte = 0;
    boost::system::error_code ec;
    got_a_request = client.read_some(asio::buffer(&byte, 1), ec) > 0;
  });
  asio::io_context io;
  fictive::beast::async_transport transport(io);
  auto const request = request_to(server.url());
  std::optional<response> reply;
  asio::post(io, [&] {
    transport.async_send(request, {}, [&](response arrived) { reply = std::move(arrived); });
    has_sent.get_future().wait();  // before this thread learns that it is connected
  });
  io.run();
  REQUIRE(reply);
  REQUIRE_FALSE(*reply);
  CHECK(reply->error().code == errc::transport_failure);
  CHECK(reply->error().effect == effect::none);
  CHECK(reply->error().message == "the server sent data before the request");
  CHECK_FALSE(got_a_request);
}

}  // namespace async_tests
