#include <fictive/fictive.hpp>

#include "faults/faults.hpp"
#include "support/catch.hpp"

#include <cstddef>
#include <new>
#include <optional>
#include <string>

// Each allocation of the pure functions fails in turn: they throw std::bad_alloc, and nothing else happens.

namespace core_fault_tests {

namespace {

/// Lets each allocation of the function fail in turn; the number of those that made it throw.
template <class Function>
std::size_t failures_of(Function function) {
  std::size_t thrown = 0;
  for (std::size_t n = 0;; ++n) {
    REQUIRE(n < 1000);
    auto const before = faults::outstanding_allocations();
    {
      faults::failing_allocation const failing(n);
      try {
        function();
      } catch (std::bad_alloc const&) {
        ++thrown;
      }
    }
    CHECK(faults::outstanding_allocations() == before);
    if (!faults::mine.has_happened) return thrown;
  }
}

}  // namespace

TEST_CASE("a request that lacks memory is not made, and nothing leaks", "[faults][memory]") {
  fictive::client_config const config = {
      .api_version = "9.0.0",
      .credentials = {.token_id = std::string(40, 't'), .session_id = std::string(40, 's')},
      .origin = "https://www.example.com/origin",
      .extra_headers = {{"X-Gateway-Key", std::string(40, 'k')}}};
  auto const reference = GENERATE(as<std::string>(), "asjdkas6712kabcd-longer-than-a-short-string", "line\n");
  fictive::invite_request const request = {.account_group_token = std::string(40, 'g'),
                                           .email_addresses = {"jamie.muir@fictiveglobal.com", "\xC3\xA9@example.com"},
                                           .subscription_references = {reference},
                                           .expiry_date = fictive::date_time::parse("2017-07-07T15:41:30")};
  CHECK(failures_of([&] { (void)fictive::make_invite_request(config, request); }) > 1);
}

TEST_CASE("a response whose result lacks memory is not read, and nothing leaks", "[faults][memory]") {
  auto const [status, body] = GENERATE(table<int, std::string>({
      {200, R"({"validInvitations":[{"invitationReference":"a reference that is not short","subscriptionReferences":[)"
            R"("a subscription that is not short"],"status":"a status that is not short","emailAddress":"\u0061"}],)"
            R"("invalidEmailAddresses":["somebody.else@fictiveglobal.com"]})"},
      {200, R"({"validInvitations":[{"emailAddress":"a"}]})"},
      {200, R"({"status":"FAILED","reason":"a reason that is longer than a short string"})"},
      {400, R"({"errors":{"Field":["a message that is longer than a short string","b"]},"traceId":"a"})"},
      {503, "<html><h1>a heading that is longer than a short string</h1></html>"},
  }));
  fictive::http_response const response = {
      .status = status, .headers = {{"X-Request-Id", std::string(40, 'i')}, {"Retry-After", "3"}}, .body = body};
  fictive::invite_request const request = {.account_group_token = "g",
                                           .email_addresses = {"a", "jamie.muir@fictiveglobal.com", "b@example.com"}};
  CHECK(failures_of([&] { (void)fictive::parse_invite_response(request, response); }) > 0);
}

}  // namespace core_fault_tests
