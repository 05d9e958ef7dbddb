#include <fictive/fictive.hpp>

#include "support/catch.hpp"

#include <iterator>
#include <set>
#include <string_view>

namespace outcomes_tests {

using fictive::effect;
using fictive::errc;
using fictive::detail::evidence;
using fictive::detail::outcome_of_status;
using fictive::detail::retry_rule;

namespace {

struct expectation {
  errc code;
  fictive::effect effect;
  retry_rule retry;
};

expectation expected_3xx(int status) {
  bool const asks_for_the_same_request_elsewhere = status == 304 || status == 305 || status == 307 || status == 308;
  return {errc::unexpected_status, asks_for_the_same_request_elsewhere ? effect::none : effect::unknown,
          retry_rule::never};
}

expectation expected_4xx(int status) {
  switch (status) {
    case 400:
    case 412:
    case 413:
    case 415:
    case 422: return {errc::invalid_request, effect::none, retry_rule::never};
    case 401:
    case 403: return {errc::not_authenticated, effect::none, retry_rule::never};
    case 404: return {errc::not_found, effect::none, retry_rule::never};
    case 409: return {errc::conflict, effect::none, retry_rule::never};
    case 408:
    case 421:
    case 425: return {errc::unexpected_status, effect::none, retry_rule::once_on_new_connection};
    case 429: return {errc::too_many_requests, effect::none, retry_rule::always};
    case 499: return {errc::unexpected_status, effect::unknown, retry_rule::never};
    default: return {errc::unexpected_status, effect::none, retry_rule::never};
  }
}

expectation expected(int status, evidence found) {
  switch (status / 100) {
    case 2: {
      auto const did = found == evidence::json ? effect::applied : effect::unknown;
      return {errc::malformed_response, did, retry_rule::if_safe};
    }
    case 3: return expected_3xx(status);
    case 4: return expected_4xx(status);
    case 5: {
      bool const had_no_effect = status == 503 && found == evidence::retry_after;
      return {errc::server_error, had_no_effect ? effect::none : effect::unknown, retry_rule::always};
    }
    default: return {errc::unexpected_status, effect::unknown, retry_rule::never};
  }
}

}  // namespace

TEST_CASE("each status has the code, the effect and the retry rule of the table of outcomes", "[outcomes]") {
  auto const found = GENERATE(evidence::none, evidence::retry_after, evidence::json);
  for (int status = 0; status <= 1000; ++status) {
    CAPTURE(status, found);
    auto const& row = outcome_of_status(status, found);
    auto const [code, effect, retry] = expected(status, found);
    CHECK(row.code == code);
    CHECK(row.effect == effect);
    CHECK(row.retry == retry);
    CHECK(!std::string_view(row.message).empty());
  }
}

TEST_CASE("each row of the table of outcomes applies to a status", "[outcomes]") {
  for (auto const& row : fictive::detail::status_outcomes) {
    CAPTURE(row.message, row.code);
    bool is_used = false;
    for (int status = 0; status <= 1000; ++status) is_used |= &outcome_of_status(status, row.needed) == &row;
    CHECK(is_used);
  }
}

TEST_CASE("no two rows of the table of outcomes have the same message", "[outcomes]") {
  std::set<std::string_view> messages;
  for (auto const& row : fictive::detail::status_outcomes) messages.insert(row.message);
  CHECK(messages.size() == std::size(fictive::detail::status_outcomes));
}

TEST_CASE("a malformed success is retried if the endpoint is safe", "[outcomes]") {
  fictive::error const e{.code = errc::malformed_response, .effect = effect::none, .status = 200};
  CHECK(fictive::detail::retry_rule_of(e, true) == retry_rule::always);
  CHECK(fictive::detail::retry_rule_of(e, false) == retry_rule::never);
}

TEST_CASE("only 2xx is a success", "[outcomes]") {
  for (int status = 0; status <= 1000; ++status) {
    CAPTURE(status);
    CHECK(fictive::detail::is_success(status) == (status / 100 == 2));
  }
}

}  // namespace outcomes_tests
