#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
#include "support/scenario.hpp"

#include <algorithm>
#include <climits>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <system_error>
#include <vector>

namespace retry_outcomes_tests {

using fictive::effect;
using fictive::errc;
using fictive::http_request;
using fictive::http_response;
using fictive::result;
using fictive::transport_error;
using namespace tests;
using namespace std::chrono_literals;

namespace {

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
      {"DNS, connect, proxy", refused, errc::transport_failure, effect::none, again::always},
      {"timeout before the first byte of the request", failure(std::errc::timed_out, effect::none), errc::timed_out,
       effect::none, again::always},
      {"certificate", failure(std::errc::permission_denied, effect::none), errc::transport_failure, effect::none,
       again::never},
      {"certificate, effect not proved", failure(std::errc::permission_denied, effect::unknown),
       errc::transport_failure, effect::unknown, again::never},
      {"connection reset", lost, errc::transport_failure, effect::unknown, again::opted_in},
      {"timeout after the first byte of the request", failure(std::errc::timed_out, effect::unknown), errc::timed_out,
       effect::unknown, again::opted_in},
      {"connection reset in the body of a success",
       transport_error(std::make_error_code(std::errc::connection_reset), ok("application/json", "")),
       errc::malformed_response, effect::applied, again::never},
      {"timeout in the body of a success",
       transport_error(std::make_error_code(std::errc::timed_out), ok("application/json", "")), errc::timed_out,
       effect::applied, again::never},
      {"connection reset in the body of a login page",
       transport_error(std::make_error_code(std::errc::connection_reset), ok("text/html", "")), errc::transport_failure,
       effect::unknown, again::never},
      {"connection reset in the body of a 307",
       transport_error(std::make_error_code(std::errc::connection_reset), status(307)), errc::transport_failure,
       effect::none, again::never},
      {"connection reset in the body of a 303",
       transport_error(std::make_error_code(std::errc::connection_reset), status(303)), errc::transport_failure,
       effect::unknown, again::never},
      {"timeout in the body of a 404", transport_error(std::make_error_code(std::errc::timed_out), status(404)),
       errc::timed_out, effect::none, again::never},
      {"timeout in the body of a 408", transport_error(std::make_error_code(std::errc::timed_out), status(408)),
       errc::timed_out, effect::none, again::once},
      {"timeout in the body of a 429", transport_error(std::make_error_code(std::errc::timed_out), status(429)),
       errc::timed_out, effect::none, again::always},
      {"connection reset in the body of a 500",
       transport_error(std::make_error_code(std::errc::connection_reset), status(500)), errc::transport_failure,
       effect::unknown, again::opted_in},
      {"429", status(429), errc::too_many_requests, effect::none, again::always},
      {"503 with Retry-After", status_with(503, "Retry-After", "0"), errc::server_error, effect::none, again::always},
      {"a truncated success", ok("application/json", "{"), errc::malformed_response, effect::applied, again::never},
      {"a success without a body", ok("application/json", ""), errc::malformed_response, effect::applied, again::never},
      {"a login page", ok("text/html", "<p>Log in"), errc::malformed_response, effect::unknown, again::never},
      {"cancelled before the first byte of the request", failure(std::errc::operation_canceled, effect::none),
       errc::cancelled, effect::none, again::never},
      {"cancelled after the first byte of the request", failure(std::errc::operation_canceled, effect::unknown),
       errc::cancelled, effect::unknown, again::never},
      {"status 0", status(0), errc::unexpected_status, effect::unknown, again::never},
      {"the answer to another call", ok("application/json", R"({"invalidEmailAddresses":["somebody@example.com"]})"),
       errc::malformed_response, effect::unknown, again::never},
      {"a status below 200", status(199), errc::unexpected_status, effect::unknown, again::never},
  };
  auto const add = [&](std::initializer_list<int> numbers, errc code, effect did, again retried) {
    for (int const number : numbers) rows.push_back({std::to_string(number), status(number), code, did, retried});
  };
  add({408, 421, 425}, errc::unexpected_status, effect::none, again::once);
  add({500, 501, 502, 503, 504, 599}, errc::server_error, effect::unknown, again::opted_in);
  add({400, 412, 413, 415, 422}, errc::invalid_request, effect::none, again::never);
  add({404}, errc::not_found, effect::none, again::never);
  add({409}, errc::conflict, effect::none, again::never);
  add({401, 403}, errc::not_authenticated, effect::none, again::never);
  add({402, 405, 406, 410, 418, 431}, errc::unexpected_status, effect::none, again::never);
  add({304, 305, 307, 308}, errc::unexpected_status, effect::none, again::never);
  add({300, 301, 302, 303, 306, 399, 499}, errc::unexpected_status, effect::unknown, again::never);
  return rows;
}

/// The first `failures` requests fail like this, and the others succeed. A failure that may have had an effect has one.
void answer_first(scenario& s, unsigned failures, row const& with) {
  s.network.set_default([&s, failures, with](http_request const& request) -> result<http_response> {
    if (s.sent() > failures) return s.service(request);
    if (with.did != effect::none) (void)s.service(request);
    return with.answer;
  });
}

}  // namespace

