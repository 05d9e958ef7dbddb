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

TEST_CASE("the request id may be that of a gateway or a trace, the service's own first", "[response_headers]") {
  auto const name =
      GENERATE(as<std::string>(), "x-ms-request-id", "x-amzn-RequestId", "x-amz-request-id", "apim-request-id",
               "x-kong-request-id", "x-vcap-request-id", "x-azure-ref", "x-amz-cf-id", "cf-ray", "fly-request-id",
               "x-vercel-id", "x-trace-id", "x-amzn-trace-id", "x-b3-traceid", "x-cloud-trace-context", "traceparent");
  CHECK(failure_of({.status = 500, .headers = {{name, "id"}}}).request_id == "id");
  CHECK(failure_of({.status = 500, .headers = {{name, "id"}, {"X-Request-Id", " "}}}).request_id == "id");
  CHECK(failure_of({.status = 500, .headers = {{name, "id"}, {"X-Request-Id", "own"}}}).request_id == "own");
}

TEST_CASE("the error_description of a challenge is the server's message if the body has none", "[response_headers]") {
  auto const [value, expected] = GENERATE(table<std::string, std::string>({
      {R"(Bearer error="invalid_token", error_description="The token expired")", "The token expired"},
      {R"(Bearer realm="a, b=c", Error_Description = "two\"quotes\"" , error="x")", "two\"quotes\""},
      {"Bearer error_description=expired, error=x", "expired"},
      {"Bearer error_description=\"cut", "cut"},
      {"Bearer error_description=\"cut\\", "cut\\"},
      {"Bearer error_description=\"x" + std::string(4094, ' ') + "yz\"", "x y"},  // of 4 KiB
      {"Bearer error_description=\"\x1B[31mred\"", "[31mred"},
      {"Bearer error_description=\"" + std::string(5000, 'x') + "\"", std::string(1021, 'x') + "..."},
      {"Bearer error_description", ""},
      {"Bearer my_error_description=\"no\"", ""},
      {"Bearer realm=\"x\"", ""},
      {"", ""},
  }));
  http_headers const headers = {{"WWW-Authenticate", "Basic realm=\"x\""}, {"www-authenticate", value}};
  CHECK(failure_of({.status = 401, .headers = headers}).server_message == expected);
  CHECK(failure_of({.status = 401, .headers = headers, .body = "body"}).server_message == "body");
}

TEST_CASE("the request id of problem details is their traceId, unless a header has one",
          "[response_headers][error_body]") {
  auto const body = sample("error-400-problem-details.json");
  CHECK(failure_of(json(body, 400)).request_id == "00-4bf92f3577b34da6a3ce929d0e0e4736-00");
  CHECK(failure_of({.status = 400, .headers = {{"X-Request-Id", "a"}}, .body = body}).request_id == "a");
  std::string const page = "<Error><Message>m</Message><RequestId>id</RequestId></Error>";
  CHECK(failure_of({.status = 400, .body = page}).request_id == "id");
  CHECK(failure_of({.status = 400, .headers = {{"X-Request-Id", "a"}}, .body = page}).request_id == "a");
  CHECK(failure_of(json(R"({"traceId":")" + std::string(500, 'x') + "\"}", 400)).request_id ==
        std::string(125, 'x') + "...");
}

}  // namespace response_headers_tests
