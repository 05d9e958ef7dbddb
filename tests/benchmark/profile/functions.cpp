// Measured by tools/profile: one call of parse_invite_response or of make_invite_request.
//
//     functions parse|build COUNT

#include <fictive/fictive.hpp>

#include <charconv>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace {

constexpr int calls = 5;

std::string address(std::size_t i) {
  return "first.last" + std::to_string(100'000 + i) + "@department" + std::to_string(i % 100) + ".example.com";
}

/// Every seventh address is refused; the others are invited to two subscriptions each.
fictive::http_response response_for(std::size_t count) {
  std::string invited, refused;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 7 == 6) {
      refused += (refused.empty() ? "\"" : ",\"") + address(i) + '"';
      continue;
    }
    auto const number = std::to_string(1'000'000 + i);
    invited += (invited.empty() ? "" : ",");
    invited += R"({"invitationReference":"invitation)" + number + R"(","emailAddress":")" + address(i) +
               R"(","expiryDate":"2017-07-07T15:41:30","status":"PendingAcceptance","subscriptionReferences":[)" +
               R"("subscription)" + number + R"(a","subscription)" + number + R"(b"],"created":)" +
               R"("2017-07-03T11:31:41.0353603Z","lastUpdated":"0001-01-01T00:00:00"})";
  }
  return {.status = 200,
          .headers = {{"Content-Type", "application/json; charset=utf-8"}, {"Date", "Wed, 25 Nov 2026 12:00:00 GMT"}},
          .body = R"({"validInvitations":[)" + invited + R"(],"invalidEmailAddresses":[)" + refused + "]}"};
}

fictive::invite_request request_for(std::size_t count) {
  fictive::invite_request request{.account_group_token = "4b1d2c5e-0a3f-4c6b-9d8e-7f6a5b4c3d2e",
                                  .subscription_references = {"subscription1", "subscription2"},
                                  .expiry_date = fictive::date_time::parse("2027-01-31T12:00:00")};
  for (std::size_t i = 0; i < count; ++i) request.email_addresses.push_back(address(i));
  return request;
}

}  // namespace

extern "C" {

[[gnu::noinline]] void profiled_parse(fictive::invite_request const& request, fictive::http_response const& response,
                                      fictive::result<fictive::invite_response>& out) {
  out = fictive::parse_invite_response(request, response);
}

[[gnu::noinline]] void profiled_build(fictive::client_config const& service, fictive::invite_request const& request,
                                      fictive::result<fictive::http_request>& out) {
  out = fictive::make_invite_request(service, request);
}
}

int main(int argc, char** argv) {
  if (argc != 3) return std::fputs("usage: functions parse|build COUNT\n", stderr), EXIT_FAILURE;
  std::string_view const what = argv[1], number = argv[2];
  std::size_t count = 0;
  std::from_chars(number.data(), number.data() + number.size(), count);

  auto const request = request_for(count);
  if (what == "parse") {
    auto const response = response_for(count);
    for (int i = 0; i < calls; ++i) {
      fictive::result<fictive::invite_response> parsed = fictive::error{};
      profiled_parse(request, response, parsed);
      if (!parsed || parsed->valid_invitations.size() + parsed->invalid_email_addresses.size() != count)
        return std::fputs("the response was read wrongly\n", stderr), EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
  }

  fictive::client_config const service{.api_version = "9.0.0",
                                       .credentials = {.session_id = "0123456789abcdef0123456789abcdef"},
                                       .max_addresses_per_request = count};
  for (int i = 0; i < calls; ++i) {
    fictive::result<fictive::http_request> made = fictive::error{};
    profiled_build(service, request, made);
    if (!made || made->body.size() < count * 30) return std::fputs("no request was made\n", stderr), EXIT_FAILURE;
  }
}
