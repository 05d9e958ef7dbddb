// The whole core in one program, for compilers and machines on which the unit tests do not run: building a request,
// parsing every form of a response, retries in virtual time, both clients, std::format and std::expected. Prints the
// checks that fail.

#include <fictive/expected.hpp>
#include <fictive/fictive.hpp>
#include <fictive/format.hpp>
#include <fictive/invite_all.hpp>
#include <fictive/testing.hpp>

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace {

using namespace std::chrono_literals;
using fictive::effect;
using fictive::errc;
using fictive::testing::scripted_transport;

int failures = 0;

void check(bool holds, char const* what) {
  if (holds) return;
  ++failures;
  std::printf("failed: %s\n", what);
}

fictive::invite_request const two_people = {
    .account_group_token = "a group/\xC3\xA9",
    .email_addresses = {"jamie.muir@fictiveglobal.com", "\"quo\\ted\"@\xE2\x82\xAC.example"},
    .subscription_references = {"asjdkas6712kabcd"},
    .expiry_date = fictive::date_time::parse("2017-07-03T11:31:41.0353603+01:00")};

fictive::client_config const config = {.api_version = "9.0.0", .credentials = {.session_id = "session"}};

fictive::http_response json(int status, std::string body) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

void requests() {
  auto const made = fictive::make_invite_request(config, two_people);
  check(made.has_value(), "a request is made");
  check(made->url == "https://api.fictive.com/rest/api/accounts/groups/a%20group%2F%C3%A9/invites", "its URL");
  check(made->body ==
            R"({"expiryDate":"2017-07-03T11:31:41.0353603+01:00","subscriptionReferences":["asjdkas6712kabcd"],)"
            R"("emailAddresses":["jamie.muir@fictiveglobal.com","\"quo\\ted\"@)"
            "\xE2\x82\xAC.example\"]}",
        "its body");
  check(*fictive::find_header(made->headers, "x-sessionid") == "session", "its credentials");

  auto without_encoding = two_people;
  without_encoding.email_addresses.emplace_back("more than sixteen bytes, then \xC3");
  auto const refused = fictive::make_invite_request(config, without_encoding);
  check(!refused && refused.error().code == errc::invalid_argument, "text that is not UTF-8 is refused");
}

void responses() {
  std::string body = R"({"ValidInvitations":[)";
  for (int i = 0; i < 100; ++i)
    body += R"({"invitationReference":"r)" + std::to_string(i) + R"(","emailAddress":"\u20ac)" +
            std::string(static_cast<std::size_t>(i), 'x') +
            R"(","expiryDate":"2017-07-07T15:41:30.1234567Z","status":"PendingAcceptance","unknown":[{"a":[1e400]}],)"
            R"("subscriptionReferences":["s1","s2"],"created":"0001-01-01T00:00:00","lastUpdated":null},)";
  body.back() = ']';
  body += R"(,"invalidEmailAddresses":["nobody"]})";

  auto const reply = fictive::parse_invite_response({.email_addresses = {"nobody"}}, json(200, body));
  check(reply.has_value(), "a response is read");
  check(reply->valid_invitations.size() == 100 && reply->invalid_email_addresses.size() == 1, "all of it");
  auto const& last = reply->valid_invitations.back();
  check(last.email_address == "\xE2\x82\xAC" + std::string(99, 'x') && last.invitation_reference == "r99", "its texts");
  check(last.expiry_date->to_string() == "2017-07-07T15:41:30.1234567Z" && !last.created && !last.last_updated,
        "its dates");
  check(last.status == fictive::invitation_status::pending_acceptance && last.subscription_references.size() == 2,
        "its status and subscriptions");

  for (std::size_t size = 1; size < 400; ++size) {
    auto const cut = fictive::parse_invite_response(two_people, json(200, body.substr(0, size)));
    check(!cut && cut.error().effect == effect::applied && cut.error().code == errc::malformed_response,
          "a truncated response was applied");
  }

  auto const gone =
      fictive::parse_invite_response(two_people, json(404, R"({"status":"FAILED","reason":"no such group"})"));
  check(gone.error().code == errc::not_found && gone.error().server_message == "no such group", "a 404");
  auto const busy = fictive::parse_invite_response(two_people, {.status = 503, .headers = {{"Retry-After", "7"}}});
  check(busy.error() == fictive::condition::throttled && busy.error().retry_after == 7s, "a 503 with Retry-After");
  check(fictive::make_error_code(errc::timed_out) == std::errc::timed_out, "a code of our category");
}

