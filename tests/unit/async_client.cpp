#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace async_client_tests {

using fictive::async_client;
using fictive::effect;
using fictive::errc;
using fictive::http_request;
using fictive::http_response;
using fictive::invite_response;
using fictive::result;
using fictive::stop_token;
using fictive::transport_error;
using fictive::testing::scripted_transport;
using fictive::testing::stand_in_service;
using namespace std::chrono_literals;

// What is the same for the blocking client is in retry.cpp.

namespace {

std::string const jamie = "jamie.muir@fictiveglobal.com";
fictive::invite_request const invite_jamie = {.account_group_token = "group", .email_addresses = {jamie}};
fictive::service const somewhere = {.credentials = {.session_id = "session"}};

fictive::error const refused = transport_error(std::make_error_code(std::errc::connection_refused), effect::none);

http_response const nobody = {.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = "{}"};

fictive::retry_policy steady() {
  return {.random = [] { return 0.5; }};
}

/// Counts how often it is called, as all of its copies do.
struct counter {
  std::shared_ptr<std::vector<result<invite_response>>> replies =
      std::make_shared<std::vector<result<invite_response>>>();
  void operator()(result<invite_response> reply) const { replies->push_back(std::move(reply)); }
};

}  // namespace

TEST_CASE("the handler is called once, and not before somebody answers") {
  scripted_transport const network;
  stand_in_service const service;
  network.otherwise(service);
  async_client client{network, somewhere};
  counter const handler;
  client.async_invite(invite_jamie, handler);
  CHECK(handler.replies->empty());
  network.clock().run();
  REQUIRE(handler.replies->size() == 1);
  CHECK(handler.replies->front().has_value());
  CHECK(service.deliveries(jamie) == 1);
}

TEST_CASE("a refused argument is told at once") {
  scripted_transport const network;
  async_client client{network, somewhere};
  counter const handler;
  client.async_invite({.account_group_token = "group"}, handler);
  REQUIRE(handler.replies->size() == 1);
  CHECK(handler.replies->front().error().code == errc::invalid_argument);
  CHECK(handler.replies->front().error().attempts == 0);
  network.clock().run();
  CHECK(handler.replies->size() == 1);
  CHECK(network.requests().empty());
}

TEST_CASE("a handler may be move-only, and is called as what it is") {
  scripted_transport const network;
  network.fail(refused);
  network.answer(nobody);
  async_client client{network, somewhere, steady()};
  int called = 0;
  struct handler_type {
    std::unique_ptr<int*> calls;
    void operator()(result<invite_response> reply) { **calls += reply ? 1 : 100; }
  };
  client.async_invite(invite_jamie, handler_type{std::make_unique<int*>(&called)});
  network.clock().run();
  CHECK(called == 1);
}

TEST_CASE("the request need not outlive the call of async_invite") {
  scripted_transport const network;
  stand_in_service const service;
  network.fail(refused);
  network.otherwise(service);
  async_client client{network, somewhere, steady()};
  counter const handler;
  auto request = std::make_unique<fictive::invite_request>(invite_jamie);
  client.async_invite(*request, handler);
  request.reset();
  network.clock().run();
  CHECK(handler.replies->size() == 1);
  CHECK(service.deliveries(jamie) == 1);
}

TEST_CASE("calls of one client do not disturb each other") {
  scripted_transport const network;
  stand_in_service const service;
  network.fail(refused, 3s);
  network.answer({.status = 404}, 2s);
  network.answer(nobody, 1s);
  network.otherwise(service);
  async_client client{network, somewhere, steady()};
  counter const first, second, third;
  client.async_invite(invite_jamie, first);
  client.async_invite(invite_jamie, second);
  client.async_invite(invite_jamie, third);
  network.clock().run();
  REQUIRE(first.replies->size() == 1);
  REQUIRE(second.replies->size() == 1);
  REQUIRE(third.replies->size() == 1);
  CHECK(first.replies->front().has_value());
  CHECK(second.replies->front().error().code == errc::subscription_not_found);
  CHECK(third.replies->front().has_value());
  CHECK(network.requests().size() == 4);
  CHECK(service.deliveries(jamie) == 1);
}

