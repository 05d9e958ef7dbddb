#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>
#include <fictive/invite_all.hpp>

#include "support/adapter.hpp"
#include "support/catch.hpp"
#include "support/raw_server.hpp"
#include "support/samples.hpp"
#include "support/text.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/version.hpp>

#if BOOST_VERSION >= 108600
#include <boost/asio/cancel_after.hpp>
#endif

#include <array>
#include <chrono>
#include <cstddef>
#include <exception>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

// Cancellation by what else a program waits for. The pages of docs/ contain the functions between the marks.

namespace cancellation_tests {

/// A token whose operations are not begun: returns the executor with which a token would create a timer.
struct executor_of_timers {};

}  // namespace cancellation_tests

template <class Signature>
struct boost::asio::async_result<cancellation_tests::executor_of_timers, Signature> {
  template <class Initiation, class... Arguments>
  static any_io_executor initiate(Initiation&& initiation, cancellation_tests::executor_of_timers, Arguments&&...) {
    if constexpr (requires { typename std::decay_t<Initiation>::executor_type; })  // not of a concept's archetype
      return initiation.get_executor();
    return {};
  }
};

namespace cancellation_tests {

using namespace std::chrono_literals;
using fictive::effect;
using fictive::errc;

namespace asio = boost::asio;

namespace {

using reply = fictive::result<fictive::invite_response>;

fictive::client_config config_for(std::string url) {
  return {.base_url = std::move(url), .credentials = {.session_id = "session"}, .allow_insecure_http = true};
}

fictive::invite_request const one_address{.account_group_token = "group",
                                          .email_addresses = {"jamie.muir@fictiveglobal.com"}};

// [parallel_group]
/// Invites until the event occurs, which is a timer here. The result is that of the call, also if the event ended it.
asio::awaitable<fictive::result<fictive::invite_response>> invite_until(fictive::beast::async_client client,
                                                                        fictive::invite_request request,
                                                                        asio::steady_timer& event) {
  auto [order, outcome, timer_result] =
      co_await asio::experimental::make_parallel_group(client.async_invite(std::move(request), asio::deferred),
                                                       event.async_wait(asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  co_return std::move(outcome);
}
// [parallel_group]

#if BOOST_VERSION >= 108600
// [cancel_after]
asio::awaitable<fictive::result<fictive::invite_response>> invite_within_a_second(fictive::beast::async_client client,
                                                                                  fictive::invite_request request) {
  using namespace std::chrono_literals;
  co_return co_await client.async_invite(std::move(request), asio::cancel_after(1s, asio::use_awaitable));
}
// [cancel_after]
#endif

template <class Coroutine>
reply run(asio::io_context& io, Coroutine coroutine) {
  auto outcome = asio::co_spawn(io, std::move(coroutine), asio::use_future);
  io.run();
  return outcome.get();
}

}  // namespace

TEST_CASE("of a parallel group, the call that an event cancels keeps its outcome", "[beast][cancellation]") {
  standstill const service("read");
  asio::io_context io;
  fictive::beast::async_client client(io, config_for(service.url()));
  asio::steady_timer event(io, a_moment);
  auto const outcome = run(io, invite_until(client, one_address, event));
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == errc::cancelled);
  CHECK(outcome.error().effect == effect::unknown);
}

TEST_CASE("of a parallel group, a call that is complete cancels the wait for the event", "[beast][cancellation]") {
  raw_server const server(answering(http_answer(sample("response-200.json"))));
  asio::io_context io;
  fictive::beast::async_client client(io, config_for(server.url()));
  asio::steady_timer event(io, 1h);
  CHECK(run(io, invite_until(client, one_address, event)));
}

#if BOOST_VERSION >= 108600
TEST_CASE("a call that cancel_after cancels keeps its outcome", "[beast][cancellation]") {
  standstill const service("read");
  asio::io_context io;
  fictive::beast::async_client client(io, config_for(service.url()));
  auto const outcome = run(io, invite_within_a_second(client, one_address));
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == errc::cancelled);
  CHECK(outcome.error().effect == effect::unknown);
}

TEST_CASE("cancel_after abandons a bulk run", "[beast][cancellation][bulk]") {
  standstill const service("read");
  asio::io_context io;
  fictive::beast::async_client client(io, config_for(service.url()));
  std::optional<fictive::bulk_report> report;
  client.async_invite_all({.account_group_token = "group", .email_addresses = one_address.email_addresses}, {}, {},
                          asio::cancel_after(a_moment, [&](fictive::bulk_report of) { report = std::move(of); }));
  io.run();
  REQUIRE(report);
  CHECK(report->end == fictive::bulk_end::stopped);
  CHECK(report->counts[fictive::bulk_verdict::unknown] == 1);
}
#endif

TEST_CASE("tokens create timers with the executor of the client", "[beast][cancellation]") {
  asio::io_context io;
  fictive::beast::async_client client(io, config_for("http://service.example"));
  CHECK(client.async_invite(one_address, executor_of_timers()) == client.get_executor());
  CHECK(client.async_invite_all({}, {}, {}, executor_of_timers()) == client.get_executor());
}

#if defined(__cpp_lib_jthread)
TEST_CASE("a call with a stop token and a cancellation slot is cancelled by either", "[beast][cancellation]") {
  bool const by_slot = GENERATE(false, true);
  standstill const service("read");
  asio::io_context io;
  fictive::beast::async_client client(io, config_for(service.url()));
  fictive::stop_source source;
  asio::cancellation_signal signal;
  std::optional<reply> outcome;
  client.async_invite(one_address, {.stop = source.get_token()},
                      asio::bind_cancellation_slot(signal.slot(), [&](reply result) { outcome = std::move(result); }));
  io.run_for(a_moment);
  REQUIRE_FALSE(outcome);
  if (by_slot)
    signal.emit(asio::cancellation_type::terminal);
  else
    source.request_stop();
  io.run();
  REQUIRE(outcome);
  CHECK(outcome->error().code == errc::cancelled);
  CHECK(outcome->error().effect == effect::unknown);
}
#endif

TEST_CASE("the options of an asynchronous call apply to it", "[beast][cancellation]") {
  std::promise<std::string> sent;
  raw_server const server([&sent](raw_server::tcp::socket& client) {
    sent.set_value(read_request(client));
    wait_for_end(client);
  });
  auto config = config_for(server.url());
  std::string label;
  config.hooks.on_result = [&label](fictive::result_event const& event) { label = event.label; };
  asio::io_context io;
  fictive::beast::async_client client(io, std::move(config));
  std::optional<reply> outcome;
  auto const began = std::chrono::steady_clock::now();
  client.async_invite(one_address,
                      {.deadline = std::chrono::duration_cast<std::chrono::milliseconds>(a_moment),
                       .headers = {{"traceparent", "00-1-2-01"}},
                       .label = "a name"},
                      [&](reply result) { outcome = std::move(result); });
  io.run();
  CHECK(std::chrono::steady_clock::now() - began < 30s);  // the default of limits.total_timeout is longer
  REQUIRE(outcome);
  CHECK(outcome->error().code == errc::timed_out);
  CHECK(label == "a name");
  CHECK(contains(sent.get_future().get(), "traceparent: 00-1-2-01\r\n"));
}

}  // namespace cancellation_tests
