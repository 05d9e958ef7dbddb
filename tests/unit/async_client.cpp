#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
#include "support/fixtures.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace async_client_tests {

using fictive::async_client;
using fictive::effect;
using fictive::errc;
using fictive::http_request;
using fictive::invite_response;
using fictive::result;
using fictive::stop_token;
using fictive::testing::fake_service;
using fictive::testing::scripted_transport;
using namespace tests;
using namespace std::chrono_literals;

// The behaviour that both clients share is tested in retry/.

namespace {

/// Collects the results; shared by its copies.
struct collector {
  std::shared_ptr<std::vector<result<invite_response>>> replies =
      std::make_shared<std::vector<result<invite_response>>>();
  void operator()(result<invite_response> reply) const { replies->push_back(std::move(reply)); }
};

}  // namespace

TEST_CASE("the handler is called once, after the response", "[async_client]") {
  scripted_transport const network;
  fake_service const service;
  network.set_default(service);
  async_client client{network, session_config()};
  collector const handler;
  client.async_invite(invite_jamie, handler);
  CHECK(handler.replies->empty());
  network.clock().run();
  REQUIRE(handler.replies->size() == 1);
  CHECK(handler.replies->front().has_value());
  CHECK(service.deliveries(jamie) == 1);
}

TEST_CASE("a request that is rejected locally completes within async_invite", "[async_client]") {
  scripted_transport const network;
  async_client client{network, session_config()};
  collector const handler;
  client.async_invite({.account_group_token = "group"}, handler);
  REQUIRE(handler.replies->size() == 1);
  CHECK(handler.replies->front().error().code == errc::invalid_argument);
  CHECK(handler.replies->front().error().attempts == 0);
  network.clock().run();
  CHECK(handler.replies->size() == 1);
  CHECK(network.requests().empty());
}

TEST_CASE("a handler may be move-only, and is called as an lvalue", "[async_client][handlers]") {
  scripted_transport const network;
  network.fail(refused);
  network.answer(empty_success);
  async_client client{network, session_config(steady())};
  int called = 0;
  struct handler_type {
    std::unique_ptr<int*> calls;
    void operator()(result<invite_response> reply) { **calls += reply ? 1 : 100; }
  };
  client.async_invite(invite_jamie, handler_type{std::make_unique<int*>(&called)});
  network.clock().run();
  CHECK(called == 1);
}

TEST_CASE("the request need not outlive async_invite", "[async_client]") {
  scripted_transport const network;
  fake_service const service;
  network.fail(refused);
  network.set_default(service);
  async_client client{network, session_config(steady())};
  collector const handler;
  auto request = std::make_unique<fictive::invite_request>(invite_jamie);
  client.async_invite(*request, handler);
  request.reset();
  network.clock().run();
  CHECK(handler.replies->size() == 1);
  CHECK(service.deliveries(jamie) == 1);
}

TEST_CASE("concurrent calls of one client are independent", "[async_client]") {
  scripted_transport const network;
  fake_service const service;
  network.fail(refused, 3s);
  network.answer({.status = 404}, 2s);
  network.answer(empty_success, 1s);
  network.set_default(service);
  async_client client{network, session_config(steady())};
  collector const first, second, third;
  client.async_invite(invite_jamie, first);
  client.async_invite(invite_jamie, second);
  client.async_invite(invite_jamie, third);
  network.clock().run();
  REQUIRE(first.replies->size() == 1);
  REQUIRE(second.replies->size() == 1);
  REQUIRE(third.replies->size() == 1);
  CHECK(first.replies->front().has_value());
  CHECK(second.replies->front().error().code == errc::not_found);
  CHECK(third.replies->front().has_value());
  CHECK(network.requests().size() == 4);
  CHECK(service.deliveries(jamie) == 1);
}

TEST_CASE("copies of an asynchronous client share the budget, two clients do not", "[async_client][budget]") {
  scripted_transport const network;
  network.set_default([](http_request const&) { return refused; });
  auto const attempts_of = [&](auto& client) {
    collector const handler;
    client.async_invite(invite_jamie, handler);
    network.clock().run();
    REQUIRE(handler.replies->size() == 1);
    return handler.replies->front().error().attempts;
  };
  async_client client{network, session_config(steady())};
  auto copy = client;
  for (int i = 0; i < 25; ++i) {
    CHECK(attempts_of(client) == 3);
    CHECK(attempts_of(copy) == 3);
  }
  CHECK(attempts_of(client) == 1);
  CHECK(attempts_of(copy) == 1);
  async_client other{network, session_config(steady())};
  CHECK(attempts_of(other) == 3);
}