scripted_transport failures_then_success() {
  scripted_transport network;
  network.answer({.status = 429, .headers = {{"Retry-After", "3"}}});
  network.fail(fictive::transport_error(std::make_error_code(std::errc::connection_refused), effect::none));
  network.set_default(fictive::testing::fake_service());
  return network;
}

void clients() {
  auto const blocking_network = failures_then_success();
  fictive::client client{blocking_network, config};
  auto const reply = client.invite(two_people);
  check(reply && blocking_network.requests().size() == 3 && blocking_network.now().time_since_epoch() >= 3s,
        "an attempt without effect is retried, after the requested delay");

  auto const network = failures_then_success();
  fictive::async_client async_client{network, config};
  int answers = 0;
  async_client.async_invite(two_people, [&](fictive::result<fictive::invite_response> outcome) {
    ++answers;
    check(outcome.has_value(), "the same asynchronously");
  });
  network.clock().run();
  check(answers == 1 && network.requests().size() == 3, "one answer, three requests");

  scripted_transport lossy;
  lossy.fail(fictive::transport_error(std::make_error_code(std::errc::connection_reset)));
  fictive::client careful{lossy, config};
  auto const lost = careful.invite(two_people);
  check(!lost && lost.error().effect == effect::unknown && lost.error().attempts == 1,
        "an attempt that may have had an effect is not retried");
#if !defined(BOOST_NO_EXCEPTIONS)
  try {
    (void)lost.value();
    check(false, "value() throws");
  } catch (fictive::exception const& thrown) {
    check(std::string_view(thrown.what()).find("jamie") == std::string_view::npos, "no address in what()");
  }
#endif
}

#if defined(__cpp_lib_format)
void formatters() {
  fictive::error const e{.code = errc::timed_out, .effect = effect::unknown, .server_message = "theirs", .attempts = 2};
  check(std::format("{}", e) == fictive::to_string(e), "an error is formatted as its text");
  check(std::format("{}|{:*>9}", errc::timed_out, effect::unknown) == "timed out|**unknown", "a code and an effect");
  check(std::format("{:.10}", two_people.expiry_date.value()) == "2017-07-03", "a date-time");
  check(std::format("{:<35}|", two_people.expiry_date.value()) == "2017-07-03T11:31:41.0353603+01:00  |", "its width");
}
#endif

#if defined(__cpp_lib_expected)
void expected_results() {
  fictive::error const e{.code = errc::timed_out, .attempts = 2};
  using text = fictive::result<std::string>;
  check(fictive::to_expected(text("value")).value() == "value", "a value to std::expected");
  check(fictive::to_expected(text(e)).error().attempts == 2, "an error to std::expected");
  check(fictive::to_expected(fictive::result<void>()).has_value(), "no value to std::expected");
  check(!fictive::to_expected(fictive::result<void>(e)).has_value(), "an error without a value to std::expected");
  check(fictive::to_result(std::expected<std::string, fictive::error>("value")).value() == "value",
        "a value from std::expected");
  check(fictive::to_result(std::expected<std::string, fictive::error>(std::unexpected(e))).error().attempts == 2,
        "an error from std::expected");
  check(fictive::to_result(std::expected<void, fictive::error>()).has_value(), "no value from std::expected");
  check(fictive::to_result(std::expected<void, fictive::error>(std::unexpected(e))).error().attempts == 2,
        "an error without a value from std::expected");
}
#endif

}  // namespace

int main() {
  requests();
  responses();
  clients();
#if defined(__cpp_lib_format)
  formatters();
#endif
#if defined(__cpp_lib_expected)
  expected_results();
#endif
  std::printf("%d failed\n", failures);
  return failures == 0 ? 0 : 1;
}
