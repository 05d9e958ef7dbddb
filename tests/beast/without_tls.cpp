#define FICTIVE_BEAST_NO_TLS

#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/raw_server.hpp"
#include "support/samples.hpp"

#include <boost/asio/io_context.hpp>

#include <optional>
#include <utility>

// This file is in two programs: in one without OpenSSL, and in the one that tests the adapter with it.

#if defined(SSL_CTX_set_mode) || defined(BOOST_ASIO_SSL_CONTEXT_HPP)
#error "a header of OpenSSL was included all the same"
#endif

using fictive::effect;
using fictive::errc;

namespace {

fictive::invite_request const somebody{.account_group_token = "group",
                                       .email_addresses = {"jamie.muir@fictiveglobal.com"}};

/// Answers two requests of each connection.
raw_server::session answering_two() {
  return [](raw_server::tcp::socket& client) {
    for (int i = 0; i < 2; ++i) {
      read_request(client);
      send_text(client, http_answer(sample("response-200.json")));
    }
  };
}

/// One call, by way of the asynchronous client.
fictive::result<fictive::invite_response> invite_asynchronously(fictive::client_config service) {
  boost::asio::io_context io;
  fictive::beast::async_client client(io, std::move(service));
  std::optional<fictive::result<fictive::invite_response>> reply;
  client.async_invite(somebody, [&](fictive::result<fictive::invite_response> arrived) { reply = std::move(arrived); });
  io.run();
  return std::move(reply).value();
}

}  // namespace

TEST_CASE("without TLS, the blocking client invites over plain HTTP, and uses its connection again") {
  raw_server server(answering_two());
  fictive::client client{fictive::beast::transport{}, {.base_url = server.url()}};
  for (int i = 0; i < 2; ++i) {
    auto const reply = client.invite(somebody);
    REQUIRE(reply);
    CHECK(reply->valid_invitations.size() == 2);
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("without TLS, the asynchronous client invites over plain HTTP") {
  raw_server server(answering_two());
  auto const reply = invite_asynchronously({.base_url = server.url()});
  REQUIRE(reply);
  CHECK(reply->valid_invitations.size() == 2);
}

TEST_CASE("without TLS, an https URL is refused, and nothing is sent") {
  bool const asynchronous = GENERATE(false, true);
  raw_server server(answering_two());
  fictive::client_config const service{.base_url = server.url("127.0.0.1", "https")};
  auto const e = asynchronous ? invite_asynchronously(service).error()
                              : fictive::client{fictive::beast::transport{}, service}.invite(somebody).error();
  CHECK(e.code == errc::invalid_argument);
  CHECK(e.effect == effect::none);
  CHECK(e.message.find("this build has no TLS") == 0);
  CHECK(server.connections() == 0);
}

TEST_CASE("without TLS, its options can be set all the same") {
  raw_server server(answering_two());
  fictive::beast::transport_options const options{.tls = {.ca_file = "no such file"}};
  fictive::client client{fictive::beast::transport{options}, {.base_url = server.url()}};
  CHECK(client.invite(somebody));
}
