#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
#include "support/fixtures.hpp"
#include "support/scenario.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace hooks_tests {

using fictive::attempt_event;
using fictive::effect;
using fictive::errc;
using fictive::http_request;
using fictive::http_response;
using fictive::invite_response;
using fictive::result;
using fictive::result_event;
using fictive::transport_error;
using fictive::testing::scripted_transport;
using namespace tests;
using namespace std::chrono_literals;

namespace {

std::string_view const route = "/rest/api/accounts/groups/{accountGroupToken}/invites";

fictive::invite_request const invite_hidden = {
    .account_group_token = "hidden-group",
    .email_addresses = {"jamie.hidden@fictiveglobal.com", "hidden", "josh.hidden@fictiveglobal.com"},
    .subscription_references = {"hidden-subscription"}};

/// A copy of an event that outlives the hook.
template <class Event>
struct copy_of : Event {
  explicit copy_of(Event const& event) : Event(event), message_text(event.message), id_text(event.request_id) {
    this->message = {};
    this->request_id = {};
  }
  std::string message_text, id_text;
};

/// All texts of an event.
template <class Event>
std::string text_of(copy_of<Event> const& event) {
  return std::string(event.route) + "\n" + event.message_text + "\n" + event.id_text + "\n" +
         (event.code ? to_string(*event.code) : "") + "\n" + event.cause.message() + "\n" +
         event.cause.category().name();
}

/// A call by either client, and the events that its hooks receive.
struct observed {
  client_kind kind = GENERATE(client_kind::blocking, client_kind::asynchronous);
  scripted_transport network = {};
  fictive::testing::fake_service service =
      fictive::testing::fake_service({.subscription_references = {"hidden-subscription"}});
  fictive::client_config config = {
      .api_version = "hidden-version",
      .credentials = {.token_id = "hidden-token", .session_id = "hidden-session", .bearer_token = "hidden-bearer"},
      .origin = "https://hidden.example",
      .user_agent = "hidden-agent",
      .extra_headers = {{"X-Gateway-Key", "hidden-key"}},
      .retry = steady()};
  std::vector<copy_of<attempt_event>> attempts = {};
  std::vector<copy_of<result_event>> results = {};
  std::string order = {};

  [[nodiscard]] fictive::hooks hooks() {
    return {.on_attempt =
                [this](attempt_event const& event) {
                  order += 'a';
                  attempts.emplace_back(event);
                },
            .on_result =
                [this](result_event const& event) {
                  order += 'r';
                  results.emplace_back(event);
                }};
  }

  void invite(fictive::invite_request const& request = invite_hidden, fictive::stop_token stop = {}) {
    invite_with(hooks(), request, std::move(stop));
    REQUIRE(results.size() == 1);
    for (auto const& event : attempts) CHECK(event.route == route);
    CHECK(results[0].route == route);
    CHECK(results[0].attempts == network.requests().size());
    CHECK(attempts.size() == network.requests().size());
    CHECK(order == std::string(attempts.size(), 'a') + "r");
    for (std::size_t i = 0; i < attempts.size(); ++i) {
      CHECK(attempts[i].attempt == i + 1);
      CHECK(attempts[i].request_bytes == network.requests()[i].request.body.size());
      CHECK(attempts[i].request_bytes > 100);
    }
  }

  void invite_with(fictive::hooks with, fictive::invite_request const& request, fictive::stop_token stop = {}) {
    config.hooks = std::move(with);
    if (kind == client_kind::blocking) {
      fictive::client client{network, config};
      (void)client.invite(request, {.stop = std::move(stop)});
    } else {
      fictive::async_client client{network, config};
      client.async_invite(request, {.stop = std::move(stop)}, [&](result<invite_response> const&) { order += 'h'; });
      network.clock().run();
      CHECK(order.ends_with('h'));
      order.pop_back();
    }
  }
};

}  // namespace

