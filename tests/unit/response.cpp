#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/mutator.hpp"
#include "support/samples.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace response_tests {

using fictive::date_time;
using fictive::effect;
using fictive::errc;
using fictive::http_headers;
using fictive::http_response;
using fictive::parse_invite_response;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;

http_response answer(unsigned status, std::string content_type, std::string body) {
  return {.status = status, .headers = {{"Content-Type", std::move(content_type)}}, .body = std::move(body)};
}

http_response json(std::string body, unsigned status = 200) {
  return answer(status, "application/json; charset=utf-8", std::move(body));
}

/// A response with one invitation, of which the test names the members.
std::string with_invitation(std::string const& members) {
  return R"({"validInvitations":[{)" + members + "}]}";
}

std::string const who = R"("invitationReference":"reference","emailAddress":"jamie.muir@fictiveglobal.com")";

/// Everybody whom the responses of these tests name.
fictive::invite_request const everybody = {
    .account_group_token = "group",
    .email_addresses = {"jamie.muir@fictiveglobal.com", "josh.fogg@fictiveglobal.com", "jim.pimblett@fictiveglobal.com",
                        "alex.marinescu@fictiveglobal", "a", "b", "x", "text", "\xC3\xA9\xF0\x9F\x98\x80 end"}};

/// The response as the answer to that request.
fictive::result<fictive::invite_response> read(http_response const& response,
                                               std::size_t max_body_bytes = fictive::http_limits{}.max_body_bytes) {
  return parse_invite_response(everybody, response, max_body_bytes);
}

fictive::invite_response success_of(http_response const& response) {
  auto const reply = read(response);
  REQUIRE(reply);
  return *reply;
}

fictive::invitation invitation_of(std::string const& body) {
  auto const reply = success_of(json(body));
  REQUIRE(reply.valid_invitations.size() == 1);
  return reply.valid_invitations.front();
}

fictive::error failure_of(http_response const& response) {
  auto const reply = read(response);
  REQUIRE(!reply);
  return reply.error();
}

bool is_malformed_but_applied(fictive::result<fictive::invite_response> const& reply) {
  return !reply && reply.error().code == errc::malformed_response && reply.error().effect == effect::applied;
}

/// The date-time as text; empty if it is not set.
std::string text_of(std::optional<date_time> const& time) {
  return time ? time->to_string() : "";
}

bool is_one_printable_line(std::string_view text, std::size_t max_size) {
  return text.size() <= max_size && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
         });
}

}  // namespace

// ---------------------------------------------------------------------------------------------------- successes

TEST_CASE("the documented response is read in full") {
  auto const reply = success_of(json(sample("response-200.json")));

  texts const subscriptions = {"asjdkas6712kabcd", "asjdkas6712kddeq", "asjdkas6712kewqq"};
  REQUIRE(reply.valid_invitations.size() == 2);
  auto const& [jamie, josh] = std::pair(reply.valid_invitations[0], reply.valid_invitations[1]);
  CHECK(jamie.invitation_reference == "iafsraka6712kabc");
  CHECK(jamie.email_address == "jamie.muir@fictiveglobal.com");
  CHECK(josh.invitation_reference == "ibbsrata6r122abc");
  CHECK(josh.email_address == "josh.fogg@fictiveglobal.com");
  for (auto const& invitation : reply.valid_invitations) {
    CHECK(text_of(invitation.expiry_date) == "2017-07-07T15:41:30");
    CHECK(invitation.status == fictive::invitation_status::pending_acceptance);
    CHECK(invitation.subscription_references == subscriptions);
    CHECK(!invitation.created);
    CHECK(!invitation.last_updated);
  }
  CHECK(reply.invalid_email_addresses == texts{"jim.pimblett@fictiveglobal.com", "alex.marinescu@fictiveglobal"});
}

TEST_CASE("a response in PascalCase is read as one in camelCase") {
  auto const reply = success_of(json(sample("response-200-pascal-case.json")));

  REQUIRE(reply.valid_invitations.size() == 1);
  auto const& invitation = reply.valid_invitations[0];
  CHECK(invitation.invitation_reference == "iafsraka6712kabc");
  CHECK(invitation.email_address == "jamie.muir@fictiveglobal.com");
  CHECK(text_of(invitation.expiry_date) == "2017-07-07T15:41:30.1234567Z");
  CHECK(invitation.status == fictive::invitation_status::pending_acceptance);
  CHECK(invitation.subscription_references.empty());
  CHECK(text_of(invitation.created) == "2017-06-01T09:00:00+01:00");
  CHECK(!invitation.last_updated);
  CHECK(reply.invalid_email_addresses.empty());
}

