// Invites one person:  readme BASE_URL GROUP ADDRESS, with the session id in FICTIVE_SESSION_ID.

#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include <cstdlib>
#include <iostream>
#include <string>

int main(int argc, char** argv) {
  char const* const session = std::getenv("FICTIVE_SESSION_ID");
  if (argc != 4 || !session) return std::cerr << "usage: FICTIVE_SESSION_ID=… readme BASE_URL GROUP ADDRESS\n", 2;

  fictive::beast::client client{{.base_url = argv[1], .api_version = "9.0.0", .credentials = {.session_id = session}}};
  auto const reply = client.invite({.account_group_token = argv[2], .email_addresses = {argv[3]}});
  if (!reply) return std::cerr << reply.error() << '\n', 1;
  for (auto const& invitation : reply->valid_invitations)
    std::cout << invitation.email_address << " is invited: " << invitation.invitation_reference << '\n';
  for (auto const& address : reply->invalid_email_addresses) std::cout << address << " is refused\n";
}
