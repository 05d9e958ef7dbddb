#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <climits>
#include <cmath>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace retry_tests {

using fictive::effect;
using fictive::errc;
using fictive::http_request;
using fictive::http_response;
using fictive::result;
using fictive::retry_budget;
using fictive::retry_policy;
using fictive::transport_error;
using namespace std::chrono_literals;

namespace {

using times = std::vector<std::chrono::nanoseconds>;

std::string const jamie = "jamie.muir@fictiveglobal.com";
fictive::invite_request const invite_jamie = {.account_group_token = "group", .email_addresses = {jamie}};

constexpr std::chrono::milliseconds ever = (std::chrono::milliseconds::max)();

fictive::error failure(std::errc cause, effect did) {
  return transport_error(std::make_error_code(cause), did);
}

fictive::error const refused = failure(std::errc::connection_refused, effect::none);
fictive::error const lost = failure(std::errc::connection_reset, effect::unknown);

http_response status(unsigned number) {
  return {.status = number};
}

http_response status_with(unsigned number, std::string name, std::string value) {
  return {.status = number, .headers = {{std::move(name), std::move(value)}}};
}

http_response ok(std::string content_type, std::string body) {
  return {.status = 200, .headers = {{"Content-Type", std::move(content_type)}}, .body = std::move(body)};
}

http_response const nobody = ok("application/json", "{}");

std::function<double()> always(double value) {
  return [value] { return value; };
}

// ------------------------------------------------------------------------------------------------ one call, two ways

enum class client_kind { blocking, asynchronous };

/// Every scenario is played by either client, over the same network, in virtual time.
struct scenario {
  client_kind kind = GENERATE(client_kind::blocking, client_kind::asynchronous);
  fictive::testing::scripted_transport network = {};
  fictive::testing::stand_in_service service = {};
  fictive::service to = {.credentials = {.session_id = "session"}};
  retry_policy policy = {.random = always(0.5)};
  /// When the last call ended.
  std::chrono::nanoseconds ended = {};

  result<fictive::invite_response> invite(fictive::stop_token stop = {},
                                          fictive::invite_request const& request = invite_jamie) {
    if (kind == client_kind::blocking) {
      fictive::client client{network, to, policy};
      auto reply = client.invite(request, stop);
      ended = now();
      network.clock().run();
      return reply;
    }
    fictive::async_client client{network, to, policy};
    std::vector<result<fictive::invite_response>> replies;
    client.async_invite(request, stop, [&](result<fictive::invite_response> reply) {
      ended = now();
      replies.push_back(std::move(reply));
    });
    network.clock().run();
    REQUIRE(replies.size() == 1);
    return replies.front();
  }

  fictive::error fail(fictive::stop_token stop = {}) {
    auto const reply = invite(std::move(stop));
    REQUIRE(!reply);
    check_limits();
    return reply.error();
  }

  [[nodiscard]] std::chrono::nanoseconds now() const { return network.now().time_since_epoch(); }

  [[nodiscard]] std::size_t sent() const { return network.requests().size(); }

  [[nodiscard]] http_request const& request(std::size_t index) const { return network.requests().at(index).request; }

  [[nodiscard]] times sent_at() const {
    times all;
    for (auto const& one : network.requests()) all.push_back(one.at.time_since_epoch());
    return all;
  }

  /// From each request to the next.
  [[nodiscard]] times waits() const {
    auto all = sent_at();
    std::adjacent_difference(all.begin(), all.end(), all.begin());
    if (!all.empty()) all.erase(all.begin());
    return all;
  }

  /// A limit that is not positive is none for many an HTTP stack.
  void check_limits() const {
    for (auto const& one : network.requests()) {
      CHECK(one.request.limits.total_timeout > 0ms);
      CHECK(one.request.limits.connect_timeout > 0ms);
    }
  }
};

// ------------------------------------------------------------------------------------------------- the failure table

enum class again { never, always, once, opted_in };

struct row {
  std::string name;
  result<http_response> answer;
  errc code;
  effect did;
  again retried;
};

std::vector<row> failure_table() {
  std::vector<row> rows = {
      {"look-up, connect, proxy", refused, errc::transport_failure, effect::none, again::always},
      {"out of time before a byte was written", failure(std::errc::timed_out, effect::none), errc::timed_out,
       effect::none, again::always},
      {"certificate", failure(std::errc::permission_denied, effect::none), errc::transport_failure, effect::none,
       again::never},
      {"certificate, of a transport that proves nothing", failure(std::errc::permission_denied, effect::unknown),
       errc::transport_failure, effect::unknown, again::never},
      {"reset", lost, errc::transport_failure, effect::unknown, again::opted_in},
      {"out of time after the first byte", failure(std::errc::timed_out, effect::unknown), errc::timed_out,
       effect::unknown, again::opted_in},
      {"the body of a success was lost",
       transport_error(std::make_error_code(std::errc::connection_reset), ok("application/json", "")),
       errc::malformed_response, effect::applied, again::never},
      {"out of time in the body of a success",
       transport_error(std::make_error_code(std::errc::timed_out), ok("application/json", "")), errc::timed_out,
       effect::applied, again::never},
      {"the body of a portal's page was lost",
       transport_error(std::make_error_code(std::errc::connection_reset), ok("text/html", "")), errc::transport_failure,
       effect::unknown, again::never},
      {"429", status(429), errc::too_many_requests, effect::none, again::always},
      {"503 with Retry-After", status_with(503, "Retry-After", "0"), errc::server_error, effect::none, again::always},
      {"303", status(303), errc::unexpected_status, effect::unknown, again::never},
      {"a success that is cut", ok("application/json", "{"), errc::malformed_response, effect::applied, again::never},
      {"a success that is missing", ok("application/json", ""), errc::malformed_response, effect::applied,
       again::never},
      {"a portal's page", ok("text/html", "<p>Log in"), errc::malformed_response, effect::unknown, again::never},
      {"stopped before a byte was written", failure(std::errc::operation_canceled, effect::none), errc::cancelled,
       effect::none, again::never},
      {"stopped after the first byte", failure(std::errc::operation_canceled, effect::unknown), errc::cancelled,
       effect::unknown, again::never},
      {"no status", status(0), errc::unexpected_status, effect::unknown, again::never},
      {"the answer to another call", ok("application/json", R"({"invalidEmailAddresses":["somebody@example.com"]})"),
       errc::malformed_response, effect::unknown, again::never},
      {"a status that is none of a response", status(199), errc::unexpected_status, effect::unknown, again::never},
  };
  auto const add = [&](std::initializer_list<unsigned> numbers, errc code, effect did, again retried) {
    for (unsigned const number : numbers) rows.push_back({std::to_string(number), status(number), code, did, retried});
  };
  add({408, 421, 425}, errc::unexpected_status, effect::none, again::once);
  add({500, 501, 502, 503, 504, 599}, errc::server_error, effect::unknown, again::opted_in);
  add({400, 412, 413, 415, 422}, errc::invalid_request, effect::none, again::never);
  add({404}, errc::subscription_not_found, effect::none, again::never);
  add({409}, errc::conflict, effect::none, again::never);
  add({401, 403}, errc::not_authenticated, effect::none, again::never);
  add({402, 405, 406, 410, 418, 431, 499}, errc::unexpected_status, effect::none, again::never);
  add({300, 301, 302, 304, 307, 308}, errc::unexpected_status, effect::none, again::never);
  return rows;
}

/// The service answers like this `times` times, and as it should afterwards. What may have had an effect, had one.
void answer_first(scenario& s, unsigned failures, row const& with) {
  s.network.otherwise([&s, failures, with](http_request const& request) -> result<http_response> {
    if (s.sent() > failures) return s.service(request);
    if (with.did != effect::none) (void)s.service(request);
    return with.answer;
  });
}

}  // namespace

