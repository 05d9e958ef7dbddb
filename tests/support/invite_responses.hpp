#ifndef FICTIVE_TESTS_SUPPORT_INVITE_RESPONSES_HPP
#define FICTIVE_TESTS_SUPPORT_INVITE_RESPONSES_HPP

#include <fictive/fictive.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Responses, as `parse_invite_response` reads them.

namespace tests {

using texts = std::vector<std::string>;

inline fictive::http_response answer(int status, std::string content_type, std::string body) {
  return {.status = status, .headers = {{"Content-Type", std::move(content_type)}}, .body = std::move(body)};
}

inline fictive::http_response json(std::string body, int status = 200) {
  return answer(status, "application/json; charset=utf-8", std::move(body));
}

/// The body of a response that names nobody.
inline std::string const empty_lists = R"({"validInvitations":[],"invalidEmailAddresses":[]})";

/// The body of a response with one invitation that has these members.
inline std::string with_invitation(std::string const& members) {
  return R"({"validInvitations":[{)" + members + "}]}";
}

/// The members that an invitation must have.
inline std::string const required_members =
    R"("invitationReference":"reference","emailAddress":"jamie.muir@fictiveglobal.com")";

/// Names every address that the responses of these tests contain.
inline fictive::invite_request const invite_everybody = {
    .account_group_token = "group",
    .email_addresses = {"jamie.muir@fictiveglobal.com", "josh.fogg@fictiveglobal.com", "jim.pimblett@fictiveglobal.com",
                        "alex.marinescu@fictiveglobal", "a", "b", "x", "text", "\xC3\xA9\xF0\x9F\x98\x80-end"}};

/// Parses the response to `invite_everybody`.
inline fictive::result<fictive::invite_response> read(
    fictive::http_response const& response, std::size_t max_body_bytes = fictive::http_limits{}.max_body_bytes) {
  return fictive::parse_invite_response(invite_everybody, response, max_body_bytes);
}

inline fictive::invite_response success_of(fictive::http_response const& response) {
  auto const reply = read(response);
  REQUIRE(reply);
  return *reply;
}

inline fictive::error failure_of(fictive::http_response const& response) {
  auto const reply = read(response);
  REQUIRE(!reply);
  return reply.error();
}

inline bool is_malformed_but_applied(fictive::result<fictive::invite_response> const& reply) {
  return !reply && reply.error().code == fictive::errc::malformed_response &&
         reply.error().effect == fictive::effect::applied;
}

inline bool is_malformed_with_unknown_effect(fictive::result<fictive::invite_response> const& reply) {
  return !reply && reply.error().code == fictive::errc::malformed_response &&
         reply.error().effect == fictive::effect::unknown;
}

}  // namespace tests

#endif
