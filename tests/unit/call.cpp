#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
#include "support/fixtures.hpp"
#include "support/text.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace call_tests {

using fictive::call_step;
using fictive::effect;
using fictive::errc;
using fictive::http_response;
using fictive::invite_call;
using namespace tests;
using namespace std::chrono_literals;

namespace {

using time_point = invite_call::time_point;

time_point const begin = time_point() + 1000h;
fictive::client_config const config = session_config(steady());

invite_call begun(fictive::retry_policy policy = steady()) {
  return {session_config(std::move(policy)), invite_jamie, begin};
}

}  // namespace

TEST_CASE("a call is driven by any loop", "[call]") {
  fictive::testing::scripted_transport network;
  fictive::testing::fake_service service;
  network.fail(refused, 1s);
  network.set_default(service);
  auto const drive = [&] {
    invite_call call(config, invite_jamie, network.now());
    while (call.next() != call_step::done)
      if (call.next() == call_step::send) {
        auto const response = network(call.request(), {});
        call.responded(response, network.now());
      } else {
        network.wait_until(call.wait_until(), {});
        call.waited(network.now());
      }
    return std::move(call).outcome();
  };
  auto const reply = drive();
  REQUIRE(reply);
  CHECK(reply->valid_invitations.size() == 1);
  CHECK(service.deliveries(jamie) == 1);
  CHECK(network.requests().size() == 2);
  CHECK(network.now().time_since_epoch() == 1250ms);
}

TEST_CASE("a call that is abandoned while it sends has the status of no earlier attempt", "[call][effect]") {
  auto call = begun();
  call.responded(http_response{.status = 429}, begin);
  REQUIRE(call.next() == call_step::wait);
  SECTION("during a delay") {
    call.abandon(std::make_error_code(std::errc::state_not_recoverable), "no timer", begin);
    CHECK(call.outcome().error().status == 429);
    CHECK(call.outcome().error().effect == effect::none);
  }
  SECTION("while it sends") {
    call.waited(call.wait_until());
    REQUIRE(call.next() == call_step::send);
    call.abandon(std::make_error_code(std::errc::state_not_recoverable), "no socket", call.wait_until());
    CHECK(call.outcome().error().status == 0);
    CHECK(call.outcome().error().effect == effect::unknown);
  }
}

TEST_CASE("connections are suspect after a response that did not answer the call", "[call][connections]") {
  auto call = begun();
  CHECK(!call.connections_are_suspect());
  SECTION("the answer to another call") {
    call.responded(http_response{.status = 200, .body = R"({"invalidEmailAddresses":["somebody@example.com"]})"},
                   begin);
    CHECK(call.connections_are_suspect());
  }
  SECTION("a page") {
    call.responded(http_response{.status = 200, .body = "<p>Log in"}, begin);
    CHECK(call.connections_are_suspect());
  }
  SECTION("an answer that is lost") {
    call.responded(http_response{.status = 204}, begin);
    CHECK(!call.connections_are_suspect());
  }
  SECTION("a malformed response, as a transport reports it") {
    call.responded(fictive::error{.code = errc::malformed_response}, begin);
    CHECK(!call.connections_are_suspect());
  }
  SECTION("a failure that is retried") {
    call.responded(http_response{.status = 429}, begin);
    CHECK(!call.connections_are_suspect());
  }
}

TEST_CASE("a call over a reference reads the caller's request, and can be moved", "[call]") {
  auto request = invite_jamie;
  invite_call first(config, std::cref(request), begin);
  auto call = std::move(first);
  request.email_addresses.emplace_back("late@example.com");
  call.responded(http_response{.status = 200, .body = R"({"invalidEmailAddresses":[")" + jamie + "\"]}"}, begin);
  CHECK(call.outcome().value().unaccounted_email_addresses == std::vector<std::string>{"late@example.com"});
}

TEST_CASE("a call begins with the request that make_invite_request builds", "[call]") {
  auto const call = begun();
  CHECK(call.next() == call_step::send);
  CHECK(call.attempts() == 0);
  auto const expected = fictive::make_invite_request(config, invite_jamie).value();
  CHECK(call.request().method == expected.method);
  CHECK(call.request().url == expected.url);
  CHECK(call.request().body == expected.body);
  CHECK(call.request().headers.size() == expected.headers.size());
  CHECK(call.request().limits.total_timeout == 60s);
  CHECK(call.request().limits.connect_timeout == 10s);
  CHECK(!call.request().force_new_connection);
}

