#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
#include "support/samples.hpp"
#include "support/text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fake_service_tests {

using fictive::http_headers;
using fictive::http_request;
using fictive::http_response;
using fictive::testing::fake_service;

namespace {

http_request documented_request() {
  return {.method = "POST",
          .url = "https://api.fictive.com/rest/api/accounts/groups/group/invites",
          .headers = {{"Accept", "application/json"}, {"Content-Type", "application/json"}, {"X-SessionId", "session"}},
          .body = sample("request-full.json")};
}

http_request request_with_body(std::string body) {
  auto request = documented_request();
  request.body = std::move(body);
  return request;
}

http_request request_with_credentials(http_headers const& credentials) {
  auto request = documented_request();
  request.headers.pop_back();
  request.headers.insert(request.headers.end(), credentials.begin(), credentials.end());
  return request;
}

void set_header(http_request& request, std::string_view name, std::string value) {
  for (auto& header : request.headers)
    if (header.name == name) header.value = std::move(value);
}

http_response answer_of(fake_service const& service, http_request const& request) {
  auto const reply = service(request);
  REQUIRE(reply);
  return *reply;
}

fictive::invite_response invitations_of(fake_service const& service, http_request const& request) {
  auto const response = answer_of(service, request);
  auto const body = boost::json::parse(request.body);
  return fictive::parse_invite_response(
             {.email_addresses = boost::json::value_to<std::vector<std::string>>(body.at("emailAddresses"))}, response)
      .value();
}

}  // namespace

TEST_CASE("the fake service answers the documented request with the documented response, byte for byte",
          "[testing][fake_service]") {
  auto const reply = answer_of(fake_service(), documented_request());
  CHECK(reply.status == 200);
  CHECK(contains(*fictive::find_header(reply.headers, "Content-Type"), "application/json"));
  CHECK(reply.body + "\n" == sample("response-200.json"));
}

TEST_CASE("the fake service rejects what the service documents as refused", "[testing][fake_service]") {
  struct row {
    int status;
    std::function<void(http_request&)> change;
  };
  auto const [status, change] = GENERATE(values<row>({
      {404, [](http_request& request) { request.url = "https://api.fictive.com/"; }},
      {404, [](http_request& request) { request.url = "https://api.fictive.com/rest/api/accounts/groups//invites"; }},
      {404,
       [](http_request& request) { request.url = "https://api.fictive.com/rest/api/accounts/groups/a/b/invites"; }},
      {404, [](http_request& request) { request.url += "?x"; }},
      {404, [](http_request& request) { request.url += "/"; }},
      {404, [](http_request& request) { request.url = "https://x/rest/api/accounts/groups/%2/invites"; }},
      {404, [](http_request& request) { request.url = "nonsense"; }},
      {405, [](http_request& request) { request.method = "GET"; }},
      {406, [](http_request& request) { set_header(request, "Accept", "text/html"); }},
      {406, [](http_request& request) { request.headers.erase(request.headers.begin()); }},
      {415, [](http_request& request) { set_header(request, "Content-Type", "text/plain"); }},
      {415, [](http_request& request) { request.headers.erase(request.headers.begin() + 1); }},
      {403, [](http_request& request) { request.headers.pop_back(); }},
      {403, [](http_request& request) { set_header(request, "X-SessionId", ""); }},
      {400,
       [](http_request& request) {
         request.headers.push_back({"X-Version", ""});
       }},
  }));
  auto request = documented_request();
  change(request);
  fake_service service;
  CHECK(answer_of(service, request).status == status);
  CHECK(service.requests() == 1);
  CHECK(service.deliveries("jamie.muir@fictiveglobal.com") == 0);
}

TEST_CASE("the fake service gives the reason of a rejection as the contract does", "[testing][fake_service]") {
  auto request = documented_request();
  request.method = "GET";
  auto const response = answer_of(fake_service(), request);
  CHECK(response.body == R"({"status":"FAILED","reason":"Method not allowed"})");
  REQUIRE(response.headers.size() == 1);
  CHECK(response.headers[0].value == "application/json; charset=utf-8");
}

TEST_CASE("the credentials that the fake service accepts can change", "[testing][fake_service]") {
  fake_service const service({.accepted_credentials = {"first"}});
  auto const status_for = [&](std::string const& session) {
    return answer_of(service, request_with_credentials({{"X-SessionId", session}})).status;
  };
  CHECK(status_for("first") == 200);
  service.set_accepted_credentials({"second"});
  CHECK(status_for("first") == 403);
  CHECK(status_for("second") == 200);
}

TEST_CASE("the fake service rejects a body that is not the contract's", "[testing][fake_service]") {
  auto const body =
      GENERATE(as<std::string>(), "", "nonsense", "[]", "{}", R"({"emailAddresses":[]})", R"({"emailAddresses":[""]})",
               R"({"emailAddresses":"a@b.c"})", R"({"emailAddresses":[1]})", R"({"emailAddresses":null})",
               R"({"EmailAddresses":["a@b.c"]})", R"({"emailAddresses":["a@b.c"],"extra":1})",
               R"({"emailAddresses":["a@b.c"],"subscriptionReferences":[]})",
               R"({"emailAddresses":["a@b.c"],"subscriptionReferences":[""]})",
               R"({"emailAddresses":["a@b.c"],"expiryDate":""})", R"({"emailAddresses":["a@b.c"],"expiryDate":null})",
               R"({"emailAddresses":["a@b.c"],"expiryDate":"2017-02-30T00:00:00"})");
  CHECK(answer_of(fake_service(), request_with_body(body)).status == 400);
}

