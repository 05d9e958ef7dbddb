#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>
#include <fictive/invite_all.hpp>

#include "support/bulk_world.hpp"
#include "support/catch.hpp"
#include "support/raw_server.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// Bulk runs over the adapter for Beast.

namespace beast_bulk_test {

namespace {

namespace asio = boost::asio;
using fictive::bulk_end;
using fictive::bulk_verdict;

/// Invites everybody.
void serve(raw_server::tcp::socket& client) {
  for (;;) {
    auto const request = read_request(client);
    auto const body = request.substr(request.find("\r\n\r\n") + 4);
    send_text(client, http_answer(bulk_world::invited(bulk_world::addresses_in({.body = body})).body));
  }
}

fictive::client_config service_at(raw_server const& server) {
  return {.base_url = server.url(), .credentials = {.session_id = "s"}, .allow_insecure_http = true};
}

TEST_CASE("the blocking client for Beast invites all", "[bulk][beast]") {
  raw_server const server(serve);
  fictive::beast::client client{service_at(server)};
  auto const report = client.invite_all(bulk_world::request_for(bulk_world::addresses(500)), {.max_batch = 10}, {});
  CHECK(report.end == bulk_end::complete);
  CHECK(report.counts[bulk_verdict::invited] == 500);
}

TEST_CASE("the asynchronous client for Beast invites all, with a completion token", "[bulk][beast]") {
  raw_server const server(serve);
  asio::io_context io;
  fictive::beast::async_client client{io, service_at(server)};
  std::size_t verdicts = 0;
  auto request = bulk_world::request_for(bulk_world::addresses(500));
  fictive::bulk_options options{.max_batch = 10};
  fictive::bulk_sink const count = [&](fictive::bulk_result&&) { ++verdicts; };
  auto future = client.async_invite_all(std::move(request), std::move(options), count, asio::use_future);
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([&] { io.run(); });
  for (auto& thread : threads) thread.join();
  auto const report = future.get();
  CHECK(report.end == bulk_end::complete);
  CHECK(report.counts[bulk_verdict::invited] == 500);
  CHECK(verdicts == 500);
}

#if defined(__cpp_lib_jthread)
TEST_CASE("a terminal cancellation abandons a bulk run over Beast", "[bulk][beast]") {
  asio::cancellation_signal cancel;
  asio::io_context io;
  raw_server const server([&](raw_server::tcp::socket& client) {
    (void)read_request(client);
    asio::post(io, [&] { cancel.emit(asio::cancellation_type::terminal); });
    (void)read_request(client);  // until the connection is closed
  });
  fictive::beast::async_client client{io, service_at(server)};
  std::optional<fictive::bulk_report> report;
  client.async_invite_all(
      bulk_world::request_for(bulk_world::addresses(50)), {}, {},
      asio::bind_cancellation_slot(cancel.slot(), [&](fictive::bulk_report of) { report = std::move(of); }));
  io.run();
  REQUIRE(report);
  CHECK(report->end == bulk_end::stopped);
  CHECK(report->counts[bulk_verdict::unknown] == 10);
  CHECK(report->counts[bulk_verdict::not_attempted] == 40);
}
#endif

}  // namespace

}  // namespace beast_bulk_test
