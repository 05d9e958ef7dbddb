#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/invite_responses.hpp"
#include "support/samples.hpp"
#include "support/text.hpp"

#include <cstddef>
#include <string>
#include <utility>

namespace response_content_type_tests {

using fictive::effect;
using fictive::errc;
using fictive::http_headers;
using namespace tests;

TEST_CASE("white space and a byte order mark around the document are ignored", "[invite_response][json]") {
  auto const [before, after] = GENERATE(table<std::string, std::string>(
      {{"\xEF\xBB\xBF", ""}, {"\xEF\xBB\xBF \r\n", ""}, {" \t\r\n", " \t\r\n"}, {"", "\n"}}));
  CHECK(read(json(before + empty_lists + after)));
}

TEST_CASE("every JSON media type announces JSON", "[invite_response][content_type]") {
  auto const type = GENERATE(as<std::string>(), "application/json", "application/json;charset=utf-8",
                             "Application/JSON ; charset=UTF-8", "text/json", "TEXT/JSON", "application/problem+json",
                             "application/vnd.fictive.v9+JSON; charset=utf-8", "application/json charset=utf-8",
                             "application/json, application/json", " application/json\t;");
  CHECK(read(answer(200, type, empty_lists)));
  CHECK(failure_of(answer(200, type, "")).effect == effect::applied);
  CHECK(failure_of(answer(200, type, "[")).effect == effect::applied);
}

TEST_CASE("header names are matched without regard to case", "[invite_response][content_type]") {
  CHECK(read({.status = 200, .headers = {{"content-TYPE", "application/json"}}, .body = empty_lists}));
}

TEST_CASE("what reads as the contract is the answer, whatever its headers say", "[invite_response][content_type]") {
  auto const headers = GENERATE(values<http_headers>({
      {},
      {{"Content-Type", ""}},
      {{"Content-Type", "text/plain"}},
      {{"Content-Type", "text/html; charset=utf-8"}},
      {{"Content-Type", "application/octet-stream"}},
      {{"Content-Type", "application/json charset=utf-8"}},
      {{"Content-Type", "application/json, application/json"}},
      {{"Content-Type", "text/html"}, {"Content-Type", "application/json"}},
      {{"Content-Encoding", "UTF-8"}},
      {{"Content-Type", "application/json"}, {"Content-Encoding", "none"}},
      {{"Content-Type", "text/plain"}, {"Content-Encoding", "utf-8, binary"}},
      {{"Content-Encoding", "identity"}},
      {{"Content-Encoding", ""}},
      {{"Content-Encoding", ","}},
  }));
  auto const before = GENERATE(as<std::string>(), "", " \r\n\t", "\xEF\xBB\xBF");
  auto const reply = success_of({.status = 200, .headers = headers, .body = before + sample("response-200.json")});
  CHECK(reply.valid_invitations.size() == 2);
  CHECK(reply.invalid_email_addresses.size() == 2);
}

TEST_CASE("a body that begins a JSON object and is not one was applied, whatever its headers say",
          "[invite_response][content_type][malformed]") {
  auto const type = GENERATE(as<std::string>(), "application/json", "text/html", "text/plain", "");
  auto const body = GENERATE(as<std::string>(), "{", R"({"validInvitations":[)", " \r\n\t{]", "\xEF\xBB\xBF{}}");
  CHECK(is_malformed_but_applied(read(answer(200, type, body))));
  CHECK(is_malformed_but_applied(read({.status = 200, .body = body})));
}

TEST_CASE("an object with neither list is not the contract's answer", "[invite_response][malformed]") {
  auto const [body, message] = GENERATE(table<std::string, std::string>({
      {"{}", "{}"},
      {R"({"status":"FAILED","reason":"no"})", "no"},
      {R"({"id":7})", R"({"id":7})"},
      {R"({"message":"log in"})", "log in"},
      {R"({"data":{"validInvitations":[],"invalidEmailAddresses":[]},"message":"wrapped"})", "wrapped"},
  }));
  auto const type = GENERATE(as<std::string>(), "application/json", "text/html", "");
  auto const e = failure_of(answer(GENERATE(200, 202), type, body));
  CHECK(e.code == errc::malformed_response);
  CHECK(e.effect == effect::unknown);
  CHECK(e.server_message == message);
  CHECK(contains(e.message, "neither"));
}

TEST_CASE("every 2xx is a success", "[invite_response]") {
  auto const status = GENERATE(200, 201, 202, 204, 206, 299);
  CHECK(read(json(sample("response-200.json"), status)));
}

TEST_CASE("a body of exactly the limit is read", "[invite_response][limits]") {
  CHECK(read(json(empty_lists), empty_lists.size()));
  CHECK(is_malformed_but_applied(read(json(empty_lists), empty_lists.size() - 1)));
}

TEST_CASE("a body is limited to 8 MiB by default", "[invite_response][limits]") {
  std::size_t const limit = 8 * 1024 * 1024;
  CHECK(read(json(empty_lists + std::string(limit - empty_lists.size(), ' '))));
  CHECK(is_malformed_but_applied(read(json(empty_lists + std::string(limit - empty_lists.size() + 1, ' ')))));
}

TEST_CASE("nesting is limited", "[invite_response][limits]") {
  auto const depth = GENERATE(std::size_t{600}, std::size_t{1'000'000});
  auto const open = GENERATE(as<std::string>(), "[", R"({"x":)");
  auto const e = failure_of(json(R"({"x":)" + repeated(open, depth)));
  CHECK(e.effect == effect::applied);
  CHECK(contains(e.message, "512 levels"));
}

TEST_CASE("a success that is not JSON may come from an intermediary", "[invite_response][content_type]") {
  auto const type = GENERATE(as<std::string>(), "text/html", "text/plain", "application/octet-stream",
                             "application/xml", "application/jsonp", "application/x+json5", "json", "+json", "");
  auto const body = GENERATE(as<std::string>(), R"([{"validInvitations":[]}])", "<html>{}</html>", "x{}");
  auto const e = failure_of(answer(200, type, body));
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

TEST_CASE("a success with a compressed body is malformed", "[invite_response][content_type][malformed]") {
  auto const [encoding, body] = GENERATE(table<std::string, std::string>({
      {"gzip", "\x1F\x8B\x08"},
      {"GZIP", "x"},
      {"x-gzip", "x"},
      {"br", "x"},
      {"deflate", "x"},
      {"zstd", "x"},
      {"compress", "x"},
      {"gzip, identity", "x"},
      {"identity ,\tgzip ", "x"},
      {"", "\x1F\x8B\x08"},
      {"none", "\x1F\x8B\x08"},
      {"gzip", R"({"validInvitations":[]})"},
  }));
  auto const labelled = [&, coding = encoding, content = body](std::string type) {
    return failure_of(
        {.status = 200, .headers = {{"Content-Type", std::move(type)}, {"content-encoding", coding}}, .body = content});
  };
  auto const e = labelled("application/json");
  CHECK(e.effect == effect::applied);
  CHECK(contains(e.message, "compressed"));
  CHECK(labelled("text/html").effect == (body.front() == '{' ? effect::applied : effect::unknown));
  CHECK(labelled("text/html").server_message.empty());
}

TEST_CASE("a page that exceeds the limit may come from an intermediary", "[invite_response][content_type][limits]") {
  auto const reply = read(answer(200, "text/html", "<html></html>"), 5);
  REQUIRE(!reply);
  CHECK(reply.error().code == errc::malformed_response);
  CHECK(reply.error().effect == effect::unknown);
}

}  // namespace response_content_type_tests
