// One request to a port without a listener; the URL is https, so that OpenSSL is linked, too.

#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include <iostream>

int main() {
  fictive::beast::client client{
      {.base_url = "https://127.0.0.1:1", .credentials = {.session_id = "session"}, .retry = {.max_attempts = 1}}};
  auto const reply = client.invite({.account_group_token = "group", .email_addresses = {"somebody@example.com"}});
  if (reply || reply.error().code != fictive::errc::transport_failure)
    return std::cerr << "expected the error of a refused connection\n", 1;
  std::cout << "refused, as it should be, by fictive " FICTIVE_VERSION_STRING "\n";
}
