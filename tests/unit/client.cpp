#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
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

namespace {

fictive::invite_request const jamie = {.account_group_token = "hidden-group",
                                       .email_addresses = {"jamie.hidden@fictiveglobal.com"}};

http_response const nobody = {.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = "{}"};

fictive::service service_with_secrets() {
  return {.credentials = {.token_id = "hidden-token", .session_id = "hidden-session", .bearer_token = "hidden-bearer"},
          .origin = "https://hidden.example",
          .extra_headers = {{"X-Gateway-Key", "hidden-key"}}};
}

/// What a client makes of whatever the transport returns.
template <class Reply>
fictive::error failure_of(Reply reply) {
  fictive::client client([reply](http_request const&) { return reply; }, fictive::service{}, {.max_attempts = 1});
  auto const outcome = client.invite(jamie);
  REQUIRE(!outcome);
  return outcome.error();
}

}  // namespace

TEST_CASE("the documented invitation goes there and back") {
  fictive::testing::stand_in_service service;
  fictive::client client{service, {.version = "9.0", .credentials = {.session_id = "session"}}};
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

TEST_CASE("the transport gets the request that make_invite_request makes, once") {
  std::vector<http_request> sent;
  fictive::client client{[&](http_request const& request) { return sent.push_back(request), nobody; },
                         {.base_url = "https://gateway.example/x", .limits = {.max_body_bytes = 17}}};
  REQUIRE(client.invite(jamie));
  REQUIRE(sent.size() == 1);
  auto const expected =
      fictive::make_invite_request({.base_url = "https://gateway.example/x", .limits = {.max_body_bytes = 17}}, jamie)
          .value();
  CHECK(sent[0].method == expected.method);
  CHECK(sent[0].url == expected.url);
  CHECK(sent[0].body == expected.body);
  CHECK(sent[0].headers.size() == expected.headers.size());
  CHECK(sent[0].limits.max_body_bytes == 17);
}

TEST_CASE("a client can be asked again and again") {
  fictive::testing::stand_in_service service;
  fictive::client client{service, {.credentials = {.session_id = "session"}}};
  REQUIRE(client.invite(jamie));
  REQUIRE(client.invite(jamie));
  CHECK(service.deliveries("jamie.hidden@fictiveglobal.com") == 2);
}

// ----------------------------------------------------------------------------------------------- kinds of transports

TEST_CASE("a transport may be any kind of callable") {
  SECTION("a lambda that returns a result") {
    fictive::client client{[](http_request const&) -> result<http_response> { return nobody; }, fictive::service{}};
    CHECK(client.invite(jamie));
  }
  SECTION("a lambda that returns a response") {
    fictive::client client{[](http_request const&) { return nobody; }, fictive::service{}};
    CHECK(client.invite(jamie));
  }
  SECTION("a lambda that takes a stop token") {
    fictive::client client{[](http_request const&, stop_token) -> result<http_response> { return nobody; },
                           fictive::service{}};
    CHECK(client.invite(jamie));
  }
  SECTION("a lambda that changes what it holds") {
    fictive::client client{[status = 199u](http_request const&) mutable {
                             return http_response{.status = ++status, .headers = nobody.headers, .body = nobody.body};
                           },
                           fictive::service{}};
    CHECK(client.invite(jamie));
  }
  SECTION("a lambda that holds what cannot be copied") {
    auto send = [reply = std::make_unique<http_response>(nobody)](http_request const&) { return *reply; };
    fictive::client client{std::move(send), fictive::service{}};
    CHECK(client.invite(jamie));
  }
  SECTION("a std::function") {
    fictive::client client{
        std::function<result<http_response>(http_request const&)>([](auto const&) { return nobody; }),
        fictive::service{}};
    CHECK(client.invite(jamie));
  }
}

TEST_CASE("a transport that is given by reference is not copied") {
  struct counter {
    counter() = default;
    counter(counter const&) = delete;
    http_response operator()(http_request const&) { return ++calls, nobody; }
    int calls = 0;
  } transport;
  fictive::client first{std::ref(transport), fictive::service{}};
  fictive::client second{std::ref(transport), fictive::service{}};
  CHECK(first.invite(jamie));
  CHECK(second.invite(jamie));
  CHECK(transport.calls == 2);
}

TEST_CASE("a client of a move-only transport can be moved") {
  auto send = [reply = std::make_unique<http_response>(nobody)](http_request const&) { return *reply; };
  fictive::client client{std::move(send), fictive::service{}};
  auto moved = std::move(client);
  CHECK(moved.invite(jamie));
}

TEST_CASE("what a transport throws goes through") {
  fictive::client client{[](http_request const&) -> http_response { throw std::domain_error("thrown"); },
                         fictive::service{}};
  CHECK_THROWS_AS(client.invite(jamie), std::domain_error);
}

// ---------------------------------------------------------------------------------------------------------- failures

TEST_CASE("a request that is refused is not handed to the transport") {
  fictive::testing::stand_in_service service;
  fictive::client client{service, {.credentials = {.session_id = "session"}}};
  auto const reply = client.invite({.account_group_token = "group"});
  REQUIRE(!reply);
  CHECK(reply.error().code == errc::invalid_argument);
  CHECK(reply.error().effect == effect::none);
  CHECK(reply.error().attempts == 0);
  CHECK(service.requests() == 0);
}

TEST_CASE("the error of a transport reaches the caller as it is, with the attempt counted") {
  auto const cause = std::make_error_code(std::errc::connection_refused);
  auto const did = GENERATE(effect::none, effect::unknown, effect::applied);
  auto const e = failure_of(result<http_response>(transport_error(cause, did)));
  CHECK(e.code == errc::transport_failure);
  CHECK(e.cause == cause);
  CHECK(e.effect == did);
  CHECK(e.attempts == 1);
}

TEST_CASE("the refusal of the service reaches the caller, with the attempt counted") {
  auto const e = failure_of(http_response{
      .status = 412, .headers = {{"X-Request-Id", "id"}}, .body = sample("error-412-failed-reason.json")});
  CHECK(e.code == errc::invalid_request);
  CHECK(e.effect == effect::none);
  CHECK(e.status == 412);
  CHECK(e.server_message == "The expiry date must be in the future.");
  CHECK(e.request_id == "id");
  CHECK(e.attempts == 1);
}

TEST_CASE("an answer that is lost is told as such, with the attempt counted") {
  auto const e = failure_of(http_response{.status = 204});
  CHECK(e.code == errc::malformed_response);
  CHECK(e.effect == effect::applied);
  CHECK(e.attempts == 1);
}

TEST_CASE("a client tries as often as its policy has it") {
  auto const attempts = GENERATE(1u, 2u, 3u);
  fictive::testing::scripted_transport network;
  network.otherwise([](http_request const&) { return http_response{.status = 429}; });
  fictive::client client{network, fictive::service{}, {.max_attempts = attempts}};
  auto const reply = client.invite(jamie);
  REQUIRE(!reply);
  CHECK(reply.error().attempts == attempts);
  CHECK(network.requests().size() == attempts);
}

TEST_CASE("a client tries three times unless it is told otherwise") {
  fictive::testing::scripted_transport network;
  network.otherwise([](http_request const&) { return http_response{.status = 429}; });
  fictive::client client{network, fictive::service{}};
  REQUIRE(!client.invite(jamie));
  CHECK(network.requests().size() == 3);
}

TEST_CASE("a transport that keeps the time is not waited for in real time") {
  fictive::testing::scripted_transport network;
  network.answer({.status = 429, .headers = {{"Retry-After", "100"}}});
  network.answer(nobody);
  auto const begin = std::chrono::steady_clock::now();
  fictive::client client{network, fictive::service{}};
  REQUIRE(client.invite(jamie));
  CHECK(network.now().time_since_epoch() >= std::chrono::seconds(100));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(50));
}

