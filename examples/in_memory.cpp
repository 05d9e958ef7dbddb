// SPDX-License-Identifier: BSL-1.0

// How to test code that invites people, without a network: the fake service is a transport.

#include <fictive/client.hpp>
#include <fictive/testing.hpp>

#include <functional>
#include <iostream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

// The code to test: it invites a team, and keeps the state of each member. It takes a function that invites, so it does
// not depend on a transport.

using invite_function = std::function<fictive::result<fictive::invite_response>(fictive::invite_request const&)>;

enum class member_state { to_invite, invited, refused, to_clarify };

struct member {
  std::string email_address = {};
  member_state state = member_state::to_invite;
  std::string invitation_reference = {};
};

enum class onboarding_result { done, try_again, sign_in_again, ask_a_human };

member* find(std::vector<member>& team, std::string_view email_address) {
  for (auto& member : team)
    if (member.email_address == email_address) return &member;
  return nullptr;
}

/// Invites the members that are not invited yet. May be called again whatever it returned: nobody is invited twice.
onboarding_result onboard(std::vector<member>& team, std::string const& group, invite_function const& invite) {
  fictive::invite_request request{.account_group_token = group};
  for (auto const& member : team)
    if (member.state == member_state::to_invite) request.email_addresses.push_back(member.email_address);
  if (request.email_addresses.empty()) return onboarding_result::done;

  auto const reply = invite(request);
  if (!reply && reply.error().effect == fictive::effect::none)
    return reply.error().code == fictive::errc::not_authenticated ? onboarding_result::sign_in_again
                                                                  : onboarding_result::try_again;

  for (auto const& address : request.email_addresses) find(team, address)->state = member_state::to_clarify;
  if (!reply) return onboarding_result::ask_a_human;
  for (auto const& invitation : reply->valid_invitations)
    if (auto* const member = find(team, invitation.email_address)) {
      member->state = member_state::invited;
      member->invitation_reference = invitation.invitation_reference;
    }
  for (auto const& address : reply->invalid_email_addresses)
    if (auto* const member = find(team, address)) member->state = member_state::refused;
  return onboarding_result::done;
}

// Its tests.

bool all_passed = true;

void check(bool passed, std::string_view what) {
  if (!passed) std::cerr << "in_memory: failed: " << what << '\n';
  all_passed = all_passed && passed;
}

template <class Transport>
invite_function inviting_over(Transport transport, std::string_view session) {
  return [client = fictive::client{transport, {.credentials = {.session_id = session}}}](auto const& request) mutable {
    return client.invite(request);
  };
}

void a_team_is_invited_except_for_refused_addresses() {
  fictive::testing::fake_service const service;
  std::vector<member> team{{"jamie.muir@fictiveglobal.com"}, {"alex.marinescu@fictiveglobal"}};
  auto const result = onboard(team, "team", inviting_over(service, "session"));
  check(result == onboarding_result::done, "the team is onboarded");
  check(team[0].state == member_state::invited, "jamie is invited");
  check(team[0].invitation_reference == "iafsraka6712kabc", "jamie's invitation is remembered");
  check(team[1].state == member_state::refused, "alex, whose address has no top-level domain, is refused");
}

void an_expired_session_asks_for_a_new_one_and_changes_nothing() {
  fictive::testing::fake_service const service({.accepted_credentials = {"new session"}});
  std::vector<member> team{{"jamie.muir@fictiveglobal.com"}};
  auto const result = onboard(team, "team", inviting_over(service, "old session"));
  check(result == onboarding_result::sign_in_again, "an expired session has a result of its own");
  check(team[0].state == member_state::to_invite, "jamie is still to be invited");
  check(onboard(team, "team", inviting_over(service, "new session")) == onboarding_result::done, "a new session works");
  check(service.deliveries("jamie.muir@fictiveglobal.com") == 1, "jamie is invited once");
}

void nobody_is_invited_twice_when_the_response_is_lost() {
  fictive::testing::fake_service const service;
  auto const loses_the_response = [&](fictive::http_request const& request) -> fictive::result<fictive::http_response> {
    (void)service(request);
    return fictive::transport_error(std::make_error_code(std::errc::connection_reset));
  };
  std::vector<member> team{{"jamie.muir@fictiveglobal.com"}};
  auto const result = onboard(team, "team", inviting_over(loses_the_response, "session"));
  check(result == onboarding_result::ask_a_human, "a lost response is for a human");
  check(onboard(team, "team", inviting_over(service, "session")) == onboarding_result::done, "the next run continues");
  check(service.deliveries("jamie.muir@fictiveglobal.com") == 1, "jamie is invited once, and not again");
}

}  // namespace

int main() {
  a_team_is_invited_except_for_refused_addresses();
  an_expired_session_asks_for_a_new_one_and_changes_nothing();
  nobody_is_invited_twice_when_the_response_is_lost();
  if (all_passed) std::cout << "in_memory: all tests passed\n";
  return all_passed ? 0 : 1;
}