TEST_CASE("each row of the failure table is retried or not, and told as it has it") {
  scenario s;
  auto const row = GENERATE(from_range(failure_table()));
  CAPTURE(row.name);
  answer_first(s, UINT_MAX, row);

  auto const e = s.fail();
  auto const attempts = row.retried == again::always ? 3u : row.retried == again::once ? 2u : 1u;
  CHECK(e.code == row.code);
  CHECK(e.effect == row.did);
  CHECK(e.attempts == attempts);
  CHECK(s.sent() == attempts);
  CHECK(s.service.deliveries(jamie) == (row.did == effect::none ? 0 : 1));
}

TEST_CASE("unknown_effect also retries the rows that may have had an effect, and no others") {
  scenario s;
  s.policy.unknown_effect = true;
  auto const row = GENERATE(from_range(failure_table()));
  CAPTURE(row.name);
  answer_first(s, UINT_MAX, row);

  auto const e = s.fail();
  auto const attempts = row.retried == again::always || row.retried == again::opted_in ? 3u
                        : row.retried == again::once                                   ? 2u
                                                                                       : 1u;
  CHECK(e.code == row.code);
  CHECK(e.effect == row.did);
  CHECK(e.attempts == attempts);
  CHECK(s.sent() == attempts);
}

TEST_CASE("what is retried and then works has invited everybody once") {
  scenario s;
  auto const row =
      GENERATE(filter([](auto const& r) { return r.retried == again::always; }, from_range(failure_table())));
  auto const failures = GENERATE(1u, 2u);
  CAPTURE(row.name, failures);
  answer_first(s, failures, row);

  auto const reply = s.invite();
  REQUIRE(reply);
  REQUIRE(reply->valid_invitations.size() == 1);
  CHECK(reply->valid_invitations[0].email_address == jamie);
  CHECK(s.sent() == failures + 1);
  CHECK(s.service.deliveries(jamie) == 1);
}

TEST_CASE("nobody is invited twice unless that was asked for") {
  scenario s;
  s.policy.unknown_effect = GENERATE(false, true);
  s.network.otherwise([&](http_request const& request) -> result<http_response> {
    (void)s.service(request);
    return lost;
  });
  CHECK(s.fail().effect == effect::unknown);
  CHECK(s.service.deliveries(jamie) == (s.policy.unknown_effect ? 3 : 1));
}

TEST_CASE("an attempt that was applied ends a call that goes on after unknown effects") {
  scenario s;
  s.policy.unknown_effect = true;
  s.network.fail(lost);
  s.network.answer(status(204));
  auto const e = s.fail();
  CHECK(e.code == errc::malformed_response);
  CHECK(e.effect == effect::applied);
  CHECK(e.attempts == 2);
}

TEST_CASE("a request that the service asks to repeat is repeated once, on a new connection") {
  scenario s;
  auto const number = GENERATE(408u, 421u, 425u);
  SECTION("and may work then") {
    s.network.answer(status(number));
    s.network.answer(nobody);
    CHECK(s.invite());
  }
  SECTION("and not again for another such reason") {
    s.network.answer(status(number));
    s.network.answer(status(408));
    auto const e = s.fail();
    CHECK(e.code == errc::unexpected_status);
    CHECK(e.status == 408);
    CHECK(e.effect == effect::none);
  }
  REQUIRE(s.sent() == 2);
  CHECK(!s.request(0).new_connection);
  CHECK(s.request(1).new_connection);
}

TEST_CASE("only what follows a request to repeat it needs a new connection") {
  scenario s;
  s.policy.max_attempts = 9;
  s.network.fail(refused);
  s.network.answer(status(408));
  s.network.answer(status(429));
  s.network.fail(refused);
  s.network.answer(status(425));
  CHECK(s.fail().status == 425);
  REQUIRE(s.sent() == 5);
  for (std::size_t i = 0; i < s.sent(); ++i) CHECK(s.request(i).new_connection == (i == 2));
}

TEST_CASE("a 503 that is not trusted may have had an effect, Retry-After or not") {
  scenario s;
  s.policy.trust_503 = false;
  s.policy.unknown_effect = GENERATE(false, true);
  s.network.otherwise([](http_request const&) { return status_with(503, "Retry-After", "1"); });
  auto const e = s.fail();
  CHECK(e.code == errc::server_error);
  CHECK(e.effect == effect::unknown);
  CHECK(e.retry_after == 1s);
  CHECK(e.attempts == (s.policy.unknown_effect ? 3 : 1));
}

TEST_CASE("that 503 is not trusted changes nothing for 429") {
  scenario s;
  s.policy.trust_503 = false;
  s.network.otherwise([](http_request const&) { return status_with(429, "Retry-After", "1"); });
  auto const e = s.fail();
  CHECK(e.effect == effect::none);
  CHECK(e.attempts == 3);
}

