#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace scripted_transport_tests {

using fictive::effect;
using fictive::errc;
using fictive::http_request;
using fictive::http_response;
using fictive::result;
using fictive::stop_token;
using fictive::transport_error;
using fictive::testing::scripted_transport;
using fictive::testing::virtual_clock;
using namespace std::chrono_literals;

static_assert(fictive::transport<scripted_transport>);
static_assert(fictive::async_transport<scripted_transport>);
static_assert(fictive::has_clock<scripted_transport>);

namespace {

using time_point = virtual_clock::time_point;

time_point at(std::chrono::nanoseconds time) {
  return time_point(time);
}

fictive::error const reset = transport_error(std::make_error_code(std::errc::connection_reset), effect::none);

http_request request_to(std::string url, std::chrono::milliseconds timeout = 60s) {
  return {.method = "POST", .url = std::move(url), .limits = {.total_timeout = timeout}};
}

/// What a call came to, and when.
struct reply {
  std::optional<result<http_response>> what;
  time_point when;
};

/// The same request in either way; the virtual time goes on until there is an answer.
reply ask(scripted_transport const& network, bool asynchronously, stop_token stop = {},
          http_request const& request = request_to("https://here.example")) {
  if (!asynchronously) {
    auto answer = network(request, stop);
    return {std::move(answer), network.now()};
  }
  reply got;
  network.async_send(request, stop, [&](result<http_response> answer) {
    CHECK(!got.what);
    got = {std::move(answer), network.now()};
  });
  network.clock().run();
  REQUIRE(got.what);
  return got;
}

}  // namespace

// ------------------------------------------------------------------------------------------------------------- clock

TEST_CASE("virtual time passes only when it is advanced", "[testing][virtual_clock]") {
  virtual_clock const clock;
  CHECK(clock.now() == at(0s));
  bool done = false;
  clock.post_after(1s, [&] { done = true; });
  CHECK(clock.now() == at(0s));
  CHECK(!done);
  clock.run();
  CHECK(clock.now() == at(1s));
  CHECK(done);
}

TEST_CASE("events run in the order of their times, then of their scheduling", "[testing][virtual_clock]") {
  virtual_clock const clock;
  std::string order;
  auto const note = [&](char c) { return [&order, c] { order += c; }; };
  clock.post_after(2s, note('d'));
  clock.post_at(at(1s), note('b'));
  clock.post_after(1s, note('c'));
  clock.post_after(0s, note('a'));
  clock.run();
  CHECK(order == "abcd");
}

TEST_CASE("an event in the past runs at the current time", "[testing][virtual_clock]") {
  virtual_clock const clock;
  clock.post_after(5s, [] {});
  clock.run();
  std::optional<time_point> when;
  clock.post_at(at(1s), [&] { when = clock.now(); });
  clock.run();
  CHECK(when == at(5s));
  CHECK(clock.now() == at(5s));
}

TEST_CASE("an event may schedule others", "[testing][virtual_clock]") {
  virtual_clock const clock;
  std::vector<time_point> when;
  clock.post_after(1s, [&] {
    when.push_back(clock.now());
    clock.post_after(1s, [&] { when.push_back(clock.now()); });
  });
  clock.run();
  CHECK(when == std::vector{at(1s), at(2s)});
}

TEST_CASE("time advances until a given time, or until a predicate holds", "[testing][virtual_clock]") {
  virtual_clock const clock;
  int done = 0;
  for (auto const time : {1s, 2s, 3s}) clock.post_after(time, [&] { ++done; });
  auto const never = [] { return false; };
  SECTION("what is due at that time happens, what is later does not") {
    clock.run_until(at(2s), never);
    CHECK(done == 2);
    CHECK(clock.now() == at(2s));
  }
  SECTION("the time comes even if nothing happens then") {
    clock.run_until(at(2500ms), never);
    CHECK(clock.now() == at(2500ms));
    clock.run_until(at(9s), never);
    CHECK(done == 3);
    CHECK(clock.now() == at(9s));
  }
  SECTION("time does not go back") {
    clock.run_until(at(2s), never);
    clock.run_until(at(1s), never);
    CHECK(clock.now() == at(2s));
  }
  SECTION("enough is enough") {
    clock.run_until(at(9s), [&] { return done == 1; });
    CHECK(clock.now() == at(1s));
    clock.run_until(at(9s), [] { return true; });
    CHECK(clock.now() == at(1s));
  }
}

TEST_CASE("copies of a virtual clock are one clock", "[testing][virtual_clock]") {
  virtual_clock const clock;
  auto const copy = clock;
  copy.post_after(1s, [] {});
  clock.run();
  CHECK(copy.now() == at(1s));
}

