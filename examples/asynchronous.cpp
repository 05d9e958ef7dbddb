// SPDX-License-Identifier: BSL-1.0

// Invites people asynchronously: `asynchronous callback|future|coroutine`, then the options of the other programs.

#include "support/program.hpp"

#include <fictive/beast.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

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
  if (!invite) {
    std::cerr << "usage: asynchronous callback|future|coroutine [option]... [address]...\n";
    return static_cast<int>(examples::exit_status::wrong_usage);
  }
  return examples::run_program(argc - 1, argv + 1, "An example of fictive on Boost.Asio.",
                               [&](examples::job const& job) {
                                 boost::asio::io_context io;
                                 fictive::beast::async_client client(io, job.config, {.tls = {.ca_file = job.ca_file}});
                                 return invite(io, client, job.request);
                               });
}