TEST_CASE("each failure is retried and reported as its row in the table of outcomes says", "[retry][outcomes]") {
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

TEST_CASE("retry_unknown_effect also retries the failures that may have had an effect, and no others",
          "[retry][outcomes]") {
  scenario s;
  s.config.retry.retry_unknown_effect = true;
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

TEST_CASE("a retry that succeeds has invited each address once", "[retry][outcomes]") {
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

TEST_CASE("no address is invited twice unless retry_unknown_effect is set", "[retry][outcomes]") {
  scenario s;
  s.config.retry.retry_unknown_effect = GENERATE(false, true);
  s.network.set_default([&](http_request const& request) -> result<http_response> {
    (void)s.service(request);
    return lost;
  });
  CHECK(s.fail().effect == effect::unknown);
  CHECK(s.service.deliveries(jamie) == (s.config.retry.retry_unknown_effect ? 3 : 1));
}

TEST_CASE("an attempt that was applied ends the call, even with retry_unknown_effect", "[retry][outcomes]") {
  scenario s;
  s.config.retry.retry_unknown_effect = true;
  s.network.fail(lost);
  s.network.answer(status(204));
  auto const e = s.fail();
  CHECK(e.code == errc::malformed_response);
  CHECK(e.effect == effect::applied);
  CHECK(e.attempts == 2);
}

TEST_CASE("408, 421 and 425 are retried once, on a new connection", "[retry][outcomes]") {
  scenario s;
  auto const number = GENERATE(408, 421, 425);
  SECTION("and may work then") {
    s.network.answer(status(number));
    s.network.answer(empty_success);
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
  CHECK(!s.request(0).force_new_connection);
  CHECK(s.request(1).force_new_connection);
}

TEST_CASE("only the attempt after 408, 421 or 425 needs a new connection", "[retry][connections]") {
  scenario s;
  s.config.retry.max_attempts = 9;
  s.network.fail(refused);
  s.network.answer(status(408));
  s.network.answer(status(429));
  s.network.fail(refused);
  s.network.answer(status(425));
  CHECK(s.fail().status == 425);
  REQUIRE(s.sent() == 5);
  for (std::size_t i = 0; i < s.sent(); ++i) CHECK(s.request(i).force_new_connection == (i == 2));
}

TEST_CASE("an untrusted 503 may have had an effect, with or without Retry-After", "[retry][outcomes]") {
  scenario s;
  s.config.retry.trust_503 = false;
  s.config.retry.retry_unknown_effect = GENERATE(false, true);
  s.network.set_default([](http_request const&) { return status_with(503, "Retry-After", "1"); });
  auto const e = s.fail();
  CHECK(e.code == errc::server_error);
  CHECK(e.effect == effect::unknown);
  CHECK(e.retry_after == 1s);
  CHECK(e.attempts == (s.config.retry.retry_unknown_effect ? 3 : 1));
}

TEST_CASE("a refusal whose lost body lists an invitation is not sent again", "[retry][outcomes]") {
  scenario s;
  s.network.fail(fictive::transport_error(
      std::make_error_code(std::errc::connection_reset),
      {.status = GENERATE(429, 503), .headers = {{"Retry-After", "1"}}, .body = R"({"validInvitations":[{)"}));
  auto const e = s.fail();
  CHECK(e.effect == effect::unknown);
  CHECK(e.attempts == 1);
}

TEST_CASE("trust_503 does not concern 429", "[retry][outcomes]") {
  scenario s;
  s.config.retry.trust_503 = false;
  s.network.set_default([](http_request const&) { return status_with(429, "Retry-After", "1"); });
  auto const e = s.fail();
  CHECK(e.effect == effect::none);
  CHECK(e.attempts == 3);
}

TEST_CASE("the effect of a failure is the worst of all attempts", "[retry][effect]") {
  scenario s;
  s.config.retry.retry_unknown_effect = true;
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
    CHECK(e.code == errc::not_found);
    CHECK(e.effect == effect::unknown);
    CHECK(e.attempts == 2);
  }
  SECTION("none, then unknown") {
    s.config.retry.retry_unknown_effect = false;
    s.network.fail(refused);
    s.network.fail(lost);
    auto const e = s.fail();
    CHECK(e.effect == effect::unknown);
    CHECK(e.attempts == 2);
  }
}

TEST_CASE("an empty error of a transport is a transport failure of unknown effect", "[retry][outcomes]") {
  scenario s;
  s.network.fail(fictive::error{});
  auto const e = s.fail();
  CHECK(e.code == errc::transport_failure);
  CHECK(e.effect == effect::unknown);
  CHECK(e.attempts == 1);
}

TEST_CASE("a request that is rejected locally is not an attempt", "[retry]") {
  scenario s;
  auto const reply = s.invite({}, {.account_group_token = "group"});
  REQUIRE(!reply);
  CHECK(reply.error().code == errc::invalid_argument);
  CHECK(reply.error().effect == effect::none);
  CHECK(reply.error().attempts == 0);
  CHECK(s.sent() == 0);
}

TEST_CASE("max_attempts limits the number of requests, which is at least one", "[retry]") {
  scenario s;
  s.config.retry.max_attempts = GENERATE(0u, 1u, 2u, 7u);
  s.network.set_default([](http_request const&) { return refused; });
  auto const e = s.fail();
  CHECK(e.attempts == (std::max)(1u, s.config.retry.max_attempts));
  CHECK(s.sent() == e.attempts);
}

TEST_CASE("each attempt sends the same request", "[retry]") {
  scenario s;
  s.config.extra_headers = {{"X-Gateway-Key", "key"}};
  s.network.answer(status(408));
  s.network.fail(refused);
  s.network.answer(empty_success);
  REQUIRE(s.invite());
  REQUIRE(s.sent() == 3);
  auto const expected = fictive::make_invite_request(s.config, invite_jamie).value();
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

}  // namespace retry_outcomes_tests