// --------------------------------------------------------------------------------------------------------- transport

TEST_CASE("a scripted transport answers in order, after the delays, and records the requests",
          "[testing][scripted_transport]") {
  auto const asynchronously = GENERATE(false, true);
  scripted_transport const network;
  network.answer({.status = 200, .headers = {{"A", "b"}}, .body = "first"});
  network.fail(reset, 2s);
  network.answer({.status = 404}, 1s);
  CHECK(network.unused_responses() == 3);

  auto const first = ask(network, asynchronously, {}, request_to("https://first.example"));
  REQUIRE(*first.what);
  CHECK((*first.what)->status == 200);
  CHECK((*first.what)->body == "first");
  CHECK((*first.what)->headers.at(0).value == "b");
  CHECK(first.when == at(0s));

  auto const second = ask(network, asynchronously, {}, request_to("https://second.example"));
  REQUIRE(!*second.what);
  CHECK(second.what->error().cause == std::errc::connection_reset);
  CHECK(second.what->error().effect == effect::none);
  CHECK(second.when == at(2s));
  CHECK(network.unused_responses() == 1);

  auto const third = ask(network, asynchronously, {}, request_to("https://third.example"));
  REQUIRE(*third.what);
  CHECK((*third.what)->status == 404);
  CHECK(third.when == at(3s));

  CHECK(network.unused_responses() == 0);
  REQUIRE(network.requests().size() == 3);
  CHECK(network.requests()[0].request.url == "https://first.example");
  CHECK(network.requests()[1].request.url == "https://second.example");
  CHECK(network.requests()[2].request.url == "https://third.example");
  CHECK(network.requests()[0].at == at(0s));
  CHECK(network.requests()[1].at == at(0s));
  CHECK(network.requests()[2].at == at(2s));
}

TEST_CASE("a request after the end of the script throws, and is recorded", "[testing][scripted_transport]") {
  scripted_transport const network;
  network.answer({.status = 200});
  CHECK(network(request_to("https://here.example"), {}));
  CHECK_THROWS_AS(network(request_to("https://here.example"), {}), std::logic_error);
  CHECK_THROWS_AS(network.async_send(request_to("https://here.example"), {}, [](result<http_response> const&) {}),
                  std::logic_error);
  CHECK(network.requests().size() == 3);
}

TEST_CASE("set_default() answers after the end of the script", "[testing][scripted_transport]") {
  auto const asynchronously = GENERATE(false, true);
  scripted_transport const network;
  network.set_default([](http_request const& request) { return http_response{.status = 200, .body = request.url}; });
  network.answer({.status = 404});
  CHECK((*ask(network, asynchronously).what)->status == 404);
  CHECK((*ask(network, asynchronously).what)->body == "https://here.example");
  CHECK((*ask(network, asynchronously).what)->body == "https://here.example");
}

TEST_CASE("copies of a scripted transport share the script", "[testing][scripted_transport]") {
  scripted_transport const network;
  auto const copy = network;
  copy.answer({.status = 200}, 1s);
  CHECK(network(request_to("https://here.example"), {}));
  CHECK(copy.requests().size() == 1);
  CHECK(copy.now() == at(1s));
  CHECK(network.clock().now() == at(1s));
}

TEST_CASE("an answer that exceeds the total timeout is a timeout with the effect of the answer",
          "[testing][scripted_transport]") {
  auto const asynchronously = GENERATE(false, true);
  scripted_transport const network;
  auto const [delay, in_time] = GENERATE(table<std::chrono::milliseconds, bool>(
      {{999ms, true}, {1000ms, true}, {1001ms, false}, {std::chrono::milliseconds(1h), false}}));
  auto const request = request_to("https://here.example", 1s);
  SECTION("of a response: unknown") {
    network.answer({.status = 200}, delay);
    auto const got = ask(network, asynchronously, {}, request);
    CHECK(got.what->has_value() == in_time);
    if (!in_time) {
      CHECK(got.what->error().code == errc::timed_out);
      CHECK(got.what->error().effect == effect::unknown);
    }
    CHECK(got.when == at(in_time ? delay : 1s));
  }
  SECTION("of a failure: the failure's") {
    network.fail(reset, delay);
    auto const got = ask(network, asynchronously, {}, request);
    REQUIRE(!*got.what);
    CHECK(got.what->error().code == (in_time ? errc::transport_failure : errc::timed_out));
    CHECK(got.what->error().effect == effect::none);
  }
}

