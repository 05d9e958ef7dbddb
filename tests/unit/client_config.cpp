#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/invite_requests.hpp"
#include "support/text.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace client_config_tests {

using fictive::client_config;
using fictive::invite_request;
using fictive::make_invite_request;
using namespace tests;
using namespace std::chrono_literals;

namespace {

fictive::error refusal_of_base_url(std::string base_url) {
  return refusal_of({.base_url = std::move(base_url)}, someone());
}

/// The fields of `service` that become the value of a header.
struct header_field {
  std::string name;  // as an error tells it
  std::function<void(client_config&, std::string)> set;
};

std::vector<header_field> const header_fields = {
    {"api_version", [](client_config& config, std::string text) { config.api_version = std::move(text); }},
    {"origin", [](client_config& config, std::string text) { config.origin = std::move(text); }},
    {"user_agent", [](client_config& config, std::string text) { config.user_agent = std::move(text); }},
    {"credentials.token_id", [](client_config& config, std::string text) { config.credentials.token_id = text; }},
    {"credentials.session_id", [](client_config& config, std::string text) { config.credentials.session_id = text; }},
    {"credentials.bearer_token",
     [](client_config& config, std::string text) { config.credentials.bearer_token = text; }},
    {"extra_headers[0]",
     [](client_config& config, std::string text) { config.extra_headers[0].value = std::move(text); }},
};

}  // namespace

TEST_CASE("a default configuration uses the documented service, without credentials", "[client_config]") {
  client_config const config;
  CHECK(config.base_url == "https://api.fictive.com");
  CHECK(config.api_version.empty());
  CHECK(config.credentials.token_id.empty());
  CHECK(config.credentials.session_id.empty());
  CHECK(config.credentials.bearer_token.empty());
  CHECK(config.origin.empty());
  CHECK(config.user_agent.empty());
  CHECK(config.extra_headers.empty());
  CHECK(config.max_addresses_per_request == 1000);
  CHECK(!config.allow_insecure_http);
}

TEST_CASE("credentials are set by designated initializers, in any subset", "[client_config]") {
  std::string const session = "session";
  client_config const config{.api_version = "9.0", .credentials = {.session_id = session}};
  CHECK(config.credentials.session_id.reveal() == "session");
  CHECK(config.credentials.token_id.empty());
}

TEST_CASE("the base URL may have a port, a path and trailing slashes", "[client_config][url]") {
  auto const [base_url, prefix] = GENERATE(table<std::string, std::string>({
      {"https://api.fictive.com/", "https://api.fictive.com"},
      {"https://api.fictive.com//", "https://api.fictive.com"},
      {"https://gateway.example/fictive/v9", "https://gateway.example/fictive/v9"},
      {"https://gateway.example/fictive/", "https://gateway.example/fictive"},
      {"https://gateway.example/a%20b/@tenant/...", "https://gateway.example/a%20b/@tenant/..."},
      {"https://api.fictive.com:8443", "https://api.fictive.com:8443"},
      {"https://api.fictive.com:8443/x/", "https://api.fictive.com:8443/x"},
      {"https://api.fictive.com:65535", "https://api.fictive.com:65535"},
      {"https://[2001:db8::1]", "https://[2001:db8::1]"},
      {"https://[::]", "https://[::]"},
      {"https://[1:2:3:4:5:6:7:8]", "https://[1:2:3:4:5:6:7:8]"},
      {"https://[1::8]", "https://[1::8]"},
      {"https://[1::]", "https://[1::]"},
      {"https://[::FFFF:1.2.3.4]", "https://[::FFFF:1.2.3.4]"},
      {"https://[1:2:3:4:5:6:1.2.3.4]", "https://[1:2:3:4:5:6:1.2.3.4]"},
      {"https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443/x"},
      {"https://192.0.2.7", "https://192.0.2.7"},
      {"HTTPS://API.FICTIVE.COM", "HTTPS://API.FICTIVE.COM"},
  }));
  CHECK(made({.base_url = base_url}, someone()).url == prefix + "/rest/api/accounts/groups/group/invites");
}

