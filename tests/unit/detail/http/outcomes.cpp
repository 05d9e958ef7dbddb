#include <fictive/fictive.hpp>

#include "support/catch.hpp"

#include <string_view>

namespace outcomes_tests {

using fictive::effect;
using fictive::errc;
using fictive::detail::outcome_of_status;
using fictive::detail::retry_rule;

namespace {

struct expectation {
  errc code;
  fictive::effect effect;
  retry_rule retry;
};

expectation expected_3xx(unsigned status) {
  bool const asks_for_the_same_request_elsewhere = status == 304 || status == 305 || status == 307 || status == 308;
  return {errc::unexpected_status, asks_for_the_same_request_elsewhere ? effect::none : effect::unknown,
          retry_rule::never};
}

expectation expected_4xx(unsigned status) {
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

expectation expected(unsigned status, bool has_retry_after) {
  switch (status / 100) {
    case 2: return {errc::malformed_response, effect::unknown, retry_rule::never};
    case 3: return expected_3xx(status);
    case 4: return expected_4xx(status);
    case 5:
      if (status == 503 && has_retry_after) return {errc::server_error, effect::none, retry_rule::always};
      return {errc::server_error, effect::unknown, retry_rule::opt_in};
    default: return {errc::unexpected_status, effect::unknown, retry_rule::never};
  }
}

}  // namespace

TEST_CASE("each status has the code, the effect and the retry rule of the table of outcomes", "[outcomes]") {
  auto const has_retry_after = GENERATE(false, true);
  for (unsigned status = 0; status <= 1000; ++status) {
    CAPTURE(status, has_retry_after);
    auto const& row = outcome_of_status(status, has_retry_after);
    auto const [code, effect, retry] = expected(status, has_retry_after);
    CHECK(row.code == code);
    CHECK(row.effect == effect);
    CHECK(row.retry == retry);
    CHECK(!std::string_view(row.message).empty());
  }
}

TEST_CASE("only 2xx is a success", "[outcomes]") {
  for (unsigned status = 0; status <= 1000; ++status) {
    CAPTURE(status);
    CHECK(fictive::detail::is_success(status) == (status / 100 == 2));
  }
}

}  // namespace outcomes_tests
