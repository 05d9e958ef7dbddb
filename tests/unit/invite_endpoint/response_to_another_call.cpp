#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/invite_responses.hpp"
#include "support/text.hpp"

#include <string>
#include <utility>

namespace response_to_another_call_tests {

using fictive::effect;
using fictive::errc;
using fictive::parse_invite_response;
using namespace tests;

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

TEST_CASE("a response that names only addresses that were not requested answers another call",
          "[invite_response][connections]") {
  auto const [invited, refused] = GENERATE(table<texts, texts>({
      {{"other@example.com"}, {}},
      {{}, {"other@example.com"}},
      {{"other@example.com", "third@example.com"}, {"fourth@example.com"}},
      {{"one@example.co"}, {"one@example.comm", ""}},
  }));
  auto const number = GENERATE(200, 201, 207);
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

TEST_CASE("a response that names a requested address answers this call", "[invite_response][connections]") {
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

TEST_CASE("only ASCII letters are compared without regard to case", "[invite_response][connections]") {
  CHECK(!parse_invite_response(request_for({"\xC3\xA9@example.com"}),
                               json(response_naming({"\xC3\x89@example.com"}, {}))));
  CHECK(!parse_invite_response(request_for({"[@example.com"}), json(response_naming({"{@example.com"}, {}))));
}

TEST_CASE("large responses to another call are detected quickly", "[invite_response][connections][long]") {
  texts requested, named;
  for (int i = 0; i < 20'000; ++i) {
    requested.push_back("requested" + std::to_string(i) + "@example.com");
    named.push_back("named" + std::to_string(i) + "@example.com");
  }
  CHECK(!parse_invite_response(request_for(requested), json(response_naming({}, named))));
  named.push_back("Requested19999@example.com");
  CHECK(parse_invite_response(request_for(requested), json(response_naming({}, named))));
}

}  // namespace response_to_another_call_tests