TEST_CASE("an invalid base URL is rejected", "[client_config][url]") {
  auto const base_url =
      GENERATE(as<std::string>(), "", " ", "api.fictive.com", "//api.fictive.com", "https:api.fictive.com",
               "https:/api.fictive.com", "https://", "https://.", "https://..", "https://-", "https://_:443",
               "https://~./x", "https:///x", "https://:443", "ftp://api.fictive.com", "file:///etc/passwd",
               "httpss://api.fictive.com", " https://api.fictive.com", "https://api.fictive.com ",
               "https://api.fictive.com\n", "https://api.fictive.com/a b", "https://api fictive.com",
               "https://api.fictive.com\\x", "https://api.fictive.com/x\\y", "https://api.fictive.com/\xC3\xA9",
               "https://api.f\xC3\xAD"
               "ctive.com",
               "https://api.fictive.com/\r\nX-Evil: 1", "https://api.fictive.com:", "https://api.fictive.com:0",
               "https://api.fictive.com:65536", "https://api.fictive.com:4294967739",
               "https://api.fictive.com:99999999999999999999", "https://api.fictive.com:+443",
               "https://api.fictive.com:44x", "https://api.fictive.com:443:443", "https://[2001:db8::1", "https://[]",
               "https://[2001:db8::1]x", "https://[fe80::1%25eth0]", "https://2001:db8::1",
               "https://api.fictive.com/a[1]", "https://api.fictive.com/#a#b", "https://[8:1]", "https://[:1::]",
               "https://[1:2:3:4:5:6:7:8:9]", "https://[1:2:3:4:5:6:7::8]x", "https://[::1::]", "https://[1:]",
               "https://[::12345]", "https://[::1.2.3]", "https://[::1.2.3.256]", "https://[1.2.3.4]", "https://[:]",
               "https://[1:2:3:4:5:6:7:8::]", "https://[1:2:3:4:5:6:7:1.2.3.4]", "https://[:::]");
  auto const e = refusal_of_base_url(base_url);
  CHECK(is_refusal_before_sending(e));
  CHECK(contains(e.message, "base_url"));
}

TEST_CASE("a stray percent sign in the base URL is rejected", "[client_config][url]") {
  auto const base_url = GENERATE(as<std::string>(), "https://api.fictive.com/%", "https://api.fictive.com/%2",
                                 "https://api.fictive.com/%zz/x");
  CHECK(contains(refusal_of_base_url(base_url).message, "base_url"));
}

TEST_CASE("a base URL with user info is rejected without disclosing it", "[client_config][url]") {
  auto const base_url = GENERATE(as<std::string>(), "https://user:hidden@api.fictive.com",
                                 "https://hidden@api.fictive.com/x", "https://@api.fictive.com",
                                 "https://api.fictive.com@evil.example", "https://api.fictive.com:443@evil.example",
                                 "https://api.fictive.com%40x@evil.example", "https://a@b@evil.example");
  auto const e = refusal_of_base_url(base_url);
  CHECK(is_refusal_before_sending(e));
  CHECK(contains(e.message, "base_url"));
  CHECK(contains(e.message, "user info"));
  CHECK(!contains(e.message, "hidden"));
}

TEST_CASE("a base URL with a misleading host is rejected", "[client_config][url]") {
  auto const base_url =
      GENERATE(as<std::string>(), "https://api.fictive.com\\@evil.example", "https://evil.example#@api.fictive.com",
               "https://evil.example?@api.fictive.com", "https://evil.example\\.api.fictive.com");
  CHECK(is_refusal_before_sending(refusal_of_base_url(base_url)));
}

TEST_CASE("a base URL with a query or a fragment is rejected without disclosing it", "[client_config][url]") {
  auto const base_url =
      GENERATE(as<std::string>(), "https://api.fictive.com?key=hidden", "https://api.fictive.com/x?key=hidden",
               "https://api.fictive.com/?", "https://api.fictive.com#hidden", "https://api.fictive.com/x#",
               "https://api.fictive.com/@x?key=hidden");
  auto const e = refusal_of_base_url(base_url);
  CHECK(is_refusal_before_sending(e));
  CHECK(contains(e.message, "base_url"));
  CHECK(contains(e.message, "query"));
  CHECK(!contains(e.message, "hidden"));
}

