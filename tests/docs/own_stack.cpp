#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include <string>
#include <string_view>
#include <system_error>
#include <vector>

// The code of README.md for other HTTP stacks. The namespace `legacy` represents the stack of the reader.

namespace legacy {

struct reply {
  std::error_code failure;
  int status = 0;
  std::vector<fictive::http_header> headers;
  std::string body;
};

fictive::testing::fake_service network;

reply post(std::string const& url, std::vector<fictive::http_header> const& headers, std::string const& body) {
  auto answer = network({.method = "POST", .url = url, .headers = headers, .body = body});
  return {{}, answer->status, answer->headers, answer->body};
}

}  // namespace legacy

int main() {
  std::string const session = "session", group = "group";

  // [own_stack]
  auto send = [](fictive::http_request const& request) -> fictive::result<fictive::http_response> {
    auto reply = legacy::post(request.url, request.headers, request.body);
    if (reply.failure) return fictive::transport_error(reply.failure);
    return fictive::http_response{.status = reply.status, .headers = reply.headers, .body = reply.body};
  };
  fictive::client client{send, {.api_version = "9.0.0", .credentials = {.session_id = session}}};
  // [own_stack]

  auto const answer = client.invite({.account_group_token = group, .email_addresses = {"somebody@example.com"}});
  if (!answer || answer->valid_invitations.size() != 1) return 1;

  // [plain_functions]
  fictive::client_config const config{.credentials = {.session_id = session}};
  fictive::invite_request const request{.account_group_token = group,
                                        .email_addresses = {"jamie.muir@fictiveglobal.com"}};
  auto const out = fictive::make_invite_request(config, request);
  if (!out) return 1;
  auto const sent = legacy::post(out->url, out->headers, out->body);
  auto const reply =
      fictive::parse_invite_response(request, {.status = sent.status, .headers = sent.headers, .body = sent.body});
  // [plain_functions]

  // [effects]
  if (!reply) {
    auto const error = reply.error();
    switch (error.effect) {
      case fictive::effect::none: break;     // nobody was invited; safe to retry
      case fictive::effect::unknown: break;  // somebody may have been invited; check before you retry
      case fictive::effect::applied: break;  // they were invited, but the response is lost; do not retry
    }
    if (error == fictive::condition::throttled) return 1;
  }
  // [effects]

  return reply && reply->valid_invitations.front().email_address == "jamie.muir@fictiveglobal.com" ? 0 : 1;
}
