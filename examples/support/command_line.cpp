// SPDX-License-Identifier: BSL-1.0

#include "command_line.hpp"

#include "printable.hpp"

#include <fictive/date_time.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <istream>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace examples {
namespace {

[[noreturn]] void refuse(std::string_view problem) {
  throw usage_error(printable(problem));
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n\v\f";
  auto const begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

/// One address per line; blank lines and lines that begin with '#' are skipped.
void append_addresses(std::vector<std::string>& out, std::istream& lines, std::string const& name) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  std::string line;
  for (bool first = true; std::getline(lines, line); first = false) {
    std::string_view text = line;
    if (first && text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    text = trimmed(text);
    if (!text.empty() && !text.starts_with('#')) out.emplace_back(text);
  }
  if (lines.bad()) refuse("--from: cannot read " + name + ": give a file with one address a line");
}

void append_addresses_from(std::vector<std::string>& out, std::string const& name) {
  if (name == "-") return append_addresses(out, std::cin, "standard input");
  std::ifstream file(name);
  if (!file)
    refuse("--from: cannot open " + name + ": give a file that exists and may be read, or - for standard input");
  append_addresses(out, file, name);
}

fictive::date_time parse_date_time(std::string_view text) {
  fictive::date_time value;
  if (!fictive::date_time::try_parse(text, value))
    refuse("--expires: not a date-time: write it as 2030-07-07T15:41:30, optionally followed by Z or +hh:mm");
  return value;
}

std::chrono::seconds parse_timeout(std::string_view text) {
  int seconds = 0;
  auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (problem != std::errc() || end != text.data() + text.size() || seconds < 1 || seconds > 3600)
    refuse("--timeout: write whole seconds, from 1 to 3600");
  return std::chrono::seconds(seconds);
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

/// An option with a value, and the function that stores it.
struct option {
  std::string_view name;
  bool repeatable;
  std::function<void(std::string_view)> take;
};

std::vector<option> options_of(command_line& line) {
  auto& config = line.job.config;
  auto& request = line.job.request;
  auto const secret = [](fictive::secret& to) { return [&to](std::string_view value) { to = value; }; };
  auto const text = [](std::string& to) { return [&to](std::string_view value) { to = value; }; };
  return {
      {"--base-url", false,
       [&](std::string_view value) {
         config.base_url = value;
         line.has_base_url = true;
       }},
      {"--group", false, text(request.account_group_token)},
      {"--version", false, text(config.api_version)},
      {"--session-id", false, secret(config.credentials.session_id)},
      {"--token-id", false, secret(config.credentials.token_id)},
      {"--bearer", false, secret(config.credentials.bearer_token)},
      {"--origin", false, text(config.origin)},
      {"--ca-file", false, [&](std::string_view value) { line.job.ca_file = readable_file("--ca-file", value); }},
      {"--subscription", true, [&](std::string_view value) { request.subscription_references.emplace_back(value); }},
      {"--expires", false, [&](std::string_view value) { request.expiry_date = parse_date_time(value); }},
      {"--timeout", false,
       [&](std::string_view value) {
         config.limits.total_timeout = parse_timeout(value);
         config.limits.connect_timeout = std::min(config.limits.connect_timeout, config.limits.total_timeout);
       }},
      {"--from", true,
       [&](std::string_view value) {
         line.names_addresses = true;
         append_addresses_from(request.email_addresses, std::string(value));
       }},
  };
}

/// The value of an option: after its '=', or the next argument.
std::string_view value_of(std::string_view name, std::string_view argument, std::vector<std::string_view>& rest) {
  if (argument.size() > name.size()) {
    auto const value = argument.substr(name.size() + 1);
    if (value.empty()) refuse(std::string(name) + " is empty: give it a value or leave it out");
    return value;
  }
  if (rest.empty() || rest.back().starts_with("--") || rest.back().empty())
    refuse(std::string(name) + " needs a value: write " + std::string(name) + "=VALUE");
  auto const value = rest.back();
  rest.pop_back();
  return value;
}

/// An address that is listed twice is invited once.
void remove_repeated(std::vector<std::string>& texts) {
  std::unordered_set<std::string> seen;
  std::erase_if(texts, [&seen](std::string const& text) { return !seen.insert(text).second; });
}

}  // namespace

command_line parse_command_line(int argc, char const* const* argv) {
  command_line line;
  auto const options = options_of(line);
  std::vector<std::string_view> seen;
  std::vector<std::string_view> rest(argv + std::min(argc, 1), argv + argc);  // in reverse: the next one is last
  std::reverse(rest.begin(), rest.end());

  bool only_addresses_follow = false;
  while (!rest.empty()) {
    auto const argument = rest.back();
    rest.pop_back();
    if (only_addresses_follow || !argument.starts_with('-')) {
      line.names_addresses = true;
      line.job.request.email_addresses.emplace_back(argument);
      continue;
    }
    if (argument == "--") {
      only_addresses_follow = true;
    } else if (argument == "--json") {
      line.as_json = true;
    } else if (argument == "--help" || argument == "-h") {
      line.asks_for_help = true;
      return line;
    } else {
      auto const name = argument.substr(0, argument.find('='));  // the value may be a secret
      auto const found = std::find_if(options.begin(), options.end(), [&](auto const& o) { return o.name == name; });
      if (found == options.end()) refuse("unknown option " + std::string(name) + ": --help lists the options");
      if (!found->repeatable && std::find(seen.begin(), seen.end(), name) != seen.end())
        refuse(std::string(name) + " is given twice: give it once");
      seen.push_back(found->name);
      found->take(value_of(found->name, argument, rest));
    }
  }

  auto& credentials = line.job.config.credentials;
  set_from_environment(credentials.session_id, "FICTIVE_SESSION_ID");
  set_from_environment(credentials.token_id, "FICTIVE_TOKEN_ID");
  set_from_environment(credentials.bearer_token, "FICTIVE_BEARER");
  remove_repeated(line.job.request.email_addresses);
  return line;
}

std::string help_text(std::string_view program, std::string_view description) {
  std::string text = "usage: " + std::string(program) + " [option]... [address]...\n\n" + std::string(description);
  return text + R"(

Invites each address to an account group. Without --base-url, it starts a fake of the service and invites sample
addresses there; options that are not given have sample values.

  --base-url URL        URL of the service: https://host, optionally with a port and a path
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
  --from FILE           read addresses from a file, one per line; blank lines and # comments are skipped; - is
                        standard input
  --json                print one JSON object instead of a table
  --help                print this text
  --                    the remaining arguments are addresses, even if they begin with a hyphen

A value may also follow a '=': --group=TOKEN. An address that is given twice is sent once.

exit status:
  0  all addresses were invited
  1  some addresses were refused, or are missing in the response
  2  invalid usage; nothing was sent
  3  failed; nobody was invited: correct the cause and send again
  4  failed; it is unknown whether anybody was invited: check before you send again
  5  the invitations were made, but the response is lost: do not send again
)";
}

}  // namespace examples
