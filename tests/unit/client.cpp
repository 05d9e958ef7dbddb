#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
#include "support/fixtures.hpp"
#include "support/samples.hpp"
#include "support/text.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace client_tests {

using fictive::effect;
using fictive::errc;
using fictive::http_request;
using fictive::http_response;
using fictive::result;
using fictive::stop_token;
using fictive::transport_error;
using namespace tests;

namespace {

fictive::invite_request const invite_hidden = {.account_group_token = "hidden-group",
                                               .email_addresses = {"jamie.hidden@fictiveglobal.com"}};

fictive::client_config config_with_secrets() {
  return {.credentials = {.token_id = "hidden-token", .session_id = "hidden-session", .bearer_token = "hidden-bearer"},
          .origin = "https://hidden.example",
          .extra_headers = {{"X-Gateway-Key", "hidden-key"}},
          .retry = {.max_attempts = 1}};
}

/// The error that a client returns if its transport returns `reply`.
template <class Reply>
fictive::error failure_of(Reply reply) {
  fictive::client client([reply](http_request const&) { return reply; },
                         fictive::client_config{.retry = {.max_attempts = 1}});
  auto const outcome = client.invite(invite_hidden);
  REQUIRE(!outcome);
  return outcome.error();
}

}  // namespace

TEST_CASE("the documented invitation is sent and its response is read", "[client]") {
  fictive::testing::fake_service service;
  fictive::client client{service, {.api_version = "9.0", .credentials = {.session_id = "session"}}};
  auto const reply =
      client.invite({.account_group_token = "group",
                     .email_addresses = {"jamie.muir@fictiveglobal.com", "josh.fogg@fictiveglobal.com",
                                         "jim.pimblett@fictiveglobal.com", "alex.marinescu@fictiveglobal"},
                     .subscription_references = {"asjdkas6712kabcd"},
                     .expiry_date = fictive::date_time::parse("2017-07-07T15:41:30")});
  REQUIRE(reply);
  REQUIRE(reply->valid_invitations.size() == 2);
  CHECK(reply->valid_invitations[0].email_address == "jamie.muir@fictiveglobal.com");
  CHECK(reply->valid_invitations[0].invitation_reference == "iafsraka6712kabc");
  CHECK(reply->valid_invitations[0].status == fictive::invitation_status::pending_acceptance);
  CHECK(reply->valid_invitations[1].invitation_reference == "ibbsrata6r122abc");
  CHECK(reply->invalid_email_addresses ==
        std::vector<std::string>{"jim.pimblett@fictiveglobal.com", "alex.marinescu@fictiveglobal"});
  CHECK(service.requests() == 1);
}

TEST_CASE("the transport receives the request that make_invite_request builds, once", "[client]") {
  std::vector<http_request> sent;
  fictive::client client{[&](http_request const& request) { return sent.push_back(request), empty_success; },
                         {.base_url = "https://gateway.example/x", .limits = {.max_body_bytes = 117}}};
  REQUIRE(client.invite(invite_hidden));
  REQUIRE(sent.size() == 1);
  auto const expected = fictive::make_invite_request(
                            {.base_url = "https://gateway.example/x", .limits = {.max_body_bytes = 117}}, invite_hidden)
                            .value();
  CHECK(sent[0].method == expected.method);
  CHECK(sent[0].url == expected.url);
  CHECK(sent[0].body == expected.body);
  CHECK(sent[0].headers.size() == expected.headers.size());
  CHECK(sent[0].limits.max_body_bytes == 117);
}

TEST_CASE("a client can be used repeatedly", "[client]") {
  fictive::testing::fake_service service;
  fictive::client client{service, session_config()};
  REQUIRE(client.invite(invite_hidden));
  REQUIRE(client.invite(invite_hidden));
  CHECK(service.deliveries("jamie.hidden@fictiveglobal.com") == 2);
}

// ----------------------------------------------------------------------------------------------- kinds of transports

