#include <fictive/fictive.hpp>
#include <fictive/invite_all.hpp>
#include <fictive/testing.hpp>

#include "support/bulk_world.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

// `invite_all` of both clients.

namespace bulk_drivers_test {

namespace {

using namespace std::chrono_literals;
using namespace bulk_world;
using fictive::bulk_end;
using fictive::testing::scripted_transport;

TEST_CASE("the blocking client invites all on several threads", "[bulk][client]") {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  std::map<std::string, int> times;
  fictive::client client{[&](fictive::http_request const& request) {
                           auto const all = addresses_in(request);
                           std::lock_guard const lock(mutex);
                           threads.insert(std::this_thread::get_id());
                           for (auto const& one : all) ++times[one];
                           return invited(all);
                         },
                         config()};
  auto const caller = std::this_thread::get_id();
  std::size_t verdicts = 0, reports = 0, records = 0;
  auto const report = client.invite_all(request_for(addresses(3000)),
                                        {.max_batch = 10,
                                         .journal =
                                             [&](auto const& of) {
                                               records += of.size();
                                               return std::error_code();
                                             },
                                         .on_progress = [&](auto const&) { ++reports; },
                                         .progress_interval = 0ms},
                                        [&](fictive::bulk_result const& result) {
                                          verdicts += result.verdict == bulk_verdict::invited;
                                          REQUIRE(std::this_thread::get_id() == caller);
                                        });
  CHECK(report.end == bulk_end::complete);
  CHECK(report.counts[bulk_verdict::invited] == 3000);
  CHECK(verdicts == 3000);
  CHECK(reports > 0);
  CHECK(records == 2 + 2 * 300);
  CHECK(times.size() == 3000);
  CHECK(threads.count(caller) == 0);
}

TEST_CASE("a run has the id that is given, or a random one", "[bulk][client]") {
  auto const id_of = [](fictive::fingerprint run_id) {
    fictive::fingerprint written = {};
    fictive::client client{[](fictive::http_request const& request) { return invited(addresses_in(request)); },
                           config()};
    (void)client.invite_all(request_for(addresses(1)),
                            {.run_id = run_id,
                             .journal =
                                 [&](std::vector<fictive::journal_record> const& records) {
                                   if (auto const* header = std::get_if<fictive::journal_header>(&records.at(0)))
                                     written = header->run_id;
                                   return std::error_code();
                                 }},
                            {});
    return written;
  };
  CHECK(id_of({1, 2}) == fictive::fingerprint{1, 2});
  CHECK(id_of({}) != fictive::fingerprint{});
  CHECK(id_of({}) != id_of({}));
}

TEST_CASE("the blocking client has as many requests in flight as it may, and no more", "[bulk][client]") {
  std::mutex mutex;
  std::condition_variable has_all;
  std::size_t in_flight = 0, most = 0, requests = 0;
  fictive::client client{[&](fictive::http_request const& request) {
                           std::unique_lock lock(mutex);
                           most = std::max(most, ++in_flight);
                           has_all.notify_all();
                           if (++requests > 1) has_all.wait_for(lock, 10s, [&] { return most >= 5; });
                           --in_flight;
                           return invited(addresses_in(request));
                         },
                         config()};
  auto const report = client.invite_all(request_for(addresses(3000)),
                                        {.max_batch = 10, .max_concurrency = 5, .initial_concurrency = 5}, {});
  CHECK(report.counts[bulk_verdict::invited] == 3000);
  CHECK(most == 5);
}

TEST_CASE("the blocking client starts no thread for one request at a time", "[bulk][client]") {
  std::set<std::thread::id> threads;
  fictive::client client{[&](fictive::http_request const& request) {
                           threads.insert(std::this_thread::get_id());
                           return invited(addresses_in(request));
                         },
                         config()};
  (void)client.invite_all(request_for(addresses(500)), {.max_concurrency = 1}, {});
  CHECK(threads == std::set{std::this_thread::get_id()});
}

#if defined(__cpp_lib_jthread)
TEST_CASE("the blocking client can be stopped", "[bulk][client]") {
  fictive::stop_source stop;
  fictive::client client{[&](fictive::http_request const& request) {
                           stop.request_stop();
                           return invited(addresses_in(request));
                         },
                         config()};
  auto const report = client.invite_all(request_for(addresses(500)), {.stop = stop.get_token()}, {});
  CHECK(report.end == bulk_end::stopped);
  CHECK(report.counts[bulk_verdict::invited] == 10);
}

TEST_CASE("the blocking client can be abandoned, and cancels its requests", "[bulk][client]") {
  fictive::stop_source abandon;
  fictive::client client{
      [&](fictive::http_request const&, fictive::stop_token stop) -> fictive::result<fictive::http_response> {
        abandon.request_stop();
        while (!stop.stop_requested()) std::this_thread::yield();
        return fictive::transport_error(std::make_error_code(std::errc::operation_canceled));
      },
      config()};
  auto const report = client.invite_all(request_for(addresses(500)), {.abandon = abandon.get_token()}, {});
  CHECK(report.end == bulk_end::stopped);
  CHECK(report.counts[bulk_verdict::unknown] == 10);
}

TEST_CASE("a stop of the blocking client ends the wait for new credentials", "[bulk][client][authentication]") {
  bool const abandons = GENERATE(false, true);
  fictive::stop_source stop;
  auto with = config();
  with.renew_credentials = [&](fictive::stop_token renewal) -> fictive::result<fictive::credentials> {
    stop.request_stop();
    CHECK(renewal.stop_requested());
    return fictive::error{.code = fictive::errc::cancelled};
  };
  scripted_transport const network;
  network.set_default([](fictive::http_request const&) { return fictive::http_response{.status = 401}; });
  fictive::client client{network, with};
  fictive::bulk_options options;
  (abandons ? options.abandon : options.stop) = stop.get_token();
  auto const report = client.invite_all(request_for(addresses(50)), std::move(options), {});
  CHECK(report.end == bulk_end::stopped);
  CHECK(report.counts[bulk_verdict::not_attempted] == 50);
}
#endif

TEST_CASE("an exception of the transport is an unknown effect", "[bulk][client]") {
  fictive::client client{[](fictive::http_request const&) -> fictive::http_response { throw std::runtime_error(""); },
                         config()};
  auto const concurrency = GENERATE(std::size_t{1}, std::size_t{8});
  auto const report = client.invite_all(request_for(addresses(5)), {.max_concurrency = concurrency}, {});
  CHECK(report.counts[bulk_verdict::unknown] == 5);
}

TEST_CASE("an exception of the sink propagates", "[bulk][client]") {
  fictive::client client{[](fictive::http_request const& request) { return invited(addresses_in(request)); }, config()};
  CHECK_THROWS_AS(client.invite_all(request_for(addresses(5)), {}, [](auto&&) { throw std::runtime_error(""); }),
                  std::runtime_error);
}

TEST_CASE("both clients share the renewal of credentials with the run", "[bulk][client][authentication]") {
  scripted_transport const network;
  network.set_default([](fictive::http_request const& request) {
    auto const* session = fictive::find_header(request.headers, "X-SessionId");
    if (*session == "session") return fictive::http_response{.status = 401};
    return invited(addresses_in(request));
  });
  int renewals = 0;
  auto with = config();
  with.renew_credentials = [&](fictive::stop_token) {
    ++renewals;
    return fictive::credentials{.session_id = "renewed"};
  };
  SECTION("blocking") {
    fictive::client client{network, with};
    CHECK(client.invite_all(request_for(addresses(500)), {}, {}).counts[bulk_verdict::invited] == 500);
    CHECK(client.invite_all(request_for(addresses(500)), {}, {}).counts[bulk_verdict::invited] == 500);
  }
  SECTION("asynchronous") {
    fictive::async_client client{network, with};
    std::uint64_t invited_people = 0;
    client.async_invite_all(request_for(addresses(500)), {}, {}, [&](fictive::bulk_report report) {
      invited_people = report.counts[bulk_verdict::invited];
    });
    network.clock().run();
    CHECK(invited_people == 500);
  }
  CHECK(renewals == 1);
}

TEST_CASE("a run with credentials that were set takes over renewed ones that it does not wait for any more",
          "[bulk][async_client][authentication]") {
  scripted_transport const network;
  network.set_default([](fictive::http_request const& request) {
    auto const* session = fictive::find_header(request.headers, "X-SessionId");
    return *session == "renewed" ? invited(addresses_in(request)) : fictive::http_response{.status = 403};
  });
  int renewals = 0;
  std::function<void(fictive::result<fictive::credentials>)> complete;
  auto with = config();
  with.async_renew_credentials = [&](fictive::stop_token const&, auto done) {
    ++renewals;
    complete = done;
  };
  fictive::async_client client{network, with};
  std::optional<fictive::bulk_report> report;
  client.async_invite_all(request_for(addresses(5)), {.on_progress = [](auto const&) {}, .progress_interval = 100ms},
                          {}, [&](fictive::bulk_report of) { report = std::move(of); });
  network.clock().post_after(1s, [&] {
    client.set_credentials({.session_id = "set"});
    client.async_invite({.account_group_token = "group", .email_addresses = addresses(1)}, [](auto const&) {});
    network.answer({.status = 403}, 5s);  // to the run
  });
  network.clock().post_after(2s, [&] { complete(fictive::credentials{.session_id = "renewed"}); });
  network.clock().run();
  CHECK(renewals == 1);
  REQUIRE(report);
  CHECK(report->counts[bulk_verdict::invited] == 5);
}

TEST_CASE("the asynchronous client invites all, several requests at a time", "[bulk][async_client]") {
  scripted_transport const network;
  std::size_t requests = 0;
  network.set_default([&](fictive::http_request const& request) {
    if (++requests == 5) return throttled(3);
    return invited(addresses_in(request));
  });
  std::optional<fictive::bulk_report> report;
  std::size_t verdicts = 0;
  {
    fictive::async_client client{network, config()};
    client.async_invite_all(
        request_for(addresses(5000)), {.on_progress = [](auto const&) {}}, [&](auto&&) { ++verdicts; },
        [&, once = std::make_unique<int>()](fictive::bulk_report of) { report = std::move(of); });
  }
  network.clock().run();
  REQUIRE(report);
  CHECK(report->end == bulk_end::complete);
  CHECK(report->counts[bulk_verdict::invited] == 5000);
  CHECK(report->throttled == 1);
  CHECK(verdicts == 5000);
}

TEST_CASE("the asynchronous client renews each session that ends during a run",
          "[bulk][async_client][authentication]") {
  scripted_transport const network;
  int session = 0, accepted = 0;
  network.set_default([&](fictive::http_request const& request) -> fictive::result<fictive::http_response> {
    if (*fictive::find_header(request.headers, "X-SessionId") != std::to_string(session))
      return fictive::http_response{.status = 403};
    if (++accepted % 10 == 0) ++session;
    return invited(addresses_in(request));
  });
  auto with = config();
  with.credentials.session_id = "0";
  with.renew_credentials = [&](fictive::stop_token const&) {
    return fictive::credentials{.session_id = std::to_string(session)};
  };
  std::optional<fictive::bulk_report> report;
  fictive::async_client client{network, with};
  client.async_invite_all(request_for(addresses(500)), {.max_batch = 10}, {},
                          [&](fictive::bulk_report of) { report = std::move(of); });
  network.clock().run();
  REQUIRE(report);
  CHECK(report->end == bulk_end::complete);
  CHECK(report->counts[bulk_verdict::invited] == 500);
}

#if defined(__cpp_lib_jthread)
TEST_CASE("the asynchronous client can be stopped during a pause", "[bulk][async_client]") {
  scripted_transport const network;
  network.set_default([&](fictive::http_request const&) { return throttled(60); });
  fictive::stop_source stop;
  std::optional<fictive::bulk_report> report;
  fictive::async_client client{network, config()};
  client.async_invite_all(request_for(addresses(50)), {.stop = stop.get_token()}, {},
                          [&](fictive::bulk_report of) { report = std::move(of); });
  auto const begin = network.clock().now();
  network.clock().run_until(begin + 10s, [] { return false; });
  CHECK(!report);
  stop.request_stop();
  network.clock().run_until(begin + 11s, [] { return false; });
  REQUIRE(report);
  CHECK(report->end == bulk_end::stopped);
  CHECK(report->counts[bulk_verdict::not_attempted] == 50);
  network.clock().run_until(begin + 25h, [] { return false; });  // the waits that were given up hold the run
}

TEST_CASE("the asynchronous client that is stopped during a request waits for its response", "[bulk][async_client]") {
  scripted_transport const network;
  network.answer(invited(addresses(10)), 1s);
  fictive::stop_source stop;
  std::optional<fictive::bulk_report> report;
  int completions = 0;
  fictive::async_client client{network, config()};
  client.async_invite_all(request_for(addresses(50)), {.stop = stop.get_token()}, {}, [&](fictive::bulk_report of) {
    report = std::move(of);
    ++completions;
  });
  auto const begin = network.clock().now();
  network.clock().run_until(begin + 500ms, [] { return false; });
  stop.request_stop();
  CHECK(!report);
  network.clock().run_until(begin + 2s, [] { return false; });
  REQUIRE(report);
  CHECK(report->end == bulk_end::stopped);
  CHECK(report->counts[bulk_verdict::invited] == 10);
  CHECK(report->counts[bulk_verdict::not_attempted] == 40);
  network.clock().run_until(begin + 25h, [] { return false; });
  CHECK(completions == 1);
}

TEST_CASE("the asynchronous client reports progress after a stop, too", "[bulk][async_client]") {
  scripted_transport const network;
  network.answer(invited(addresses(10)), 10s);
  fictive::stop_source stop;
  int reports = 0;
  fictive::async_client client{network, config()};
  client.async_invite_all(request_for(addresses(50)),
                          {.stop = stop.get_token(), .on_progress = [&](auto const&) { ++reports; }}, {},
                          [](fictive::bulk_report const&) {});
  auto const begin = network.clock().now();
  network.clock().run_until(begin + 500ms, [] { return false; });
  stop.request_stop();
  network.clock().run_until(begin + 9500ms, [] { return false; });
  CHECK(reports == 10);  // at the begin, and after each second
  network.clock().run();
}
#endif

}  // namespace

}  // namespace bulk_drivers_test