TEST_CASE("a base URL with a dot segment is rejected", "[client_config][url]") {
  auto const path = GENERATE(as<std::string>(), "/.", "/..", "/./x", "/x/../y", "/x/..", "/%2e", "/%2E%2e/x", "/.%2e",
                             "/x/%2E.", "//../x");
  auto const e = refusal_of_base_url("https://api.fictive.com" + path);
  CHECK(is_refusal_before_sending(e));
  CHECK(contains(e.message, "base_url"));
}

TEST_CASE("a time limit that is not positive is rejected", "[client_config][limits]") {
  auto const limit = GENERATE(0ms, -1ms);
  CHECK(contains(refusal_of({.limits = {.connect_timeout = limit}}, someone()).message, "limits.connect_timeout"));
  CHECK(contains(refusal_of({.limits = {.total_timeout = limit}}, someone()).message, "limits.total_timeout"));
}

TEST_CASE("plain http to loopback is permitted", "[client_config][url]") {
  auto const host =
      GENERATE(as<std::string>(), "localhost", "LocalHost", "127.0.0.1", "127.9.9.9", "127.255.255.255", "[::1]");
  CHECK(made({.base_url = "http://" + host}, someone()).url ==
        "http://" + host + "/rest/api/accounts/groups/group/invites");
  CHECK(make_invite_request({.base_url = "HTTP://" + host + ":8080/x"}, someone()));
}

TEST_CASE("plain http to another machine is rejected unless it is permitted", "[client_config][url]") {
  auto const host =
      GENERATE(as<std::string>(), "api.fictive.com", "10.0.0.1", "0.0.0.0", "127.0.0.1.evil.com", "127.1", "127.0.1",
               "127.0.0.1.1", "0127.0.0.1", "127.0.0.01", "127.0.0.256", "127.0.0.", "128.0.0.1", "2130706433",
               "0x7f.0.0.1", "1270.0.0.1", "localhost.evil.com", "notlocalhost", "[::2]", "[::]", "[2001:db8::1]");
  auto const e = refusal_of_base_url("http://" + host);
  CHECK(is_refusal_before_sending(e));
  CHECK(contains(e.message, "allow_insecure_http"));
  CHECK(make_invite_request({.base_url = "http://" + host, .allow_insecure_http = true}, someone()));
}

TEST_CASE("allow_insecure_http permits nothing else", "[client_config][url]") {
  auto const base_url =
      GENERATE(as<std::string>(), "ftp://10.0.0.1", "http://user@10.0.0.1", "http://10.0.0.1?x", "http://10.0.0.1/..");
  CHECK(!make_invite_request({.base_url = base_url, .allow_insecure_http = true}, someone()));
}

