#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/invite_responses.hpp"
#include "support/samples.hpp"
#include "support/text.hpp"

#include <cstddef>
#include <string>
#include <utility>

namespace response_malformed_tests {

using fictive::http_headers;
using namespace tests;

TEST_CASE("a response that is truncated anywhere was applied", "[invite_response][malformed]") {
  auto const whole = sample("response-200.json");
  for (std::size_t size = 0; size <= whole.rfind('}'); ++size) {
    CAPTURE(size);
    CHECK(is_malformed_but_applied(read(json(whole.substr(0, size)))));
  }
}

TEST_CASE("a success without a body was applied, unless it is labelled as something else than JSON",
          "[invite_response][malformed]") {
  auto const status = GENERATE(200, 201, 202, 204);
  auto const body = GENERATE(as<std::string>(), "", " \r\n\t");
  auto const headers =
      GENERATE(values<http_headers>({{}, {{"Content-Type", "application/json"}}, {{"Content-Encoding", "gzip"}}}));
  CHECK(is_malformed_but_applied(read({.status = status, .headers = headers, .body = body})));
  CHECK(is_malformed_with_unknown_effect(read(answer(status, GENERATE("text/html", ""), body))));
}

TEST_CASE("an invitation without an address or a reference is malformed", "[invite_response][malformed]") {
  auto const members = GENERATE(as<std::string>(), "", R"("emailAddress":"a")", R"("invitationReference":"r")",
                                R"("status":"PendingAcceptance")", R"("emailAddress":"a","invitationReference":null)",
                                R"("emailAddress":null,"invitationReference":"r")",
                                R"("emailAddress":"a","extra":{"invitationReference":"r"})");
  CHECK(is_malformed_but_applied(read(json(with_invitation(members)))));
  CHECK(is_malformed_but_applied(
      read(json(R"({"validInvitations":[{)" + required_members + "},{" + members + "},{" + required_members + "}]}"))));
}

TEST_CASE("a list, a reference or an address of the wrong type is malformed", "[invite_response][malformed]") {
  struct place {
    std::string before, after, allowed;
  };
  auto const [before, after, allowed] = GENERATE(values<place>({
      {R"({"validInvitations":)", "}", "array null"},
      {R"({"validInvitations":{"$id":"1","$values":)", "}}", "array"},
      {R"({"validInvitations":[{"emailAddress":"a","invitationReference":)", "}]}", "string"},
      {R"({"validInvitations":[{"invitationReference":"r","emailAddress":)", "}]}", "string"},
      {R"({"invalidEmailAddresses":)", "}", "array null"},
      {R"({"invalidEmailAddresses":{"$values":)", R"(,"$id":"1"}})", "array"},
      {R"({"invalidEmailAddresses":["a"],"invalidEmailAddresses":)", "}", "null"},
      {R"({"validInvitations":[],"validInvitations":{"$values":)", "}}", ""},
  }));
  std::pair<std::string, std::string> const values[] = {{"null", "null"},        {"true", "true"},  {"false", "false"},
                                                        {"number", "17"},        {"number", "0.5"}, {"number", "-1"},
                                                        {"string", R"("text")"}, {"array", "[]"},   {"object", "{}"}};
  for (auto const& [type, value] : values) {
    auto const body = before + value + after;
    CAPTURE(body);
    auto const reply = read(json(body));
    CHECK((contains(allowed, type) ? reply.has_value() : is_malformed_but_applied(reply)));
  }
}

TEST_CASE("a document that is not an object is malformed", "[invite_response][malformed]") {
  auto const body =
      GENERATE(as<std::string>(), "null", "true", "17", R"("text")", "[]", R"([{"validInvitations":[]}])");
  auto const reply = read(json(body));
  CHECK(is_malformed_but_applied(reply));
  CHECK(contains(reply.error().message, "not an object"));
}

TEST_CASE("a list, a reference or an address that occurs twice is malformed", "[invite_response][malformed]") {
  auto const body = GENERATE_COPY(as<std::string>(), R"({"validInvitations":[],"validInvitations":[]})",
                                  R"({"invalidEmailAddresses":["a"],"InvalidEmailAddresses":["b"]})",
                                  R"({"invalidEmailAddresses":["a"],"validInvitations":[{)" + required_members +
                                      R"(}],"invalidEmailAddresses":["b"]})",
                                  R"({"invalidEmailAddresses":[],"validInvitations":[],"invalidEmailAddresses":[]})",
                                  with_invitation(required_members + R"(,"emailAddress":"b")"),
                                  with_invitation(required_members + R"(,"InvitationReference":"b")"));
  auto const reply = read(json(body));
  CHECK(is_malformed_but_applied(reply));
  CHECK((contains(reply.error().message, "twice") || contains(reply.error().message, "two")));
}

TEST_CASE("invalid JSON is malformed", "[invite_response][malformed][json]") {
  auto const body =
      GENERATE(as<std::string>(), "{}}", "{}x", "{}{}", "{}\n{}", "{},", "[{}]", "{]", "{x:1}", "{'x':1}",
               R"({"x":1,})", R"({"x":[1,]})", R"({"x" 1})", R"({"x":01})", R"({"x":+1})", R"({"x":.5})",
               R"({"x":NaN})", R"({"x":tru})", R"({"x":"\q"})", R"({"x":"\u12"})", R"({"x":"\ud800"})",
               R"({"x":"\udc00\ud800"})", "{} // comment", "{\"x\":\"\n\"}", "{\"x\":\"\x80\"}", "{\"x\":\"\xC0\xAF\"}",
               "{\"x\":\"\xED\xA0\x80\"}", "{\"x\":\"\xF4\x90\x80\x80\"}", "{\"\xFF\":1}", "\xEF\xBB\xBF",
               "\xEF\xBB\xBF\xEF\xBB\xBF{}", "plain text", "<html></html>");
  CHECK(is_malformed_but_applied(read(json(body))));
}

TEST_CASE("a NUL after the document is malformed", "[invite_response][malformed][json]") {
  CHECK(is_malformed_but_applied(read(json(std::string("{}\0", 3)))));
}

TEST_CASE("the error of a malformed document names the problem", "[invite_response][malformed][json]") {
  auto const [body, problem] = GENERATE(table<std::string, std::string>({
      {R"({"validInvitations":[{"invitationReference":"r)", "truncated"},
      {R"({"validInvitations":[]}x)", "not valid JSON"},
      {R"({"x":)" + repeated("[", 600), "512 levels"},
      {R"({"validInvitations":5})", "not a list"},
      {R"({"validInvitations":[{"emailAddress":"a"}]})", "lacks its invitationReference"},
      {R"({"validInvitations":[{"invitationReference":5}]})", "not a string"},
  }));
  auto const e = failure_of(json(body));
  CHECK(contains(e.message, problem));
  CHECK(e.effect == fictive::effect::applied);
}

TEST_CASE("the error of a malformed document carries the JSON parser's error", "[invite_response][malformed][json]") {
  CHECK(failure_of(json("{")).cause);
  CHECK(failure_of(json("{}x")).cause);
}

TEST_CASE("the error of a malformed success holds the status", "[invite_response][malformed]") {
  CHECK(failure_of(json("{", 201)).status == 201);
  CHECK(failure_of({.status = 204}).status == 204);
}

}  // namespace response_malformed_tests