TEST_CASE("a call whose request is rejected locally is done at once", "[call]") {
  invite_call call(config, {.account_group_token = "group"}, begin);
  CHECK(call.next() == call_step::done);
  CHECK(call.attempts() == 0);
  REQUIRE(!call.outcome());
  CHECK(call.outcome().error().code == errc::invalid_argument);
  CHECK(call.outcome().error().effect == effect::none);
  CHECK(call.outcome().error().attempts == 0);
}

TEST_CASE("a call is done after a success", "[call]") {
  auto call = begun();
  call.responded(empty_success, begin + 1s);
  CHECK(call.next() == call_step::done);
  CHECK(call.attempts() == 1);
  CHECK(call.outcome().has_value());
}

TEST_CASE("after a failure that may be retried, a call waits until a given time and then sends again",
          "[call][retry]") {
  auto call = begun();
  call.responded(refused, begin + 3s);
  REQUIRE(call.next() == call_step::wait);
  CHECK(call.wait_until() == begin + 3250ms);
  CHECK(call.attempts() == 1);
  REQUIRE(!call.outcome());
  CHECK(call.outcome().error().cause == std::errc::connection_refused);

  call.waited(begin + 4s);
  REQUIRE(call.next() == call_step::send);
  CHECK(call.attempts() == 1);
  call.responded(http_response{.status = 421}, begin + 5s);
  REQUIRE(call.next() == call_step::wait);
  CHECK(call.wait_until() == begin + 5500ms);
  CHECK(call.attempts() == 2);

  call.waited(begin + 5500ms);
  REQUIRE(call.next() == call_step::send);
  CHECK(call.request().force_new_connection);
  call.responded(refused, begin + 6s);
  CHECK(call.next() == call_step::done);
  CHECK(call.attempts() == 3);
  REQUIRE(!call.outcome());
  CHECK(call.outcome().error().attempts == 3);
  CHECK(call.outcome().error().effect == effect::none);
}

TEST_CASE("a call is done after a failure that must not be retried", "[call][retry]") {
  auto call = begun();
  call.responded(lost, begin);
  CHECK(call.next() == call_step::done);
  REQUIRE(!call.outcome());
  CHECK(call.outcome().error().effect == effect::unknown);
  CHECK(call.outcome().error().attempts == 1);
}

TEST_CASE("a delay of zero is still a wait", "[call][back_off]") {
  auto call = begun({.jitter = always(0)});
  call.responded(refused, begin);
  REQUIRE(call.next() == call_step::wait);
  CHECK(call.wait_until() == begin);
}

TEST_CASE("the limits of an attempt are cut to the time that is left", "[call][deadline]") {
  auto call = begun({.deadline = 20s, .jitter = always(0.5)});
  CHECK(call.request().limits.total_timeout == 20s);
  CHECK(call.request().limits.connect_timeout == 10s);
  call.responded(refused, begin + 5s);
  call.waited(begin + 12s);
  CHECK(call.request().limits.total_timeout == 8s);
  CHECK(call.request().limits.connect_timeout == 8s);
}

TEST_CASE("a delay that ends after the deadline ends the call", "[call][deadline]") {
  auto const late = GENERATE(as<std::chrono::nanoseconds>(), 1s, 1s + 1ns, 1h);
  auto call = begun({.deadline = 1s, .jitter = always(0.5)});
  call.responded(refused, begin + 700ms);
  REQUIRE(call.next() == call_step::wait);
  call.waited(begin + late);
  REQUIRE(call.next() == call_step::done);
  REQUIRE(!call.outcome());
  CHECK(call.outcome().error().effect == effect::none);
  CHECK(call.outcome().error().attempts == 1);
}

TEST_CASE("a call works with any epoch of its clock", "[call][deadline]") {
  auto const start = GENERATE(time_point(), time_point() - 1h, time_point((time_point::max)() - 24h));
  invite_call call(config, invite_jamie, start);
  REQUIRE(call.next() == call_step::send);
  CHECK(call.request().limits.total_timeout == 60s);
  call.responded(refused, start + 1s);
  REQUIRE(call.next() == call_step::wait);
  CHECK(call.wait_until() == start + 1250ms);
  call.waited(start + 1250ms);
  CHECK(call.request().limits.total_timeout == 60s);
}

TEST_CASE("a deadline beyond the range of the clock is its last time", "[call][deadline]") {
  auto const start = (time_point::max)() - 1h;
  invite_call call(session_config({.deadline = 2h, .jitter = always(0.5)}), invite_jamie, start);
  REQUIRE(call.next() == call_step::send);
  CHECK(call.request().limits.total_timeout == 60s);
  call.responded(refused, start + 59min);
  REQUIRE(call.next() == call_step::wait);
  call.waited(call.wait_until());
  CHECK(call.request().limits.total_timeout > 59s);
  CHECK(call.request().limits.total_timeout <= 60s);
}