TEST_CASE("the hooks receive a success", "[hooks]") {
  observed o;
  std::size_t bytes = 0;
  o.network.set_default([&](http_request const& request) {
    auto response = o.service(request).value();
    response.headers.push_back({"X-Request-Id", "id"});
    bytes = response.body.size();
    return response;
  });
  o.invite();
  REQUIRE(o.attempts.size() == 1);
  auto const& attempt = o.attempts[0];
  CHECK(attempt.status == 200);
  CHECK(attempt.duration == 0s);
  CHECK(attempt.response_bytes == bytes);
  CHECK(!attempt.code);
  CHECK(!attempt.cause);
  CHECK(attempt.effect == effect::applied);
  CHECK(attempt.message_text.empty());
  CHECK(attempt.next_in < 0s);

  auto const& outcome = o.results[0];
  CHECK(outcome.attempts == 1);
  CHECK(outcome.status == 200);
  CHECK(outcome.accepted == 2);
  CHECK(outcome.rejected == 1);
  CHECK(outcome.unaccounted == 0);
  CHECK(!outcome.code);
  CHECK(!outcome.cause);
  CHECK(outcome.effect == effect::applied);
  CHECK(outcome.message_text.empty());
}

TEST_CASE("on_result counts the addresses that the response does not mention", "[hooks]") {
  observed o;
  o.network.answer({.status = 200,
                    .headers = {{"Content-Type", "application/json"}},
                    .body = R"({"invalidEmailAddresses":["hidden"]})"});
  o.invite();
  REQUIRE(o.results.size() == 1);
  CHECK(o.results[0].accepted == 0);
  CHECK(o.results[0].rejected == 1);
  CHECK(o.results[0].unaccounted == 2);
}

TEST_CASE("the hooks receive each attempt, its duration and the delay before the next one", "[hooks]") {
  observed o;
  o.network.fail(refused, 1s);
  o.network.answer({.status = 503, .headers = {{"Retry-After", "7"}, {"X-Request-Id", "id"}}, .body = "four"}, 2s);
  o.network.answer(empty_success, 3s);
  o.invite();
  REQUIRE(o.attempts.size() == 3);

  CHECK(o.attempts[0].status == 0);
  CHECK(o.attempts[0].duration == 1s);
  CHECK(o.attempts[0].response_bytes == 0);
  CHECK(o.attempts[0].code == errc::transport_failure);
  CHECK(o.attempts[0].cause == std::errc::connection_refused);
  CHECK(o.attempts[0].effect == effect::none);
  CHECK(o.attempts[0].message_text == refused.message);
  CHECK(o.attempts[0].id_text.empty());
  CHECK(o.attempts[0].next_in == 250ms);

  CHECK(o.attempts[1].status == 503);
  CHECK(o.attempts[1].duration == 2s);
  CHECK(o.attempts[1].response_bytes == 4);
  CHECK(o.attempts[1].code == errc::server_error);
  CHECK(!o.attempts[1].cause);
  CHECK(o.attempts[1].effect == effect::none);
  CHECK(!o.attempts[1].message_text.empty());
  CHECK(o.attempts[1].id_text == "id");
  CHECK(o.attempts[1].next_in == 7s + 500ms);

  CHECK(o.attempts[2].status == 200);
  CHECK(o.attempts[2].duration == 3s);
  CHECK(o.attempts[2].response_bytes == empty_success.body.size());
  CHECK(!o.attempts[2].code);
  CHECK(o.attempts[2].next_in < 0s);

  CHECK(o.results[0].status == 200);
  CHECK(o.results[0].duration == 1s + 250ms + 2s + 7s + 500ms + 3s);
  CHECK(!o.results[0].code);
  CHECK(o.results[0].accepted == 0);
  CHECK(o.results[0].rejected == 0);
}

TEST_CASE("a retry without delay is not reported as the last attempt", "[hooks]") {
  observed o;
  o.config.retry.jitter = always(0);
  o.network.fail(refused);
  o.network.answer(empty_success);
  o.invite();
  REQUIRE(o.attempts.size() == 2);
  CHECK(o.attempts[0].next_in == 0s);
  CHECK(o.attempts[1].next_in < 0s);
}

