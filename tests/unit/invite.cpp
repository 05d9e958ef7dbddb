#include <fictive/fictive.hpp>

#include "support/catch.hpp"

#include <string>
#include <type_traits>
#include <utility>

namespace invite_tests {

using fictive::invitation_status;

TEST_CASE("a request is an aggregate of the members that the caller sets", "[invite]") {
  fictive::invite_request const request{.account_group_token = "group", .email_addresses = {"a"}};
  CHECK(request.account_group_token == "group");
  CHECK(request.email_addresses.size() == 1);
  CHECK(request.subscription_references.empty());
  CHECK(!request.expiry_date);
}

TEST_CASE("the documented status is recognized by its name", "[invite]") {
  invitation_status const status("PendingAcceptance");
  CHECK(status.value() == invitation_status::pending_acceptance);
  CHECK(status == invitation_status::pending_acceptance);
  CHECK(status == invitation_status(invitation_status::pending_acceptance));
  CHECK(status.text() == "PendingAcceptance");
}

TEST_CASE("a status that is not documented keeps its text", "[invite]") {
  auto const text = GENERATE(as<std::string>(), "", "Accepted", "pendingAcceptance", "PENDINGACCEPTANCE",
                             "PendingAcceptance ", "PendingAcceptanc", std::string("Pending\0", 8));
  invitation_status const status(text);
  CHECK(status.value() == invitation_status::other);
  CHECK(status == invitation_status::other);
  CHECK(status != invitation_status::pending_acceptance);
  CHECK(status.text() == text);
}

TEST_CASE("a default-constructed status is other, without a text", "[invite]") {
  invitation_status const status;
  CHECK(status == invitation_status::other);
  CHECK(status.text().empty());
}

TEST_CASE("statuses are equal if their texts are", "[invite]") {
  std::string const texts[] = {"", "PendingAcceptance", "Accepted", "accepted"};
  for (auto const& a : texts)
    for (auto const& b : texts) CHECK((invitation_status(a) == invitation_status(b)) == (a == b));
}

TEST_CASE("a status keeps its text when it is copied or moved", "[invite]") {
  for (std::string const text : {"PendingAcceptance", "Short", "A status with a text that fits into no short string"}) {
    invitation_status original(text);
    auto const copy = original;
    invitation_status assigned;
    assigned = copy;
    auto const moved = std::move(original);
    CHECK(copy.text() == text);
    CHECK(assigned.text() == text);
    CHECK(moved.text() == text);
  }
}

// A text does not become a status by accident; a known status does.
static_assert(!std::is_convertible_v<std::string, invitation_status>);
static_assert(std::is_convertible_v<invitation_status::value_type, invitation_status>);

}  // namespace invite_tests
