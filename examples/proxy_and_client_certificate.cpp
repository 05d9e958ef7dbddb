// SPDX-License-Identifier: BSL-1.0

// Invites one person from within a company's network: through the proxy of the environment, with a client certificate.
//
//   HTTPS_PROXY=http://user:password@proxy.example:3128 FICTIVE_SESSION_ID=… CLIENT_KEY_PASSWORD=…
//   proxy_and_client_certificate BASE_URL GROUP ADDRESS CHAIN.pem KEY.pem [AUTHORITIES.pem]

#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>

int main(int argc, char** argv) {
  char const* const session = std::getenv("FICTIVE_SESSION_ID");
  if (argc < 6 || !session) {
    std::cerr << "usage: FICTIVE_SESSION_ID=… proxy_and_client_certificate BASE_URL GROUP ADDRESS CHAIN.pem KEY.pem "
                 "[AUTHORITIES.pem]\n";
    return 2;
  }
  std::string const base_url = argv[1], chain_file = argv[4], key_file = argv[5], ca_file = argc > 6 ? argv[6] : "";

  // [proxy]
  auto proxy = fictive::beast::proxy_from_environment(base_url);  // empty if there is none
  if (!proxy) return std::cerr << proxy.error().message << '\n', 1;
  fictive::beast::transport_options options;
  options.proxy = *std::move(proxy);
  // [proxy]

  // [client_certificate]
  options.tls.certificate_chain_file = chain_file;  // PEM: the certificate first, then the intermediate ones
  options.tls.private_key_file = key_file;          // PEM
  options.tls.private_key_password = std::getenv("CLIENT_KEY_PASSWORD");
  // [client_certificate]

  // [authorities]
  options.tls.ca_file = ca_file;  // the company's authorities, if its proxy or gateway has certificates of its own
  options.tls.system_authorities = true;
  // [authorities]

  fictive::beast::client client{{.base_url = base_url, .credentials = {.session_id = session}}, options};
  auto const reply = client.invite({.account_group_token = argv[2], .email_addresses = {argv[3]}});
  if (!reply) return std::cerr << reply.error() << '\n', 1;
  for (auto const& invitation : reply->valid_invitations)
    std::cout << invitation.email_address << " is invited: " << invitation.invitation_reference << '\n';
  for (auto const& address : reply->invalid_email_addresses) std::cout << address << " is refused\n";
}
