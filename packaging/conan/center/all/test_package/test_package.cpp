// One request to the fake service in memory.

#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include <iostream>

int main() {
  fictive::client client{fictive::testing::fake_service(), {.credentials = {.session_id = "session"}}};
  auto const reply = client.invite({.account_group_token = "group", .email_addresses = {"somebody@example.com"}});
  if (!reply) return std::cerr << reply.error() << '\n', 1;
  std::cout << reply->valid_invitations.size() << " invited by fictive " FICTIVE_VERSION_STRING "\n";
}