TEST_CASE("the fake service rejects subscriptions that the group does not have", "[testing][fake_service]") {
  auto const body = R"({"subscriptionReferences":["asjdkas6712kabcd","other"],"emailAddresses":["a@b.c"]})";
  CHECK(answer_of(fake_service(), request_with_body(body)).status == 404);
  CHECK(answer_of(fake_service({.subscription_references = {"asjdkas6712kabcd", "other"}}), request_with_body(body))
            .status == 200);
}

TEST_CASE("the fake service may be limited to one group, percent-encoded or not", "[testing][fake_service]") {
  fake_service service({.account_group_token = "my group/1"});
  auto request = documented_request();
  CHECK(answer_of(service, request).status == 404);
  request.url = "http://127.0.0.1:8080/prefix/rest/api/accounts/groups/my%20group%2f1/invites";
  CHECK(answer_of(service, request).status == 200);
}

TEST_CASE("the fake service accepts a session, a token or a bearer, and rejects unknown ones",
          "[testing][fake_service]") {
  fake_service service({.accepted_credentials = {"known"}, .token_origins = {"https://known.example"}});
  auto const [credentials, status] = GENERATE(table<http_headers, int>({
      {http_headers(), 403},
      {{{"X-SessionId", "known"}}, 200},
      {{{"X-SessionId", "other"}}, 403},
      {{{"Authorization", "Bearer known"}}, 200},
      {{{"Authorization", "Bearer other"}}, 403},
      {{{"Authorization", "Basic known"}}, 403},
      {{{"X-TokenId", "known"}, {"Origin", "https://known.example"}}, 200},
      {{{"X-TokenId", "known"}, {"Origin", "https://other.example"}}, 403},
      {{{"X-TokenId", "known"}}, 403},
      {{{"X-TokenId", "other"}, {"Origin", "https://known.example"}}, 403},
      {{{"X-SessionId", "known"}, {"X-TokenId", "other"}, {"Origin", "https://known.example"}}, 403},
      {{{"X-SessionId", "known"}, {"Authorization", "Bearer other"}}, 403},
  }));
  CHECK(answer_of(service, request_with_credentials(credentials)).status == status);
}

TEST_CASE("the fake service reports addresses that do not look like one, and invalid_email_addresses, as invalid",
          "[testing][fake_service]") {
  auto const [address, is_invited] = GENERATE(table<std::string, bool>({
      {"a@b.c", true},
      {"J\xC3\xB6rg \\\"x\\\" <x>@fictiveglobal.com", true},
      {"refused@fictiveglobal.com", false},
      {"nobody", false},
      {"@b.c", false},
      {"a@b", false},
      {"a@b.", false},
      {"a@.c", false},
      {"a@b@c.d", false},
  }));
  fake_service service({.invalid_email_addresses = {"refused@fictiveglobal.com"}});
  auto const reply = invitations_of(service, request_with_body(R"({"emailAddresses":[")" + address + "\"]}"));
  CHECK(reply.valid_invitations.size() == (is_invited ? 1 : 0));
  CHECK(reply.invalid_email_addresses.size() == (is_invited ? 0 : 1));
}

TEST_CASE("the fake service gives each invitation a reference of its own, and the expiry date that was asked for",
          "[testing][fake_service]") {
  fake_service service({.default_expiry_date = fictive::date_time::parse("2020-01-01T00:00:00")});
  auto const first = invitations_of(service, request_with_body(R"({"emailAddresses":["a@b.c","d@e.f"]})"));
  auto const second =
      invitations_of(service, request_with_body(R"({"expiryDate":"2021-01-01T00:00:00Z","emailAddresses":["a@b.c"]})"));
  std::vector<std::string> references;
  for (auto const* reply : {&first, &second})
    for (auto const& invitation : reply->valid_invitations) references.push_back(invitation.invitation_reference);
  REQUIRE(references.size() == 3);
  std::sort(references.begin(), references.end());
  CHECK(std::unique(references.begin(), references.end()) == references.end());
  CHECK(first.valid_invitations[0].expiry_date == fictive::date_time::parse("2020-01-01T00:00:00"));
  CHECK(second.valid_invitations[0].expiry_date == fictive::date_time::parse("2021-01-01T00:00:00Z"));
}

TEST_CASE("the fake service counts every delivery of an address, in all of its copies", "[testing][fake_service]") {
  fake_service service;
  auto const copy = service;
  answer_of(copy, request_with_body(R"({"emailAddresses":["a@b.c","a@b.c","nobody"]})"));
  answer_of(service, request_with_body(R"({"emailAddresses":["a@b.c"]})"));
  CHECK(service.deliveries("a@b.c") == 3);
  CHECK(copy.deliveries("nobody") == 1);
  CHECK(service.deliveries("somebody.else@b.c") == 0);
  CHECK(copy.requests() == 2);
}

}  // namespace fake_service_tests
