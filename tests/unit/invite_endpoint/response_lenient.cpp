#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/invite_responses.hpp"
#include "support/text.hpp"

#include <cstddef>
#include <optional>
#include <string>

// What is odd in one part of a response does not cost the rest of it.

namespace response_lenient_tests {

using namespace tests;

namespace {

/// Empty if it is not set.
std::string text_of(std::optional<fictive::date_time> const& time) {
  return time ? time->to_string() : "";
}

/// The invitation that has these members besides the required ones. It stands between two others, which are complete.
fictive::invitation odd_invitation(std::string const& members) {
  auto const reply = success_of(
      json(R"({"validInvitations":[{"invitationReference":"1","emailAddress":"a"},{)" + required_members + "," +
           members + R"(},{"invitationReference":"3","emailAddress":"b"}],)" + R"("invalidEmailAddresses":["x"]})"));
  REQUIRE(reply.valid_invitations.size() == 3);
  CHECK(reply.valid_invitations[0].invitation_reference == "1");
  CHECK(reply.valid_invitations[1].invitation_reference == "reference");
  CHECK(reply.valid_invitations[2].invitation_reference == "3");
  CHECK(reply.invalid_email_addresses == texts{"x"});
  return reply.valid_invitations[1];
}

}  // namespace

TEST_CASE("a date-time in another form is read if it is unambiguous", "[invite_response][lenient][date_time]") {
  auto const [sent, expected] = GENERATE(table<std::string, std::string>({
      {"2017-07-07T15:41:30.12345678", "2017-07-07T15:41:30.1234567"},
      {"2017-07-07T15:41:30.123456789123Z", "2017-07-07T15:41:30.1234567Z"},
      {"2017-07-07T15:41:30+0100", "2017-07-07T15:41:30+01:00"},
      {"2017-07-07T15:41:30.99999999-0930", "2017-07-07T15:41:30.9999999-09:30"},
      {"2017-07-07T15:41:30+01", "2017-07-07T15:41:30+01:00"},
      {"2017-07-07T15:41:30-00:00", "2017-07-07T15:41:30Z"},
      {"2017-07-07T15:41:30+2359", "2017-07-07T15:41:30+23:59"},
      {"2017-07-07 15:41:30", "2017-07-07T15:41:30"},
      {"2017-07-07t15:41:30z", "2017-07-07T15:41:30Z"},
      {"/Date(1499442090000)/", "2017-07-07T15:41:30Z"},
      {"\\/Date(1499442090123)\\/", "2017-07-07T15:41:30.123Z"},
      {"/Date(1499442090000+0100)/", "2017-07-07T16:41:30+01:00"},
      {"/Date(1499442090000-0930)/", "2017-07-07T06:11:30-09:30"},
      {"/Date(-1)/", "1969-12-31T23:59:59.999Z"},
  }));
  auto const member = GENERATE(as<std::string>(), "expiryDate", "created", "lastUpdated");
  auto const invitation = odd_invitation("\"" + member + "\":\"" + sent + "\"");
  CHECK(text_of(invitation.expiry_date) == (member == "expiryDate" ? expected : ""));
  CHECK(text_of(invitation.created) == (member == "created" ? expected : ""));
  CHECK(text_of(invitation.last_updated) == (member == "lastUpdated" ? expected : ""));
}

TEST_CASE("a date-time that cannot be read is not set", "[invite_response][lenient][date_time]") {
  auto const value = GENERATE(
      as<std::string>(), R"("")", R"("never")", R"("2017-07-07")", R"("2017-07-07T15:41")", R"("2017-02-30T00:00:00")",
      R"("2017-07-07T24:00:00")", R"("2017-07-07T15:41:30.")", R"("2017-07-07T15:41:30.12345678x")",
      R"("2017-07-07T15:41:30+1")", R"("2017-07-07T15:41:30+010")", R"("2017-07-07T15:41:30+01:0")",
      R"("2017-07-07T15:41:30+01:")", R"("2017-07-07T15:41:30+2400")", R"("2017-07-07T15:41:30+0160")",
      R"("2017-07-07T15:41:30 GMT")", R"("07/07/2017 15:41:30")", R"("/Date()/")", R"("/Date(x)/")",
      "\"/Date(1499442090000)\"", R"("/Date(1499442090000+)/")", R"("/Date(1499442090000x)/")",
      R"("/Date(99999999999999999999)/")", R"("/Date(9223372036854775807)/")", R"("/Date(-9223372036854775808)/")",
      R"("/Date(253402300800000)/")", R"("/Date(-62135596800001)/")", R"("/Date(-62135596800000-0100)/")",
      R"("/Date(253402300799999+0100)/")", R"("/Date(1+9999)/")", "1499442090000", "0.5", "true", "null",
      R"({"$date":"x"})", R"(["2017-07-07T15:41:30"])");
  auto const member = GENERATE(as<std::string>(), "expiryDate", "created", "lastUpdated");
  auto const invitation = odd_invitation("\"" + member + "\":" + value);
  CHECK(!invitation.expiry_date);
  CHECK(!invitation.created);
  CHECK(!invitation.last_updated);
}

TEST_CASE("a status that is a number or a boolean is kept as its text", "[invite_response][lenient]") {
  auto const [sent, expected] = GENERATE(table<std::string, std::string>({
      {"1", "1"},
      {"-17", "-17"},
      {"18446744073709551615", "18446744073709551615"},
      {"2.50e3", "2.50e3"},
      {repeated("9", 100), repeated("9", 100)},
      {"true", "true"},
      {"false", "false"},
      {"null", ""},
      {"[1]", ""},
      {R"({"name":"PendingAcceptance"})", ""},
  }));
  CHECK(odd_invitation("\"status\":" + sent).status.text() == expected);
}

TEST_CASE("subscriptions that are not a list are none, and an element that is not a text is skipped",
          "[invite_response][lenient][lists]") {
  auto const [sent, expected] = GENERATE(table<std::string, texts>({
      {R"("x")", {}},
      {"17", {}},
      {"true", {}},
      {"null", {}},
      {"{}", {}},
      {R"({"x":["y"]})", {}},
      {R"(["x",null,17,true,["y"],{"z":"z"},"v"])", {"x", "v"}},
      {R"({"$id":"3","$values":["x",null,"v"]})", {"x", "v"}},
      {R"({"$id":"3","$values":"x"})", {}},
      {R"({"$ref":"3"})", {}},
  }));
  CHECK(odd_invitation("\"subscriptionReferences\":" + sent).subscription_references == expected);
}

TEST_CASE("of an optional member that occurs twice, the last one counts", "[invite_response][lenient]") {
  auto const invitation = odd_invitation(
      R"("status":"a","Status":"b","created":"2017-07-07T15:41:30","created":"2017-07-08T15:41:30",
         "subscriptionReferences":["a"],"subscriptionReferences":["b"])");
  CHECK(invitation.status.text() == "b");
  CHECK(text_of(invitation.created) == "2017-07-08T15:41:30");
  CHECK(invitation.subscription_references == texts{"b"});
  CHECK(!odd_invitation(R"("created":"2017-07-07T15:41:30","created":"yesterday")").created);
}

TEST_CASE("a member with a name of the same length as that of a list is unknown", "[invite_response][lenient][lists]") {
  auto const reply = success_of(json(R"({"otherInvitations":[7],"anotherEmailAddresses":["z"],"validInvitations":[{)" +
                                     required_members + "}]}"));
  CHECK(reply.valid_invitations.size() == 1);
  CHECK(reply.invalid_email_addresses.empty());
}

TEST_CASE("an element that is neither an invitation nor an address is skipped", "[invite_response][lenient][lists]") {
  auto const odd = GENERATE(as<std::string>(), "null", "17", "-0.5", "1e400", "true", "[]", R"([{"x":["y"]},"a"])");
  auto const reply =
      success_of(json(R"({"validInvitations":[)" + odd + ",{" + required_members + "}," + odd + "," +
                      R"("text"],"invalidEmailAddresses":[)" + odd + R"(,"a",{"x":["y"]},)" + odd + "]}"));
  REQUIRE(reply.valid_invitations.size() == 1);
  CHECK(reply.valid_invitations[0].invitation_reference == "reference");
  CHECK(reply.invalid_email_addresses == texts{"a"});
}

TEST_CASE("lists in which JSON.NET preserves references are read", "[invite_response][lenient][lists]") {
  auto const reply =
      success_of(json(R"({"$id":"1","validInvitations":{"$id":"2","$values":[{"$id":"3",)" + required_members +
                      R"(,"subscriptionReferences":{"$id":"4","$values":["x","v"]},"status":"s"},{"$ref":"3"},
         {"$id":"5","invitationReference":"r","emailAddress":"a","subscriptionReferences":{"$ref":"4"}}]},
         "invalidEmailAddresses":{"$values":["b"],"$id":"6"}})"));
  REQUIRE(reply.valid_invitations.size() == 2);
  CHECK(reply.valid_invitations[0].invitation_reference == "reference");
  CHECK(reply.valid_invitations[0].subscription_references == texts{"x", "v"});
  CHECK(reply.valid_invitations[0].status.text() == "s");
  CHECK(reply.valid_invitations[1].invitation_reference == "r");
  CHECK(reply.invalid_email_addresses == texts{"b"});
}

