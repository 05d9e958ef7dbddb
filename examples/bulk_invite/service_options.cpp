// SPDX-License-Identifier: BSL-1.0

#include "service_options.hpp"

#include <fictive/date_time.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace examples {
namespace {

fictive::date_time parse_date_time(std::string_view text) {
  fictive::date_time value;
  if (!fictive::date_time::try_parse(text, value))
    refuse("--expires: not a date-time: write it as 2030-07-07T15:41:30, optionally followed by Z or +hh:mm");
  return value;
}

std::string readable_file(std::string_view option, std::string_view name) {
  std::ifstream file{std::string(name)};
  if (!file || file.peek() == std::ifstream::traits_type::eof())
    refuse(std::string(option) + ": cannot read " + std::string(name) + ": give a file that exists and may be read");
  return std::string(name);
}

/// The default of a secret that is not on the command line.
void set_from_environment(fictive::secret& secret, char const* variable) {
  char const* const value = std::getenv(variable);
  if (secret.empty() && value) secret = std::string_view(value);
}

}  // namespace

std::vector<option> service_options(job& of) {
  auto& config = of.config;
  auto& request = of.request;
  auto const secret = [](fictive::secret& to) { return [&to](std::string_view value) { to = value; }; };
  auto const text = [](std::string& to) { return [&to](std::string_view value) { to = value; }; };
  return {
      {"--base-url",
       [&](std::string_view value) {
         config.base_url = value;
         of.has_base_url = true;
       }},
      {"--group", text(request.account_group_token)},
      {"--version", text(config.api_version)},
      {"--session-id", secret(config.credentials.session_id)},
      {"--token-id", secret(config.credentials.token_id)},
      {"--bearer", secret(config.credentials.bearer_token)},
      {"--origin", text(config.origin)},
      {"--ca-file", [&](std::string_view value) { of.ca_file = readable_file("--ca-file", value); }},
      {"--subscription", [&](std::string_view value) { request.subscription_references.emplace_back(value); }, true},
      {"--expires", [&](std::string_view value) { request.expiry_date = parse_date_time(value); }},
      {"--timeout",
       [&](std::string_view value) {
         config.limits.total_timeout = std::chrono::seconds(parse_integer("--timeout", value, 1, 3600));
         config.limits.connect_timeout = std::min(config.limits.connect_timeout, config.limits.total_timeout);
       }},
  };
}

std::string_view const service_options_help =
    R"(  --base-url URL        URL of the service: https://host, optionally with a port and a path
  --group TOKEN         the account group to invite to
  --version V           the API version, as in 9.0.0
  --session-id S        \
  --token-id T           > credentials. Other users of this machine can see command lines: prefer the environment
  --bearer B            /  variables FICTIVE_SESSION_ID, FICTIVE_TOKEN_ID and FICTIVE_BEARER
  --origin O            an origin that the token id is bound to
  --ca-file PEM         trust these certificate authorities instead of the system's
  --subscription REF    a group subscription that the invited accounts may join; repeatable
  --expires DATE-TIME   when the invitations expire: 2030-07-07T15:41:30, optionally followed by Z or +hh:mm
  --timeout SECONDS     time limit of an attempt; default 60
)";

void complete_from_environment(fictive::credentials& credentials) {
  set_from_environment(credentials.session_id, "FICTIVE_SESSION_ID");
  set_from_environment(credentials.token_id, "FICTIVE_TOKEN_ID");
  set_from_environment(credentials.bearer_token, "FICTIVE_BEARER");
}

}  // namespace examples
