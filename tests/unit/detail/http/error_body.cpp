#include <fictive/fictive.hpp>

#include "support/allocated_bytes.hpp"
#include "support/catch.hpp"
#include "support/invite_responses.hpp"
#include "support/samples.hpp"
#include "support/text.hpp"
#include "support/thread_sanitizer.hpp"

#include <cstddef>
#include <string>

namespace error_body_tests {

using fictive::errc;
using namespace tests;

TEST_CASE("the server's message is the best one in the body", "[error_body]") {
  auto const [name, expected] = GENERATE(table<std::string, std::string>({
      {"error-400-problem-details.json",
       "One or more validation errors occurred. ExpiryDate: The expiry date must be in the future. "
       "EmailAddresses: At least one email address is required. EmailAddresses: Too many email addresses."},
      {"error-403.txt", "Unable to authenticate using the provided session."},
      {"error-404-json-string.json", "Subscription not found"},
      {"error-412-failed-reason.json", "The expiry date must be in the future."},
      {"error-500-error-code.json", "An unexpected error has occurred."},
      {"error-502-gateway.html", "502 Bad Gateway"},
  }));
  auto const content_type = GENERATE(as<std::string>(), "application/json", "text/plain", "text/html", "");
  CHECK(failure_of(answer(400, content_type, sample(name))).server_message == expected);
}

TEST_CASE("the server's message is found in every form of body", "[error_body]") {
  auto const [body, expected] = GENERATE(table<std::string, std::string>({
      // JSON
      {R"({"status":"FAILED","reason":"r"})", "r"},
      {R"({"Status":"FAILED","Reason":"r"})", "r"},
      {R"({"message":"m"})", "m"},
      {R"({"Message":"m"})", "m"},
      {R"({"errorCode":1006,"errorMessage":"e"})", "e"},
      {R"({"type":"about:blank","title":"t","status":400,"detail":"d","instance":"/i"})", "d"},
      {R"({"type":"about:blank","title":"t","status":400})", "t"},
      {R"({"title":"t","detail":"d","message":"m","errorMessage":"e","reason":"r"})", "r"},
      {R"({"title":"t","detail":"","reason":null})", "t"},
      {R"({"errors":{"Field":["first","second"],"":["third"]}})", "Field: first Field: second third"},
      {R"({"title":"t","errors":{"Field":["reason"]},"status":400})", "t Field: reason"},
      {R"({"errors":{"Field":["reason"]},"title":"t"})", "t Field: reason"},
      {R"({"errors":{"Field":"reason"}})", "Field: reason"},
      {R"("\u0053ubscription not found")", "Subscription not found"},
      {"\xEF\xBB\xBF\"with a byte order mark\"", "with a byte order mark"},
      {R"({"inner":{"message":"not this one"},"message":"m"})", "m"},
      {R"({"error":"e"})", "e"},
      {R"({"error":"e","title":"t"})", "e"},
      {R"({"error":"invalid_token","error_description":"d"})", "d"},
      {R"({"error":"Bad Request","message":["a","b"],"statusCode":400})", "a b"},
      {R"({"error":{"code":"c","message":"m"}})", "m"},
      {R"({"error":{"code":"c","message":{"lang":"en","value":"m"}}})", "m"},
      {R"({"error":{"code":404,"message":"m","errors":[{"message":"m","domain":"d"}]}})", "m"},
      {R"({"fault":{"faultstring":"f","detail":{"errorcode":"c"}}})", "f"},
      {R"({"errors":["a","b"]})", "a b"},
      {R"({"errors":["a"],"modelState":{"Field":["b"]}})", "a Field: b"},
      {R"({"message":"m","a":{"b":{"c":{"d":{"e":"x"}}}},"reason":"r"})", "r"},
      {R"({"errors":"a"})", "a"},
      {R"({"errors":[{"code":"c","message":"a"},{"path":["p"],"message":"b"}]})", "a b"},
      {R"({"errors":{"Field":{"code":"c","inner":{"deep":["d"]}},"Other":["o"]}})", "Field: c Field: d Other: o"},
      {R"({"Message":"Invalid.","ModelState":{"model.Name":["Required."]}})", "Invalid. model.Name: Required."},
      {R"([{"message":"m"}])", "m"},
      {R"(["a","b"])", "a b"},
      // Cut
      {R"({"message":"kept","trace":"cut)", "kept"},
      {R"({"errors":{"Field":["kept","cut)", "Field: kept"},
      {R"([{"message":"kept","trace":"cut)", "kept"},
      {R"(["kept","cut)", "kept"},
      // Without a message: the body itself
      {R"({"inner":{"message":"not this one"}})", R"({"inner":{"message":"not this one"}})"},
      {R"({"a":{"b":{"c":{"d":{"e":{"message":"m"}}}}}})", R"({"a":{"b":{"c":{"d":{"e":{"message":"m"}}}}}})"},
      {R"({"message":17})", R"({"message":17})"},
      {R"({"errors":[]})", R"({"errors":[]})"},
      {R"({"errors":{"Field":[""," "]}})", R"({"errors":{"Field":[""," "]}})"},
      {"{}", "{}"},
      {"[]", "[]"},
      {"null", "null"},
      {"17", "17"},
      {R"({"message":"cut)", R"({"message":"cut)"},
      {R"(["cut)", R"(["cut)"},
      {"[warning] text", "[warning] text"},
      {R"("quoted" text)", R"("quoted" text)"},
      // XML
      {R"(<?xml version="1.0"?><Error><Code>c</Code><Message>m</Message><Resource/></Error>)", "m"},
      {"<Error><Message>m</Message></Error>", "m"},
      {"<Reply><Error>e</Error></Reply>", "e"},
      {"<Reply><RequestId>id</RequestId></Reply>", "<Reply><RequestId>id</RequestId></Reply>"},
      {"<s:Envelope><s:Body><s:Fault><faultstring>f</faultstring></s:Fault></s:Body></s:Envelope>", "f"},
      {"<problem xmlns=\"urn:ietf:rfc:7807\"><title>t</title><p:detail>d</p:detail></problem>", "d"},
      // HTML
      {"<HTML><HEAD><TITLE lang=\"en\">\n 503  Service\n Unavailable </TITLE></HEAD></HTML>",
       "503 Service Unavailable"},
      {"<html><body><h1 class=\"x\">Bad Gateway</h1><p>more</p></body></html>", "Bad Gateway"},
      {"<html><head><title></title></head><body><h1>Bad Gateway</h1></body></html>", "Bad Gateway"},
      {"<html><body><h1>First</h1></body><title>Title</title></html>", "Title"},
      {"<html><body><p>nothing</p></body></html>", "<html><body><p>nothing</p></body></html>"},
      {"<html><title", "<html><title"},
      {"<html><title>cut", "cut"},
      {"<", "<"},
      // Text
      {"plain text", "plain text"},
      {"  plain\r\n\t text \r\n", "plain text"},
      {"", ""},
      {" \r\n\t ", ""},
  }));
  CHECK(failure_of(json(body, 400)).server_message == expected);
}

TEST_CASE("an element whose name only begins like title is not the title", "[error_body]") {
  CHECK(failure_of(answer(502, "text/html", "<html><titlebar>no</titlebar><title>yes</title></html>")).server_message ==
        "yes");
}

TEST_CASE("the server's message is printable and has one line", "[error_body][untrusted]") {
  auto const [body, expected] = GENERATE(table<std::string, std::string>({
      {"two\nlines", "two lines"},
      {"two\r\n\r\nlines", "two lines"},
      {"a\xC2\x85z\xE2\x80\xA8y\xE2\x80\xA9x", "a z y x"},  // next line, line and paragraph separator
      {"\x1B[31mred\x1B[0m", "[31mred [0m"},                // an ANSI colour loses its escape character
      {"a\x07z\x7Fy\xC2\x9Bx", "a z y x"},                  // bell, DEL, C1's control sequence introducer
      {std::string("a\0z", 3), "a z"},
      {"a\xE2\x80\x8Bz\xEF\xBB\xBFy\xE2\x81\xA0x", "a z y x"},  // zero width
      {"a\xF3\xA0\x81\x81z", "a z"},                            // a tag character
      {"caf\xC3\xA9 \xE6\xBC\xA2\xF0\x9F\x98\x80", "caf\xC3\xA9 \xE6\xBC\xA2\xF0\x9F\x98\x80"},
      {"a\xFFz", "a\xEF\xBF\xBDz"},                                  // no UTF-8 at all
      {"a\xC0\xAFz", "a\xEF\xBF\xBD\xEF\xBF\xBDz"},                  // overlong
      {"a\xED\xA0\x80z", "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz"},  // a surrogate
      {"cut \xF0\x9F\x98", "cut \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {R"("escaped\n\u001b[31m\u202e\u0000text")", "escaped [31m text"},
  }));
  CHECK(failure_of(answer(400, "text/plain", body)).server_message == expected);
}

TEST_CASE("the server's message contains no bidirectional control character", "[error_body][untrusted]") {
  // Every character of Unicode's property Bidi_Control.
  auto const control = GENERATE(as<std::string>(), "\xD8\x9C", "\xE2\x80\x8E", "\xE2\x80\x8F", "\xE2\x80\xAA",
                                "\xE2\x80\xAB", "\xE2\x80\xAC", "\xE2\x80\xAD", "\xE2\x80\xAE", "\xE2\x81\xA6",
                                "\xE2\x81\xA7", "\xE2\x81\xA8", "\xE2\x81\xA9");
  CHECK(failure_of(answer(400, "text/plain", "a" + control + "z")).server_message == "a z");
}

TEST_CASE("the server's message has at most 1,024 bytes, and an ellipsis if it was cut", "[error_body][untrusted]") {
  std::string const accented = "\xC3\xA9", smiley = "\xF0\x9F\x98\x80";
  auto const [body, expected] = GENERATE_COPY(table<std::string, std::string>({
      {std::string(1024, 'x'), std::string(1024, 'x')},
      {std::string(1024, 'x') + "  \n", std::string(1024, 'x')},
      {std::string(1025, 'x'), std::string(1021, 'x') + "..."},
      {std::string(100'000, 'x'), std::string(1021, 'x') + "..."},
      {repeated(accented, 512), repeated(accented, 512)},
      {repeated(accented, 513), repeated(accented, 510) + "..."},
      {"x" + repeated(accented, 512), "x" + repeated(accented, 510) + "..."},
      {repeated(smiley, 257), repeated(smiley, 255) + "..."},
      {"\"" + std::string(2000, 'x') + "\"", std::string(1021, 'x') + "..."},
      {"<title>" + std::string(2000, 'x') + "</title>", std::string(1021, 'x') + "..."},
  }));
  CHECK(failure_of(answer(400, "text/plain", body)).server_message == expected);
}

TEST_CASE("the messages of a list have at most 1,024 bytes together, and an ellipsis if there are more",
          "[error_body][untrusted]") {
  auto const first = std::string(1024, 'x');
  CHECK(failure_of(json(R"({"errors":[")" + first + "\"]}", 400)).server_message == first);
  CHECK(failure_of(json(R"({"errors":[")" + first + "\",\"y\"]}", 400)).server_message ==
        first.substr(0, 1021) + "...");
}

TEST_CASE("64 KiB of an error's body are read", "[error_body][untrusted]") {
  std::string const before = R"({"padding":")", after = R"(","message":"m"})";
  auto const body_of = [&](std::size_t size) {
    return before + std::string(size - before.size() - after.size(), 'x') + after;
  };
  CHECK(failure_of(json(body_of(64 * 1024), 400)).server_message == "m");
  CHECK(failure_of(json(body_of(64 * 1024 + 1), 400)).server_message == "m");  // cut behind the message
  CHECK(failure_of(json(body_of(64 * 1024 + 2), 400)).server_message == body_of(64 * 1024).substr(0, 1021) + "...");
}

TEST_CASE("a message before the part of the body that is not read is kept", "[error_body]") {
  auto const body = R"({"message":"m","trace":")" + std::string(70 * 1024, 'x') + "\"}";
  CHECK(failure_of(json(body, 400)).server_message == "m");
  CHECK(failure_of(json("[" + body + "]", 400)).server_message == "m");
}

TEST_CASE("a field's name is cut to 128 bytes", "[error_body][untrusted]") {
  auto const body = R"({"errors":{")" + std::string(1000, 'x') + R"(":["reason"]}})";
  CHECK(failure_of(json(body, 400)).server_message == std::string(125, 'x') + "...: reason");
}

#if !FICTIVE_TESTS_THREAD_SANITIZER
TEST_CASE("an error's text takes memory in proportion to what was received", "[error_body][untrusted]") {
  auto const many = [](std::string const& what, std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) text += what;
    return text;
  };
  std::size_t const size = GENERATE(16u, 64u, 256u) * 1024;
  std::string const name = std::string(size / 2, 'n'), text(size, 'x');
  struct hostile {
    std::string name;
    fictive::http_response response;
  };
  auto const [what, response] = GENERATE_COPY(values<hostile>({
      {"a long field with many empty reasons",
       json(R"({"errors":{")" + name + R"(":[)" + many("\"\",", size / 2), 400)},
      {"a long field with many reasons", json(R"({"errors":{")" + name + R"(":[)" + many("\"x\",", size / 2), 400)},
      {"many fields", json(R"({"errors":{)" + many(R"("n":"x",)", size), 400)},
      {"many objects", json(R"({"errors":[)" + many(R"({"message":"m"},)", size), 400)},
      {"many messages", json("{" + many(R"("message":"m",)", size), 400)},
      {"ever better messages", json("{" + many(R"("title":"t","detail":"d","message":"m","reason":"r",)", size), 400)},
      {"many ids", json("{" + many(R"("traceId":"i",)", size), 400)},
      {"rejected addresses", json(R"({"invalidEmailAddresses":[)" + many("\"\",", size), 400)},
      {"rejected addresses, and an invitation",
       json(R"({"invalidEmailAddresses":[)" + many("\"\",", size) + R"(""],"validInvitations":[{}]})", 400)},
      {"escapes", json(R"({"message":")" + many("\\u0041", size) + "\"}", 400)},
      {"a long string", json("\"" + text + "\"", 400)},
      {"nested arrays", json(many("[", size), 400)},
      {"many elements", answer(500, "text/html", many("<title>", size))},
      {"a long title", answer(500, "text/html", "<title>" + text)},
      {"text", answer(500, "text/plain", text)},
      {"spaces", answer(500, "text/plain", "x" + many(" ", size) + "x")},
      {"ill-formed UTF-8", answer(500, "text/plain", many("\xFF", size))},
      {"request id", {.status = 500, .headers = {{"X-Request-Id", text}}}},
      {"challenge", {.status = 401, .headers = {{"WWW-Authenticate", "Bearer error_description=\"" + text}}}},
      {"challenge without end", {.status = 401, .headers = {{"WWW-Authenticate", many("error=,", size)}}}},
      {"Retry-After", {.status = 503, .headers = {{"Retry-After", many("3,", size)}}}},
      {"dates", {.status = 503, .headers = {{"Retry-After", "Sun, " + text}, {"Date", text}}}},
      {"Content-Type", {.status = 200, .headers = {{"Content-Type", text}}, .body = text}},
  }));
  CAPTURE(what, size);
  auto const before = allocated_bytes.load();
  auto const reply = fictive::parse_invite_response(invite_everybody, response);
  auto const allocated = allocated_bytes.load() - before;
  CHECK(!reply);
#if !defined(_LIBCPP_VERSION)  // which may keep short texts in place, and allocate inside its own library
  CHECK(allocated > 0);
#endif
  CHECK(allocated <= 4 * size + 16 * 1024);
}
#endif

TEST_CASE("the body of an encoded error is not read", "[error_body]") {
  auto const e = failure_of({.status = 400,
                             .headers = {{"Content-Type", "text/plain"}, {"Content-Encoding", "gzip"}},
                             .body = "\x1F\x8B..."});
  CHECK(e.code == errc::invalid_request);
  CHECK(e.server_message.empty());
}

TEST_CASE("the message of an error contains nothing of the response", "[error_body][untrusted]") {
  auto const status = GENERATE(0, 200, 204, 302, 303, 400, 403, 404, 409, 421, 429, 500, 503, 999);
  auto const body =
      GENERATE(as<std::string>(), "marker", R"("marker")", R"({"message":"marker","validInvitations":"marker"})",
               "<title>marker</title>", R"({"marker":"marker","marker":tru})");
  auto const type = GENERATE(as<std::string>(), "application/json", "text/marker");
  auto const e = failure_of({.status = status,
                             .headers = {{"Content-Type", type}, {"X-Request-Id", "marker"}, {"Location", "marker"}},
                             .body = body});
  CHECK(!e.message.empty());
  CHECK(!contains(e.message, "marker"));
}

}  // namespace error_body_tests
