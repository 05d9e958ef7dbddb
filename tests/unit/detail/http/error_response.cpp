#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/invite_responses.hpp"
#include "support/samples.hpp"
#include "support/text.hpp"

#include <string>

namespace error_response_tests {

using fictive::effect;
using fictive::errc;
using namespace tests;

TEST_CASE("a status that is not one of a final HTTP response is an error that says so", "[outcomes]") {
  auto const status = GENERATE(0u, 99u, 100u, 199u, 600u, 999u);
  auto const e = failure_of(json(sample("response-200.json"), status));
  CHECK(e.code == errc::unexpected_status);
  CHECK(e.effect == effect::unknown);
  CHECK(e.status == status);
  CHECK(contains(e.message, "200 to 599"));
}

TEST_CASE("the error of a response is the row of its status in the table of outcomes", "[outcomes]") {
  struct row {
    unsigned first, last;
    errc code;
    fictive::effect effect;
  };
  auto const expected = GENERATE(values<row>({
      {0, 199, errc::unexpected_status, effect::unknown},
      {300, 303, errc::unexpected_status, effect::unknown},
      {304, 305, errc::unexpected_status, effect::none},
      {306, 306, errc::unexpected_status, effect::unknown},
      {307, 308, errc::unexpected_status, effect::none},
      {309, 399, errc::unexpected_status, effect::unknown},
      {400, 400, errc::invalid_request, effect::none},
      {401, 401, errc::not_authenticated, effect::none},
      {402, 402, errc::unexpected_status, effect::none},
      {403, 403, errc::not_authenticated, effect::none},
      {404, 404, errc::not_found, effect::none},
      {405, 408, errc::unexpected_status, effect::none},
      {409, 409, errc::conflict, effect::none},
      {410, 411, errc::unexpected_status, effect::none},
      {412, 413, errc::invalid_request, effect::none},
      {414, 414, errc::unexpected_status, effect::none},
      {415, 415, errc::invalid_request, effect::none},
      {416, 421, errc::unexpected_status, effect::none},
      {422, 422, errc::invalid_request, effect::none},
      {423, 428, errc::unexpected_status, effect::none},
      {429, 429, errc::too_many_requests, effect::none},
      {430, 498, errc::unexpected_status, effect::none},
      {499, 499, errc::unexpected_status, effect::unknown},
      {500, 599, errc::server_error, effect::unknown},
      {600, 1000, errc::unexpected_status, effect::unknown},
  }));
  for (auto status = expected.first; status <= expected.last; ++status) {
    CAPTURE(status);
    auto const e = failure_of({.status = status});
    CHECK(e.code == expected.code);
    CHECK(e.effect == expected.effect);
    CHECK(e.status == status);
    CHECK(e.attempts == 0);
    CHECK(!e.message.empty());
    CHECK(e.server_message.empty());
    CHECK(!e.cause);
  }
}

TEST_CASE("the status decides, even if the body is that of a success", "[outcomes]") {
  auto const status = GENERATE(199u, 300u, 400u, 503u);
  CHECK(failure_of(json(sample("response-200.json"), status)).status == status);
}

}  // namespace error_response_tests