TEST_CASE("a handler may destroy the client, at once or later", "[async_client][handlers]") {
  scripted_transport const network;
  network.answer_inline(GENERATE(false, true));
  network.fail(refused);
  network.answer(empty_success);
  auto client = std::make_unique<async_client<scripted_transport>>(network, session_config({.jitter = always(0)}));
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

TEST_CASE("a handler may start another call, at once or later", "[async_client][handlers]") {
  scripted_transport const network;
  fake_service const service;
  network.answer_inline(GENERATE(false, true));
  network.set_default(service);
  async_client client{network, session_config()};
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

TEST_CASE("calls continue after their client is destroyed", "[async_client][lifetime]") {
  scripted_transport const network;
  fake_service const service;
  auto const destroyed_at = GENERATE(as<std::chrono::nanoseconds>(), 0s, 500ms, 1s, 1100ms, 1250ms);
  network.fail(refused, 1s);
  network.set_default(service);
  std::optional client = async_client{network, session_config(steady())};
  collector const handler;
  client->async_invite(invite_jamie, handler);
  if (destroyed_at == 0s)
    client.reset();
  else
    network.clock().post_after(destroyed_at, [&] { client.reset(); });
  network.clock().run();
  CHECK(!client);
  REQUIRE(handler.replies->size() == 1);
  CHECK(handler.replies->front().has_value());
  CHECK(service.deliveries(jamie) == 1);
}

namespace {

/// Has a life that a test can observe.
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

TEST_CASE("calls keep the transport until they end, and not longer", "[async_client][lifetime]") {
  scripted_transport const network;
  network.answer(empty_success, 1s);
  network.answer(empty_success, 2s);
  auto life = std::make_shared<int>();
  std::weak_ptr<int> const watch = life;
  std::optional client = async_client{transport_with_life{network, std::move(life)}, session_config()};
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

TEST_CASE("a handler is destroyed after it was called", "[async_client][lifetime]") {
  scripted_transport const network;
  network.fail(refused);
  network.answer(empty_success);
  async_client client{network, session_config(steady())};
  auto life = std::make_shared<int>();
  std::weak_ptr<int> const watch = life;
  client.async_invite(invite_jamie, [life = std::move(life)](result<invite_response> const&) {});
  CHECK(!watch.expired());
  network.clock().run();
  CHECK(watch.expired());
}

TEST_CASE("a call whose transport drops the handler leaks nothing", "[async_client][lifetime]") {
  scripted_transport const network;
  auto life = std::make_shared<int>();
  std::weak_ptr<int> const watch = life;
  async_client client{network, session_config()};
  // The script is at its end, which throws.
  CHECK_THROWS_AS(client.async_invite(invite_jamie, [life = std::move(life)](result<invite_response> const&) {}),
                  std::logic_error);
  CHECK(watch.expired());
}

#if defined(__cpp_lib_jthread)

TEST_CASE("a cancelled call completes once and sends nothing afterwards, whenever it is cancelled",
          "[async_client][cancellation]") {
  scripted_transport const network;
  network.answer_inline(GENERATE(false, true));
  network.fail(refused, 1s);
  network.fail(refused);
  network.answer(empty_success, 1s);
  auto const stopped_at = GENERATE(range(0, 31)) * 100ms;
  std::stop_source source;
  network.clock().post_after(stopped_at, [&] { source.request_stop(); });
  async_client client{network, session_config(steady())};
  std::size_t called = 0, sent_before = 0;
  client.async_invite(invite_jamie, {.stop = source.get_token()}, [&](result<invite_response> const& reply) {
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

TEST_CASE("a call that is cancelled before it begins completes within async_invite", "[async_client][cancellation]") {
  scripted_transport const network;
  std::stop_source source;
  source.request_stop();
  async_client client{network, session_config()};
  collector const handler;
  client.async_invite(invite_jamie, {.stop = source.get_token()}, handler);
  REQUIRE(handler.replies->size() == 1);
  CHECK(handler.replies->front().error().code == errc::cancelled);
  CHECK(handler.replies->front().error().effect == effect::none);
  CHECK(handler.replies->front().error().attempts == 0);
}

TEST_CASE("a handler may stop the token of its own call", "[async_client][cancellation]") {
  scripted_transport const network;
  network.answer(empty_success, 1s);
  std::stop_source source;
  async_client client{network, session_config()};
  int called = 0;
  client.async_invite(invite_jamie, {.stop = source.get_token()}, [&](result<invite_response> const& reply) {
    source.request_stop();
    called += reply ? 1 : 100;
  });
  network.clock().run();
  CHECK(called == 1);
}

#endif

}  // namespace async_client_tests
