// SPDX-License-Identifier: BSL-1.0

// Invites people asynchronously:
//
//     asynchronous callback|future|coroutine BASE_URL GROUP ADDRESS...    with the session id in FICTIVE_SESSION_ID

#include <fictive/beast/async_client.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <cstdlib>
#include <future>
#include <iostream>
#include <optional>
#include <string_view>
#include <utility>

namespace {

using reply = fictive::result<fictive::invite_response>;

// [callback]
reply invite_with_callback(boost::asio::io_context& io, fictive::beast::async_client& client,
                           fictive::invite_request const& request) {
  std::optional<reply> outcome;
  client.async_invite(request, [&](reply arrived) { outcome = std::move(arrived); });
  io.run();
  return *outcome;
}
// [callback]

// [future]
reply invite_with_future(boost::asio::io_context& io, fictive::beast::async_client& client,
                         fictive::invite_request const& request) {
  auto outcome = client.async_invite(request, boost::asio::use_future);
  io.run();
  return outcome.get();
}
// [future]

// [coroutine]
boost::asio::awaitable<reply> invite_in_coroutine(fictive::beast::async_client& client,
                                                  fictive::invite_request request) {
  auto outcome = co_await client.async_invite(std::move(request), boost::asio::use_awaitable);
  co_return outcome;
}
// [coroutine]

reply invite_with_coroutine(boost::asio::io_context& io, fictive::beast::async_client& client,
                            fictive::invite_request const& request) {
  auto outcome = boost::asio::co_spawn(io, invite_in_coroutine(client, request), boost::asio::use_future);
  io.run();
  return outcome.get();
}

}  // namespace

int main(int argc, char** argv) {
  std::string_view const style = argc > 1 ? argv[1] : "";
  auto* const invite = style == "callback"    ? invite_with_callback
                       : style == "future"    ? invite_with_future
                       : style == "coroutine" ? invite_with_coroutine
                                              : nullptr;
  char const* const session = std::getenv("FICTIVE_SESSION_ID");
  if (argc < 5 || !session || !invite) {
    std::cerr << "usage: FICTIVE_SESSION_ID=… asynchronous callback|future|coroutine BASE_URL GROUP ADDRESS...\n";
    return 2;
  }

  // [client]
  boost::asio::io_context io;
  fictive::beast::async_client client{
      io, {.base_url = argv[2], .api_version = "9.0.0", .credentials = {.session_id = session}}};
  // [client]
  auto const outcome = invite(io, client, {.account_group_token = argv[3], .email_addresses = {argv + 4, argv + argc}});
  if (!outcome) return std::cerr << outcome.error() << '\n', 1;
  std::cout << outcome->valid_invitations.size() << " invited, " << outcome->invalid_email_addresses.size()
            << " refused\n";
}
