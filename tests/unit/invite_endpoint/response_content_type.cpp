#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/invite_responses.hpp"
#include "support/samples.hpp"

#include <cstddef>
#include <string>
#include <utility>

namespace response_content_type_tests {

using fictive::effect;
using fictive::errc;
using fictive::http_response;
using namespace tests;

TEST_CASE("white space and a byte order mark around the document are ignored", "[invite_response][json]") {
  auto const body = GENERATE(as<std::string>(), "\xEF\xBB\xBF{}", "\xEF\xBB\xBF \r\n{}", " \t\r\n{} \t\r\n", "{ }\n");
  CHECK(read(json(body)));
}

TEST_CASE("every JSON media type announces JSON", "[invite_response][content_type]") {
  auto const type = GENERATE(as<std::string>(), "application/json", "application/json;charset=utf-8",
                             "Application/JSON ; charset=UTF-8", "text/json", "TEXT/JSON", "application/problem+json",
                             "application/vnd.fictive.v9+JSON; charset=utf-8");
  CHECK(read(answer(200, type, "{}")));
  CHECK(failure_of(answer(200, type, "{")).effect == effect::applied);
}

TEST_CASE("header names are matched without regard to case", "[invite_response][content_type]") {
  CHECK(read({.status = 200, .headers = {{"content-TYPE", "application/json"}}, .body = "{}"}));
}

TEST_CASE("without a Content-Type, a body that begins with a JSON object is JSON", "[invite_response][content_type]") {
  auto const body = GENERATE(as<std::string>(), "{}", " \r\n\t{}", "\xEF\xBB\xBF{}");
  CHECK(read({.status = 200, .body = body}));
  CHECK(is_malformed_but_applied(read({.status = 200, .body = body + "}"})));
}

TEST_CASE("every 2xx is a success", "[invite_response]") {
  auto const status = GENERATE(200u, 201u, 202u, 204u, 206u, 299u);
  CHECK(read(json(sample("response-200.json"), status)));
}

TEST_CASE("an identity Content-Encoding has no effect", "[invite_response][content_type]") {
  auto const encoding = GENERATE(as<std::string>(), "identity", "Identity", " identity ", "");
  CHECK(
      read({.status = 200, .headers = {{"Content-Type", "text/json"}, {"Content-Encoding", encoding}}, .body = "{}"}));
}

TEST_CASE("a body of exactly the limit is read", "[invite_response][limits]") {
  CHECK(read(json("{    }"), 6));
  CHECK(is_malformed_but_applied(read(json("{    }"), 5)));
}

TEST_CASE("a body is limited to 8 MiB by default", "[invite_response][limits]") {
  std::size_t const limit = 8 * 1024 * 1024;
  CHECK(read(json("{" + std::string(limit - 2, ' ') + "}")));
  CHECK(is_malformed_but_applied(read(json("{" + std::string(limit - 1, ' ') + "}"))));
}

TEST_CASE("nesting is limited", "[invite_response][limits]") {
  auto const nested = [](std::size_t depth) {
    return json(R"({"x":)" + std::string(depth, '[') + std::string(depth, ']') + "}");
  };
  CHECK(read(nested(30)));
  CHECK(is_malformed_but_applied(read(nested(100))));
  CHECK(is_malformed_but_applied(read(nested(1'000'000))));
}

TEST_CASE("a success that does not announce JSON may come from an intermediary", "[invite_response][content_type]") {
  auto const type = GENERATE(as<std::string>(), "text/html", "text/plain", "application/octet-stream",
                             "application/xml", "application/jsonp", "application/x+json5", "json", "+json", "");
  auto const e = failure_of(answer(200, type, R"({"validInvitations":[]})"));
  CHECK(e.code == errc::malformed_response);
  CHECK(e.effect == effect::unknown);
}

TEST_CASE("without a Content-Type, a body that does not begin with a JSON object may come from an intermediary",
          "[invite_response][content_type]") {
  auto const body = GENERATE(as<std::string>(), "<html></html>", "OK", "[]", "\"text\"", "null", "17");
  auto const e = failure_of({.status = 200, .body = body});
  CHECK(e.code == errc::malformed_response);
  CHECK(e.effect == effect::unknown);
}

TEST_CASE("the error of a login page quotes its title", "[invite_response][content_type]") {
  auto const e =
      failure_of(answer(200, "text/html", "<!doctype html><html><title>Hotel &mdash; log in</title></html>"));
  CHECK(e.effect == effect::unknown);
  CHECK(e.server_message == "Hotel &mdash; log in");
}

TEST_CASE("a success with an encoded body is malformed", "[invite_response][content_type][malformed]") {
  auto const encoding = GENERATE(as<std::string>(), "gzip", "GZIP", "br", "deflate", "gzip, identity", "x");
  auto const encoded = [&](std::string type) {
    return http_response{
        .status = 200, .headers = {{"Content-Type", std::move(type)}, {"content-encoding", encoding}}, .body = "{}"};
  };
  CHECK(is_malformed_but_applied(read(encoded("application/json"))));
  auto const page = failure_of(encoded("text/html"));
  CHECK(page.code == errc::malformed_response);
  CHECK(page.effect == effect::unknown);
}

TEST_CASE("a page that exceeds the limit may come from an intermediary", "[invite_response][content_type][limits]") {
  auto const reply = read(answer(200, "text/html", "<html></html>"), 5);
  REQUIRE(!reply);
  CHECK(reply.error().code == errc::malformed_response);
  CHECK(reply.error().effect == effect::unknown);
}

}  // namespace response_content_type_tests
