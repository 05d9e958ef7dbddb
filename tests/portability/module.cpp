// Imports the named module; no header of the library is included.

#include <cstdio>
#include <string>

import fictive;

int main() {
  fictive::client client{fictive::testing::fake_service{}, {.credentials = {.session_id = "session"}}};
  auto const reply = client.invite({.account_group_token = "group", .email_addresses = {"somebody@example.com"}});
  if (!reply) return std::puts(reply.error().message.c_str()), 1;
  auto const refused = client.invite({.account_group_token = "", .email_addresses = {"somebody@example.com"}});
  bool const as_expected = reply->valid_invitations.size() == 1 && !refused &&
                           refused.error().code == fictive::errc::invalid_argument &&
                           refused.error().effect == fictive::effect::none;
  return as_expected ? 0 : 1;
}