TEST_CASE("the hooks receive a failure", "[hooks]") {
  observed o;
  SECTION("after a retry") {
    o.network.fail(refused, 1s);
    o.network.fail(lost, 2s);
    o.invite();
    REQUIRE(o.attempts.size() == 2);
    CHECK(o.attempts[1].code == errc::transport_failure);
    CHECK(o.attempts[1].effect == effect::unknown);
    CHECK(o.attempts[1].next_in < 0s);
    auto const& outcome = o.results[0];
    CHECK(outcome.status == 0);
    CHECK(outcome.duration == 3250ms);
    CHECK(outcome.code == errc::transport_failure);
    CHECK(outcome.cause == std::errc::connection_reset);
    CHECK(outcome.effect == effect::unknown);
    CHECK(outcome.message_text == lost.message + "; not retried, since it may have taken effect");
  }
  SECTION("by the service") {
    o.network.answer({.status = 412, .headers = {{"X-Request-Id", "id"}}, .body = "no"});
    o.invite();
    REQUIRE(o.attempts.size() == 1);
    CHECK(o.attempts[0].status == 412);
    CHECK(o.attempts[0].next_in < 0s);
    CHECK(o.results[0].status == 412);
    CHECK(o.results[0].code == errc::invalid_request);
    CHECK(o.results[0].effect == effect::none);
    CHECK(o.results[0].id_text == "id");
  }
  SECTION("with a status, though the response was cut") {
    o.network.fail(transport_error(std::make_error_code(std::errc::connection_reset), empty_success));
    o.invite();
    REQUIRE(o.attempts.size() == 1);
    CHECK(o.attempts[0].status == 200);
    CHECK(o.attempts[0].response_bytes == 0);
    CHECK(o.attempts[0].code == errc::malformed_response);
    CHECK(o.attempts[0].effect == effect::applied);
    CHECK(o.results[0].status == 200);
    CHECK(o.results[0].code == errc::malformed_response);
  }
  CHECK(o.results[0].accepted == 0);
  CHECK(o.results[0].rejected == 0);
}

TEST_CASE("a request that is rejected locally is reported to on_result only", "[hooks]") {
  observed o;
  o.invite({.account_group_token = "hidden-group"});
  CHECK(o.attempts.empty());
  CHECK(o.results[0].attempts == 0);
  CHECK(o.results[0].status == 0);
  CHECK(o.results[0].duration == 0s);
  CHECK(o.results[0].code == errc::invalid_argument);
  CHECK(o.results[0].effect == effect::none);
  CHECK(!o.results[0].message_text.empty());
}

TEST_CASE("each hook works without the other, and a call without hooks", "[hooks]") {
  observed o;
  auto hooks = o.hooks();
  auto const left_out = GENERATE(0, 1, 2, 3);
  if (left_out & 1) hooks.on_attempt = nullptr;
  if (left_out & 2) hooks.on_result = nullptr;
  o.network.fail(refused);
  o.network.answer(empty_success);
  o.invite_with(hooks, invite_hidden);
  o.invite_with(hooks, {});
  CHECK(o.attempts.size() == (left_out & 1 ? 0 : 2));
  CHECK(o.results.size() == (left_out & 2 ? 0 : 2));
}

TEST_CASE("a call without hooks reports nothing", "[hooks][call]") {
  fictive::invite_call call({}, invite_hidden, {});
  call.responded(refused, {});
  call.stop({});
  CHECK(call.next() == fictive::call_step::done);
}

