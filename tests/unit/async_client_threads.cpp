#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
#include "support/fixtures.hpp"
#include "support/stack_gauge.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace async_client_threads_tests {

using fictive::async_client;
using fictive::http_request;
using fictive::invite_response;
using fictive::result;
using fictive::stop_token;
using fictive::testing::fake_service;
using fictive::testing::scripted_transport;
using namespace tests;
using namespace std::chrono_literals;

namespace {

/// Answers on its own threads. With `before_return`, an answer completes before async_send returns; otherwise it runs
/// concurrently. A delay takes no time.
class threaded_transport {
 public:
  threaded_transport(fake_service service, unsigned failures, bool before_return)
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

  /// Call it when no call is in progress.
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
    auto const keep = state_;  // the answer may destroy the transport
    if (before_return_) return std::thread(std::move(give)).join();
    std::lock_guard const lock(keep->mutex);
    keep->threads.emplace_back(std::move(give));
  }

  std::shared_ptr<state> state_;
  fake_service service_;
  bool before_return_;
};

}  // namespace

TEST_CASE("immediate answers do not grow the stack", "[async_client][stack][long]") {
  constexpr unsigned attempts = 100'000;
  scripted_transport const network;
  network.answer_inline(true);
  stack_gauge stack;
  network.set_default([&](http_request const&) {
    stack.look();
    return refused;
  });
  async_client client{
      network, session_config({.max_attempts = attempts, .deadline = 1h, .budget = nullptr, .jitter = always(0)})};
  std::optional<result<invite_response>> reply;
  client.async_invite(invite_jamie, [&](result<invite_response> outcome) { reply = std::move(outcome); });
  REQUIRE(reply);
  CHECK(reply->error().attempts == attempts);
  CHECK(stack.growth() < 4096);
}

TEST_CASE("immediate responses between delays do not grow the stack", "[async_client][stack]") {
  scripted_transport const network;
  network.answer_inline(true);
  stack_gauge stack;
  network.set_default([&](http_request const&) {
    stack.look();
    return refused;
  });
  async_client client{
      network, session_config({.max_attempts = 1000, .deadline = 10h, .budget = nullptr, .jitter = always(0.5)})};
  std::optional<result<invite_response>> reply;
  client.async_invite(invite_jamie, [&](result<invite_response> outcome) { reply = std::move(outcome); });
  network.clock().run();
  REQUIRE(reply);
  CHECK(reply->error().attempts == 1000);
  CHECK(stack.growth() < 4096);
}

TEST_CASE("a transport may answer on another thread, even before async_send returns", "[async_client][threads]") {
  fake_service const service;
  auto const before_return = GENERATE(true, false);
  constexpr std::size_t calls = 200;
  threaded_transport const transport(service, 2, before_return);
  async_client client{transport, session_config({.deadline = 1h, .jitter = always(0)})};
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

TEST_CASE("calls of one client may run on many threads", "[async_client][threads]") {
  fake_service const service;
  threaded_transport const transport(service, 0, false);
  async_client client{transport, session_config()};
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

}  // namespace async_client_threads_tests