TEST_CASE("unknown members may be nested 500 deep", "[invite_response][lenient][limits]") {
  auto const [open, value, close] = GENERATE(table<std::string, std::string, std::string>({
      {"[", "", "]"},
      {R"({"validInvitations":)", "1", "}"},
      {R"([{"emailAddress":)", "null", "}]"},
  }));
  auto const levels = 500 / ((open.front() == '[') + (open.find('{') != std::string::npos));
  auto const deep =
      repeated(open, static_cast<std::size_t>(levels)) + value + repeated(close, static_cast<std::size_t>(levels));
  auto const reply =
      success_of(json(R"({"x":)" + deep + R"(,"validInvitations":[{"x":)" + deep + "," + required_members + "}]}"));
  REQUIRE(reply.valid_invitations.size() == 1);
  CHECK(reply.valid_invitations[0].invitation_reference == "reference");
}

TEST_CASE("a number may have any exponent", "[invite_response][lenient][json]") {
  auto const number = GENERATE(as<std::string>(), "1e400", "-1e99999", "1e2147483647", "1e2147483648", "1e99999999999",
                               "1e-99999999999", "123456789012e2147483640");
  auto const body = R"({"x":[)" + GENERATE_COPY(as<std::string>(), "1", number) + R"(],"validInvitations":[{"status":)" + number + "," + required_members +
                    R"(,"y":)" + number + "},{" + required_members + R"(}],"invalidEmailAddresses":["a"],"z":)" + number +
                    "}";
  auto const reply = success_of(json(body));
  REQUIRE(reply.valid_invitations.size() == 2);
  CHECK(reply.valid_invitations[0].status.text().starts_with(number.substr(0, number.find('e') + 9)));
  CHECK(reply.invalid_email_addresses == texts{"a"});

  auto const e = failure_of(json(R"({"code":)" + number + R"(,"message":"m"})", 400));
  CHECK(e.server_message == "m");
  CHECK(failure_of(json(body, 400)).effect == fictive::effect::unknown);
}

TEST_CASE("nothing but the exponent is cut of a number, and nothing of a text", "[invite_response][lenient][json]") {
  auto const body = R"({"x":1e4000000000000000000000,"validInvitations":[{"status":1e123456789,)" + required_members +
                    R"(,"subscriptionReferences":["1e1234567890123","\"e1234567890123"]}],"y":1234567890123})";
  auto const invitation = success_of(json(body)).valid_invitations.at(0);
  CHECK(invitation.status.text() == "1e123456789");
  CHECK(invitation.subscription_references == texts{"1e1234567890123", "\"e1234567890123"});
}

}  // namespace response_lenient_tests