TEST_CASE("copies of a client share the budget, two clients do not share it") {
  scripted_transport const network;
  network.otherwise([](http_request const&) { return refused; });
  auto const attempts_of = [&](auto& client) {
    counter const handler;
    client.async_invite(invite_jamie, handler);
    network.clock().run();
    REQUIRE(handler.replies->size() == 1);
    return handler.replies->front().error().attempts;
  };
  async_client client{network, somewhere, steady()};
  auto copy = client;
  for (int i = 0; i < 25; ++i) {
    CHECK(attempts_of(client) == 3);
    CHECK(attempts_of(copy) == 3);
  }
  CHECK(attempts_of(client) == 1);
  CHECK(attempts_of(copy) == 1);
  async_client other{network, somewhere, steady()};
  CHECK(attempts_of(other) == 3);
}

// -------------------------------------------------------------------------------------------- what a handler may do

TEST_CASE("a handler may destroy the client, however it is called") {
  scripted_transport const network;
  network.answer_inline(GENERATE(false, true));
  network.fail(refused);
  network.answer(nobody);
  auto client = std::make_unique<async_client<scripted_transport>>(network, somewhere,
                                                                   fictive::retry_policy{.random = [] { return 0.0; }});
  int called = 0;
  auto const destroy = [&](result<invite_response> reply) {
    client.reset();
    called += reply ? 1 : 100;
  };
  SECTION("with an answer") {
    client->async_invite(invite_jamie, destroy);
  }
  SECTION("with a refused argument") {
    client->async_invite({.account_group_token = "group"}, destroy);
    called -= 99;
  }
  network.clock().run();
  CHECK(called == 1);
  CHECK(!client);
}

TEST_CASE("a handler may start another call, however it is called") {
  scripted_transport const network;
  stand_in_service const service;
  network.answer_inline(GENERATE(false, true));
  network.otherwise(service);
  async_client client{network, somewhere};
  std::vector<bool> outcomes;
  std::function<void(result<invite_response>)> handler = [&](result<invite_response> const& reply) {
    outcomes.push_back(reply.has_value());
    if (outcomes.size() < 5) client.async_invite(invite_jamie, handler);
  };
  client.async_invite(invite_jamie, handler);
  network.clock().run();
  CHECK(outcomes == std::vector<bool>(5, true));
  CHECK(service.deliveries(jamie) == 5);
}

TEST_CASE("a client may be destroyed while calls are under way: they go on") {
  scripted_transport const network;
  stand_in_service const service;
  auto const destroyed_at = GENERATE(as<std::chrono::nanoseconds>(), 0s, 500ms, 1s, 1100ms, 1250ms);
  network.fail(refused, 1s);
  network.otherwise(service);
  std::optional client = async_client{network, somewhere, steady()};
  counter const handler;
  client->async_invite(invite_jamie, handler);
  if (destroyed_at == 0s)
    client.reset();
  else
    network.clock().in(destroyed_at, [&] { client.reset(); });
  network.clock().run();
  CHECK(!client);
  REQUIRE(handler.replies->size() == 1);
  CHECK(handler.replies->front().has_value());
  CHECK(service.deliveries(jamie) == 1);
}

namespace {

/// Knows whether it is still there.
struct transport_with_life {
  scripted_transport network;
  std::shared_ptr<int> life;
  template <class Handler>
  void async_send(http_request const& request, stop_token stop, Handler handler) {
    network.async_send(request, std::move(stop), std::move(handler));
  }
  template <class Handler>
  void async_wait(std::chrono::nanoseconds duration, stop_token stop, Handler handler) {
    network.async_wait(duration, std::move(stop), std::move(handler));
  }
};

}  // namespace

TEST_CASE("calls keep the transport until their end, and not longer") {
  scripted_transport const network;
  network.answer(nobody, 1s);
  network.answer(nobody, 2s);
  auto life = std::make_shared<int>();
  std::weak_ptr<int> const watch = life;
  std::optional client = async_client{transport_with_life{network, std::move(life)}, somewhere};
  int called = 0;
  for (int i = 0; i < 2; ++i)
    client->async_invite(invite_jamie, [&](result<invite_response> const&) {
      CHECK(!watch.expired());
      ++called;
    });
  client.reset();
  CHECK(!watch.expired());
  network.clock().run();
  CHECK(called == 2);
  CHECK(watch.expired());
}