TEST_CASE("member names are matched without regard to ASCII case") {
  auto const reply = success_of(json(
      R"({"VALIDINVITATIONS":[{"INVITATIONREFERENCE":"r","emailaddress":"a","STATUS":"s",
          "cReAtEd":"2017-07-07T15:41:30",
          "LASTUPDATED":"2017-07-08T15:41:30","EXPIRYDATE":"2017-07-09T15:41:30","subscriptionREFERENCES":["x"]}],
          "invalidemailaddresses":["b"]})"));

  REQUIRE(reply.valid_invitations.size() == 1);
  auto const& invitation = reply.valid_invitations[0];
  CHECK(invitation.invitation_reference == "r");
  CHECK(invitation.email_address == "a");
  CHECK(invitation.status.text() == "s");
  CHECK(text_of(invitation.created) == "2017-07-07T15:41:30");
  CHECK(text_of(invitation.last_updated) == "2017-07-08T15:41:30");
  CHECK(text_of(invitation.expiry_date) == "2017-07-09T15:41:30");
  CHECK(invitation.subscription_references == texts{"x"});
  CHECK(reply.invalid_email_addresses == texts{"b"});
}

TEST_CASE("unknown members are skipped at any depth, and what they hold is not taken for the invitation's") {
  auto const reply = success_of(json(sample("response-200-unknown-members.json")));

  REQUIRE(reply.valid_invitations.size() == 1);
  auto const& invitation = reply.valid_invitations[0];
  CHECK(invitation.invitation_reference == "iafsraka6712kabc");
  CHECK(invitation.email_address == "jamie.muir@fictiveglobal.com");
  CHECK(invitation.status.text() == "SomethingNew");
  CHECK(!invitation.expiry_date);
  CHECK(invitation.subscription_references.empty());
  CHECK(reply.invalid_email_addresses == texts{"J\xC3\xB6rg <x>@fictiveglobal.com"});
}

TEST_CASE("an unknown member may be of any type") {
  std::string const value =
      GENERATE(as<std::string>(), "null", "true", "false", R"("text")", "0", "-17", "2.5e3", "1E+2", "[]", "{}",
               "18446744073709551616", R"([{"validInvitations":[{}]},[1,[2]],null])",
               R"({"invitationReference":1,"emailAddress":null,"invalidEmailAddresses":["x"]})");
  auto const reply = success_of(
      json(R"({"x":)" + value + R"(,"validInvitations":[{"y":)" + value + "," + who + R"(,"z":)" + value + "}]}"));

  REQUIRE(reply.valid_invitations.size() == 1);
  CHECK(reply.valid_invitations[0].invitation_reference == "reference");
  CHECK(reply.invalid_email_addresses.empty());
}

TEST_CASE("a number in an unknown member may be larger than any type holds") {
  std::string const number = GENERATE(as<std::string>(), "1e400", "-1e400", "1e-400", repeated("9", 400));
  CHECK(read(json(R"({"score":)" + number + "}")));
}

TEST_CASE("an invitation's member is unknown at the top, and the other way round") {
  auto const reply = success_of(json(R"({"emailAddress":5,"subscriptionReferences":[5],"validInvitations":[{)" + who +
                                     R"(,"validInvitations":5,"invalidEmailAddresses":["x"]}]})"));
  CHECK(reply.valid_invitations.size() == 1);
  CHECK(reply.invalid_email_addresses.empty());
}

TEST_CASE("a list that is missing or null is empty") {
  std::string const body =
      GENERATE(as<std::string>(), "{}", R"({"validInvitations":null,"invalidEmailAddresses":null})",
               R"({"validInvitations":[],"invalidEmailAddresses":[]})");
  auto const reply = success_of(json(body));
  CHECK(reply.valid_invitations.empty());
  CHECK(reply.invalid_email_addresses.empty());
}

TEST_CASE("a response that holds refused addresses only is a success") {
  auto const reply = success_of(json(R"({"validInvitations":[],"invalidEmailAddresses":["a","b","a"]})"));
  CHECK(reply.invalid_email_addresses == texts{"a", "b", "a"});
}

TEST_CASE("an invitation needs no more than its reference and its address") {
  std::string const rest =
      GENERATE(as<std::string>(), "",
               R"(,"status":null,"expiryDate":null,"created":null,"lastUpdated":null,"subscriptionReferences":null)");
  auto const invitation = invitation_of(with_invitation(who + rest));
  CHECK(invitation.status == fictive::invitation_status::other);
  CHECK(invitation.status.text() == "");
  CHECK(!invitation.expiry_date);
  CHECK(!invitation.created);
  CHECK(!invitation.last_updated);
  CHECK(invitation.subscription_references.empty());
}

TEST_CASE("each invitation starts anew, whatever the one before it held") {
  auto const reply = success_of(json(R"({"validInvitations":[{)" + who +
                                     R"(,"status":"s","created":"2017-07-07T15:41:30","subscriptionReferences":["x"]},
                                        {"emailAddress":"a","invitationReference":"r"}]})"));
  REQUIRE(reply.valid_invitations.size() == 2);
  auto const& second = reply.valid_invitations[1];
  CHECK(second.email_address == "a");
  CHECK(second.status.text() == "");
  CHECK(!second.created);
  CHECK(second.subscription_references.empty());
}

