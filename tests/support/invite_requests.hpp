#ifndef FICTIVE_TESTS_SUPPORT_INVITE_REQUESTS_HPP
#define FICTIVE_TESTS_SUPPORT_INVITE_REQUESTS_HPP

#include <fictive/fictive.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Requests that `make_invite_request` builds or rejects.

namespace tests {

inline fictive::invite_request someone() {
  return {.account_group_token = "group", .email_addresses = {"jamie.muir@fictiveglobal.com"}};
}

/// Every member is set, and each value that must not appear in an error contains "hidden".
inline fictive::client_config full_config() {
  return {.api_version = "9.0.0",
          .credentials = {.token_id = "hidden-token", .session_id = "hidden-session", .bearer_token = "hidden-bearer"},
          .origin = "https://hidden.example",
          .user_agent = "hidden-agent/2.1",
          .extra_headers = {{"X-Gateway-Key", "hidden-key"}}};
}

/// The same for a request.
inline fictive::invite_request full_request() {
  return {.account_group_token = "hidden-group",
          .email_addresses = {"hidden@fictiveglobal.com", "josh.fogg+hidden@fictiveglobal.com"},
          .subscription_references = {"hidden-subscription"},
          .expiry_date = fictive::date_time::parse("2017-07-07T15:41:30")};
}

inline fictive::http_request made(fictive::client_config const& config, fictive::invite_request const& request) {
  auto const outgoing = fictive::make_invite_request(config, request);
  REQUIRE(outgoing);
  return *outgoing;
}

inline fictive::error refusal_of(fictive::client_config const& config, fictive::invite_request const& request) {
  auto const outgoing = fictive::make_invite_request(config, request);
  REQUIRE(!outgoing);
  return outgoing.error();
}

inline bool is_refusal_before_sending(fictive::error const& e) {
  return e.code == fictive::errc::invalid_argument && e.effect == fictive::effect::none && e.attempts == 0 &&
         e.status == 0;
}

/// Sorted: their order has no meaning.
inline std::vector<std::pair<std::string, std::string>> headers_of(fictive::http_request const& request) {
  std::vector<std::pair<std::string, std::string>> headers;
  for (auto const& [name, value] : request.headers) headers.emplace_back(name, value);
  std::sort(headers.begin(), headers.end());
  return headers;
}

inline std::vector<std::string> const ill_formed_texts = {
    "\xFF",              // never a byte of UTF-8
    "\x80",              // a continuation of nothing
    "\xC0\xAF",          // an overlong '/'
    "\xC1\xBF",          // overlong
    "\xE0\x80\xAF",      // overlong
    "\xE0\x9F\xBF",      // the last overlong form of three bytes
    "\xF0\x80\x80\xAF",  // overlong
    "\xF0\x8F\xBF\xBF",  // the last overlong form of four bytes
    "\xED\xA0\x80",      // the first surrogate
    "\xED\xBF\xBF",      // the last surrogate
    "\xF4\x90\x80\x80",  // above U+10FFFF
    "\xF5\x80\x80\x80",
    "\xF8\x88\x80\x80\x80",  // five bytes
    "\xC3",                  // cut
    "\xE6\xBC",
    "\xF0\x9F\x98",
    "\xC3\x28",  // a lead byte before something else
    "\xE6\x28\xA2",
    "\xE6\xBC\x28",
    "\xF0\x9F\x98\x28",
    "caf\xE9",  // Latin-1
};

inline std::vector<std::string> const well_formed_texts = {
    "\xC2\xA1",         "\xDF\xBF",         "\xE0\xA0\x80",
    "\xED\x9F\xBF",     "\xEE\x80\x80",     "\xEF\xBF\xBF",
    "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "\xC3\xA9\xE6\xBC\xA2\xF0\x9F\x98\x80"};

}  // namespace tests

#endif
