#include <fictive/fictive.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <string>

namespace http_tests {

using fictive::find_header;
using fictive::http_headers;
using namespace std::chrono_literals;

TEST_CASE("a header is found by its name without regard to case", "[http]") {
  http_headers const headers = {{"Content-Type", "application/json"}, {"retry-after", "7"}};
  auto const [name, value] = GENERATE(table<std::string, std::string>({{"Content-Type", "application/json"},
                                                                       {"content-type", "application/json"},
                                                                       {"CONTENT-TYPE", "application/json"},
                                                                       {"Retry-After", "7"}}));
  REQUIRE(find_header(headers, name));
  CHECK(*find_header(headers, name) == value);
}

TEST_CASE("a header that is not there is not found", "[http]") {
  http_headers const headers = {{"Content-Type", "application/json"}, {"a", ""}};
  auto const name = GENERATE(as<std::string>(), "", "Content", "Content-Type ", "Content-Types", "Content_Type", "b");
  CHECK(!find_header(headers, name));
  CHECK(!find_header({}, name));
}

TEST_CASE("only letters have a case", "[http]") {
  CHECK(!find_header({{"@", "1"}}, "`"));
  CHECK(!find_header({{"[", "1"}}, "{"));
  CHECK(!find_header({{"\xC3\x84", "1"}}, "\xC3\xA4"));
}

TEST_CASE("the first of several headers with the same name is found", "[http]") {
  http_headers const headers = {{"A", "first"}, {"a", "second"}};
  CHECK(find_header(headers, "a") == &headers[0].value);
}

TEST_CASE("an empty value is a value", "[http]") {
  http_headers const headers = {{"A", ""}};
  REQUIRE(find_header(headers, "A"));
  CHECK(find_header(headers, "A")->empty());
}

TEST_CASE("every limit has a default", "[http]") {
  fictive::http_limits const limits;
  CHECK(limits.connect_timeout == 10s);
  CHECK(limits.total_timeout == 60s);
  CHECK(limits.max_header_bytes == 64 * 1024);
  CHECK(limits.max_body_bytes == 8 * 1024 * 1024);
}

}  // namespace http_tests