// ------------------------------------------------------------------------------------------------ effect and attempts

TEST_CASE("the effect of a failure is the worst of all attempts") {
  scenario s;
  s.policy.unknown_effect = true;
  SECTION("unknown, then refused") {
    s.network.fail(lost);
    s.network.fail(refused);
    s.network.fail(refused);
    auto const e = s.fail();
    CHECK(e.cause == std::errc::connection_refused);
    CHECK(e.effect == effect::unknown);
    CHECK(e.attempts == 3);
  }
  SECTION("unknown, then an error that ends the call") {
    s.network.fail(lost);
    s.network.answer(status(404));
    auto const e = s.fail();
    CHECK(e.code == errc::subscription_not_found);
    CHECK(e.effect == effect::unknown);
    CHECK(e.attempts == 2);
  }
  SECTION("none, then unknown") {
    s.policy.unknown_effect = false;
    s.network.fail(refused);
    s.network.fail(lost);
    auto const e = s.fail();
    CHECK(e.effect == effect::unknown);
    CHECK(e.attempts == 2);
  }
}

TEST_CASE("an error of the transport that says nothing about its kind is a transport failure") {
  scenario s;
  s.network.fail(fictive::error{});
  auto const e = s.fail();
  CHECK(e.code == errc::transport_failure);
  CHECK(e.effect == effect::unknown);
  CHECK(e.attempts == 1);
}

TEST_CASE("a refused argument was no attempt, and nothing is sent") {
  scenario s;
  auto const reply = s.invite({}, {.account_group_token = "group"});
  REQUIRE(!reply);
  CHECK(reply.error().code == errc::invalid_argument);
  CHECK(reply.error().effect == effect::none);
  CHECK(reply.error().attempts == 0);
  CHECK(s.sent() == 0);
}

TEST_CASE("as many requests are sent as the policy has attempts, and at least one") {
  scenario s;
  s.policy.max_attempts = GENERATE(0u, 1u, 2u, 7u);
  s.network.otherwise([](http_request const&) { return refused; });
  auto const e = s.fail();
  CHECK(e.attempts == (std::max)(1u, s.policy.max_attempts));
  CHECK(s.sent() == e.attempts);
}

TEST_CASE("each attempt sends the same") {
  scenario s;
  s.to.extra_headers = {{"X-Gateway-Key", "key"}};
  s.network.answer(status(408));
  s.network.fail(refused);
  s.network.answer(nobody);
  REQUIRE(s.invite());
  REQUIRE(s.sent() == 3);
  auto const expected = fictive::make_invite_request(s.to, invite_jamie).value();
  for (std::size_t i = 0; i < s.sent(); ++i) {
    auto const& sent = s.request(i);
    CHECK(sent.method == expected.method);
    CHECK(sent.url == expected.url);
    CHECK(sent.body == expected.body);
    CHECK(sent.limits.max_body_bytes == expected.limits.max_body_bytes);
    CHECK(sent.limits.max_header_bytes == expected.limits.max_header_bytes);
    REQUIRE(sent.headers.size() == expected.headers.size());
    for (std::size_t j = 0; j < expected.headers.size(); ++j) {
      CHECK(sent.headers[j].name == expected.headers[j].name);
      CHECK(sent.headers[j].value == expected.headers[j].value);
    }
  }
}

// ----------------------------------------------------------------------------------------------------------- back-off

namespace {

constexpr std::chrono::milliseconds longest_waits[] = {500ms, 1s, 2s, 4s, 8s, 16s, 20s, 20s, 20s};

/// Fails as long as all of these are waited for.
void fail_for_long(scenario& s) {
  s.policy.max_attempts = 10;
  s.policy.deadline = 10min;
  s.network.otherwise([](http_request const&) { return refused; });
}

}  // namespace

TEST_CASE("the first attempt is not delayed") {
  scenario s;
  s.policy.random = always(0.999);
  s.policy.base_delay = 10s;
  s.network.answer(nobody);
  REQUIRE(s.invite());
  CHECK(s.sent_at() == times{0s});
}

TEST_CASE("without jitter there is no wait") {
  scenario s;
  s.policy.random = always(0);
  fail_for_long(s);
  CHECK(s.fail().attempts == 10);
  CHECK(s.waits() == times(9, 0ns));
}

TEST_CASE("the wait is as much of the longest as the random number says, and doubles up to the cap") {
  scenario s;
  fail_for_long(s);
  CHECK(s.fail().attempts == 10);
  CHECK(s.waits() == times{250ms, 500ms, 1s, 2s, 4s, 8s, 10s, 10s, 10s});
}

TEST_CASE("the wait is less than the longest") {
  scenario s;
  s.policy.random = always(std::nextafter(1.0, 0.0));
  fail_for_long(s);
  CHECK(s.fail().attempts == 10);
  auto const waits = s.waits();
  REQUIRE(waits.size() == std::size(longest_waits));
  for (std::size_t i = 0; i < waits.size(); ++i) {
    CHECK(waits[i] < longest_waits[i]);
    CHECK(waits[i] > longest_waits[i] - 1us);
  }
}

TEST_CASE("a random number is asked for before each wait") {
  scenario s;
  s.policy.random = [next = 0.0]() mutable { return std::exchange(next, next + 0.25); };
  s.policy.max_attempts = 4;
  s.network.otherwise([](http_request const&) { return refused; });
  CHECK(s.fail().attempts == 4);
  CHECK(s.waits() == times{0ms, 250ms, 1000ms});
}

TEST_CASE("without a random source the waits are random, and below the longest") {
  scenario s;
  s.policy.random = nullptr;
  s.policy.budget = nullptr;
  std::vector<double> fractions;
  for (int call = 0; call < 100; ++call) {
    auto const already = s.sent();
    fail_for_long(s);
    REQUIRE(s.fail().attempts == 10);
    auto const waits = s.waits();
    for (std::size_t i = 0; i < std::size(longest_waits); ++i) {
      auto const wait = waits[already + i];
      REQUIRE(wait >= 0ms);
      REQUIRE(wait < longest_waits[i]);
      fractions.push_back(std::chrono::duration<double>(wait) / std::chrono::duration<double>(longest_waits[i]));
    }
  }
  std::sort(fractions.begin(), fractions.end());
  CHECK(std::unique(fractions.begin(), fractions.end()) - fractions.begin() > 890);
  CHECK(fractions.size() == 900);
  CHECK(fractions[90] < 0.2);
  CHECK(fractions[450] > 0.4);
  CHECK(fractions[450] < 0.6);
  CHECK(fractions[810] > 0.8);
}