TEST_CASE("the limit of a body is the service's") {
  auto const limit = GENERATE(1u, 2u);
  fictive::client client{[](http_request const&) { return nobody; }, {.limits = {.max_body_bytes = limit}}};
  CHECK(client.invite(jamie).has_value() == (limit >= nobody.body.size()));
}

TEST_CASE("neither an error nor an exception shows what is secret") {
  auto const status = GENERATE(0u, 200u, 302u, 400u, 403u, 404u, 503u);
  auto const echo = [&](http_request const& request) {  // a service that repeats all it was sent
    http_response response{.status = status, .headers = request.headers, .body = request.url + request.body};
    for (auto const& header : request.headers) response.body += header.value;
    return response;
  };
  fictive::client client{echo, service_with_secrets(), {.max_attempts = 1}};
  auto const reply = client.invite(jamie);
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

TEST_CASE("a call that is stopped before it begins is cancelled without an effect, and sends nothing") {
  fictive::testing::stand_in_service service;
  fictive::client client{service, {.credentials = {.session_id = "session"}}};
  std::stop_source source;
  source.request_stop();
  auto const reply = client.invite(jamie, source.get_token());
  REQUIRE(!reply);
  CHECK(reply.error().code == errc::cancelled);
  CHECK(reply.error().effect == effect::none);
  CHECK(reply.error().attempts == 0);
  CHECK(!reply.error().message.empty());
  CHECK(service.requests() == 0);
}

TEST_CASE("a transport that takes a stop token gets the caller's") {
  std::stop_source source;
  auto const send = [&](http_request const&, stop_token stop) -> result<http_response> {
    CHECK(stop == source.get_token());
    source.request_stop();
    CHECK(stop.stop_requested());
    return transport_error(std::make_error_code(std::errc::operation_canceled));
  };
  fictive::client client{send, fictive::service{}};
  auto const reply = client.invite(jamie, source.get_token());
  REQUIRE(!reply);
  CHECK(reply.error().code == errc::cancelled);
  CHECK(reply.error().effect == effect::unknown);
  CHECK(reply.error().attempts == 1);
}

TEST_CASE("a response that came all the same counts, even if the call was stopped meanwhile") {
  std::stop_source source;
  fictive::client client{[&](http_request const&) { return source.request_stop(), nobody; }, fictive::service{}};
  CHECK(client.invite(jamie, source.get_token()));
}

#endif

TEST_CASE("of a transport that can be called either way, the way with the stop token is taken") {
  struct either {
    http_response operator()(http_request const&) const { return {.status = 500}; }
    http_response operator()(http_request const&, stop_token const&) const { return nobody; }
  };
  fictive::client client{either{}, fictive::service{}};
  CHECK(client.invite(jamie));
}

}  // namespace client_tests