TEST_CASE("asynchronous answers are immediate only with answer_inline and without delay",
          "[testing][scripted_transport]") {
  scripted_transport const network;
  auto const is_inline = GENERATE(false, true);
  network.answer_inline(is_inline);
  network.answer({.status = 200});
  network.answer({.status = 200}, 1ms);
  int answered = 0;
  auto const count = [&](result<http_response> const&) { ++answered; };
  network.async_send(request_to("https://here.example"), {}, count);
  CHECK(answered == (is_inline ? 1 : 0));
  network.async_send(request_to("https://here.example"), {}, count);
  CHECK(answered == (is_inline ? 1 : 0));
  network.async_wait(0s, {}, [&] { answered += 10; });
  CHECK(answered == (is_inline ? 11 : 0));
  network.async_wait(1s, {}, [&] { answered += 100; });
  CHECK(answered == (is_inline ? 11 : 0));
  network.clock().run();
  CHECK(answered == 112);
}

TEST_CASE("asynchronous answers arrive in the order of their times", "[testing][scripted_transport]") {
  scripted_transport const network;
  network.answer({.status = 201}, 2s);
  network.answer({.status = 202}, 1s);
  std::vector<int> order;
  for (int i = 0; i < 2; ++i)
    network.async_send(request_to("https://here.example"), {},
                       [&](result<http_response> const& got) { order.push_back(got->status); });
  network.clock().run();
  CHECK(order == std::vector{202, 201});
}

TEST_CASE("handlers of a scripted transport may be move-only", "[testing][scripted_transport]") {
  scripted_transport const network;
  network.answer({.status = 200});
  int called = 0;
  network.async_send(request_to("https://here.example"), {},
                     [&, held = std::make_unique<int>(1)](result<http_response> const&) { called += *held; });
  network.async_wait(1s, {}, [&, held = std::make_unique<int>(2)] { called += *held; });
  network.clock().run();
  CHECK(called == 3);
}

TEST_CASE("waiting advances the time and runs the events in between", "[testing][scripted_transport]") {
  scripted_transport const network;
  int done = 0;
  for (auto const time : {1s, 2s, 3s}) network.clock().post_after(time, [&] { ++done; });
  CHECK(network.wait_until(at(2s), {}));
  CHECK(done == 2);
  CHECK(network.now() == at(2s));
  CHECK(network.wait_until(at(1s), {}));
  CHECK(network.now() == at(2s));
}

#if defined(__cpp_lib_jthread)

TEST_CASE("a cancelled request ends at once, with the effect of its answer", "[testing][scripted_transport]") {
  auto const asynchronously = GENERATE(false, true);
  scripted_transport const network;
  std::stop_source source;
  network.clock().post_after(1s, [&] { source.request_stop(); });
  SECTION("of a response: unknown") {
    network.answer({.status = 200}, 2s);
    auto const got = ask(network, asynchronously, source.get_token());
    REQUIRE(!*got.what);
    CHECK(got.what->error().code == errc::cancelled);
    CHECK(got.what->error().effect == effect::unknown);
    CHECK(got.when == at(1s));
  }
  SECTION("of a failure: the failure's") {
    network.fail(reset, 2s);
    auto const got = ask(network, asynchronously, source.get_token());
    CHECK(got.what->error().code == errc::cancelled);
    CHECK(got.what->error().effect == effect::none);
    CHECK(got.when == at(1s));
  }
  SECTION("an answer that came before stays one") {
    network.answer({.status = 200}, 500ms);
    auto const got = ask(network, asynchronously, source.get_token());
    CHECK(got.what->has_value());
    CHECK(got.when == at(500ms));
  }
}

TEST_CASE("a cancelled wait ends at once", "[testing][scripted_transport]") {
  scripted_transport const network;
  std::stop_source source;
  network.clock().post_after(1s, [&] { source.request_stop(); });
  SECTION("blocking") {
    CHECK(!network.wait_until(at(2s), source.get_token()));
    CHECK(network.now() == at(1s));
  }
  SECTION("asynchronous") {
    std::vector<time_point> ended;
    network.async_wait(2s, source.get_token(), [&] { ended.push_back(network.now()); });
    network.clock().run();
    CHECK(ended == std::vector{at(1s)});
  }
  SECTION("stopped before") {
    source.request_stop();
    CHECK(!network.wait_until(at(2s), source.get_token()));
    CHECK(network.now() == at(0s));
    std::vector<time_point> ended;
    network.async_wait(2s, source.get_token(), [&] { ended.push_back(network.now()); });
    network.clock().run();
    CHECK(ended == std::vector{at(0s)});
  }
}

#endif

}  // namespace scripted_transport_tests