TEST_CASE("a transport may be any kind of callable", "[client][transport]") {
  SECTION("a lambda that returns a result") {
    fictive::client client{[](http_request const&) -> result<http_response> { return empty_success; },
                           fictive::client_config{}};
    CHECK(client.invite(invite_hidden));
  }
  SECTION("a lambda that returns a response") {
    fictive::client client{[](http_request const&) { return empty_success; }, fictive::client_config{}};
    CHECK(client.invite(invite_hidden));
  }
  SECTION("a lambda that takes a stop token") {
    fictive::client client{[](http_request const&, stop_token) -> result<http_response> { return empty_success; },
                           fictive::client_config{}};
    CHECK(client.invite(invite_hidden));
  }
  SECTION("a lambda that changes what it holds") {
    fictive::client client{[status = 199](http_request const&) mutable {
                             return http_response{
                                 .status = ++status, .headers = empty_success.headers, .body = empty_success.body};
                           },
                           fictive::client_config{}};
    CHECK(client.invite(invite_hidden));
  }
  SECTION("a lambda that holds what cannot be copied") {
    auto send = [reply = std::make_unique<http_response>(empty_success)](http_request const&) { return *reply; };
    fictive::client client{std::move(send), fictive::client_config{}};
    CHECK(client.invite(invite_hidden));
  }
  SECTION("a std::function") {
    fictive::client client{
        std::function<result<http_response>(http_request const&)>([](auto const&) { return empty_success; }),
        fictive::client_config{}};
    CHECK(client.invite(invite_hidden));
  }
}

TEST_CASE("a transport that is passed by reference is not copied", "[client][transport]") {
  struct counter {
    counter() = default;
    counter(counter const&) = delete;
    http_response operator()(http_request const&) { return ++calls, empty_success; }
    int calls = 0;
  } transport;
  fictive::client first{std::ref(transport), fictive::client_config{}};
  fictive::client second{std::ref(transport), fictive::client_config{}};
  CHECK(first.invite(invite_hidden));
  CHECK(second.invite(invite_hidden));
  CHECK(transport.calls == 2);
}

TEST_CASE("a client with a move-only transport can be moved", "[client][transport]") {
  auto send = [reply = std::make_unique<http_response>(empty_success)](http_request const&) { return *reply; };
  fictive::client client{std::move(send), fictive::client_config{}};
  auto moved = std::move(client);
  CHECK(moved.invite(invite_hidden));
}

TEST_CASE("exceptions of a transport propagate", "[client][transport]") {
  fictive::client client{[](http_request const&) -> http_response { throw std::domain_error("thrown"); },
                         fictive::client_config{}};
  CHECK_THROWS_AS(client.invite(invite_hidden), std::domain_error);
}

// ---------------------------------------------------------------------------------------------------------- failures

TEST_CASE("a request that is rejected locally is not passed to the transport", "[client][errors]") {
  fictive::testing::fake_service service;
  fictive::client client{service, session_config()};
  auto const reply = client.invite({.account_group_token = "group"});
  REQUIRE(!reply);
  CHECK(reply.error().code == errc::invalid_argument);
  CHECK(reply.error().effect == effect::none);
  CHECK(reply.error().attempts == 0);
  CHECK(service.requests() == 0);
}

TEST_CASE("the error of a transport is returned as it is, with the attempt counted", "[client][errors]") {
  auto const cause = std::make_error_code(std::errc::connection_refused);
  auto const did = GENERATE(effect::none, effect::unknown, effect::applied);
  auto const e = failure_of(result<http_response>(transport_error(cause, did)));
  CHECK(e.code == errc::transport_failure);
  CHECK(e.cause == cause);
  CHECK(e.effect == did);
  CHECK(e.attempts == 1);
}

TEST_CASE("an error response is returned with the attempt counted", "[client][errors]") {
  auto const e = failure_of(http_response{
      .status = 412, .headers = {{"X-Request-Id", "id"}}, .body = sample("error-412-failed-reason.json")});
  CHECK(e.code == errc::invalid_request);
  CHECK(e.effect == effect::none);
  CHECK(e.status == 412);
  CHECK(e.server_message == "The expiry date must be in the future.");
  CHECK(e.request_id == "id");
  CHECK(e.attempts == 1);
}

TEST_CASE("a success without a body is returned as an error, with the attempt counted", "[client][errors]") {
  auto const e = failure_of(http_response{.status = 204});
  CHECK(e.code == errc::malformed_response);
  CHECK(e.effect == effect::applied);
  CHECK(e.attempts == 1);
}

TEST_CASE("a client makes as many attempts as its policy permits", "[client][retry]") {
  auto const attempts = GENERATE(1u, 2u, 3u);
  fictive::testing::scripted_transport network;
  network.set_default([](http_request const&) { return http_response{.status = 429}; });
  fictive::client client{network, {.retry = {.max_attempts = attempts}}};
  auto const reply = client.invite(invite_hidden);
  REQUIRE(!reply);
  CHECK(reply.error().attempts == attempts);
  CHECK(network.requests().size() == attempts);
}

