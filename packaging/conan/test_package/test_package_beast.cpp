// One request over TLS to a port that nobody listens at: everything there is to link is linked.

#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include <iostream>

int main() {
  fictive::client client{fictive::beast::blocking_transport{},
                         {.base_url = "https://127.0.0.1:1", .credentials = {.session_id = "session"}},
                         {.max_attempts = 1}};
  auto const reply = client.invite({.account_group_token = "group", .email_addresses = {"somebody@example.com"}});
  if (reply || reply.error().code != fictive::errc::transport_failure)
    return std::cerr << "not the error of a connection that was refused\n", 1;
  std::cout << "refused, as it should be, by fictive " FICTIVE_VERSION_STRING "\n";
}