TEST_CASE("one long list of subscriptions does not make the short ones of others as large") {
  std::string references = R"("x")";
  for (int i = 1; i < 10'000; ++i) references += R"(,"x")";
  auto const reply = read(json(R"({"validInvitations":[{"subscriptionReferences":[)" + references + "]," + who +
                               R"(},{"subscriptionReferences":["x"],)" + who + "}]}"));
  REQUIRE(reply);  // and not copied, which would give each list the room that it needs
  REQUIRE(reply->valid_invitations.size() == 2);
  CHECK(reply->valid_invitations[0].subscription_references.size() == 10'000);
  CHECK(reply->valid_invitations[1].subscription_references.capacity() < 100);
}

TEST_CASE("DateTime.MinValue is a time that is not set") {
  std::string const text = GENERATE(as<std::string>(), "0001-01-01T00:00:00", "0001-01-01T00:00:00Z",
                                    "0001-01-01T00:00:00.0000000", "0001-01-01T00:00:00+01:00");
  auto const invitation = invitation_of(with_invitation(who + R"(,"created":")" + text + R"(","lastUpdated":")" + text +
                                                        R"(","expiryDate":")" + text + "\""));
  CHECK(!invitation.created);
  CHECK(!invitation.last_updated);
  CHECK(!invitation.expiry_date);
}

TEST_CASE("a date-time is read as the service told it") {
  std::string const text =
      GENERATE(as<std::string>(), "2017-07-07T15:41:30", "2017-07-03T11:31:41.0353603Z", "2017-06-01T09:00:00+01:00",
               "2017-06-01T09:00:00.5-23:59", "0001-01-01T00:00:00.0000001", "9999-12-31T23:59:59.9999999");
  CHECK(text_of(invitation_of(with_invitation(who + R"(,"created":")" + text + "\"")).created) == text);
}

TEST_CASE("escapes in names and in values are undone") {
  auto const invitation = invitation_of(
      R"({"valid\u0049nvitations":[{"\u0069nvitationReference":"\"\\\/\b\f\n\r\t",
          "e\u006d\u0061ilAddress":"\u00e9\ud83d\ude00 end"}]})");
  CHECK(invitation.invitation_reference == "\"\\/\b\f\n\r\t");
  CHECK(invitation.email_address == "\xC3\xA9\xF0\x9F\x98\x80 end");
}

TEST_CASE("texts of any length are read whole") {
  auto const size = GENERATE(0u, 1u, 15u, 16u, 4095u, 4096u, 100'000u);
  auto const text = std::string(size, 'x') + "\xC3\xA9" + std::string(size, 'y');
  auto const reply = success_of(json(R"({"validInvitations":[{"invitationReference":")" + text +
                                     R"(","emailAddress":")" + text + R"(\n","subscriptionReferences":[")" + text +
                                     R"("]}],"invalidEmailAddresses":[")" + text + R"(","a"]})"));
  CHECK(reply.valid_invitations[0].invitation_reference == text);
  CHECK(reply.valid_invitations[0].email_address == text + "\n");
  CHECK(reply.valid_invitations[0].subscription_references == texts{text});
  CHECK(reply.invalid_email_addresses == texts{text, "a"});
}

TEST_CASE("white space and a byte order mark around the document do not matter") {
  auto const body = GENERATE(as<std::string>(), "\xEF\xBB\xBF{}", "\xEF\xBB\xBF \r\n{}", " \t\r\n{} \t\r\n", "{ }\n");
  CHECK(read(json(body)));
}

TEST_CASE("every JSON media type announces JSON") {
  auto const type = GENERATE(as<std::string>(), "application/json", "application/json;charset=utf-8",
                             "Application/JSON ; charset=UTF-8", "text/json", "TEXT/JSON", "application/problem+json",
                             "application/vnd.fictive.v9+JSON; charset=utf-8");
  CHECK(read(answer(200, type, "{}")));
  CHECK(failure_of(answer(200, type, "{")).effect == effect::applied);
}

TEST_CASE("the name of a header may be in any case") {
  CHECK(read({.status = 200, .headers = {{"content-TYPE", "application/json"}}, .body = "{}"}));
}

TEST_CASE("without a Content-Type, a body that begins as a JSON object is one") {
  auto const body = GENERATE(as<std::string>(), "{}", " \r\n\t{}", "\xEF\xBB\xBF{}");
  CHECK(read({.status = 200, .body = body}));
  CHECK(is_malformed_but_applied(read({.status = 200, .body = body + "}"})));
}

TEST_CASE("every 2xx is a success") {
  auto const status = GENERATE(200u, 201u, 202u, 204u, 206u, 299u);
  CHECK(read(json(sample("response-200.json"), status)));
}

TEST_CASE("an identity Content-Encoding is none") {
  auto const encoding = GENERATE(as<std::string>(), "identity", "Identity", " identity ", "");
  CHECK(
      read({.status = 200, .headers = {{"Content-Type", "text/json"}, {"Content-Encoding", encoding}}, .body = "{}"}));
}

TEST_CASE("a body of exactly the limit is read") {
  CHECK(read(json("{    }"), 6));
  CHECK(is_malformed_but_applied(read(json("{    }"), 5)));
}

TEST_CASE("the limit of a body is 8 MiB unless told otherwise") {
  std::size_t const limit = 8 * 1024 * 1024;
  CHECK(read(json("{" + std::string(limit - 2, ' ') + "}")));
  CHECK(is_malformed_but_applied(read(json("{" + std::string(limit - 1, ' ') + "}"))));
}

