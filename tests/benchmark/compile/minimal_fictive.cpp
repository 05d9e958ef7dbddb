// The least that invites people over https: how much code that is, next to minimal_beast.cpp.
//
//     minimal_fictive HOST SESSION GROUP ADDRESS...

#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include <cstdio>
#include <string>

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  fictive::client client{fictive::beast::blocking_transport{},
                         {.base_url = "https://" + std::string(argv[1]), .credentials = {.session_id = argv[2]}}};
  auto const reply = client.invite({.account_group_token = argv[3], .email_addresses = {argv + 4, argv + argc}});
  if (!reply) return std::fprintf(stderr, "%s\n", reply.error().message.c_str()), 1;
  for (auto const& invitation : reply->valid_invitations) std::printf("invited %s\n", invitation.email_address.c_str());
  for (auto const& address : reply->invalid_email_addresses) std::printf("refused %s\n", address.c_str());
}
