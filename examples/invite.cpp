// SPDX-License-Identifier: BSL-1.0

// Invites people, on the adapter for Boost.Beast:
//
//     invite BASE_URL GROUP ADDRESS...    with the session id in FICTIVE_SESSION_ID
//     invite                              invites sample addresses at a fake of the service
//
// FICTIVE_CA_FILE names a PEM file with the authorities to trust in place of the system's. SIGINT or SIGTERM lets the
// request in progress complete, and sends nothing more; a second one cancels the request. Either way, the outcome says
// what is known. The exit status is that of `report` below, 1 if not all were invited, or 2 for a wrong command line.

#include "support/fake_server.hpp"
#include "support/table.hpp"

#include <fictive/beast.hpp>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>

namespace {

fictive::result<fictive::invite_response> invite(fictive::client_config const& config,
                                                 fictive::invite_request const& request) {
  fictive::stop_source call, request_in_progress;
  boost::asio::thread_pool thread(1);
  boost::asio::signal_set signals(thread, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code const& failed, int) {
    if (failed) return;
    std::cerr << "invite: waits for the request in progress; a second signal cancels it\n";
    call.request_stop();
    signals.async_wait([&](boost::system::error_code const& failed_again, int) {
      if (failed_again) return;
      std::cerr << "invite: cancels the request\n";
      request_in_progress.request_stop();
      signals.clear();  // a third signal has its usual effect
    });
  });

  char const* const ca_file = std::getenv("FICTIVE_CA_FILE");
  fictive::beast::transport transport({.tls = {.ca_file = ca_file ? ca_file : ""}});
  auto const send = [&](fictive::http_request const& message) {
    return transport(message, request_in_progress.get_token());
  };
  fictive::client client{send, config};
  auto reply = client.invite(request, {.stop = call.get_token(), .deadline = std::chrono::seconds(10)});
  thread.stop();
  thread.join();
  return reply;
}

/// Reports a failed call: its effect decides what to do next.
int report(fictive::error const& error) {
  std::cerr << "invite: " << error << '\n';
  switch (error.effect) {
    case fictive::effect::none: return std::cerr << "Nobody was invited: correct the cause and send again.\n", 3;
    case fictive::effect::unknown: break;
    case fictive::effect::applied:
      return std::cerr << "The invitations were made, but the response is lost: do not send again.\n", 5;
  }
  return std::cerr << "It is unknown whether anybody was invited: check before you send again.\n", 4;
}

}  // namespace

int main(int argc, char** argv) {
  std::optional<examples::fake_server> fake;
  fictive::client_config config{.api_version = "9.0.0"};
  fictive::invite_request request;
  char const* const session = std::getenv("FICTIVE_SESSION_ID");
  if (argc == 1) {
    fake.emplace();
    std::cerr << "invite: no BASE_URL given: using a fake of the service at " << fake->base_url() << '\n';
    config.base_url = fake->base_url();
    config.credentials = {.session_id = "sample-session"};
    request = {.account_group_token = "sample-group",
               .email_addresses = {"jamie.muir@fictiveglobal.com", "josh.fogg@fictiveglobal.com",
                                   "jim.pimblett@fictiveglobal.com", "alex.marinescu@fictiveglobal"}};
  } else if (argc >= 4 && session) {
    config.base_url = argv[1];
    config.credentials = {.session_id = session};
    request = {.account_group_token = argv[2], .email_addresses = {argv + 3, argv + argc}};
  } else {
    std::cerr << "usage: FICTIVE_SESSION_ID=… invite BASE_URL GROUP ADDRESS...\n";
    return 2;
  }

  auto const reply = invite(config, request);
  if (!reply) return report(reply.error());
  examples::print_table(std::cout, *reply);
  return reply->valid_invitations.size() == request.email_addresses.size() ? 0 : 1;
}
