#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>

// The code of docs/authentication.md. The namespace `identity` represents the reader's way to sign in.

namespace identity {

fictive::result<std::string> sign_in(fictive::stop_token const&) {
  return std::string("new session");
}

void async_sign_in(fictive::stop_token stop, std::function<void(fictive::result<std::string>)> done) {
  done(sign_in(stop));
}

}  // namespace identity

namespace docs_authentication {

namespace {

fictive::invite_request const request{.account_group_token = "group",
                                      .email_addresses = {"jamie.muir@fictiveglobal.com"}};

/// A service that knows the session "new session".
fictive::testing::scripted_transport network_with_sessions() {
  fictive::testing::scripted_transport network;
  network.set_default(fictive::testing::fake_service({.accepted_credentials = {"new session"}}));
  return network;
}

}  // namespace

TEST_CASE("credentials are set while a client is in use") {
  auto const transport = network_with_sessions();
  std::string const session = "old session", new_session = "new session";
  // [set_credentials]
  fictive::client client{transport, {.credentials = {.session_id = session}}};
  auto const reply = client.invite(request);
  client.set_credentials({.session_id = new_session});
  auto const next_reply = client.invite(request);
  // [set_credentials]
  CHECK(!reply);
  CHECK(next_reply);
}

TEST_CASE("a blocking client renews its credentials") {
  auto const transport = network_with_sessions();
  std::string const session = "old session";
  // [renew_credentials]
  fictive::client_config config{.credentials = {.session_id = session}};
  config.renew_credentials = [](fictive::stop_token stop) -> fictive::result<fictive::credentials> {
    auto const new_session = identity::sign_in(stop);
    if (!new_session) return new_session.error();
    return fictive::credentials{.session_id = *new_session};
  };
  fictive::client client{transport, config};
  auto const reply = client.invite(request);
  // [renew_credentials]
  CHECK(reply);
  CHECK(transport.requests().size() == 2);
}

TEST_CASE("an asynchronous client renews its credentials") {
  auto const transport = network_with_sessions();
  fictive::client_config config{.credentials = {.session_id = "old session"}};
  // [async_renew_credentials]
  config.async_renew_credentials = [](fictive::stop_token stop, auto done) {
    identity::async_sign_in(stop, [done](fictive::result<std::string> const& new_session) {
      if (!new_session) return done(new_session.error());
      done(fictive::credentials{.session_id = *new_session});
    });
  };
  // [async_renew_credentials]
  fictive::async_client client{transport, config};
  std::optional<fictive::result<fictive::invite_response>> reply;
  client.async_invite(request, [&](fictive::result<fictive::invite_response> it) { reply = std::move(it); });
  transport.clock().run();
  REQUIRE(reply);
  CHECK(*reply);
}

namespace {

// [member]
using any_transport = std::function<fictive::result<fictive::http_response>(fictive::http_request const&)>;

class onboarding {
 public:
  onboarding(any_transport transport, fictive::client_config config)
      : client_(std::move(transport), std::move(config)) {}

  bool invite(std::string const& address) {
    auto const reply = client_.invite({.account_group_token = "group", .email_addresses = {address}});
    return reply && !reply->valid_invitations.empty();
  }

 private:
  fictive::client<any_transport> client_;
};
// [member]

}  // namespace

TEST_CASE("a client can be a member without the type of its transport") {
  fictive::testing::fake_service const fake;
  onboarding in_memory(fake, {.credentials = {.session_id = "session"}});
  CHECK(in_memory.invite("jamie.muir@fictiveglobal.com"));
  CHECK(fake.deliveries("jamie.muir@fictiveglobal.com") == 1);
}

TEST_CASE("a call has options of its own") {
  auto const transport = network_with_sessions();
  fictive::client client{transport, {.credentials = {.session_id = "new session"}}};
  std::string const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  // [call_options]
  auto const reply = client.invite(
      request,
      {.deadline = std::chrono::seconds(5), .headers = {{"traceparent", trace}}, .label = "nightly onboarding"});
  // [call_options]
  CHECK(reply);
  CHECK(*fictive::find_header(transport.requests().at(0).request.headers, "traceparent") == trace);
}

TEST_CASE("a response outlives a loop over it") {
  auto const transport = network_with_sessions();
  fictive::client client{transport, {.credentials = {.session_id = "new session"}}};
  std::size_t characters = 0;
  // [loop]
  auto const reply = client.invite(request);  // not in the loop's head: there it would end before the first iteration
  if (!reply) return;
  for (auto const& invitation : reply->valid_invitations) characters += invitation.email_address.size();
  // [loop]
  CHECK(characters > 0);
}

}  // namespace docs_authentication