TEST_CASE("the delays are the policy's") {
  scenario s;
  s.policy.base_delay = 100ms;
  s.policy.max_delay = 300ms;
  s.policy.max_attempts = 5;
  s.network.otherwise([](http_request const&) { return refused; });
  CHECK(s.fail().attempts == 5);
  CHECK(s.waits() == times{50ms, 100ms, 150ms, 150ms});
}

TEST_CASE("a cap below the base delay holds from the first wait on") {
  scenario s;
  s.policy.max_delay = 100ms;
  s.network.otherwise([](http_request const&) { return refused; });
  CHECK(s.fail().attempts == 3);
  CHECK(s.waits() == times{50ms, 50ms});
}

TEST_CASE("delays that are zero or less mean no wait") {
  scenario s;
  auto const delay = GENERATE(0ms, -1ms, std::chrono::milliseconds(std::chrono::milliseconds::min()));
  SECTION("the first one") {
    s.policy.base_delay = delay;
  }
  SECTION("the longest one") {
    s.policy.max_delay = delay;
  }
  s.network.otherwise([](http_request const&) { return refused; });
  CHECK(s.fail().attempts == 3);
  CHECK(s.waits() == times{0ms, 0ms});
}

// ----------------------------------------------------------------------------------------------------------- deadline

TEST_CASE("an attempt may take what is left until the deadline, and no more than its limits") {
  scenario s;
  s.policy.deadline = 30s;
  s.network.fail(refused, 5s);
  s.network.fail(refused, 19s);
  s.network.answer(nobody, 1min);
  auto const e = s.fail();
  REQUIRE(s.sent() == 3);
  CHECK(s.sent_at() == times{0s, 5250ms, 24750ms});
  CHECK(s.request(0).limits.total_timeout == 30s);
  CHECK(s.request(0).limits.connect_timeout == 10s);
  CHECK(s.request(1).limits.total_timeout == 24750ms);
  CHECK(s.request(1).limits.connect_timeout == 10s);
  CHECK(s.request(2).limits.total_timeout == 5250ms);
  CHECK(s.request(2).limits.connect_timeout == 5250ms);
  CHECK(e.code == errc::timed_out);
  CHECK(e.effect == effect::unknown);
  CHECK(e.attempts == 3);
  CHECK(s.ended == 30s);
}

TEST_CASE("a deadline far away leaves the limits of an attempt as they are") {
  scenario s;
  s.to.limits = {.connect_timeout = 3s, .total_timeout = 4s};
  s.network.fail(refused);
  s.network.answer(nobody);
  REQUIRE(s.invite());
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(s.request(i).limits.connect_timeout == 3s);
    CHECK(s.request(i).limits.total_timeout == 4s);
  }
}

TEST_CASE("a wait that would not end before the deadline is not begun") {
  scenario s;
  s.policy.deadline = 1s;
  auto const first = GENERATE(749ms, 750ms, 751ms);
  s.network.fail(refused, first);
  s.network.fail(lost);
  auto const e = s.fail();
  if (first < 750ms) {
    CHECK(e.attempts == 2);
    CHECK(s.ended == 999ms);
    CHECK(s.request(1).limits.total_timeout == 1ms);
  } else {
    CHECK(e.attempts == 1);
    CHECK(e.code == errc::transport_failure);
    CHECK(e.effect == effect::none);
    CHECK(s.ended == first);
  }
}

TEST_CASE("less than a millisecond before the deadline an attempt still has a limit") {
  scenario s;
  s.policy.deadline = 1s;
  s.network.fail(refused, 749ms + 999us);
  s.network.fail(lost);
  CHECK(s.fail().attempts == 2);
  CHECK(s.request(1).limits.total_timeout == 1ms);
}

TEST_CASE("a deadline that is past when the call begins lets nothing be sent") {
  scenario s;
  s.policy.deadline = GENERATE(0ms, -1ms, std::chrono::milliseconds((std::chrono::milliseconds::min)()));
  s.network.otherwise([](http_request const&) { return nobody; });
  auto const e = s.fail();
  CHECK(e.code == errc::timed_out);
  CHECK(e.effect == effect::none);
  CHECK(e.attempts == 0);
  CHECK(!e.message.empty());
  CHECK(s.sent() == 0);
  CHECK(s.ended == 0s);
}

TEST_CASE("a deadline as far away as can be said is none") {
  scenario s;
  s.policy.deadline =
      GENERATE(as<std::chrono::milliseconds>(), ever, ever - 1ms, ever / 1'000'000, ever / 1'000'000 + 1ms);
  s.network.fail(refused, 5s);
  s.network.fail(refused, 5s);
  s.network.answer(nobody);
  CHECK(s.invite());
  REQUIRE(s.sent() == 3);
  CHECK(s.sent_at() == times{0s, 5250ms, 10750ms});
  CHECK(s.request(2).limits.total_timeout == 60s);
  s.check_limits();
}

TEST_CASE("limits as far away as can be said are cut by the deadline") {
  scenario s;
  s.to.limits = {.connect_timeout = ever, .total_timeout = ever};
  s.network.fail(refused);
  s.network.answer(nobody);
  CHECK(s.invite());
  CHECK(s.request(0).limits.total_timeout == 2min);
  CHECK(s.request(1).limits.connect_timeout == 2min - 250ms);
}

TEST_CASE("limits and a deadline as far away as can be said do no harm") {
  scenario s;
  s.policy.deadline = ever;
  s.to.limits = {.connect_timeout = ever, .total_timeout = ever};
  s.network.fail(refused);
  s.network.answer(nobody);
  CHECK(s.invite());
  CHECK(s.sent() == 2);
  s.check_limits();
}

