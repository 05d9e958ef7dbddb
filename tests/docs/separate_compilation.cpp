// The code of docs/installation.md: a source file that is compiled with FICTIVE_SEPARATE_COMPILATION.

// [separate_compilation]
#include <fictive/beast/client.hpp>

fictive::result<fictive::invite_response> invite(fictive::client_config config, fictive::invite_request request) {
  fictive::beast::client client{config};
  return client.invite(request);
}
// [separate_compilation]

#if defined(FICTIVE_SEPARATE_COMPILATION) && \
    (defined(BOOST_BEAST_VERSION) || defined(BOOST_ASIO_VERSION) || defined(OPENSSL_VERSION_NUMBER))
#error "the blocking client must not include Beast, Asio or OpenSSL"
#endif

// Nobody listens on the port.
int main() {
  auto const reply = invite(
      {.base_url = "https://127.0.0.1:1", .credentials = {.session_id = "session"}, .retry = {.max_attempts = 1}},
      {.account_group_token = "group", .email_addresses = {"somebody@example.com"}});
  return reply.has_error() && reply.error().code == fictive::errc::transport_failure ? 0 : 1;
}