TEST_CASE("a handler is destroyed after it was called") {
  scripted_transport const network;
  network.fail(refused);
  network.answer(nobody);
  async_client client{network, somewhere, steady()};
  auto life = std::make_shared<int>();
  std::weak_ptr<int> const watch = life;
  client.async_invite(invite_jamie, [life = std::move(life)](result<invite_response> const&) {});
  CHECK(!watch.expired());
  network.clock().run();
  CHECK(watch.expired());
}

TEST_CASE("a call whose transport lets go of the handler leaves nothing behind") {
  scripted_transport const network;
  auto life = std::make_shared<int>();
  std::weak_ptr<int> const watch = life;
  async_client client{network, somewhere};
  // The script is at its end, which throws.
  CHECK_THROWS_AS(client.async_invite(invite_jamie, [life = std::move(life)](result<invite_response> const&) {}),
                  std::logic_error);
  CHECK(watch.expired());
}

// ------------------------------------------------------------------------------------------------ answers at once

TEST_CASE("answers that come at once do not grow the stack") {
  constexpr unsigned attempts = 100'000;
  scripted_transport const network;
  network.answer_inline(true);
  std::uintptr_t lowest = UINTPTR_MAX, highest = 0;
  network.otherwise([&](http_request const&) {
    char const here = 0;
    auto const address = reinterpret_cast<std::uintptr_t>(&here);
    lowest = (std::min)(lowest, address);
    highest = (std::max)(highest, address);
    return refused;
  });
  async_client client{
      network, somewhere, {.max_attempts = attempts, .deadline = 1h, .budget = nullptr, .random = [] { return 0.0; }}};
  counter const handler;
  client.async_invite(invite_jamie, handler);
  REQUIRE(handler.replies->size() == 1);
  CHECK(handler.replies->front().error().attempts == attempts);
  CHECK(highest - lowest < 4096);
}

TEST_CASE("sends that are answered at once and waits that are not do not grow the stack either") {
  scripted_transport const network;
  network.answer_inline(true);
  std::uintptr_t lowest = UINTPTR_MAX, highest = 0;
  network.otherwise([&](http_request const&) {
    char const here = 0;
    auto const address = reinterpret_cast<std::uintptr_t>(&here);
    lowest = (std::min)(lowest, address);
    highest = (std::max)(highest, address);
    return refused;
  });
  async_client client{
      network, somewhere, {.max_attempts = 1000, .deadline = 10h, .budget = nullptr, .random = [] { return 0.5; }}};
  counter const handler;
  client.async_invite(invite_jamie, handler);
  network.clock().run();
  REQUIRE(handler.replies->size() == 1);
  CHECK(handler.replies->front().error().attempts == 1000);
  CHECK(highest - lowest < 4096);
}

// --------------------------------------------------------------------------------------------------------- threads

namespace {

/// Answers on threads of its own; `before_return` says whether that is over when async_send returns, or may go on
/// at the same time. A wait takes no time.
class threaded_transport {
 public:
  threaded_transport(stand_in_service service, unsigned failures, bool before_return)
      : state_(std::make_shared<state>()), service_(std::move(service)), before_return_(before_return) {
    state_->failures = failures;
  }

  template <class Handler>
  void async_send(http_request const& request, stop_token, Handler handler) {
    answer([this, &request, handler = std::move(handler)]() mutable {
      if (state_->sent.fetch_add(1) % (state_->failures + 1) < state_->failures)
        handler(refused);
      else
        handler(service_(request));
    });
  }

  template <class Handler>
  void async_wait(std::chrono::nanoseconds, stop_token, Handler handler) {
    answer([handler = std::move(handler)]() mutable { handler(); });
  }

  /// When no call is under way.
  void join() const {
    std::vector<std::thread> threads;
    {
      std::lock_guard const lock(state_->mutex);
      threads.swap(state_->threads);
    }
    for (auto& thread : threads) thread.join();
  }

 private:
  struct state {
    std::mutex mutex;
    std::vector<std::thread> threads;
    std::atomic<unsigned> sent = 0;
    unsigned failures = 0;
  };

  template <class Answer>
  void answer(Answer give) {
    auto const keep = state_;  // the answer may be the end of the transport
    if (before_return_) return std::thread(std::move(give)).join();
    std::lock_guard const lock(keep->mutex);
    keep->threads.emplace_back(std::move(give));
  }