TEST_CASE("hooks receive no secret, group, address or text of the service", "[hooks][secrets]") {
  observed o;
  auto const number = GENERATE(0, 200, 302, 400, 403, 404, 429, 500, 503);
  o.network.set_default([&](http_request const& request) -> result<http_response> {
    if (number == 0) return lost;
    http_response response{.status = number,
                           .headers = request.headers,
                           .body = R"({"message":"hidden-answer )" + request.url + "\",\"echo\":" + request.body};
    for (auto const& header : request.headers) response.body += ",\"" + header.name + "\":\"" + header.value + '"';
    response.body += '}';
    response.headers.push_back({"X-Answer", "hidden-answer"});
    response.headers.push_back({"Retry-After", "1"});
    response.headers.push_back({"X-Request-Id", "visible"});
    return response;
  });
  SECTION("by what came back") {}
  SECTION("by a body that is not JSON, or something else") {
    auto const body = GENERATE(as<std::string>(), "hidden", "<p>hidden", R"({"validInvitations":[{"hidden":1}]})",
                               R"({"validInvitations":"hidden"})", R"({"validInvitations":[{"created":"hidden"}]})");
    auto const type = GENERATE(as<std::string>(), "application/json", "text/hidden");
    o.network.answer({.status = 200, .headers = {{"Content-Type", type}}, .body = body});
  }
  o.invite();
  for (auto const& event : o.attempts) CHECK(!contains(text_of(event), "hidden"));
  CHECK(!contains(text_of(o.results[0]), "hidden"));
}

TEST_CASE("hooks receive no secret of a request that is rejected locally", "[hooks][secrets]") {
  observed o;
  auto request = invite_hidden;
  SECTION("a credential") {
    o.config.credentials.session_id = "hidden\n";
  }
  SECTION("an extra header") {
    o.config.extra_headers = {{"X-Key", "hidden\r"}};
  }
  SECTION("a header's name") {
    o.config.extra_headers = {{"X hidden", "hidden"}};
  }
  SECTION("a base URL") {
    o.config.base_url = "https://hidden:hidden@hidden.example";
  }
  SECTION("a group") {
    request.account_group_token = "hidden\xFF";
  }
  SECTION("an address") {
    request.email_addresses = {"hidden\xFF"};
  }
  SECTION("a subscription") {
    request.subscription_references = {"hidden\xFF"};
  }
  o.invite(request);
  CHECK(o.attempts.empty());
  CHECK(o.results[0].code == errc::invalid_argument);
  CHECK(!contains(text_of(o.results[0]), "hidden"));
}

TEST_CASE("copies of a client share the hooks", "[hooks]") {
  scripted_transport network;
  network.set_default([](http_request const&) { return empty_success; });
  int calls = 0;
  fictive::client client{network, {.hooks = {.on_result = [&](result_event const&) { ++calls; }}}};
  auto copy = client;
  CHECK(client.invite(invite_hidden));
  CHECK(copy.invite(invite_hidden));
  CHECK(calls == 2);
}

#if defined(__cpp_lib_jthread)

TEST_CASE("the hooks receive a cancelled call", "[hooks][cancellation]") {
  observed o;
  std::stop_source source;
  SECTION("before it began") {
    source.request_stop();
    o.invite(invite_hidden, source.get_token());
    CHECK(o.results[0].status == 0);
    CHECK(o.results[0].duration == 0s);
    CHECK(o.results[0].effect == effect::none);
  }
  SECTION("while it was sent") {
    o.network.clock().post_after(1s, [&] { source.request_stop(); });
    o.network.answer(empty_success, 5s);
    o.invite(invite_hidden, source.get_token());
    REQUIRE(o.attempts.size() == 1);
    CHECK(o.attempts[0].code == errc::cancelled);
    CHECK(o.attempts[0].effect == effect::unknown);
    CHECK(o.attempts[0].duration == 1s);
    CHECK(o.attempts[0].next_in < 0s);
    CHECK(o.results[0].duration == 1s);
    CHECK(o.results[0].effect == effect::unknown);
  }
  SECTION("while it waited") {
    o.network.clock().post_after(1100ms, [&] { source.request_stop(); });
    o.network.answer({.status = 429}, 1s);
    o.invite(invite_hidden, source.get_token());
    REQUIRE(o.attempts.size() == 1);
    CHECK(o.attempts[0].code == errc::too_many_requests);
    CHECK(o.attempts[0].next_in == 250ms);
    CHECK(o.results[0].status == 429);
    CHECK(o.results[0].duration == 1100ms);
    CHECK(o.results[0].effect == effect::none);
  }
  CHECK(o.results[0].code == errc::cancelled);
  CHECK(o.results[0].cause == std::errc::operation_canceled);
  CHECK(!o.results[0].message_text.empty());
}

#endif

}  // namespace hooks_tests