TEST_CASE("a call can be moved between any two steps", "[call]") {
  auto first = begun();
  auto second = std::move(first);
  second.responded(refused, begin);
  auto third = std::move(second);
  REQUIRE(third.next() == call_step::wait);
  third.waited(third.wait_until());
  auto fourth = std::move(third);
  REQUIRE(fourth.next() == call_step::send);
  CHECK(fourth.request().body == R"({"emailAddresses":[")" + jamie + "\"]}");
  fourth.responded(empty_success, begin);
  CHECK(std::move(fourth).outcome().has_value());
}

TEST_CASE("a call needs neither configuration nor request after its construction", "[call]") {
  auto to = std::make_unique<fictive::client_config>(config);
  auto request = std::make_unique<fictive::invite_request>(invite_jamie);
  invite_call call(*to, *request, begin);
  to.reset();
  request.reset();
  fictive::testing::fake_service service;
  call.responded(service(call.request()), begin);
  CHECK(call.outcome().has_value());
  CHECK(service.deliveries(jamie) == 1);
}

TEST_CASE("a body is limited by the limits of the request", "[call][limits]") {
  auto to = config;
  to.limits.max_body_bytes = 1;
  invite_call call(to, invite_jamie, begin);
  call.responded(empty_success, begin);
  REQUIRE(!call.outcome());
  CHECK(call.outcome().error().code == errc::malformed_response);
  CHECK(call.outcome().error().effect == effect::applied);
}

TEST_CASE("a call that is cancelled before it sent anything had no effect", "[call][cancellation]") {
  auto call = begun();
  call.stop(begin + 1s);
  CHECK(call.next() == call_step::done);
  REQUIRE(!call.outcome());
  CHECK(call.outcome().error().code == errc::cancelled);
  CHECK(call.outcome().error().effect == effect::none);
  CHECK(call.outcome().error().attempts == 0);
  CHECK(contains(call.outcome().error().message, "before its first attempt"));
}

TEST_CASE("a call that is cancelled during or after a delay reports the effect of its attempts",
          "[call][cancellation]") {
  auto const [first, did] = GENERATE(table<fictive::error, effect>({{refused, effect::none}, {lost, effect::unknown}}));
  auto const has_waited = GENERATE(false, true);
  auto call = begun({.retry_unknown_effect = true, .jitter = always(0.5)});
  call.responded(first, begin);
  REQUIRE(call.next() == call_step::wait);
  if (has_waited) call.waited(begin + 250ms);
  call.stop(begin + 250ms);
  CHECK(contains(call.outcome().error().message, "between two attempts"));
  CHECK(call.next() == call_step::done);
  REQUIRE(!call.outcome());
  CHECK(call.outcome().error().code == errc::cancelled);
  CHECK(call.outcome().error().effect == did);
  CHECK(call.outcome().error().attempts == 1);
}

TEST_CASE("cancelling a call that is done changes nothing", "[call][cancellation]") {
  auto call = begun();
  SECTION("with an answer") {
    call.responded(empty_success, begin);
    call.stop(begin);
    CHECK(call.outcome().has_value());
  }
  SECTION("with an error") {
    call.responded(lost, begin);
    call.stop(begin);
    CHECK(call.outcome().error().code == errc::transport_failure);
  }
  SECTION("by a stop") {
    call.stop(begin);
    call.stop(begin);
    CHECK(call.outcome().error().code == errc::cancelled);
  }
  CHECK(call.next() == call_step::done);
}

TEST_CASE("events out of turn are ignored, and cause no request", "[call]") {
  SECTION("a second response does not turn a success into a retry") {
    auto call = begun();
    call.responded(empty_success, begin);
    call.responded(refused, begin);
    CHECK(call.next() == call_step::done);
    CHECK(call.outcome());
    CHECK(call.attempts() == 1);
  }
  SECTION("an early end of the delay does not skip it") {
    auto call = begun();
    call.responded(throttled(429, "7"), begin);
    call.waited(begin + 6999ms);
    CHECK(call.next() == call_step::wait);
    call.waited(call.wait_until());
    CHECK(call.next() == call_step::send);
  }
  SECTION("the end of the delay after a stop sends nothing") {
    auto call = begun();
    call.responded(refused, begin);
    call.stop(begin);
    call.waited(begin + 1h);
    CHECK(call.next() == call_step::done);
    CHECK(call.outcome().error().code == errc::cancelled);
  }
  SECTION("the end of a delay that was not begun") {
    auto call = begun();
    call.waited(begin + 1s);
    CHECK(call.next() == call_step::send);
    CHECK(call.attempts() == 0);
  }
}

}  // namespace call_tests