TEST_CASE("a client makes three attempts by default", "[client][retry]") {
  fictive::testing::scripted_transport network;
  network.set_default([](http_request const&) { return http_response{.status = 429}; });
  fictive::client client{network, fictive::client_config{}};
  REQUIRE(!client.invite(invite_hidden));
  CHECK(network.requests().size() == 3);
}

TEST_CASE("a transport with a clock of its own causes no delay in real time", "[client][transport]") {
  fictive::testing::scripted_transport network;
  network.answer({.status = 429, .headers = {{"Retry-After", "100"}}});
  network.answer(empty_success);
  auto const begin = std::chrono::steady_clock::now();
  fictive::client client{network, fictive::client_config{}};
  REQUIRE(client.invite(invite_hidden));
  CHECK(network.now().time_since_epoch() >= std::chrono::seconds(100));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(50));
}

TEST_CASE("a body is limited by the limits of the configuration", "[client][limits]") {
  auto const limit = empty_success.body.size() - GENERATE(0u, 1u);
  fictive::client client{[](http_request const&) { return empty_success; }, {.limits = {.max_body_bytes = limit}}};
  CHECK(client.invite(invite_hidden).has_value() == (limit >= empty_success.body.size()));
}

TEST_CASE("neither an error nor an exception shows a secret", "[client][secrets]") {
  auto const status = GENERATE(0, 200, 302, 400, 403, 404, 503);
  auto const echo = [&](http_request const& request) {  // a service that repeats all it was sent
    http_response response{.status = status, .headers = request.headers, .body = request.url + request.body};
    for (auto const& header : request.headers) response.body += header.value;
    return response;
  };
  fictive::client client{echo, config_with_secrets()};
  auto const reply = client.invite(invite_hidden);
  REQUIRE(!reply);
  CHECK(!contains(reply.error().message, "hidden"));
  std::ostringstream printed;
  printed << reply;
  CHECK(!contains(printed.str(), "hidden"));
  try {
    (void)reply.value();
    FAIL("nothing was thrown");
  } catch (fictive::exception const& e) {
    CHECK(!contains(e.what(), "hidden"));
  }
}

// ---------------------------------------------------------------------------------------------------------- stopping

#if defined(__cpp_lib_jthread)

TEST_CASE("a client whose call is cancelled before it begins sends nothing", "[client][cancellation]") {
  fictive::testing::fake_service service;
  fictive::client client{service, session_config()};
  std::stop_source source;
  source.request_stop();
  auto const reply = client.invite(invite_hidden, {.stop = source.get_token()});
  REQUIRE(!reply);
  CHECK(reply.error().code == errc::cancelled);
  CHECK(reply.error().effect == effect::none);
  CHECK(reply.error().attempts == 0);
  CHECK(!reply.error().message.empty());
  CHECK(service.requests() == 0);
}

TEST_CASE("a transport that takes a stop token receives the caller's", "[client][cancellation]") {
  std::stop_source source;
  auto const send = [&](http_request const&, stop_token stop) -> result<http_response> {
    CHECK(stop == source.get_token());
    source.request_stop();
    CHECK(stop.stop_requested());
    return transport_error(std::make_error_code(std::errc::operation_canceled));
  };
  fictive::client client{send, fictive::client_config{}};
  auto const reply = client.invite(invite_hidden, {.stop = source.get_token()});
  REQUIRE(!reply);
  CHECK(reply.error().code == errc::cancelled);
  CHECK(reply.error().effect == effect::unknown);
  CHECK(reply.error().attempts == 1);
}

TEST_CASE("a complete response counts even if the call was cancelled meanwhile", "[client][cancellation]") {
  std::stop_source source;
  fictive::client client{[&](http_request const&) { return source.request_stop(), empty_success; },
                         fictive::client_config{}};
  CHECK(client.invite(invite_hidden, {.stop = source.get_token()}));
}

#endif

TEST_CASE("of two call operators, a client uses the one that takes a stop token", "[client][transport]") {
  struct either {
    http_response operator()(http_request const&) const { return {.status = 500}; }
    http_response operator()(http_request const&, stop_token const&) const { return empty_success; }
  };
  fictive::client client{either{}, fictive::client_config{}};
  CHECK(client.invite(invite_hidden));
}

}  // namespace client_tests
