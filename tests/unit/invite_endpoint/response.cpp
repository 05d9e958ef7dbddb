#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/invite_responses.hpp"
#include "support/samples.hpp"
#include "support/text.hpp"

#include <optional>
#include <string>
#include <utility>

namespace invite_response_tests {

using namespace tests;

namespace {

fictive::invitation invitation_of(std::string const& body) {
  auto const reply = success_of(json(body));
  REQUIRE(reply.valid_invitations.size() == 1);
  return reply.valid_invitations.front();
}

/// Empty if it is not set.
std::string text_of(std::optional<fictive::date_time> const& time) {
  return time ? time->to_string() : "";
}

}  // namespace

TEST_CASE("the documented response is read completely", "[invite_response]") {
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

TEST_CASE("a response in PascalCase is read like one in camelCase", "[invite_response]") {
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

TEST_CASE("member names are matched without regard to ASCII case", "[invite_response][members]") {
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

TEST_CASE("unknown members are skipped at any depth", "[invite_response][members]") {
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

TEST_CASE("an unknown member may be of any type", "[invite_response][members]") {
  std::string const value =
      GENERATE(as<std::string>(), "null", "true", "false", R"("text")", "0", "-17", "2.5e3", "1E+2", "[]", "{}",
               "18446744073709551616", R"([{"validInvitations":[{}]},[1,[2]],null])",
               R"({"invitationReference":1,"emailAddress":null,"invalidEmailAddresses":["x"]})");
  auto const reply = success_of(json(R"({"x":)" + value + R"(,"validInvitations":[{"y":)" + value + "," +
                                     required_members + R"(,"z":)" + value + "}]}"));

  REQUIRE(reply.valid_invitations.size() == 1);
  CHECK(reply.valid_invitations[0].invitation_reference == "reference");
  CHECK(reply.invalid_email_addresses.empty());
}

TEST_CASE("a number in an unknown member may be out of range", "[invite_response][members]") {
  std::string const number = GENERATE(as<std::string>(), "1e400", "-1e400", "1e-400", repeated("9", 10'000),
                                      "0." + repeated("0", 10'000) + "1", "1e2147483647");
  CHECK(read(
      json(R"({"score":)" + number + R"(,"validInvitations":[{"score":)" + number + "," + required_members + "}]}")));
}

TEST_CASE("a member is known only in its own object", "[invite_response][members]") {
  auto const reply = success_of(json(R"({"emailAddress":5,"subscriptionReferences":[5],"validInvitations":[{)" +
                                     required_members + R"(,"validInvitations":5,"invalidEmailAddresses":["x"]}]})"));
  CHECK(reply.valid_invitations.size() == 1);
  CHECK(reply.invalid_email_addresses.empty());
}

TEST_CASE("an unknown member may occur twice", "[invite_response][members]") {
  CHECK(read(json(R"({"x":1,"x":2,"validInvitations":[{)" + required_members + R"(,"y":1,"y":[]}]})")));
}

TEST_CASE("a list that is missing or null is empty", "[invite_response][lists]") {
  std::string const body =
      GENERATE(as<std::string>(), R"({"validInvitations":null,"invalidEmailAddresses":null})",
               R"({"validInvitations":null})", R"({"InvalidEmailAddresses":null})", R"({"validInvitations":[]})",
               R"({"invalidEmailAddresses":[]})", R"({"validInvitations":[],"invalidEmailAddresses":[]})");
  auto const reply = success_of(json(body));
  CHECK(reply.valid_invitations.empty());
  CHECK(reply.invalid_email_addresses.empty());
  CHECK(reply.unaccounted_email_addresses == invite_everybody.email_addresses);
}

TEST_CASE("a list may be null before it has a value", "[invite_response][lists]") {
  auto const reply = success_of(json(R"({"invalidEmailAddresses":null,"invalidEmailAddresses":["a"]})"));
  CHECK(reply.invalid_email_addresses == texts{"a"});
}

TEST_CASE("a response with rejected addresses only is a success", "[invite_response][lists]") {
  auto const reply = success_of(json(R"({"validInvitations":[],"invalidEmailAddresses":["a","b","a"]})"));
  CHECK(reply.invalid_email_addresses == texts{"a", "b", "a"});
}

TEST_CASE("an invitation needs only its reference and its address", "[invite_response][members]") {
  std::string const rest =
      GENERATE(as<std::string>(), "",
               R"(,"status":null,"expiryDate":null,"created":null,"lastUpdated":null,"subscriptionReferences":null)");
  auto const invitation = invitation_of(with_invitation(required_members + rest));
  CHECK(invitation.status == fictive::invitation_status::other);
  CHECK(invitation.status.text() == "");
  CHECK(!invitation.expiry_date);
  CHECK(!invitation.created);
  CHECK(!invitation.last_updated);
  CHECK(invitation.subscription_references.empty());
}

TEST_CASE("an invitation inherits nothing from the previous one", "[invite_response][lists]") {
  auto const reply = success_of(json(R"({"validInvitations":[{)" + required_members +
                                     R"(,"status":"s","created":"2017-07-07T15:41:30","subscriptionReferences":["x"]},
                                        {"emailAddress":"a","invitationReference":"r"}]})"));
  REQUIRE(reply.valid_invitations.size() == 2);
  auto const& second = reply.valid_invitations[1];
  CHECK(second.email_address == "a");
  CHECK(second.status.text() == "");
  CHECK(!second.created);
  CHECK(second.subscription_references.empty());
}

TEST_CASE("one long list of subscriptions does not enlarge the other lists", "[invite_response][lists]") {
  std::string references = R"("x")";
  for (int i = 1; i < 10'000; ++i) references += R"(,"x")";
  auto const reply = read(json(R"({"validInvitations":[{"subscriptionReferences":[)" + references + "]," +
                               required_members + R"(},{"subscriptionReferences":["x"],)" + required_members + "}]}"));
  REQUIRE(reply);  // and not copied, which would give each list the room that it needs
  REQUIRE(reply->valid_invitations.size() == 2);
  CHECK(reply->valid_invitations[0].subscription_references.size() == 10'000);
  CHECK(reply->valid_invitations[1].subscription_references.capacity() < 100);
}

TEST_CASE("DateTime.MinValue and MaxValue are times that are not set", "[invite_response][date_time]") {
  std::string const text =
      GENERATE(as<std::string>(), "0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000",
               "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59.9999999", "9999-12-31T23:59:59.9999999Z",
               "9999-12-31T23:59:59.9999999-08:00", "9999-12-31T23:59:59", "9999-12-31T23:59:59.997",
               "\\/Date(-62135596800000)\\/", "\\/Date(253402300799999)\\/");
  auto const invitation =
      invitation_of(with_invitation(required_members + R"(,"created":")" + text + R"(","lastUpdated":")" + text +
                                    R"(","expiryDate":")" + text + "\""));
  CHECK(!invitation.created);
  CHECK(!invitation.last_updated);
  CHECK(!invitation.expiry_date);
}

TEST_CASE("a date-time is read as it was sent", "[invite_response][date_time]") {
  std::string const text =
      GENERATE(as<std::string>(), "2017-07-07T15:41:30", "2017-07-03T11:31:41.0353603Z", "2017-06-01T09:00:00+01:00",
               "2017-06-01T09:00:00.5-23:59", "0001-01-01T00:00:00.0000001", "9999-12-31T23:59:58.9999999");
  CHECK(text_of(invitation_of(with_invitation(required_members + R"(,"created":")" + text + "\"")).created) == text);
}

TEST_CASE("escapes in names and values are decoded", "[invite_response][json]") {
  auto const invitation = invitation_of(
      R"({"valid\u0049nvitations":[{"\u0069nvitationReference":"\"\\\/\b\f\n\r\t",
          "e\u006d\u0061ilAddress":"\u00e9\ud83d\ude00-end"}]})");
  CHECK(invitation.invitation_reference == "\"\\/\b\f\n\r\t");
  CHECK(invitation.email_address == "\xC3\xA9\xF0\x9F\x98\x80-end");
}

TEST_CASE("texts of any length are read completely", "[invite_response][json]") {
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

}  // namespace invite_response_tests