TEST_CASE("nesting is followed to a depth that no service needs, and refused beyond") {
  auto const nested = [](std::size_t depth) {
    return json(R"({"x":)" + std::string(depth, '[') + std::string(depth, ']') + "}");
  };
  CHECK(read(nested(30)));
  CHECK(is_malformed_but_applied(read(nested(100))));
  CHECK(is_malformed_but_applied(read(nested(1'000'000))));
}

// --------------------------------------------------------------------------------------- successes, malformed

TEST_CASE("a response that is cut short anywhere was applied") {
  auto const whole = sample("response-200.json");
  for (std::size_t size = 0; size <= whole.rfind('}'); ++size) {
    CAPTURE(size);
    CHECK(is_malformed_but_applied(read(json(whole.substr(0, size)))));
  }
}

TEST_CASE("a success without a body was applied, whatever it announced") {
  auto const status = GENERATE(200u, 201u, 202u, 204u);
  auto const body = GENERATE(as<std::string>(), "", " \r\n\t");
  auto const headers = GENERATE(values<http_headers>(
      {{}, {{"Content-Type", "application/json"}}, {{"Content-Type", "text/html"}}, {{"Content-Encoding", "gzip"}}}));
  CHECK(is_malformed_but_applied(read({.status = status, .headers = headers, .body = body})));
}

TEST_CASE("an invitation that does not say who or which is malformed") {
  auto const members = GENERATE(as<std::string>(), "", R"("emailAddress":"a")", R"("invitationReference":"r")",
                                R"("status":"PendingAcceptance")", R"("emailAddress":"a","invitationReference":null)",
                                R"("emailAddress":null,"invitationReference":"r")",
                                R"("emailAddress":"a","extra":{"invitationReference":"r"})");
  CHECK(is_malformed_but_applied(read(json(with_invitation(members)))));
  CHECK(
      is_malformed_but_applied(read(json(R"({"validInvitations":[{)" + who + "},{" + members + "},{" + who + "}]}"))));
}