TEST_CASE("delays as long as can be said are longer than the deadline") {
  scenario s;
  s.policy.base_delay = s.policy.max_delay = ever;
  s.network.otherwise([](http_request const&) { return refused; });
  CHECK(s.fail().attempts == 1);
  CHECK(s.ended == 0s);
}

TEST_CASE("delays as long as can be said do not become short ones, whatever the deadline") {
  scenario s;
  s.policy.base_delay = s.policy.max_delay = ever;
  s.policy.deadline = ever;
  s.network.otherwise([](http_request const&) { return refused; });
  (void)s.fail();
  for (auto const wait : s.waits()) CHECK(wait > 24h * 100);
}

TEST_CASE("however often a wait doubles, it stays below the cap") {
  scenario s;
  s.policy.budget = nullptr;
  s.policy.max_attempts = 3000;
  s.policy.deadline = ever;
  s.policy.max_delay = 1h;
  s.network.otherwise([](http_request const&) { return refused; });
  REQUIRE(s.fail().attempts == 3000);
  CHECK(s.waits().back() == 30min);
}

// ------------------------------------------------------------------------------------------ the answer to another call

namespace {

http_response answer_for(std::string const& address) {
  return ok("application/json",
            R"({"validInvitations":[{"invitationReference":"r","emailAddress":")" + address + "\"}]}");
}

/// Keeps the connection of the last answer, on which one answer too many has come: every call gets the one before its
/// own. A new connection has none too many.
struct one_answer_behind : fictive::testing::scripted_transport {
  struct state {
    std::vector<http_response> waiting;
    std::vector<std::string> dropped;
  };

  explicit one_answer_behind(http_response stray) {
    kept->waiting.push_back(std::move(stray));
    otherwise([kept = kept](http_request const& request) {
      auto const begin = request.body.rfind("[\"") + 2;
      kept->waiting.push_back(answer_for(request.body.substr(begin, request.body.find('"', begin) - begin)));
      auto first = kept->waiting.front();
      kept->waiting.erase(kept->waiting.begin());
      return first;
    });
  }

  void drop_idle_connections(std::string_view url) noexcept {
    kept->dropped.emplace_back(url);
    kept->waiting.clear();
  }

  std::shared_ptr<state> kept = std::make_shared<state>();
};

/// What `count` calls come to, one after the other, each with an address of its own.
template <class Transport>
std::vector<result<fictive::invite_response>> outcomes_of(client_kind kind, Transport const& transport, int count,
                                                          retry_policy const& policy = {}) {
  std::vector<result<fictive::invite_response>> outcomes;
  fictive::client blocking{transport, fictive::service{}, policy};
  fictive::async_client asynchronous{transport, fictive::service{}, policy};
  for (int i = 0; i < count; ++i) {
    fictive::invite_request const request{.account_group_token = "group",
                                          .email_addresses = {std::to_string(i) + "@example.com"}};
    if (kind == client_kind::blocking)
      outcomes.push_back(blocking.invite(request));
    else
      asynchronous.async_invite(request, [&](auto outcome) { outcomes.push_back(std::move(outcome)); });
    transport.clock().run();
  }
  REQUIRE(outcomes.size() == static_cast<std::size_t>(count));
  return outcomes;
}

}  // namespace

TEST_CASE("the answer to another call is an error, and is not retried even if unknown effects are") {
  auto const kind = GENERATE(client_kind::blocking, client_kind::asynchronous);
  fictive::testing::scripted_transport network;
  network.otherwise([](http_request const&) { return answer_for("somebody@example.com"); });
  auto const outcome = outcomes_of(kind, network, 1, {.unknown_effect = true}).front();
  REQUIRE(!outcome);
  CHECK(outcome.error().code == errc::malformed_response);
  CHECK(outcome.error().effect == effect::unknown);
  CHECK(outcome.error().attempts == 1);
}

TEST_CASE("one answer too many costs one call, and the idle connections: the next calls get their own answers") {
  auto const kind = GENERATE(client_kind::blocking, client_kind::asynchronous);
  auto const stray =
      GENERATE(answer_for("somebody@example.com"), ok("text/html", "<p>Log in"), ok("text/plain", "too many"));
  one_answer_behind const network(stray);
  auto const outcomes = outcomes_of(kind, network, 36);
  REQUIRE(!outcomes[0]);
  CHECK(outcomes[0].error().code == errc::malformed_response);
  CHECK(outcomes[0].error().effect == effect::unknown);
  for (std::size_t i = 1; i < outcomes.size(); ++i) {
    REQUIRE(outcomes[i]);
    CHECK(outcomes[i]->valid_invitations.front().email_address == std::to_string(i) + "@example.com");
  }
  CHECK(network.kept->dropped ==
        std::vector<std::string>{"https://api.fictive.com/rest/api/accounts/groups/group/invites"});
}

TEST_CASE("without a way to drop connections, no call is given the answer of another one as its own") {
  auto const kind = GENERATE(client_kind::blocking, client_kind::asynchronous);
  one_answer_behind const network(answer_for("somebody@example.com"));
  fictive::testing::scripted_transport const& without_drop = network;
  for (auto const& outcome : outcomes_of(kind, without_drop, 36)) CHECK(!outcome);
  CHECK(network.kept->dropped.empty());
}

TEST_CASE("what is the service's own answer drops no connection") {
  auto const kind = GENERATE(client_kind::blocking, client_kind::asynchronous);
  one_answer_behind const network(GENERATE(answer_for("0@example.com"), nobody, ok("application/json", "{"),
                                           status(204), status(404), status(500)));
  (void)outcomes_of(kind, network, 1);
  CHECK(network.kept->dropped.empty());
}

// -------------------------------------------------------------------------------------------------------- Retry-After

namespace {

struct retry_after_case {
  std::string value;
  std::optional<std::chrono::seconds> delay;  // nothing if the value is as if it were not there
};

http_response throttled(unsigned number, std::string value) {
  // Whatever our clock says: the service's is in 1994.
  return {.status = number, .headers = {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"Retry-After", std::move(value)}}};
}

}  // namespace

