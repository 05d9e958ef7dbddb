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
  auto const status = GENERATE(0, 99, 100, 199, 600, 999);
  auto const e = failure_of(json(sample("response-200.json"), status));
  CHECK(e.code == errc::unexpected_status);
  CHECK(e.effect == effect::unknown);
  CHECK(e.status == status);
  CHECK(contains(e.message, "200 to 599"));
}

TEST_CASE("the error of a response is the row of its status in the table of outcomes", "[outcomes]") {
  struct row {
    int first, last;
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

TEST_CASE("the message of a 413 says to send less", "[error]") {
  CHECK(contains(failure_of({.status = 413}).message, "too large"));
  CHECK(contains(failure_of({.status = 404}).message, "base_url"));
  CHECK(contains(to_string(failure_of({.status = 418})), "status: 418"));
}

TEST_CASE("the message for plain http on a port for https says so", "[error]") {
  auto const body = GENERATE(
      as<std::string>(), "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>",
      "<title>400 Bad Request</title><p>Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
      "Client sent an HTTP request to an HTTPS server.\n",
      "Bad Request\r\nThis combination of host and port requires TLS.\r\n");
  CHECK(contains(failure_of({.status = 400, .body = body}).message, "https://"));
  CHECK(!contains(failure_of({.status = 422, .body = body}).message, "https://"));
  CHECK(!contains(failure_of({.status = 400, .body = "Bad Request"}).message, "https://"));
}

TEST_CASE("the status decides, even if the body is that of a success", "[outcomes]") {
  auto const status = GENERATE(199, 300, 400, 503);
  CHECK(failure_of(json(sample("response-200.json"), status)).status == status);
}

TEST_CASE("a refusal whose body lists an invitation may have had an effect", "[outcomes][invite_response]") {
  auto const number = GENERATE(304, 400, 401, 404, 409, 413, 429, 451);
  auto const body = GENERATE_COPY(
      as<std::string>(), sample("response-200.json"), with_invitation(required_members),
      R"({"reason":"no","validInvitations":[{"emailAddress":"a"},)", R"({"validInvitations":[17]})",
      R"({"validInvitations":[null]})", R"({"ValidInvitations":[[]]})", R"({"validInvitations":["a"],"x":tru})",
      R"({"validInvitations":[],"validInvitations":[{}]})", R"({"validInvitations":{"$id":"1","$values":[{}]}})",
      R"({"validInvitations":{"$values":[)", R"({"validInvitations":[)", R"({"validInvitations":["cut)",
      R"({"validInvitations":[{"emailAddress":"a\u00)",
      R"({"x":[{"y":[1]}],"invalidEmailAddresses":["a"],"validInvitations":[{}]})");
  auto const e = failure_of(GENERATE_COPY(json(body, number), answer(number, "text/plain", body)));
  CHECK(e.status == number);
  CHECK(e.effect == effect::unknown);
  CHECK(contains(e.message, "somebody may have been invited"));
  CHECK(failure_of({.status = 503, .headers = {{"Retry-After", "1"}}, .body = body}).effect == effect::unknown);
}

TEST_CASE("a refusal whose body lists no invitation has the effect of its status", "[outcomes][invite_response]") {
  auto const body =
      GENERATE(as<std::string>(), "{}", R"({"validInvitations":[]})", R"({"validInvitations":null,"reason":"no"})",
               R"({"validInvitations":[],"invalidEmailAddresses":["a"]})", R"({"x":{"validInvitations":[{}]}})",
               R"(["validInvitations"])", R"({"validInvitations":17})", R"({"validInvitations":"a"})",
               R"({"validInvitations":{"x":[1]}})", R"({"validInvitations":{"$values":[]},"x":[1]})",
               R"({"validInvitations":{"$values":{"x":[1]}}})", R"({"validInvitations":[],"x":[{)", R"({"x":[{"y":)",
               R"({"validInvitations":)", R"({"validInvitation)");
  auto const e = failure_of(json(body, 400));
  CHECK(e.effect == effect::none);
  CHECK(!contains(e.message, "invited"));
}

}  // namespace error_response_tests
