// A source file with one call over a lambda, to measure its compile time.

#include <fictive/fictive.hpp>

#include <string>
#include <utility>

fictive::result<fictive::http_response> send(fictive::http_request const& request);

std::size_t invite(std::string session, std::string group, std::string address) {
  fictive::client client{[](fictive::http_request const& request) { return send(request); },
                         {.api_version = "9.0.0", .credentials = {.session_id = std::move(session)}}};
  auto const reply = client.invite({.account_group_token = std::move(group), .email_addresses = {std::move(address)}});
  return reply ? reply->valid_invitations.size() : 0;
}