TEST_CASE("Retry-After is waited for, in seconds or as a date that counts from the response's own") {
  scenario s;
  auto const number = GENERATE(429u, 503u);
  auto const c = GENERATE(values<retry_after_case>({
      {"0", 0s},
      {"7", 7s},
      {" 7 ", 7s},
      {"119", 119s},
      {"Sun, 06 Nov 1994 08:49:07 GMT", 0s},
      {"Sun, 06 Nov 1994 07:49:37 GMT", 0s},
      {"Sun, 06 Nov 1994 08:49:46 GMT", 9s},
      {"Sunday, 06-Nov-94 08:50:37 GMT", 60s},
      {"Sun Nov  6 08:50:47 1994", 70s},
  }));
  CAPTURE(number, c.value);
  s.policy.random = always(0);
  s.network.answer(throttled(number, c.value));
  s.network.answer(nobody);
  REQUIRE(s.invite());
  CHECK(s.sent_at() == times{0s, *c.delay});
}

TEST_CASE("a Retry-After that is garbage is as if it were not there") {
  scenario s;
  auto const value = GENERATE(as<std::string>(), "-1", "abc", "", "7s", "+7", "7.0", "0x7", "1,2", "Sun, 99 Nov 1994");
  CAPTURE(value);
  SECTION("on 429, which is retried after the back-off") {
    s.network.answer(throttled(429, value));
    s.network.answer(nobody);
    REQUIRE(s.invite());
    CHECK(s.sent_at() == times{0s, 250ms});
  }
  SECTION("on 503, which may have had an effect then") {
    s.network.answer(throttled(503, value));
    auto const e = s.fail();
    CHECK(e.effect == effect::unknown);
    CHECK(e.attempts == 1);
    CHECK(!e.retry_after);
  }
}

TEST_CASE("a date in a response that does not tell its own is no time to wait for") {
  scenario s;
  s.network.answer(status_with(429, "Retry-After", "Sun, 06 Nov 1994 08:49:46 GMT"));
  s.network.answer(nobody);
  REQUIRE(s.invite());
  CHECK(s.sent_at() == times{0s, 250ms});
}

TEST_CASE("a Retry-After that is too long ends the call with its value") {
  scenario s;
  auto const number = GENERATE(429u, 503u);
  s.policy.deadline = 10min;
  s.policy.random = always(0);
  SECTION("120 seconds are not") {
    s.network.answer(throttled(number, "120"));
    s.network.answer(nobody);
    CHECK(s.invite());
    CHECK(s.sent_at() == times{0s, 120s});
  }
  SECTION("121 are") {
    s.network.answer(throttled(number, "121"));
    auto const e = s.fail();
    CHECK(e.retry_after == 121s);
    CHECK(e.status == number);
    CHECK(e.attempts == 1);
    CHECK(e.effect == effect::none);
    CHECK(s.ended == 0s);
  }
  SECTION("a date may be") {
    s.network.answer(throttled(number, "Sun, 06 Nov 1994 09:49:37 GMT"));
    CHECK(s.fail().retry_after == 1h);
  }
  SECTION("thirty digits are, and saturate") {
    s.network.answer(throttled(number, std::string(30, '9')));
    CHECK(s.fail().retry_after == std::chrono::seconds(0x7FFFFFFF));
  }
  SECTION("the policy says what is too long") {
    s.policy.max_retry_after = 6s;
    s.network.answer(throttled(number, "7"));
    CHECK(s.fail().retry_after == 7s);
  }
  CHECK(s.sent() == (s.now() == 120s ? 2 : 1));
}

TEST_CASE("a Retry-After past the deadline ends the call with its value") {
  scenario s;
  s.policy.deadline = 10s;
  s.policy.random = always(0);
  s.policy.max_attempts = 2;
  auto const value = GENERATE(9, 10, 11);
  s.network.answer(throttled(429, std::to_string(value)));
  s.network.answer(throttled(429, "0"));
  auto const e = s.fail();
  CHECK(e.attempts == (value < 10 ? 2 : 1));
  CHECK(e.retry_after == std::chrono::seconds(value < 10 ? 0 : value));
  CHECK(s.ended == (value < 10 ? 9s : 0s));
}

TEST_CASE("whoever has no deadline can wait for the longest Retry-After") {
  scenario s;
  s.policy.deadline = ever;
  s.policy.random = always(0);
  s.policy.max_retry_after = (std::chrono::seconds::max)();
  s.network.answer(throttled(429, std::string(30, '9')));
  s.network.answer(nobody);
  REQUIRE(s.invite());
  CHECK(s.sent_at() == times{0s, std::chrono::seconds(0x7FFFFFFF)});
}

TEST_CASE("Retry-After is a floor: the back-off of the attempt is added to it") {
  scenario s;
  s.policy.max_attempts = 4;
  s.network.answer(throttled(429, "7"));
  s.network.answer(throttled(503, "Sun, 06 Nov 1994 08:49:46 GMT"));
  s.network.answer(throttled(429, "0"));
  s.network.answer(nobody);
  REQUIRE(s.invite());
  CHECK(s.waits() == times{7s + 250ms, 9s + 500ms, 1s});
}

TEST_CASE("a thousand calls that are told the same Retry-After come back spread out, and none early") {
  auto const* value = GENERATE("2", "Sun, 06 Nov 1994 08:49:39 GMT");
  auto const random = [state = std::make_shared<std::mt19937>(1u)] {
    return std::uniform_real_distribution<double>()(*state);
  };
  std::vector<unsigned> calls_in_slice(10);
  std::set<std::chrono::nanoseconds> distinct;
  for (int i = 0; i < 1000; ++i) {
    fictive::testing::scripted_transport network;
    network.answer(throttled(429, value));
    network.answer(nobody);
    fictive::client client{network, fictive::service{}, {.random = random}};
    REQUIRE(client.invite(invite_jamie));
    auto const wait = network.now().time_since_epoch();
    REQUIRE(wait >= 2s);
    REQUIRE(wait < 2500ms);
    ++calls_in_slice[static_cast<std::size_t>((wait - 2s) / 50ms)];
    distinct.insert(wait);
  }
  CHECK(distinct.size() > 990);
  for (auto const calls : calls_in_slice) {
    CHECK(calls >= 70);
    CHECK(calls <= 130);
  }
}

TEST_CASE("a random source out of range makes no wait shorter than Retry-After, or longer than the back-off") {
  scenario s;
  auto const value = GENERATE(-1.0, 2.0, std::numeric_limits<double>::quiet_NaN());
  s.policy.random = always(value);
  s.network.answer(throttled(429, "7"));
  s.network.answer(nobody);
  REQUIRE(s.invite());
  CHECK(s.waits() == times{value > 1 ? 7s + 500ms : 7s});
}

