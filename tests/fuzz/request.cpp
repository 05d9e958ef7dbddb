#include <fictive/fictive.hpp>

#include "fuzz/support/fuzz.hpp"

#include <boost/url/src.hpp>
#include <boost/url/url_view.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// A request: fields, each a letter and its value, between characters 0x1F. What is accepted must be read back as the same
// values by nlohmann/json and Boost.URL.

namespace fuzz {

struct input_fields {
  fictive::client_config config;
  fictive::invite_request request;
  fictive::http_headers headers_of_call;
};

void read_field(std::string const& field, input_fields& to) {
  auto const value = field.substr(field.empty() ? 0 : 1);
  auto const header = [&]() -> fictive::http_header {
    auto const colon = std::min(value.find(':'), value.size());
    return {value.substr(0, colon), value.substr(std::min(colon + 1, value.size()))};
  };
  fictive::date_time expiry;
  switch (field.empty() ? '\0' : field[0]) {
    case 'g': to.request.account_group_token = value; break;
    case 'a': to.request.email_addresses.push_back(value); break;
    case 's': to.request.subscription_references.push_back(value); break;
    case 'e':
      if (fictive::date_time::try_parse(value, expiry)) to.request.expiry_date = expiry;
      break;
    case 'b': to.config.base_url = value; break;
    case 'v': to.config.api_version = value; break;
    case 't': to.config.credentials.token_id = value; break;
    case 'i': to.config.credentials.session_id = value; break;
    case 'r': to.config.credentials.bearer_token = value; break;
    case 'o': to.config.origin = value; break;
    case 'u': to.config.user_agent = value; break;
    case 'h': to.config.extra_headers.push_back(header()); break;
    case 'c': to.headers_of_call.push_back(header()); break;
    case 'p': to.config.allow_insecure_http = true; break;
    case 'm': to.config.max_addresses_per_request = value.size(); break;
    default: break;
  }
}

void check_body(fictive::invite_request const& request, std::string const& body) {
  nlohmann::ordered_json expected;
  if (request.expiry_date) expected["expiryDate"] = request.expiry_date->to_string();
  if (!request.subscription_references.empty()) expected["subscriptionReferences"] = request.subscription_references;
  expected["emailAddresses"] = request.email_addresses;
  require(nlohmann::ordered_json::accept(body) && nlohmann::ordered_json::parse(body) == expected,
          "a second JSON library reads the request's values");
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : int{c}; };
    return lower(x) == lower(y);
  });
}

void check_url(input_fields const& in, std::string const& url) {
  auto const read = boost::urls::parse_uri(url);
  auto const base = boost::urls::parse_uri(in.config.base_url);
  require(read && base, "a second URL parser accepts the URL");
  require(
      read->scheme() == base->scheme() && read->encoded_host() == base->encoded_host() && read->port() == base->port(),
      "the request goes to the host and port of base_url");
  require(!read->has_query() && !read->has_fragment() && !read->has_userinfo(), "a URL has no other parts");
  std::vector<std::string> segments;
  for (auto const& segment : read->segments()) segments.push_back(segment);
  require(segments.size() >= 6 && segments[segments.size() - 2] == in.request.account_group_token,
          "the group token is one segment");
  std::vector<std::string> const fixed = {"rest", "api", "accounts", "groups"};
  require(segments.back() == "invites" && std::equal(fixed.begin(), fixed.end(), segments.end() - 6),
          "the path is the contract's");
  bool const is_open = base->scheme() == "http" && !in.config.allow_insecure_http;
  auto const host = read->encoded_host();
  bool const is_loopback = equals_ignoring_case({host.data(), host.size()}, "localhost") || host == "[::1]" ||
                           (read->host_type() == boost::urls::host_type::ipv4 && host.starts_with("127."));
  require(!is_open || is_loopback, "credentials are not sent in the open");
}

void check_headers(input_fields const& in, fictive::http_request const& made) {
  std::set<std::string> names;
  std::size_t own = 3 + 1;
  for (auto const& [name, value] : made.headers) {
    std::string lower;
    for (char const c : name) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    require(names.insert(lower).second, "no header occurs twice");
    require(!name.empty() && name.find_first_of(" \t\r\n:\"(),/;<=>?@[\\]{}") == std::string::npos,
            "a name is a token");
    require(is_printable_line(value), "a value is a line");
    require(value.empty() || (value.front() != ' ' && value.back() != ' '), "a value is trimmed");
  }
  for (char const* name : {"host", "content-length", "transfer-encoding", "connection", "content-encoding"})
    require(names.count(name) == 0, "the transport's headers are its own");
  auto const expect = [&](char const* name, std::string_view value, std::string const& prefix = {}) {
    if (value.empty()) return;
    auto const* sent = fictive::find_header(made.headers, name);
    require(sent && *sent == prefix + std::string(value), "a header has the value of its member");
    ++own;
  };
  auto const& c = in.config;
  expect("X-Version", c.api_version);
  expect("X-TokenId", c.credentials.token_id.reveal());
  expect("X-SessionId", c.credentials.session_id.reveal());
  expect("Authorization", c.credentials.bearer_token.reveal(), "Bearer ");
  expect("Origin", c.origin);
  require(made.headers.size() == own + c.extra_headers.size(), "nothing else is sent");
}

void test(std::string_view input) {
  input_fields in;
  for (auto const& field : split(input, '\x1F')) read_field(field, in);
  auto const made = fictive::make_invite_request(in.config, in.request);
  if (made) {
    check_body(in.request, made->body);
    check_url(in, made->url);
    check_headers(in, *made);
    require(made->method == "POST", "the method is POST");
  } else {
    auto const& e = made.error();
    require(e.code == fictive::errc::invalid_argument && e.effect == fictive::effect::none && e.attempts == 0,
            "a refusal had no effect");
    require(!e.message.empty() && is_ascii_line(e.message) && e.message.size() < 300, "a message is the library's own");
    require(e.server_message.empty() && e.request_id.empty(), "nobody answered");
  }
  fictive::call_options const options{.headers = in.headers_of_call};
  fictive::invite_call const call(in.config, in.request, {}, options);
  if (call.next() == fictive::call_step::send) {
    require(made.has_value(), "a call sends what can be made");
    require(call.request().headers.size() == made->headers.size() + in.headers_of_call.size(),
            "headers of a call are sent");
    for (auto const& [name, value] : call.request().headers) require(is_printable_line(value), "a value is a line");
  }
}

}  // namespace fuzz