TEST_CASE("a value of a type that the contract does not have there is malformed") {
  struct place {
    std::string before, after, allowed;
  };
  auto const [before, after, allowed] = GENERATE(values<place>({
      {"", "", "object"},
      {R"({"validInvitations":)", "}", "array null"},
      {R"({"validInvitations":[)", "]}", ""},
      {R"({"validInvitations":[{"emailAddress":"a","invitationReference":)", "}]}", "string"},
      {R"({"validInvitations":[{"invitationReference":"r","emailAddress":)", "}]}", "string"},
      {R"({"validInvitations":[{"invitationReference":"r","emailAddress":"a","status":)", "}]}", "string null"},
      {R"({"validInvitations":[{"invitationReference":"r","emailAddress":"a","expiryDate":)", "}]}", "null"},
      {R"({"validInvitations":[{"invitationReference":"r","emailAddress":"a","created":)", "}]}", "null"},
      {R"({"validInvitations":[{"invitationReference":"r","emailAddress":"a","lastUpdated":)", "}]}", "null"},
      {R"({"validInvitations":[{"invitationReference":"r","emailAddress":"a","subscriptionReferences":)", "}]}",
       "array null"},
      {R"({"validInvitations":[{"invitationReference":"r","emailAddress":"a","subscriptionReferences":[)", "]}]}",
       "string"},
      {R"({"invalidEmailAddresses":)", "}", "array null"},
      {R"({"invalidEmailAddresses":[)", "]}", "string"},
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

TEST_CASE("a date-time that is not one is malformed") {
  auto const member = GENERATE(as<std::string>(), "expiryDate", "created", "lastUpdated");
  auto const text = GENERATE(as<std::string>(), "", "2017-07-07", "2017-02-30T00:00:00", "2017-07-07 15:41:30",
                             "2017-07-07T15:41:30.12345678", "/Date(1499442090000)/");
  CHECK(is_malformed_but_applied(read(json(with_invitation(who + ",\"" + member + "\":\"" + text + "\"")))));
}

TEST_CASE("a member that occurs twice is malformed, for which of the two is true is not known") {
  auto const body = GENERATE_COPY(
      as<std::string>(), R"({"validInvitations":[],"validInvitations":[]})",
      R"({"invalidEmailAddresses":["a"],"InvalidEmailAddresses":["b"]})",
      with_invitation(who + R"(,"emailAddress":"b")"), with_invitation(who + R"(,"InvitationReference":"b")"),
      with_invitation(who + R"(,"status":"a","status":"a")"),
      with_invitation(who + R"(,"subscriptionReferences":[],"subscriptionReferences":["a"])"));
  CHECK(is_malformed_but_applied(read(json(body))));
}

TEST_CASE("an unknown member may occur twice") {
  CHECK(read(json(R"({"x":1,"x":2,"validInvitations":[{)" + who + R"(,"y":1,"y":[]}]})")));
}

TEST_CASE("what is not JSON to the letter is malformed") {
  auto const body =
      GENERATE(as<std::string>(), "{}}", "{}x", "{}{}", "{}\n{}", "{},", "[{}]", "{]", "{x:1}", "{'x':1}",
               R"({"x":1,})", R"({"x":[1,]})", R"({"x" 1})", R"({"x":01})", R"({"x":+1})", R"({"x":.5})",
               R"({"x":NaN})", R"({"x":tru})", R"({"x":"\q"})", R"({"x":"\u12"})", R"({"x":"\ud800"})",
               R"({"x":"\udc00\ud800"})", "{} // comment", "{\"x\":\"\n\"}", "{\"x\":\"\x80\"}", "{\"x\":\"\xC0\xAF\"}",
               "{\"x\":\"\xED\xA0\x80\"}", "{\"x\":\"\xF4\x90\x80\x80\"}", "{\"\xFF\":1}", "\xEF\xBB\xBF",
               "\xEF\xBB\xBF\xEF\xBB\xBF{}", "plain text", "<html></html>");
  CHECK(is_malformed_but_applied(read(json(body))));
}

TEST_CASE("a NUL after the document is not white space") {
  CHECK(is_malformed_but_applied(read(json(std::string("{}\0", 3)))));
}

TEST_CASE("the error of a malformed document carries what the JSON parser reported") {
  CHECK(failure_of(json("{")).cause);
  CHECK(failure_of(json("{}x")).cause);
}

TEST_CASE("a success that announces no JSON may be somebody else's") {
  auto const type = GENERATE(as<std::string>(), "text/html", "text/plain", "application/octet-stream",
                             "application/xml", "application/jsonp", "application/x+json5", "json", "+json", "");
  auto const e = failure_of(answer(200, type, R"({"validInvitations":[]})"));
  CHECK(e.code == errc::malformed_response);
  CHECK(e.effect == effect::unknown);
}

TEST_CASE("without a Content-Type, a body that begins as anything else may be somebody else's") {
  auto const body = GENERATE(as<std::string>(), "<html></html>", "OK", "[]", "\"text\"", "null", "17");
  auto const e = failure_of({.status = 200, .body = body});
  CHECK(e.code == errc::malformed_response);
  CHECK(e.effect == effect::unknown);
}

TEST_CASE("the error of a portal's login page quotes its title") {
  auto const e =
      failure_of(answer(200, "text/html", "<!doctype html><html><title>Hotel &mdash; log in</title></html>"));
  CHECK(e.effect == effect::unknown);
  CHECK(e.server_message == "Hotel &mdash; log in");
}

TEST_CASE("a success with an encoded body is malformed") {
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

TEST_CASE("a success that is larger than the limit and not JSON may be somebody else's") {
  auto const reply = read(answer(200, "text/html", "<html></html>"), 5);
  REQUIRE(!reply);
  CHECK(reply.error().code == errc::malformed_response);
  CHECK(reply.error().effect == effect::unknown);
}

TEST_CASE("a malformed success tells its status") {
  CHECK(failure_of(json("{", 201)).status == 201);
  CHECK(failure_of({.status = 204}).status == 204);
}

// -------------------------------------------------------------------------------------- the answer to another call

namespace {

fictive::invite_request request_for(texts addresses) {
  return {.account_group_token = "group", .email_addresses = std::move(addresses)};
}

std::string response_naming(texts const& invited, texts const& refused) {
  auto const listed = [](texts const& all, std::string const& before, std::string const& after) {
    std::string list;
    for (auto const& one : all) list += (list.empty() ? "" : ",") + before + one + after;
    return "[" + list + "]";
  };
  return "{\"validInvitations\":" + listed(invited, R"({"invitationReference":"r","emailAddress":")", "\"}") +
         ",\"invalidEmailAddresses\":" + listed(refused, "\"", "\"") + "}";
}

}  // namespace

TEST_CASE("a response that names only addresses that were not requested answers another call") {
  auto const [invited, refused] = GENERATE(table<texts, texts>({
      {{"other@example.com"}, {}},
      {{}, {"other@example.com"}},
      {{"other@example.com", "third@example.com"}, {"fourth@example.com"}},
      {{"one@example.co"}, {"one@example.comm", ""}},
  }));
  auto const number = GENERATE(200u, 201u, 207u);
  auto response = json(response_naming(invited, refused), number);
  response.headers.push_back({"X-Request-Id", "id"});
  auto const reply = parse_invite_response(request_for({"one@example.com", "two@example.com"}), response);
  REQUIRE(!reply);
  auto const& e = reply.error();
  CHECK(e.code == errc::malformed_response);
  CHECK(e.effect == effect::unknown);
  CHECK(e.status == number);
  CHECK(e.request_id == "id");
  CHECK(contains(e.message, "not requested"));
  CHECK(!contains(e.message, "example"));
  CHECK(e.server_message.empty());
}

TEST_CASE("a response that names at least one of the requested addresses answers this call") {
  auto const [invited, refused] = GENERATE(table<texts, texts>({
      {{"one@example.com"}, {}},
      {{"two@example.com"}, {}},
      {{}, {"two@example.com"}},
      {{"other@example.com", "two@example.com"}, {}},
      {{"other@example.com"}, {"third@example.com", "one@example.com"}},
      {{"ONE@Example.com"}, {}},
      {{"other@example.com"}, {"tWO@EXAMPLE.COM"}},
      {{}, {}},
  }));
  auto const reply = parse_invite_response(request_for({"one@example.com", "Two@example.com"}),
                                           json(response_naming(invited, refused)));
  REQUIRE(reply);
  CHECK(reply->valid_invitations.size() == invited.size());
  CHECK(reply->invalid_email_addresses == refused);
}

TEST_CASE("only ASCII letters are equal in another case") {
  CHECK(!parse_invite_response(request_for({"\xC3\xA9@example.com"}),
                               json(response_naming({"\xC3\x89@example.com"}, {}))));
  CHECK(!parse_invite_response(request_for({"[@example.com"}), json(response_naming({"{@example.com"}, {}))));
}

TEST_CASE("many addresses that were not requested are found out in little time") {
  texts requested, named;
  for (int i = 0; i < 20'000; ++i) {
    requested.push_back("requested" + std::to_string(i) + "@example.com");
    named.push_back("named" + std::to_string(i) + "@example.com");
  }
  CHECK(!parse_invite_response(request_for(requested), json(response_naming({}, named))));
  named.push_back("Requested19999@example.com");
  CHECK(parse_invite_response(request_for(requested), json(response_naming({}, named))));
}

// ------------------------------------------------------------------------------------------------------ failures

TEST_CASE("a status that is not one of a final HTTP response is an error that says so") {
  auto const status = GENERATE(0u, 99u, 100u, 199u, 600u, 999u);
  auto const e = failure_of(json(sample("response-200.json"), status));
  CHECK(e.code == errc::unexpected_status);
  CHECK(e.effect == effect::unknown);
  CHECK(e.status == status);
  CHECK(contains(e.message, "200 to 599"));
}

TEST_CASE("each status is the error, with the effect, of its row in the failure table") {
  struct row {
    unsigned first, last;
    errc code;
    fictive::effect effect;
  };
  auto const expected = GENERATE(values<row>({
      {0, 0, errc::unexpected_status, effect::unknown},  {1, 199, errc::unexpected_status, effect::unknown},
      {300, 302, errc::unexpected_status, effect::none}, {303, 303, errc::unexpected_status, effect::unknown},
      {304, 399, errc::unexpected_status, effect::none}, {400, 400, errc::invalid_request, effect::none},
      {401, 401, errc::not_authenticated, effect::none}, {402, 402, errc::unexpected_status, effect::none},
      {403, 403, errc::not_authenticated, effect::none}, {404, 404, errc::subscription_not_found, effect::none},
      {405, 406, errc::unexpected_status, effect::none}, {407, 407, errc::unexpected_status, effect::none},
      {408, 408, errc::unexpected_status, effect::none}, {409, 409, errc::conflict, effect::none},
      {410, 411, errc::unexpected_status, effect::none}, {412, 413, errc::invalid_request, effect::none},
      {414, 414, errc::unexpected_status, effect::none}, {415, 415, errc::invalid_request, effect::none},
      {416, 420, errc::unexpected_status, effect::none}, {421, 421, errc::unexpected_status, effect::none},
      {422, 422, errc::invalid_request, effect::none},   {423, 424, errc::unexpected_status, effect::none},
      {425, 425, errc::unexpected_status, effect::none}, {426, 428, errc::unexpected_status, effect::none},
      {429, 429, errc::too_many_requests, effect::none}, {430, 499, errc::unexpected_status, effect::none},
      {500, 599, errc::server_error, effect::unknown},   {600, 1000, errc::unexpected_status, effect::unknown},
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

TEST_CASE("the status decides, even if the body is that of a success") {
  auto const status = GENERATE(199u, 300u, 400u, 503u);
  CHECK(failure_of(json(sample("response-200.json"), status)).status == status);
}

TEST_CASE("a 503 that says when to come back had no effect") {
  auto const value =
      GENERATE(as<std::string>(), "0", "7", "120", " 7 ", "999999999999999999999999999999",
               "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994");
  auto const e = failure_of({.status = 503, .headers = {{"Retry-After", value}}});
  CHECK(e.code == errc::server_error);
  CHECK(e.effect == effect::none);
}

TEST_CASE("a Retry-After that says nothing is as if it were not there") {
  auto const value =
      GENERATE(as<std::string>(), "", " ", "abc", "-1", "+7", "7.5", "7s", "7 8", "0x7", "\xD9\xA7",
               "2017-07-07T15:41:30Z", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 PST",
               "Sun, 06 Nov 1994 08:49:37 GMT+1", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
               "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
               "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nix 1994 08:49:37 GMT",
               "Xxx, 06 Nov 1994 08:49:37 GMT", "06 Nov 1994 08:49:37 GMT", "Sunday, 06 Nov 1994 08:49:37 GMT",
               "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT", "Sunday Nov  6 08:49:37 1994",
               "Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 1994 GMT", "Sun Nov  6 08:49:37", "Sun");
  http_headers const headers = {{"Retry-After", value}, {"Date", "Sun, 06 Nov 1994 08:49:30 GMT"}};
  auto const unavailable = failure_of({.status = 503, .headers = headers});
  CHECK(unavailable.effect == effect::unknown);
  CHECK(!unavailable.retry_after);
  CHECK(!failure_of({.status = 429, .headers = headers}).retry_after);
}

TEST_CASE("Retry-After is not what makes another 5xx have no effect") {
  auto const status = GENERATE(500u, 501u, 502u, 504u, 599u);
  auto const e = failure_of({.status = status, .headers = {{"Retry-After", "7"}}});
  CHECK(e.effect == effect::unknown);
  CHECK(e.retry_after == 7s);
}

TEST_CASE("Retry-After in seconds is told as it is; what is huge saturates") {
  auto const [value, expected] = GENERATE(table<std::string, std::chrono::seconds>({
      {"0", 0s},
      {"7", 7s},
      {" 7\t", 7s},
      {"00120", 120s},
      {"2147483647", 2147483647s},
      {"2147483648", 2147483647s},
      {"18446744073709551623", 2147483647s},
      {"999999999999999999999999999999", 2147483647s},
  }));
  auto const status = GENERATE(429u, 503u);
  CHECK(failure_of({.status = status, .headers = {{"retry-AFTER", value}}}).retry_after == expected);
}

TEST_CASE("Retry-After as a date counts from the response's own date") {
  auto const [retry_after, date, expected] = GENERATE(table<std::string, std::string, std::chrono::seconds>({
      {"Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:30 GMT", 7s},
      {"Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:30 GMT", 7s},
      {"Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:30 GMT", 7s},
      {"Wed Nov 16 08:49:37 1994", "Wed, 16 Nov 1994 08:49:30 GMT", 7s},
      {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:30 GMT", 7s},
      {"Sun, 06 Nov 1994 08:49:37 GMT", "Sun Nov  6 08:49:30 1994", 7s},
      {" Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:30 GMT ", 7s},
      {"Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", 0s},
      {"Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:38 GMT", 0s},
      {"Sun, 06 Nov 1994 08:49:37 GMT", "Mon, 06 Nov 2017 08:49:37 GMT", 0s},
      {"Thu, 29 Feb 2024 00:00:01 GMT", "Wed, 28 Feb 2024 23:59:59 GMT", 2s},
      {"Sat, 01 Jan 2000 00:00:00 GMT", "Fri, 31 Dec 1999 23:59:59 GMT", 1s},
      {"Saturday, 01-Jan-00 00:00:00 GMT", "Friday, 31-Dec-99 23:59:59 GMT", 1s},
      {"Sat, 31 Dec 2016 23:59:60 GMT", "Sat, 31 Dec 2016 23:59:59 GMT", 1s},
      {"Fri, 31 Dec 9999 23:59:59 GMT", "Sun, 06 Nov 1994 08:49:30 GMT", 2147483647s},
  }));
  auto const e = failure_of({.status = 429, .headers = {{"Retry-After", retry_after}, {"Date", date}}});
  CHECK(e.retry_after == expected);
}

TEST_CASE("Retry-After reads every month") {
  auto const [month, days] = GENERATE(table<std::string, int>({{"Feb", 31},
                                                               {"Mar", 59},
                                                               {"Apr", 90},
                                                               {"May", 120},
                                                               {"Jun", 151},
                                                               {"Jul", 181},
                                                               {"Aug", 212},
                                                               {"Sep", 243},
                                                               {"Oct", 273},
                                                               {"Nov", 304},
                                                               {"Dec", 334}}));
  auto const e = failure_of({.status = 429,
                             .headers = {{"Retry-After", "Sun, 01 " + month + " 2017 00:00:00 GMT"},
                                         {"Date", "Sun, 01 Jan 2017 00:00:00 GMT"}}});
  CHECK(e.retry_after == std::chrono::days(days));
}

TEST_CASE("a date to come back at in a response that does not tell its own is known to be there, and no more") {
  auto const headers = GENERATE(values<http_headers>({
      {{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"}},
      {{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"Date", "yesterday"}},
      {{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"Date", ""}},
  }));
  auto const e = failure_of({.status = 503, .headers = headers});
  CHECK(e.effect == effect::none);
  CHECK(!e.retry_after);
}

// ------------------------------------------------------------------------------------------- what the body says

TEST_CASE("the server's message is the best that the body holds") {
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

TEST_CASE("the server's message is found in whatever form the body comes") {
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
      {R"({"errors":{"Field":["first","second"],"":["third"]}})", "Field: first Field: second : third"},
      {R"({"title":"t","errors":{"Field":["reason"]},"status":400})", "t Field: reason"},
      {R"({"errors":{"Field":["reason"]},"title":"t"})", "t Field: reason"},
      {R"({"errors":{"Field":"reason"}})", "Field: reason"},
      {R"("\u0053ubscription not found")", "Subscription not found"},
      {"\xEF\xBB\xBF\"with a byte order mark\"", "with a byte order mark"},
      {R"({"inner":{"message":"not this one"},"message":"m"})", "m"},
      {R"({"inner":{"message":"not this one"}})", ""},
      {R"({"message":17})", ""},
      {R"({"message":["a"]})", ""},
      {R"({"errors":[]})", ""},
      {"{}", ""},
      {"[]", ""},
      {"null", ""},
      {"17", ""},
      {R"("")", ""},
      {R"({"message":"cut)", ""},
      {R"(["cut)", ""},
      // HTML
      {"<HTML><HEAD><TITLE lang=\"en\">\n 503  Service\n Unavailable </TITLE></HEAD></HTML>",
       "503 Service Unavailable"},
      {"<html><body><h1 class=\"x\">Bad Gateway</h1><p>more</p></body></html>", "Bad Gateway"},
      {"<html><head><title></title></head><body><h1>Bad Gateway</h1></body></html>", "Bad Gateway"},
      {"<html><body><h1>First</h1></body><title>Title</title></html>", "Title"},
      {"<html><body><p>nothing</p></body></html>", ""},
      {"<html><title", ""},
      {"<html><title>cut", "cut"},
      {"<", ""},
      // Text
      {"plain text", "plain text"},
      {"  plain\r\n\t text \r\n", "plain text"},
      {"", ""},
      {" \r\n\t ", ""},
  }));
  CHECK(failure_of(json(body, 400)).server_message == expected);
}

TEST_CASE("an element whose name only begins like the title's is not the title") {
  CHECK(failure_of(answer(502, "text/html", "<html><titlebar>no</titlebar><title>yes</title></html>")).server_message ==
        "yes");
}

TEST_CASE("the server's message is printable and of one line") {
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

TEST_CASE("the server's message cannot turn the reading direction") {
  // Every character of Unicode's property Bidi_Control.
  auto const control = GENERATE(as<std::string>(), "\xD8\x9C", "\xE2\x80\x8E", "\xE2\x80\x8F", "\xE2\x80\xAA",
                                "\xE2\x80\xAB", "\xE2\x80\xAC", "\xE2\x80\xAD", "\xE2\x80\xAE", "\xE2\x81\xA6",
                                "\xE2\x81\xA7", "\xE2\x81\xA8", "\xE2\x81\xA9");
  CHECK(failure_of(answer(400, "text/plain", "a" + control + "z")).server_message == "a z");
}

TEST_CASE("the server's message has at most 1,024 bytes, and says where it was cut") {
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

TEST_CASE("the message of an encoded error is not guessed at") {
  auto const e = failure_of({.status = 400,
                             .headers = {{"Content-Type", "text/plain"}, {"Content-Encoding", "gzip"}},
                             .body = "\x1F\x8B..."});
  CHECK(e.code == errc::invalid_request);
  CHECK(e.server_message.empty());
}

TEST_CASE("the message of a failure is ours alone") {
  auto const status = GENERATE(0u, 200u, 204u, 302u, 303u, 400u, 403u, 404u, 409u, 421u, 429u, 500u, 503u, 999u);
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

// ---------------------------------------------------------------------------------------------------- request id

TEST_CASE("the request id is the first that the response has") {
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

TEST_CASE("the request id of problem details is their traceId, unless a header has one") {
  auto const body = sample("error-400-problem-details.json");
  CHECK(failure_of(json(body, 400)).request_id == "00-4bf92f3577b34da6a3ce929d0e0e4736-00");
  CHECK(failure_of({.status = 400, .headers = {{"X-Request-Id", "a"}}, .body = body}).request_id == "a");
  CHECK(failure_of(json(R"({"traceId":")" + std::string(500, 'x') + "\"}", 400)).request_id ==
        std::string(125, 'x') + "...");
}

// ----------------------------------------------------------------------------------------------------- mutations

TEST_CASE("whatever is done to a body, reading it never throws and never misreports") {
  std::string const samples[] = {sample("response-200.json"),
                                 sample("response-200-pascal-case.json"),
                                 sample("response-200-unknown-members.json"),
                                 sample("error-400-problem-details.json"),
                                 sample("error-403.txt"),
                                 sample("error-404-json-string.json"),
                                 sample("error-412-failed-reason.json"),
                                 sample("error-500-error-code.json"),
                                 sample("error-502-gateway.html")};
  mutator mutate(20170707);
  for (int i = 0; i < 20'000; ++i) {
    auto const body = mutate(samples[mutate.below(std::size(samples))]);
    INFO("mutation " << i << ": " << body);

    auto const success = read(json(body));
    bool const answers_another_call = !success && contains(success.error().message, "answers another call");
    if (!success && !is_malformed_but_applied(success) && !answers_another_call) FAIL("misreported: " << success);

    auto const refusal = read(json(body, 400));
    if (refusal || refusal.error().code != errc::invalid_request || refusal.error().effect != effect::none)
      FAIL("misreported: " << refusal);
    if (!is_one_printable_line(refusal.error().server_message, 1024)) FAIL("not printable");
    if (!is_one_printable_line(refusal.error().request_id, 128)) FAIL("not printable");
  }
}

TEST_CASE("whatever is in the headers, reading them never throws") {
  http_headers const headers = {{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"},
                                {"Date", "Sunday, 06-Nov-94 08:49:30 GMT"},
                                {"Content-Type", "application/json"},
                                {"X-Request-Id", "4bf92f3577b34da6"}};
  mutator mutate(19941106);
  for (int i = 0; i < 5'000; ++i) {
    http_response response{.status = static_cast<unsigned>(mutate.below(700)), .headers = headers, .body = "{}"};
    auto& value = response.headers[mutate.below(headers.size())].value;
    value = mutate(value);
    INFO("mutation " << i << ": " << value);
    auto const reply = read(response);
    if (!reply && reply.error().retry_after && *reply.error().retry_after < 0s) FAIL("a negative Retry-After");
  }
}

}  // namespace response_tests