TEST_CASE("what is added to a Retry-After takes at most half of the time that is left then") {
  scenario s;
  s.policy.random = always(std::nextafter(1.0, 0.0));
  s.policy.deadline = 10s;
  s.policy.base_delay = 20s;
  auto const value = GENERATE(0s, 6s, 9s);
  s.network.answer(throttled(429, std::to_string(value.count())));
  s.network.answer(nobody);
  REQUIRE(s.invite());
  REQUIRE(s.sent() == 2);
  auto const half = (10s - value) / 2.0;
  CHECK(s.waits()[0] > value + half * 0.999);
  CHECK(s.waits()[0] <= value + half);
  CHECK(s.request(1).limits.total_timeout >= half);
}

TEST_CASE("a transport's own Retry-After can be any number") {
  scenario s;
  s.policy.deadline = ever;
  s.policy.max_retry_after = (std::chrono::seconds::max)();
  auto throttled_by_transport = failure(std::errc::resource_unavailable_try_again, effect::none);
  SECTION("below zero is none") {
    throttled_by_transport.retry_after = (std::chrono::seconds::min)();
    s.network.fail(throttled_by_transport);
    s.network.answer(nobody);
    REQUIRE(s.invite());
    CHECK(s.waits() == times{250ms});
  }
  SECTION("past the deadline ends the call") {
    throttled_by_transport.retry_after = (std::chrono::seconds::max)();
    s.network.fail(throttled_by_transport);
    CHECK(s.fail().attempts == 1);
  }
}

TEST_CASE("the last error holds the Retry-After of its own response") {
  scenario s;
  SECTION("if it has one") {
    for (auto const* value : {"1", "2", "3"}) s.network.answer(throttled(503, value));
    CHECK(s.fail().retry_after == 3s);
  }
  SECTION("and none of an earlier one") {
    s.network.answer(throttled(503, "1"));
    s.network.fail(lost);
    CHECK(!s.fail().retry_after);
  }
}

// ------------------------------------------------------------------------------------------------------- retry budget

TEST_CASE("a budget gives what it has, and no more than it was made with") {
  retry_budget budget(20);
  CHECK(budget.tokens() == 20);
  budget.give(1);
  CHECK(budget.tokens() == 20);
  CHECK(budget.take(15));
  CHECK(!budget.take(6));
  CHECK(budget.tokens() == 5);
  CHECK(budget.take(5));
  CHECK(!budget.take(1));
  CHECK(budget.take(0));
  CHECK(budget.tokens() == 0);
  budget.give(7);
  CHECK(budget.tokens() == 7);
  budget.give(UINT_MAX);
  CHECK(budget.tokens() == 20);
}

TEST_CASE("a policy has 500 tokens, and shares them with its copies only") {
  retry_policy const policy, other;
  auto const copy = policy;
  REQUIRE(policy.budget);
  CHECK(policy.budget->tokens() == 500);
  CHECK(copy.budget == policy.budget);
  CHECK(other.budget != policy.budget);
}

TEST_CASE("a retry takes 5 tokens, one after a timeout 10") {
  scenario s;
  SECTION("a refused connection") {
    s.network.otherwise([](http_request const&) { return refused; });
    CHECK(s.fail().attempts == 3);
    CHECK(s.policy.budget->tokens() == 490);
  }
  SECTION("a status") {
    s.network.otherwise([](http_request const&) { return status(429); });
    CHECK(s.fail().attempts == 3);
    CHECK(s.policy.budget->tokens() == 490);
  }
  SECTION("a timeout") {
    s.network.otherwise([](http_request const&) { return failure(std::errc::timed_out, effect::none); });
    CHECK(s.fail().attempts == 3);
    CHECK(s.policy.budget->tokens() == 480);
  }
  SECTION("what is not retried takes none") {
    s.network.fail(lost);
    CHECK(s.fail().attempts == 1);
    CHECK(s.policy.budget->tokens() == 500);
  }
  SECTION("a wait that is not begun takes none") {
    s.policy.deadline = 100ms;
    s.network.fail(refused);
    CHECK(s.fail().attempts == 1);
    CHECK(s.policy.budget->tokens() == 500);
  }
}

TEST_CASE("an exhausted budget returns errors at once") {
  scenario s;
  auto const [tokens, attempts] = GENERATE(table<unsigned, unsigned>({{0, 1}, {4, 1}, {5, 2}, {9, 2}, {10, 3}}));
  s.policy.budget = std::make_shared<retry_budget>(tokens);
  s.network.otherwise([](http_request const&) { return refused; });
  auto const e = s.fail();
  CHECK(e.code == errc::transport_failure);
  CHECK(e.effect == effect::none);
  CHECK(e.attempts == attempts);
  CHECK(s.policy.budget->tokens() == tokens - 5 * (attempts - 1));
  CHECK(s.fail().attempts == (attempts == 1 || tokens < 5 * attempts ? 1 : 2));
}

TEST_CASE("an exhausted budget does not keep a first attempt from being made") {
  scenario s;
  s.policy.budget = std::make_shared<retry_budget>(0);
  s.network.answer(nobody);
  CHECK(s.invite());
}

TEST_CASE("successes refill the budget") {
  scenario s;
  SECTION("by one each") {
    REQUIRE(s.policy.budget->take(500));
    s.network.otherwise([](http_request const&) { return nobody; });
    for (int i = 0; i < 5; ++i) CHECK(s.invite());
    CHECK(s.policy.budget->tokens() == 5);
    s.network.fail(refused);
    CHECK(s.invite());
  }
  SECTION("and by what their own retries took") {
    REQUIRE(s.policy.budget->take(100));
    s.network.fail(refused);
    s.network.fail(failure(std::errc::timed_out, effect::none));
    s.network.answer(nobody);
    CHECK(s.invite());
    CHECK(s.policy.budget->tokens() == 401);
  }
  SECTION("failures do not") {
    REQUIRE(s.policy.budget->take(100));
    s.network.fail(refused);
    s.network.answer(status(404));
    CHECK(s.fail().attempts == 2);
    CHECK(s.policy.budget->tokens() == 395);
  }
}

