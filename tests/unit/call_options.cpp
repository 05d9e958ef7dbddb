#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
#include "support/fixtures.hpp"
#include "support/text.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace call_options_tests {

using fictive::call_step;
using fictive::effect;
using fictive::errc;
using fictive::http_request;
using fictive::http_response;
using namespace tests;
using namespace std::chrono_literals;

namespace {

fictive::error failure_with(fictive::http_headers headers) {
  fictive::invite_call call(session_config(), invite_jamie, {}, {.headers = std::move(headers)});
  REQUIRE(call.next() == call_step::done);
  return call.outcome().error();
}

}  // namespace

TEST_CASE("the headers of a call are sent with each of its attempts", "[call_options]") {
  fictive::testing::scripted_transport network;
  network.fail(refused);
  network.answer({.status = 404});
  network.answer({.status = 404});
  fictive::client client{network, session_config(steady())};
  CHECK(!client.invite(invite_jamie, {.headers = {{"traceparent", "00-1-2-01"}, {"X-Other", "value"}}}));
  CHECK(!client.invite(invite_jamie));
  auto const header = [&](std::size_t request, char const* name) {
    return fictive::find_header(network.requests().at(request).request.headers, name);
  };
  for (std::size_t i : {0u, 1u}) {
    REQUIRE(header(i, "traceparent"));
    CHECK(*header(i, "traceparent") == "00-1-2-01");
    CHECK(*header(i, "X-Other") == "value");
  }
  CHECK(!header(2, "traceparent"));
}

TEST_CASE("the headers of a call are subject to the rules of extra_headers", "[call_options][errors]") {
  auto const [name, value] = GENERATE(table<std::string, std::string>({{"Host", "a"},
                                                                       {"Content-Length", "1"},
                                                                       {"x-sessionid", "hidden"},
                                                                       {"X-TokenId", "hidden"},
                                                                       {"accept", "hidden"},
                                                                       {"User-Agent", "hidden"},
                                                                       {"traceparent", "hidden\r\nX: y"},
                                                                       {"a name", "hidden"}}));
  auto const e = failure_with({{"X-Good", "good"}, {name, value}});
  CHECK(e.code == errc::invalid_argument);
  CHECK(e.effect == effect::none);
  CHECK(e.attempts == 0);
  CHECK(e.message.starts_with("call_options::headers[1]"));
  CHECK(!contains(e.message, "hidden"));
}

TEST_CASE("the deadline of a call is in place of that of the policy, be it shorter or longer",
          "[call_options][deadline]") {
  auto const deadline = GENERATE(as<std::chrono::milliseconds>(), 5s, 20s, 300s);
  fictive::invite_call call(session_config({.deadline = 10s}), invite_jamie, {}, {.deadline = deadline});
  REQUIRE(call.next() == call_step::send);
  CHECK(call.request().limits.total_timeout == (deadline < 60s ? deadline : 60s));
}

TEST_CASE("a call whose deadline is over at its begin sends nothing", "[call_options][deadline]") {
  fictive::invite_call const call(session_config(), invite_jamie, {}, {.deadline = 0s});
  REQUIRE(call.next() == call_step::done);
  CHECK(call.outcome().error().code == errc::timed_out);
  CHECK(call.outcome().error().effect == effect::none);
  CHECK(contains(call.outcome().error().message, "call_options::deadline"));
}

TEST_CASE("an attempt that the deadline ends says so, instead of naming limits.total_timeout",
          "[call_options][deadline][errors]") {
  fictive::testing::scripted_transport network;
  network.answer(empty_success, 1s);
  fictive::client client{network, session_config()};
  auto const e = client.invite(invite_jamie, {.deadline = 300ms}).error();
  CHECK(e.code == errc::timed_out);
  CHECK(e.effect == effect::unknown);
  CHECK(contains(e.message, "the deadline of the call: retry.deadline or call_options::deadline"));
}

TEST_CASE("an attempt that its own limit ends at the deadline names the limit", "[call_options][deadline][errors]") {
  fictive::testing::scripted_transport network;
  network.fail({.code = errc::timed_out, .effect = effect::unknown, .message = "limits.total_timeout"}, 5s);
  auto config = session_config();
  config.limits.total_timeout = 5s;
  fictive::client client{network, config};
  auto const e = client.invite(invite_jamie, {.deadline = 5s}).error();
  CHECK(contains(e.message, "limits.total_timeout"));
  CHECK(!contains(e.message, "the deadline of the call:"));
}