TEST_CASE("a rejection names the field, and discloses no value", "[client_config][secrets]") {
  struct row {
    std::string field;
    std::function<void(client_config&, invite_request&)> spoil;
  };
  auto const [field, spoil] = GENERATE(values<row>({
      {"account_group_token", [](client_config&, invite_request& request) { request.account_group_token = ""; }},
      {"account_group_token", [](client_config&, invite_request& request) { request.account_group_token = "."; }},
      {"account_group_token", [](client_config&, invite_request& request) { request.account_group_token = ".."; }},
      {"account_group_token", [](client_config&, invite_request& request) { request.account_group_token += "\xFF"; }},
      {"email_addresses", [](client_config&, invite_request& request) { request.email_addresses = {}; }},
      {"email_addresses[0]", [](client_config&, invite_request& request) { request.email_addresses[0] = ""; }},
      {"email_addresses[1]", [](client_config&, invite_request& request) { request.email_addresses[1] = ""; }},
      {"email_addresses[1]", [](client_config&, invite_request& request) { request.email_addresses[1] += "\xFF"; }},
      {"subscription_references[0]",
       [](client_config&, invite_request& request) { request.subscription_references[0] = ""; }},
      {"subscription_references[0]",
       [](client_config&, invite_request& request) { request.subscription_references[0] += "\xFF"; }},
      {"base_url", [](client_config& config, invite_request&) { config.base_url = "hidden"; }},
      {"api_version", [](client_config& config, invite_request&) { config.api_version = "hidden\n"; }},
      {"origin", [](client_config& config, invite_request&) { config.origin += "\n"; }},
      {"user_agent", [](client_config& config, invite_request&) { config.user_agent += "\n"; }},
      {"credentials.token_id",
       [](client_config& config, invite_request&) { config.credentials.token_id = "hidden\n"; }},
      {"credentials.session_id",
       [](client_config& config, invite_request&) { config.credentials.session_id = "hidden\n"; }},
      {"credentials.bearer_token",
       [](client_config& config, invite_request&) { config.credentials.bearer_token = "hidden\n"; }},
      {"extra_headers[0].value", [](client_config& config, invite_request&) { config.extra_headers[0].value += "\n"; }},
      {"extra_headers[0].name",
       [](client_config& config, invite_request&) { config.extra_headers[0].name = "hidden header"; }},
      {"extra_headers[1]",
       [](client_config& config, invite_request&) { config.extra_headers.push_back({"Content-Length", "hidden"}); }},
      {"max_addresses_per_request",
       [](client_config& config, invite_request&) { config.max_addresses_per_request = 0; }},
      {"max_addresses_per_request",
       [](client_config& config, invite_request&) { config.max_addresses_per_request = 1; }},
      {"limits.connect_timeout", [](client_config& config, invite_request&) { config.limits.connect_timeout = 0ms; }},
      {"limits.connect_timeout", [](client_config& config, invite_request&) { config.limits.connect_timeout = -1ms; }},
      {"limits.total_timeout", [](client_config& config, invite_request&) { config.limits.total_timeout = 0ms; }},
      {"limits.total_timeout", [](client_config& config, invite_request&) { config.limits.total_timeout = -1ms; }},
      {"limits.max_header_bytes", [](client_config& config, invite_request&) { config.limits.max_header_bytes = 0; }},
      {"limits.max_body_bytes", [](client_config& config, invite_request&) { config.limits.max_body_bytes = 0; }},
  }));
  auto config = full_config();
  auto request = full_request();
  REQUIRE(make_invite_request(config, request));
  spoil(config, request);

  auto const e = refusal_of(config, request);
  CHECK(is_refusal_before_sending(e));
  CHECK(contains(e.message, field));
  CHECK(!contains(e.message, "hidden"));
  CHECK(!contains(e.message, "fictiveglobal"));
  CHECK(e.server_message.empty());
}

TEST_CASE("text that is not well-formed UTF-8 is rejected in every field", "[client_config][invite_request]") {
  auto const text = GENERATE_REF(from_range(ill_formed_texts));
  auto const before_and_after = [&](auto const& set) {
    for (auto const& whole : {text, "a" + text, text + "z"}) {
      auto config = full_config();
      auto request = full_request();
      set(config, request, whole);
      CHECK(is_refusal_before_sending(refusal_of(config, request)));
    }
  };
  before_and_after(
      [](client_config&, invite_request& request, auto const& whole) { request.account_group_token = whole; });
  before_and_after(
      [](client_config&, invite_request& request, auto const& whole) { request.email_addresses[1] = whole; });
  before_and_after(
      [](client_config&, invite_request& request, auto const& whole) { request.subscription_references[0] = whole; });
  for (auto const& field : header_fields)
    before_and_after([&](client_config& config, invite_request&, auto const& whole) { field.set(config, whole); });
}