  std::shared_ptr<state> state_;
  stand_in_service service_;
  bool before_return_;
};

}  // namespace

TEST_CASE("a transport may answer on another thread, even before it returned") {
  stand_in_service const service;
  auto const before_return = GENERATE(true, false);
  constexpr std::size_t calls = 200;
  threaded_transport const transport(service, 2, before_return);
  async_client client{transport, somewhere, {.deadline = 1h, .random = [] { return 0.0; }}};
  std::vector<std::string> addresses;
  for (std::size_t i = 0; i < calls; ++i) {
    addresses.push_back("number" + std::to_string(i) + "@fictiveglobal.com");
    std::promise<result<invite_response>> promise;
    auto reply = promise.get_future();
    std::atomic<int> called = 0;
    client.async_invite({.account_group_token = "group", .email_addresses = {addresses.back()}},
                        [&](result<invite_response> outcome) {
                          ++called;
                          promise.set_value(std::move(outcome));
                        });
    REQUIRE(reply.get().has_value());
    transport.join();
    CHECK(called == 1);
  }
  CHECK(service.requests() == calls);
  for (auto const& address : addresses) CHECK(service.deliveries(address) == 1);
}

TEST_CASE("calls of one client may be under way on many threads") {
  stand_in_service const service;
  threaded_transport const transport(service, 0, false);
  async_client client{transport, somewhere};
  constexpr int calls = 100;
  std::atomic<int> invited = 0, ended = 0;
  std::promise<void> all;
  for (int i = 0; i < calls; ++i)
    client.async_invite(invite_jamie, [&](result<invite_response> const& reply) {
      if (reply) ++invited;
      if (++ended == calls) all.set_value();
    });
  all.get_future().wait();
  transport.join();
  CHECK(invited == calls);
  CHECK(ended == calls);
  CHECK(service.deliveries(jamie) == calls);
}

// ---------------------------------------------------------------------------------------------------------- stopping

#if defined(__cpp_lib_jthread)

TEST_CASE("whenever a call is stopped, the handler is called once and nothing is sent afterwards") {
  scripted_transport const network;
  network.answer_inline(GENERATE(false, true));
  network.fail(refused, 1s);
  network.fail(refused);
  network.answer(nobody, 1s);
  auto const stopped_at = GENERATE(range(0, 31)) * 100ms;
  std::stop_source source;
  network.clock().in(stopped_at, [&] { source.request_stop(); });
  async_client client{network, somewhere, steady()};
  std::size_t called = 0, sent_before = 0;
  client.async_invite(invite_jamie, source.get_token(), [&](result<invite_response> const& reply) {
    ++called;
    sent_before = network.requests().size();
    auto const time = network.now().time_since_epoch();
    if (reply) {
      CHECK(time == 2750ms);
      CHECK(stopped_at >= time);
      return;
    }
    CHECK(time == stopped_at);
    CHECK(reply.error().code == errc::cancelled);
    CHECK(reply.error().effect == (time > 1750ms ? effect::unknown : effect::none));
    CHECK(reply.error().attempts == network.requests().size());
  });
  network.clock().run();
  CHECK(called == 1);
  CHECK(network.requests().size() == sent_before);
}

TEST_CASE("a call that is stopped before it begins ends at once, and within async_invite") {
  scripted_transport const network;
  std::stop_source source;
  source.request_stop();
  async_client client{network, somewhere};
  counter const handler;
  client.async_invite(invite_jamie, source.get_token(), handler);
  REQUIRE(handler.replies->size() == 1);
  CHECK(handler.replies->front().error().code == errc::cancelled);
  CHECK(handler.replies->front().error().effect == effect::none);
  CHECK(handler.replies->front().error().attempts == 0);
}

TEST_CASE("a handler may stop its own call's token") {
  scripted_transport const network;
  network.answer(nobody, 1s);
  std::stop_source source;
  async_client client{network, somewhere};
  int called = 0;
  client.async_invite(invite_jamie, source.get_token(), [&](result<invite_response> const& reply) {
    source.request_stop();
    called += reply ? 1 : 100;
  });
  network.clock().run();
  CHECK(called == 1);
}

#endif

}  // namespace async_client_tests
