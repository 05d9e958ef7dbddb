#ifndef FICTIVE_TESTS_BENCHMARK_SUPPORT_LOOPBACK_NLOHMANN_HPP
#define FICTIVE_TESTS_BENCHMARK_SUPPORT_LOOPBACK_NLOHMANN_HPP

#include "support/loopback.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

// The bodies of request and response with nlohmann/json, as in its README.

namespace loopback {

inline std::string body_of_request() {
  return nlohmann::json{{"emailAddresses", addresses}}.dump();
}

inline reply parse_reply(std::string const& body) {
  auto const document = nlohmann::json::parse(body);
  reply parsed;
  for (auto const& one : document.at("validInvitations"))
    parsed.valid_invitations.push_back({one.at("invitationReference").get<std::string>(),
                                        one.at("emailAddress").get<std::string>(),
                                        one.at("expiryDate").get<std::string>(), one.at("status").get<std::string>(),
                                        one.at("created").get<std::string>(), one.at("lastUpdated").get<std::string>(),
                                        one.at("subscriptionReferences").get<std::vector<std::string>>()});
  parsed.invalid_email_addresses = document.at("invalidEmailAddresses").get<std::vector<std::string>>();
  return parsed;
}

inline void check(long status, std::string const& body) {
  expect(status == 200);
  expect(parse_reply(body) == expected_reply());
}

}  // namespace loopback

#endif
