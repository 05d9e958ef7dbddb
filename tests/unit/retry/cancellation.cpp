#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
#include "support/scenario.hpp"

#include <chrono>

#if defined(__cpp_lib_jthread)

namespace retry_cancellation_tests {

using fictive::effect;
using fictive::errc;
using fictive::http_request;
using namespace tests;
using namespace std::chrono_literals;

TEST_CASE("a call that is cancelled before it begins sends nothing", "[retry][cancellation]") {
  scenario s;
  std::stop_source source;
  source.request_stop();
  auto const e = s.fail(source.get_token());
  CHECK(e.code == errc::cancelled);
  CHECK(e.effect == effect::none);
  CHECK(e.attempts == 0);
  CHECK(s.sent() == 0);
  CHECK(s.ended == 0s);
}

TEST_CASE("a call that is cancelled while it sends ends at once, with the transport's effect",
          "[retry][cancellation][effect]") {
  scenario s;
  std::stop_source source;
  auto const did = GENERATE(effect::none, effect::unknown, effect::applied);
  s.config.retry.retry_unknown_effect = true;
  s.network.fail(refused, 1s);
  s.network.fail(failure(std::errc::connection_reset, did), 10s);
  s.network.clock().post_after(3s, [&] { source.request_stop(); });
  auto const e = s.fail(source.get_token());
  CHECK(e.code == errc::cancelled);
  CHECK(e.effect == did);
  CHECK(e.attempts == 2);
  CHECK(s.ended == 3s);
  CHECK(s.sent() == 2);
}

TEST_CASE("a call that is cancelled during a delay ends at once", "[retry][cancellation]") {
  scenario s;
  std::stop_source source;
  s.config.retry.retry_unknown_effect = GENERATE(false, true);
  s.network.fail(s.config.retry.retry_unknown_effect ? lost : refused, 1s);
  s.network.answer(empty_success);
  s.network.clock().post_after(1100ms, [&] { source.request_stop(); });
  auto const e = s.fail(source.get_token());
  CHECK(e.code == errc::cancelled);
  CHECK(e.cause == std::errc::operation_canceled);
  CHECK(e.effect == (s.config.retry.retry_unknown_effect ? effect::unknown : effect::none));
  CHECK(e.attempts == 1);
  CHECK(!e.message.empty());
  CHECK(s.ended == 1100ms);
  CHECK(s.sent() == 1);
}

TEST_CASE("a call that is cancelled before a retry does not retry", "[retry][cancellation]") {
  scenario s;
  std::stop_source source;
  s.config.retry.jitter = always(GENERATE(0.0, 0.5));
  s.network.set_default([&](http_request const&) {
    source.request_stop();
    return throttled(503, "0");
  });
  auto const e = s.fail(source.get_token());
  CHECK(e.code == errc::cancelled);
  CHECK(e.effect == effect::none);
  CHECK(e.attempts == 1);
  CHECK(s.ended == 0s);
  CHECK(s.sent() == 1);
}

TEST_CASE("a call that is cancelled after its response returns the response", "[retry][cancellation]") {
  scenario s;
  std::stop_source source;
  auto const answer = GENERATE(200, 404);
  s.network.set_default([&](http_request const&) {
    source.request_stop();
    return answer == 200 ? empty_success : status(answer);
  });
  auto const reply = s.invite(source.get_token());
  CHECK(reply.has_value() == (answer == 200));
  if (!reply) CHECK(reply.error().code == errc::not_found);
}

TEST_CASE("a stop requested after the call changes nothing", "[retry][cancellation]") {
  scenario s;
  std::stop_source source;
  s.network.fail(refused);
  s.network.answer(empty_success);
  CHECK(s.invite(source.get_token()));
  source.request_stop();
  s.network.clock().run();
  CHECK(s.sent() == 2);
}

}  // namespace retry_cancellation_tests

#endif
