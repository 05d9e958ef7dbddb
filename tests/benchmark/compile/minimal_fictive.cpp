// A minimal blocking program with this library, compared in size with minimal_beast.cpp.

#include <fictive/beast.hpp>
#include <fictive/client.hpp>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  fictive::client client{fictive::beast::transport{},
                         {.base_url = argv[1], .api_version = "9.0", .credentials = {.session_id = argv[2]}}};
  auto const reply =
      client.invite({.account_group_token = argv[3], .email_addresses = {"jamie.muir@fictiveglobal.com"}});
  if (!reply) {
    std::fprintf(stderr, "%s\n", reply.error().message.c_str());
    return 1;
  }
  for (auto const& invitation : reply->valid_invitations) std::puts(invitation.email_address.c_str());
}
