#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/invite_responses.hpp"
#include "support/samples.hpp"

#include <string>

namespace response_headers_tests {

using fictive::http_headers;
using namespace tests;

TEST_CASE("the request id is that of the first header that has one", "[response_headers]") {
  auto const [headers, expected] = GENERATE(table<http_headers, std::string>({
      {http_headers(), ""},
      {{{"X-Request-Id", "a"}}, "a"},
      {{{"Request-Id", "b"}}, "b"},
      {{{"X-Correlation-Id", "c"}}, "c"},
      {{{"x-request-id", "a"}}, "a"},
      {{{"X-Correlation-Id", "c"}, {"Request-Id", "b"}, {"X-Request-Id", "a"}}, "a"},
      {{{"X-Correlation-Id", "c"}, {"Request-Id", "b"}}, "b"},
      {{{"X-Request-Id", ""}, {"Request-Id", "b"}}, "b"},
      {{{"X-Request-Id", " \x1B[31m\r\n\xFF"}}, "[31m \xEF\xBF\xBD"},
      {{{"X-Request-Id", std::string(128, 'x')}}, std::string(128, 'x')},
      {{{"X-Request-Id", std::string(129, 'x')}}, std::string(125, 'x') + "..."},
  }));
  CHECK(failure_of({.status = 500, .headers = headers}).request_id == expected);
  CHECK(failure_of({.status = 200, .headers = headers}).request_id == expected);
}

TEST_CASE("the request id of problem details is their traceId, unless a header has one",
          "[response_headers][error_body]") {
  auto const body = sample("error-400-problem-details.json");
  CHECK(failure_of(json(body, 400)).request_id == "00-4bf92f3577b34da6a3ce929d0e0e4736-00");
  CHECK(failure_of({.status = 400, .headers = {{"X-Request-Id", "a"}}, .body = body}).request_id == "a");
  CHECK(failure_of(json(R"({"traceId":")" + std::string(500, 'x') + "\"}", 400)).request_id ==
        std::string(125, 'x') + "...");
}

}  // namespace response_headers_tests