TEST_CASE("without a budget there is no limit to retries") {
  scenario s;
  s.policy.budget = nullptr;
  s.policy.max_attempts = 200;
  s.policy.random = always(0);
  SECTION("that fail") {
    s.network.otherwise([](http_request const&) { return refused; });
    CHECK(s.fail().attempts == 200);
  }
  SECTION("that work in the end") {
    for (int i = 0; i < 199; ++i) s.network.fail(refused);
    s.network.answer(nobody);
    CHECK(s.invite());
  }
}

TEST_CASE("copies of a client share the budget, two clients do not") {
  fictive::testing::scripted_transport network;
  network.otherwise([](http_request const&) { return refused; });
  auto const attempts_of = [](auto& client) { return client.invite(invite_jamie).error().attempts; };

  fictive::client client{network, fictive::service{}, {.deadline = 1h, .random = always(0)}};
  auto copy = client;
  for (int i = 0; i < 25; ++i) {
    CHECK(attempts_of(client) == 3);
    CHECK(attempts_of(copy) == 3);
  }
  CHECK(attempts_of(client) == 1);
  CHECK(attempts_of(copy) == 1);
  fictive::client other{network, fictive::service{}, {.deadline = 1h, .random = always(0)}};
  CHECK(attempts_of(other) == 3);
}

namespace {

/// Does this on four threads that start together.
template <class Work>
void on_many_threads(Work work) {
  std::atomic<unsigned> waiting = 4;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      --waiting;
      while (waiting != 0) std::this_thread::yield();
      work(i);
    });
  for (auto& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("a budget that many threads use loses and makes no token") {
  constexpr unsigned capacity = 64;
  retry_budget budget(capacity);
  std::vector<unsigned> most(4);
  on_many_threads([&](unsigned thread) {
    for (unsigned i = 0; i < 200'000; ++i) {
      unsigned const cost = 1 + i % 20;
      if (budget.take(cost)) budget.give(cost);
      most[thread] = (std::max)(most[thread], budget.tokens());
    }
  });
  CHECK(budget.tokens() == capacity);
  for (auto const highest : most) CHECK(highest <= capacity);
}

TEST_CASE("a budget that many threads empty gives out as much as it had") {
  constexpr unsigned capacity = 5'000'000;
  retry_budget budget(capacity);
  std::vector<unsigned> taken(4);
  on_many_threads([&](unsigned thread) {
    while (budget.take(5)) taken[thread] += 5;
  });
  CHECK(taken[0] + taken[1] + taken[2] + taken[3] == capacity);
  CHECK(budget.tokens() == 0);
}

TEST_CASE("a budget that many threads refill gets every token") {
  retry_budget budget(2'000'000);
  REQUIRE(budget.take(2'000'000));
  on_many_threads([&](unsigned) {
    for (int i = 0; i < 400'000; ++i) budget.give(1);
  });
  CHECK(budget.tokens() == 1'600'000);
}

// ---------------------------------------------------------------------------------------------------------- stopping

#if defined(__cpp_lib_jthread)

TEST_CASE("a call that is stopped before it begins sends nothing") {
  scenario s;
  std::stop_source source;
  source.request_stop();
  auto const e = s.fail(source.get_token());
  CHECK(e.code == errc::cancelled);
  CHECK(e.effect == effect::none);
  CHECK(e.attempts == 0);
  CHECK(s.sent() == 0);
  CHECK(s.ended == 0s);
}

TEST_CASE("a call that is stopped while it sends ends at once, with the effect that the transport tells") {
  scenario s;
  std::stop_source source;
  auto const did = GENERATE(effect::none, effect::unknown, effect::applied);
  s.policy.unknown_effect = true;
  s.network.fail(refused, 1s);
  s.network.fail(failure(std::errc::connection_reset, did), 10s);
  s.network.clock().in(3s, [&] { source.request_stop(); });
  auto const e = s.fail(source.get_token());
  CHECK(e.code == errc::cancelled);
  CHECK(e.effect == did);
  CHECK(e.attempts == 2);
  CHECK(s.ended == 3s);
  CHECK(s.sent() == 2);
}

TEST_CASE("a call that is stopped while it waits to try again ends at once") {
  scenario s;
  std::stop_source source;
  s.policy.unknown_effect = GENERATE(false, true);
  s.network.fail(s.policy.unknown_effect ? lost : refused, 1s);
  s.network.answer(nobody);
  s.network.clock().in(1100ms, [&] { source.request_stop(); });
  auto const e = s.fail(source.get_token());
  CHECK(e.code == errc::cancelled);
  CHECK(e.cause == std::errc::operation_canceled);
  CHECK(e.effect == (s.policy.unknown_effect ? effect::unknown : effect::none));
  CHECK(e.attempts == 1);
  CHECK(!e.message.empty());
  CHECK(s.ended == 1100ms);
  CHECK(s.sent() == 1);
}

TEST_CASE("a call that is stopped when it would try again does not") {
  scenario s;
  std::stop_source source;
  s.policy.random = always(GENERATE(0.0, 0.5));
  s.network.otherwise([&](http_request const&) {
    source.request_stop();
    return throttled(503, "0");
  });
  auto const e = s.fail(source.get_token());
  CHECK(e.code == errc::cancelled);
  CHECK(e.effect == effect::none);
  CHECK(e.attempts == 1);
  CHECK(s.ended == 0s);
  CHECK(s.sent() == 1);
}

TEST_CASE("a call that is stopped when it has its answer has it") {
  scenario s;
  std::stop_source source;
  auto const answer = GENERATE(200u, 404u);
  s.network.otherwise([&](http_request const&) {
    source.request_stop();
    return answer == 200 ? nobody : status(answer);
  });
  auto const reply = s.invite(source.get_token());
  CHECK(reply.has_value() == (answer == 200));
  if (!reply) CHECK(reply.error().code == errc::subscription_not_found);
}

TEST_CASE("a token that stops after the call changes nothing") {
  scenario s;
  std::stop_source source;
  s.network.fail(refused);
  s.network.answer(nobody);
  CHECK(s.invite(source.get_token()));
  source.request_stop();
  s.network.clock().run();
  CHECK(s.sent() == 2);
}

#endif

}  // namespace retry_tests