TEST_CASE("an attempt that the deadline ends before it sends keeps the transport's advice",
          "[call_options][deadline][errors]") {
  fictive::testing::scripted_transport network;
  network.fail({.code = errc::timed_out, .effect = effect::none, .message = "raise options.max_connections"}, 300ms);
  fictive::client client{network, session_config()};
  auto const e = client.invite(invite_jamie, {.deadline = 300ms}).error();
  CHECK(e.code == errc::timed_out);
  CHECK(contains(e.message, "raise options.max_connections"));
  CHECK(contains(e.message, "the deadline of the call: retry.deadline or call_options::deadline"));
}

TEST_CASE("a message says what ended the retries", "[retry][errors]") {
  auto const message_of = [](fictive::retry_policy policy, fictive::result<http_response> const& answer,
                             unsigned attempts) {
    fictive::testing::scripted_transport network;
    network.set_default([&](http_request const&) { return answer; });
    fictive::client client{network, session_config(std::move(policy))};
    auto const e = client.invite(invite_jamie).error();
    CHECK(e.attempts == attempts);
    return e.message;
  };
  CHECK(contains(message_of({}, status(429), 3), "not retried, since retry.max_attempts is reached"));
  CHECK(contains(message_of({.budget = std::make_shared<fictive::retry_budget>(0)}, status(429), 1),
                 "not retried, since retry.budget is empty"));
  CHECK(contains(message_of({}, throttled(429, "121"), 1),
                 "not retried, since Retry-After is longer than retry.max_retry_after"));
  CHECK(contains(message_of({.deadline = 5s}, throttled(429, "5"), 1),
                 "not retried, since the next attempt would begin after the deadline"));
  CHECK(contains(message_of({}, status(500), 1), "not retried, since it may have taken effect"));
  CHECK(contains(message_of({}, status(421), 2), "a new connection did not help"));
  CHECK(!contains(message_of({}, status(400), 1), "not retried"));
}

TEST_CASE("the events of a call have its id and label", "[call_options][hooks]") {
  std::vector<std::uint64_t> ids;
  std::vector<std::string> events;
  auto const add = [&](char const* what, auto const& event) {
    ids.push_back(event.call_id);
    events.push_back(std::string(what).append(event.label));
    CHECK(event.route == fictive::invite_endpoint::route);
  };
  auto config = session_config(steady());
  config.hooks = {.on_start = [&](fictive::start_event const& event) { add("start ", event); },
                  .on_attempt = [&](fictive::attempt_event const& event) { add("attempt ", event); },
                  .on_result = [&](fictive::result_event const& event) { add("result ", event); }};
  fictive::testing::scripted_transport network;
  network.fail(refused);
  network.set_default([](http_request const&) { return status(404); });
  fictive::client client{network, config};
  CHECK(!client.invite(invite_jamie, {.label = "one"}));
  CHECK(!client.invite({}, {.label = "two"}));
  CHECK(events ==
        std::vector<std::string>{"start one", "attempt one", "attempt one", "result one", "start two", "result two"});
  CHECK(ids[0] != 0);
  CHECK(ids == std::vector<std::uint64_t>{ids[0], ids[0], ids[0], ids[0], ids[4], ids[4]});
  CHECK(ids[0] != ids[4]);
}

TEST_CASE("on_result is called although the transport throws", "[hooks]") {
  std::optional<errc> code;
  std::optional<effect> did;
  unsigned attempts = 0, results = 0;
  auto config = session_config(steady());
  config.hooks = {.on_attempt = [&](fictive::attempt_event const&) { ++attempts; },
                  .on_result =
                      [&](fictive::result_event const& event) {
                        ++results;
                        code = event.code;
                        did = event.effect;
                      }};
  SECTION("blocking") {
    fictive::client client{[](http_request const&) -> http_response { throw std::domain_error("thrown"); }, config};
    CHECK_THROWS_AS(client.invite(invite_jamie), std::domain_error);
  }
  SECTION("asynchronous") {
    fictive::testing::scripted_transport const network;  // an empty script throws
    fictive::async_client client{network, config};
    CHECK_THROWS_AS(client.async_invite(invite_jamie, [](auto const&) {}), std::logic_error);
  }
  CHECK(results == 1);
  CHECK(attempts == 1);
  CHECK(code == errc::transport_failure);
  CHECK(did == effect::unknown);
}

}  // namespace call_options_tests