TEST_CASE("a control character in a header value is rejected", "[client_config][headers]") {
  auto const& field = GENERATE_REF(from_range(header_fields));
  for (int byte = 0; byte < 128; byte = byte == 31 ? 127 : byte + 1) {
    for (auto const& before : {"", "hidden"}) {
      for (auto const& after : {"", "hidden"}) {
        CAPTURE(field.name, byte, before, after);
        auto config = full_config();
        field.set(config, std::string(before) + static_cast<char>(byte) + after);
        auto const e = refusal_of(config, someone());
        CHECK(is_refusal_before_sending(e));
        CHECK(contains(e.message, field.name));
        CHECK(!contains(e.message, "hidden"));
      }
    }
  }
}

TEST_CASE("a leading or trailing space in a header value is rejected", "[client_config][headers]") {
  auto const& field = GENERATE_REF(from_range(header_fields));
  auto const value = GENERATE(as<std::string>(), " ", " hidden", "hidden ");
  CAPTURE(field.name);
  auto config = full_config();
  field.set(config, value);
  auto const e = refusal_of(config, someone());
  CHECK(is_refusal_before_sending(e));
  CHECK(contains(e.message, field.name));
}

TEST_CASE("a header value may contain spaces, punctuation and UTF-8", "[client_config][headers]") {
  auto const& field = GENERATE_REF(from_range(header_fields));
  CAPTURE(field.name);
  auto config = full_config();
  field.set(config, "a b (c); \"d\" \xC3\xA9");
  CHECK(make_invite_request(config, someone()));
}

TEST_CASE("extra headers are sent unchanged, in their order", "[client_config][headers]") {
  auto const headers =
      made({.extra_headers = {{"X-B", "2"}, {"X-A", "1"}, {"x-empty", ""}, {"!#$%&'*+-.^_`|~09aZ", "3"}}}, someone())
          .headers;
  REQUIRE(headers.size() == 8);
  CHECK(headers[4].name == "X-B");
  CHECK(headers[5].name == "X-A");
  CHECK(headers[5].value == "1");
  CHECK(headers[6].value == "");
  CHECK(headers[7].value == "3");
}

TEST_CASE("an extra header may be Authorization, unless a bearer token is set", "[client_config][headers]") {
  client_config config = {.extra_headers = {{"Authorization", "Basic hidden"}}};
  CHECK(*fictive::find_header(made(config, someone()).headers, "Authorization") == "Basic hidden");
  config.credentials.bearer_token = "token";
  CHECK(contains(refusal_of(config, someone()).message, "extra_headers[0]"));
}

TEST_CASE("an extra header must not contradict the rest of the request", "[client_config][headers]") {
  auto const name =
      GENERATE(as<std::string>(), "Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive",
               "Content-Encoding", "Expect", "TE", "Trailer", "Upgrade", "Proxy-Connection",  // the transport's
               "X-Version", "X-TokenId", "X-SessionId", "Origin",          // with a field of their own
               "Accept", "Content-Type", "Accept-Encoding", "User-Agent",  // sent anyway
               "X-Twice", "hOST", "x-sessionid", "ACCEPT");
  auto const e = refusal_of({.extra_headers = {{"x-twice", "1"}, {name, "hidden"}}}, someone());
  CHECK(is_refusal_before_sending(e));
  CHECK(contains(e.message, "extra_headers[1]"));
  CHECK(!contains(e.message, "hidden"));
}

TEST_CASE("the name of an extra header is a token", "[client_config][headers]") {
  for (int byte = 0; byte < 256; ++byte) {
    auto const c = static_cast<char>(byte);
    bool const is_token_character =
        contains("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", {&c, 1});
    CAPTURE(byte);
    CHECK(make_invite_request({.extra_headers = {{std::string("X-") + c, "1"}}}, someone()).has_value() ==
          is_token_character);
  }
  CHECK(!make_invite_request({.extra_headers = {{"", "1"}}}, someone()));
}

TEST_CASE("the first problem of several headers is reported", "[client_config][headers]") {
  auto const e = refusal_of({.api_version = "a\n", .extra_headers = {{"Host", "x"}}}, someone());
  CHECK(contains(e.message, "api_version"));
}

}  // namespace client_config_tests
