#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/invite_responses.hpp"
#include "support/mutator.hpp"
#include "support/samples.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>

namespace response_untrusted_tests {

using fictive::effect;
using fictive::errc;
using fictive::http_headers;
using fictive::http_response;
using namespace tests;
using namespace std::chrono_literals;

namespace {

bool is_one_printable_line(std::string_view text, std::size_t max_size) {
  return text.size() <= max_size && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
         });
}

}  // namespace

TEST_CASE("a damaged body never throws and is never misreported", "[invite_response][untrusted][long]") {
  std::string const samples[] = {sample("response-200.json"),
                                 sample("response-200-pascal-case.json"),
                                 sample("response-200-unknown-members.json"),
                                 sample("error-400-problem-details.json"),
                                 sample("error-403.txt"),
                                 sample("error-404-json-string.json"),
                                 sample("error-412-failed-reason.json"),
                                 sample("error-500-error-code.json"),
                                 sample("error-502-gateway.html")};
  mutator mutate(20170707);
  for (int i = 0; i < 20'000; ++i) {
    auto const body = mutate(samples[mutate.below(std::size(samples))]);
    INFO("mutation " << i << ": " << body);

    auto const success = read(json(body));
    bool const answers_another_call = !success && contains(success.error().message, "answers another call");
    bool const names_no_list = !success && contains(success.error().message, "neither");
    if (!success && !is_malformed_but_applied(success) && !answers_another_call && !names_no_list)
      FAIL("misreported: " << success);

    auto const refusal = read(json(body, 400));
    if (refusal || refusal.error().code != errc::invalid_request) FAIL("misreported: " << refusal);
    bool const lists_invitation = contains(refusal.error().message, "somebody may have been invited");
    if (refusal.error().effect != (lists_invitation ? effect::unknown : effect::none)) FAIL("misreported: " << refusal);
    // An element that is no invitation counts, too, if the response is a refusal.
    if (success && !lists_invitation && !success->valid_invitations.empty()) FAIL("misreported: " << refusal);
    if (!is_one_printable_line(refusal.error().server_message, 1024)) FAIL("not printable");
    if (!is_one_printable_line(refusal.error().request_id, 128)) FAIL("not printable");
  }
}

TEST_CASE("damaged headers never throw", "[response_headers][untrusted]") {
  http_headers const headers = {{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"},
                                {"Date", "Sunday, 06-Nov-94 08:49:30 GMT"},
                                {"Content-Type", "application/json"},
                                {"X-Request-Id", "4bf92f3577b34da6"}};
  mutator mutate(19941106);
  for (int i = 0; i < 5'000; ++i) {
    http_response response{.status = static_cast<int>(mutate.below(700)), .headers = headers, .body = "{}"};
    auto& value = response.headers[mutate.below(headers.size())].value;
    value = mutate(value);
    INFO("mutation " << i << ": " << value);
    auto const reply = read(response);
    if (!reply && reply.error().retry_after && *reply.error().retry_after < 0s) FAIL("a negative Retry-After");
  }
}

}  // namespace response_untrusted_tests
