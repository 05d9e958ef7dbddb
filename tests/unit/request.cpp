#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/samples.hpp"
#include "support/text.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace request_tests {

using fictive::date_time;
using fictive::effect;
using fictive::errc;
using fictive::http_request;
using fictive::invite_request;
using fictive::make_invite_request;
using fictive::service;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;
using header = std::pair<std::string, std::string>;

invite_request someone() {
  return {.account_group_token = "group", .email_addresses = {"jamie.muir@fictiveglobal.com"}};
}

/// With everything set, and "hidden" in all that an error must not show.
service full_service() {
  return {.version = "9.0.0",
          .credentials = {.token_id = "hidden-token", .session_id = "hidden-session", .bearer_token = "hidden-bearer"},
          .origin = "https://hidden.example",
          .user_agent = "hidden-agent/2.1",
          .extra_headers = {{"X-Gateway-Key", "hidden-key"}}};
}

invite_request full_request() {
  return {.account_group_token = "hidden-group",
          .email_addresses = {"hidden@fictiveglobal.com", "josh.fogg+hidden@fictiveglobal.com"},
          .subscription_references = {"hidden-subscription"},
          .expiry_date = date_time::parse("2017-07-07T15:41:30")};
}

http_request made(service const& to, invite_request const& request) {
  auto const outgoing = make_invite_request(to, request);
  REQUIRE(outgoing);
  return *outgoing;
}

fictive::error refusal_of(service const& to, invite_request const& request) {
  auto const outgoing = make_invite_request(to, request);
  REQUIRE(!outgoing);
  return outgoing.error();
}

fictive::error refusal_of_base_url(std::string base_url) {
  return refusal_of({.base_url = std::move(base_url)}, someone());
}

bool is_refusal_before_sending(fictive::error const& e) {
  return e.code == errc::invalid_argument && e.effect == effect::none && e.attempts == 0 && e.status == 0;
}

/// Sorted, for the order of headers means nothing.
std::vector<header> headers_of(http_request const& request) {
  std::vector<header> headers;
  for (auto const& [name, value] : request.headers) headers.emplace_back(name, value);
  std::sort(headers.begin(), headers.end());
  return headers;
}

std::string url_for_group(std::string const& token) {
  auto request = someone();
  request.account_group_token = token;
  return made({}, request).url;
}

std::string url_of_group_segment(std::string_view segment) {
  return "https://api.fictive.com/rest/api/accounts/groups/" + std::string(segment) + "/invites";
}

std::string percent_encoded(unsigned char byte) {
  char const* const digits = "0123456789ABCDEF";
  return {'%', digits[byte / 16], digits[byte % 16]};
}

/// The one address in the body, read by a JSON parser that is not ours.
std::string address_on_the_wire(std::string const& address) {
  auto request = someone();
  request.email_addresses = {address};
  auto const document = boost::json::parse(made({}, request).body);
  auto const& text = document.at("emailAddresses").at(0).as_string();
  return {text.data(), text.size()};
}

/// The JSON string of a text, byte by byte after RFC 8259.
std::string json_string(std::string_view text) {
  std::string_view const short_escapes = "\"\"\\\\\bb\ff\nn\rr\tt", digits = "0123456789abcdef";
  std::string json = "\"";
  for (char c : text) {
    auto const byte = static_cast<unsigned char>(c);
    std::size_t escape = 0;
    while (escape < short_escapes.size() && short_escapes[escape] != c) escape += 2;
    if (escape < short_escapes.size())
      json += {'\\', short_escapes[escape + 1]};
    else if (byte < 0x20)
      json += {'\\', 'u', '0', '0', digits[byte / 16], digits[byte % 16]};
    else
      json += c;
  }
  return json + "\"";
}

std::vector<std::string> const ill_formed_texts = {
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

std::vector<std::string> const well_formed_texts = {
    "\x7F",         "\xC2\x80",     "\xDF\xBF",         "\xE0\xA0\x80",     "\xED\x9F\xBF",
    "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "\xC3\xA9\xE6\xBC\xA2\xF0\x9F\x98\x80"};

/// The fields of `service` that become the value of a header.
struct header_field {
  std::string name;  // as an error tells it
  std::function<void(service&, std::string)> set;
};

std::vector<header_field> const header_fields = {
    {"service.version", [](service& to, std::string text) { to.version = std::move(text); }},
    {"service.origin", [](service& to, std::string text) { to.origin = std::move(text); }},
    {"service.user_agent", [](service& to, std::string text) { to.user_agent = std::move(text); }},
    {"service.credentials.token_id", [](service& to, std::string text) { to.credentials.token_id = text; }},
    {"service.credentials.session_id", [](service& to, std::string text) { to.credentials.session_id = text; }},
    {"service.credentials.bearer_token", [](service& to, std::string text) { to.credentials.bearer_token = text; }},
    {"service.extra_headers[0]", [](service& to, std::string text) { to.extra_headers[0].value = std::move(text); }},
};

}  // namespace

// ----------------------------------------------------------------------------------------- what goes on the wire

TEST_CASE("an invitation is a POST to the invites of its account group") {
  auto const request = made({}, someone());
  CHECK(request.method == "POST");
  CHECK(request.url == "https://api.fictive.com/rest/api/accounts/groups/group/invites");
}

TEST_CASE("a service that sets nothing gets the headers of every request, and no other") {
  CHECK(headers_of(made({}, someone())) == std::vector<header>{{"Accept", "application/json"},
                                                               {"Accept-Encoding", "identity"},
                                                               {"Content-Type", "application/json"},
                                                               {"User-Agent", "fictive-cpp/" FICTIVE_VERSION_STRING}});
}

TEST_CASE("each header is sent once when it is set") {
  CHECK(headers_of(made(full_service(), someone())) ==
        std::vector<header>{{"Accept", "application/json"},
                            {"Accept-Encoding", "identity"},
                            {"Authorization", "Bearer hidden-bearer"},
                            {"Content-Type", "application/json"},
                            {"Origin", "https://hidden.example"},
                            {"User-Agent", "fictive-cpp/" FICTIVE_VERSION_STRING " hidden-agent/2.1"},
                            {"X-Gateway-Key", "hidden-key"},
                            {"X-SessionId", "hidden-session"},
                            {"X-TokenId", "hidden-token"},
                            {"X-Version", "9.0.0"}});
}

TEST_CASE("the body of a full request is the documented one, to the letter") {
  auto const request = made({}, {.account_group_token = "group",
                                 .email_addresses = {"jamie.muir@fictiveglobal.com", "josh.fogg@fictiveglobal.com",
                                                     "jim.pimblett@fictiveglobal.com", "alex.marinescu@fictiveglobal"},
                                 .subscription_references = {"asjdkas6712kabcd"},
                                 .expiry_date = date_time::parse("2017-07-07T15:41:30")});
  CHECK(request.body + "\n" == sample("request-full.json"));
}

TEST_CASE("what a request does not set is left out of the body") {
  auto request = someone();
  CHECK(made({}, request).body == R"({"emailAddresses":["jamie.muir@fictiveglobal.com"]})");
  request.subscription_references = {"a", "b"};
  CHECK(made({}, request).body ==
        R"({"subscriptionReferences":["a","b"],"emailAddresses":["jamie.muir@fictiveglobal.com"]})");
  request.subscription_references = {};
  request.expiry_date = date_time::parse("2017-07-07T15:41:30");
  CHECK(made({}, request).body ==
        R"({"expiryDate":"2017-07-07T15:41:30","emailAddresses":["jamie.muir@fictiveglobal.com"]})");
}

TEST_CASE("the expiry date is sent as the caller's value has it") {
  auto const text = GENERATE(as<std::string>(), "2017-07-07T15:41:30", "2017-07-03T11:31:41.0353603Z",
                             "2017-07-03T11:31:41.0353603+01:00", "0001-01-01T00:00:00");
  auto request = someone();
  request.expiry_date = date_time::parse(text);
  CHECK(contains(made({}, request).body, R"({"expiryDate":")" + text + R"(",)"));
}

TEST_CASE("addresses are sent as they are given, in their order, repeated ones too") {
  auto request = someone();
  request.email_addresses = {"b", "a", "b", "not an address"};
  CHECK(made({}, request).body == R"({"emailAddresses":["b","a","b","not an address"]})");
}

TEST_CASE("the limits of the service are those of the request") {
  auto const limits =
      made({.limits = {.connect_timeout = 1ms, .total_timeout = 2ms, .max_header_bytes = 3, .max_body_bytes = 4}},
           someone())
          .limits;
  CHECK(limits.connect_timeout == 1ms);
  CHECK(limits.total_timeout == 2ms);
  CHECK(limits.max_header_bytes == 3);
  CHECK(limits.max_body_bytes == 4);
}

TEST_CASE("the same call makes the same request") {
  auto const first = made(full_service(), full_request()), second = made(full_service(), full_request());
  CHECK(first.url == second.url);
  CHECK(first.body == second.body);
  CHECK(headers_of(first) == headers_of(second));
}

// ------------------------------------------------------------------------------------------------ JSON escaping

TEST_CASE("every character of ASCII in an address reaches the service") {
  for (int byte = 0; byte < 128; ++byte) {
    CAPTURE(byte);
    auto const address = std::string("a") + static_cast<char>(byte) + "z";
    CHECK(address_on_the_wire(address) == address);
    CHECK(address_on_the_wire(address.substr(1, 1)) == address.substr(1, 1));
  }
}

TEST_CASE("an address that is full of escapes reaches the service") {
  std::string const address = std::string("\0\x01\x1F", 3) + "\"\\\"\\\b\f\n\r\t\x7F</script>";
  CHECK(address_on_the_wire(address) == address);
}

TEST_CASE("text beyond ASCII reaches the service as UTF-8") {
  auto const text = GENERATE_REF(from_range(well_formed_texts));
  auto request = someone();
  request.email_addresses = {text};
  CHECK(contains(made({}, request).body, text));
  CHECK(address_on_the_wire(text) == text);
}

TEST_CASE("a character that needs attention gets it at every place of a text of every length") {
  auto request = someone();
  for (std::string const special : {"\"", "\\", "\n", "\x1F", "\x01", "\x7F", "\xC3\xA9", "\xF0\x9F\x98\x80"}) {
    for (std::size_t size = 0; size <= 70; ++size) {
      request.email_addresses.clear();
      for (std::size_t at = 0; at <= size; ++at)
        request.email_addresses.push_back(std::string(at, 'x') + special + std::string(size - at, 'y'));
      std::string expected = "{\"emailAddresses\":[";
      for (auto const& address : request.email_addresses) expected += json_string(address) + ",";
      expected.back() = ']';
      if (made({}, request).body != expected + "}")
        FAIL("with " << json_string(special) << " in " << size << " characters");
    }
  }
}

TEST_CASE("text that is not UTF-8 is refused at every place of a text of every length") {
  auto request = someone();
  for (std::string const bad : {"\xFF", "\x80", "\xC3", "\xED\xA0\x80"}) {
    for (std::size_t size = 0; size <= 70; ++size) {
      for (std::size_t at = 0; at <= size; ++at) {
        request.email_addresses = {"a", std::string(at, 'x') + bad + std::string(size - at, 'y')};
        auto const message = refusal_of({}, request).message;
        if (message != "email_addresses[1] is not UTF-8: re-encode it") FAIL(size << ", " << at << ": " << message);
      }
    }
  }
}

TEST_CASE("any texts at all are written as a writer that looks at one byte after the other writes them") {
  std::string_view const pieces[] = {"a",
                                     "jamie.muir@fictiveglobal.com",
                                     "\"",
                                     "\\",
                                     "\x01",
                                     "\n",
                                     "\xC3\xA9",
                                     "\x7F",
                                     "0123456789abcdef",
                                     "\xF4\x8F\xBF\xBF",
                                     "/",
                                     "x y"};
  std::mt19937 random(20170709);
  for (int i = 0; i < 2'000; ++i) {
    auto request = someone();
    auto const fill = [&](std::vector<std::string>& list) {
      list.assign(1 + random() % 8, "");
      for (auto& text : list)
        for (auto count = 1 + random() % 9; count > 0; --count) text += pieces[random() % std::size(pieces)];
    };
    fill(request.email_addresses);
    fill(request.subscription_references);
    std::string expected = "{\"subscriptionReferences\":[";
    for (auto const& text : request.subscription_references) expected += json_string(text) + ",";
    expected.back() = ']';
    expected += ",\"emailAddresses\":[";
    for (auto const& text : request.email_addresses) expected += json_string(text) + ",";
    expected.back() = ']';
    if (made({}, request).body != expected + "}") FAIL("instead of " << expected);
  }
}

TEST_CASE("subscription references are escaped as addresses are") {
  auto request = someone();
  request.subscription_references = {"a\"\\\n\x01z", "\xC3\xA9"};
  auto const document = boost::json::parse(made({}, request).body);
  CHECK(document.at("subscriptionReferences").at(0).as_string() == "a\"\\\n\x01z");
  CHECK(document.at("subscriptionReferences").at(1).as_string() == "\xC3\xA9");
}

TEST_CASE("a request holds very many addresses") {
  auto request = someone();
  request.email_addresses.assign(10'000, "\"jamie.muir\"@fictiveglobal.com");
  auto const document = boost::json::parse(made({}, request).body);
  CHECK(document.at("emailAddresses").as_array().size() == 10'000);
  CHECK(document.at("emailAddresses").at(9'999).as_string() == "\"jamie.muir\"@fictiveglobal.com");
}

// ------------------------------------------------------------------------------------------ the path, the base URL

TEST_CASE("every character of the account group token stays within its path segment") {
  std::string_view const unreserved = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  for (unsigned byte = 0; byte < 128; ++byte) {
    CAPTURE(byte);
    auto const c = static_cast<char>(byte);
    auto const encoded =
        contains(unreserved, {&c, 1}) ? std::string(1, c) : percent_encoded(static_cast<unsigned char>(byte));
    CHECK(url_for_group(std::string("a") + c) == url_of_group_segment("a" + encoded));
  }
}

TEST_CASE("an account group token beyond ASCII is percent-encoded byte by byte") {
  auto const token = GENERATE_REF(from_range(well_formed_texts));
  std::string encoded;
  for (char c : token) encoded += percent_encoded(static_cast<unsigned char>(c));
  CHECK(url_for_group(token) == url_of_group_segment(encoded));
}

TEST_CASE("an account group token cannot lead elsewhere") {
  auto const [token, segment] = GENERATE(table<std::string, std::string>({
      {"../admin", "..%2Fadmin"},
      {"%2F", "%252F"},
      {"%2e%2e", "%252e%252e"},
      {"a/b\\c", "a%2Fb%5Cc"},
      {"a?b#c", "a%3Fb%23c"},
      {"a b", "a%20b"},
      {"...", "..."},
      {".a", ".a"},
      {"group\r\nX-Evil: 1", "group%0D%0AX-Evil%3A%201"},
  }));
  CHECK(url_for_group(token) == url_of_group_segment(segment));
}

TEST_CASE("the base URL may have a port, a path and slashes at its end") {
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
      {"https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443/x"},
      {"https://192.0.2.7", "https://192.0.2.7"},
      {"HTTPS://API.FICTIVE.COM", "HTTPS://API.FICTIVE.COM"},
  }));
  CHECK(made({.base_url = base_url}, someone()).url == prefix + "/rest/api/accounts/groups/group/invites");
}

TEST_CASE("a base URL that is not one is refused") {
  auto const base_url =
      GENERATE(as<std::string>(), "", " ", "api.fictive.com", "//api.fictive.com", "https:api.fictive.com",
               "https:/api.fictive.com", "https://", "https:///x", "https://:443", "ftp://api.fictive.com",
               "file:///etc/passwd", "httpss://api.fictive.com", " https://api.fictive.com", "https://api.fictive.com ",
               "https://api.fictive.com\n", "https://api.fictive.com/a b", "https://api fictive.com",
               "https://api.fictive.com\\x", "https://api.fictive.com/x\\y", "https://api.fictive.com/\xC3\xA9",
               "https://api.f\xC3\xAD"
               "ctive.com",
               "https://api.fictive.com/\r\nX-Evil: 1", "https://api.fictive.com:", "https://api.fictive.com:0",
               "https://api.fictive.com:65536", "https://api.fictive.com:4294967739",
               "https://api.fictive.com:99999999999999999999", "https://api.fictive.com:+443",
               "https://api.fictive.com:44x", "https://api.fictive.com:443:443", "https://[2001:db8::1", "https://[]",
               "https://[2001:db8::1]x", "https://[fe80::1%25eth0]", "https://2001:db8::1");
  auto const e = refusal_of_base_url(base_url);
  CHECK(is_refusal_before_sending(e));
  CHECK(contains(e.message, "service.base_url"));
}

TEST_CASE("a percent sign in the base URL that encodes nothing is refused") {
  auto const base_url = GENERATE(as<std::string>(), "https://api.fictive.com/%", "https://api.fictive.com/%2",
                                 "https://api.fictive.com/%zz/x");
  CHECK(contains(refusal_of_base_url(base_url).message, "service.base_url"));
}

TEST_CASE("a base URL with user info is refused, and without telling it") {
  auto const base_url = GENERATE(as<std::string>(), "https://user:hidden@api.fictive.com",
                                 "https://hidden@api.fictive.com/x", "https://@api.fictive.com",
                                 "https://api.fictive.com@evil.example", "https://api.fictive.com:443@evil.example",
                                 "https://api.fictive.com%40x@evil.example", "https://a@b@evil.example");
  auto const e = refusal_of_base_url(base_url);
  CHECK(is_refusal_before_sending(e));
  CHECK(contains(e.message, "service.base_url"));
  CHECK(contains(e.message, "user info"));
  CHECK(!contains(e.message, "hidden"));
}

TEST_CASE("a base URL whose host only seems to be another one is refused") {
  auto const base_url =
      GENERATE(as<std::string>(), "https://api.fictive.com\\@evil.example", "https://evil.example#@api.fictive.com",
               "https://evil.example?@api.fictive.com", "https://evil.example\\.api.fictive.com");
  CHECK(is_refusal_before_sending(refusal_of_base_url(base_url)));
}

TEST_CASE("a base URL with a query or a fragment is refused, and without telling it") {
  auto const base_url =
      GENERATE(as<std::string>(), "https://api.fictive.com?key=hidden", "https://api.fictive.com/x?key=hidden",
               "https://api.fictive.com/?", "https://api.fictive.com#hidden", "https://api.fictive.com/x#",
               "https://api.fictive.com/@x?key=hidden");
  auto const e = refusal_of_base_url(base_url);
  CHECK(is_refusal_before_sending(e));
  CHECK(contains(e.message, "service.base_url"));
  CHECK(contains(e.message, "query"));
  CHECK(!contains(e.message, "hidden"));
}

TEST_CASE("a base URL with a dot segment is refused") {
  auto const path = GENERATE(as<std::string>(), "/.", "/..", "/./x", "/x/../y", "/x/..", "/%2e", "/%2E%2e/x", "/.%2e",
                             "/x/%2E.", "//../x");
  auto const e = refusal_of_base_url("https://api.fictive.com" + path);
  CHECK(is_refusal_before_sending(e));
  CHECK(contains(e.message, "service.base_url"));
}

// ------------------------------------------------------------------------------------------------------ plain http

TEST_CASE("plain http is for this machine's loopback") {
  auto const host =
      GENERATE(as<std::string>(), "localhost", "LocalHost", "127.0.0.1", "127.9.9.9", "127.255.255.255", "[::1]");
  CHECK(made({.base_url = "http://" + host}, someone()).url ==
        "http://" + host + "/rest/api/accounts/groups/group/invites");
  CHECK(make_invite_request({.base_url = "HTTP://" + host + ":8080/x"}, someone()));
}

TEST_CASE("plain http to another machine is refused unless it is allowed") {
  auto const host =
      GENERATE(as<std::string>(), "api.fictive.com", "10.0.0.1", "0.0.0.0", "127.0.0.1.evil.com", "127.1", "127.0.1",
               "127.0.0.1.1", "0127.0.0.1", "127.0.0.01", "127.0.0.256", "127.0.0.", "128.0.0.1", "2130706433",
               "0x7f.0.0.1", "1270.0.0.1", "localhost.evil.com", "notlocalhost", "[::2]", "[::]", "[2001:db8::1]");
  auto const e = refusal_of_base_url("http://" + host);
  CHECK(is_refusal_before_sending(e));
  CHECK(contains(e.message, "service.allow_insecure_http"));
  CHECK(make_invite_request({.base_url = "http://" + host, .allow_insecure_http = true}, someone()));
}

TEST_CASE("allowing plain http allows nothing else") {
  auto const base_url =
      GENERATE(as<std::string>(), "ftp://10.0.0.1", "http://user@10.0.0.1", "http://10.0.0.1?x", "http://10.0.0.1/..");
  CHECK(!make_invite_request({.base_url = base_url, .allow_insecure_http = true}, someone()));
}

// -------------------------------------------------------------------------------------------------------- refusals

TEST_CASE("a refusal names the field, and shows nothing that is secret") {
  struct row {
    std::string field;
    std::function<void(service&, invite_request&)> spoil;
  };
  auto const [field, spoil] = GENERATE(values<row>({
      {"account_group_token", [](service&, invite_request& request) { request.account_group_token = ""; }},
      {"account_group_token", [](service&, invite_request& request) { request.account_group_token = "."; }},
      {"account_group_token", [](service&, invite_request& request) { request.account_group_token = ".."; }},
      {"account_group_token", [](service&, invite_request& request) { request.account_group_token += "\xFF"; }},
      {"email_addresses", [](service&, invite_request& request) { request.email_addresses = {}; }},
      {"email_addresses[0]", [](service&, invite_request& request) { request.email_addresses[0] = ""; }},
      {"email_addresses[1]", [](service&, invite_request& request) { request.email_addresses[1] = ""; }},
      {"email_addresses[1]", [](service&, invite_request& request) { request.email_addresses[1] += "\xFF"; }},
      {"subscription_references[0]",
       [](service&, invite_request& request) { request.subscription_references[0] = ""; }},
      {"subscription_references[0]",
       [](service&, invite_request& request) { request.subscription_references[0] += "\xFF"; }},
      {"service.base_url", [](service& to, invite_request&) { to.base_url = "hidden"; }},
      {"service.version", [](service& to, invite_request&) { to.version = "hidden\n"; }},
      {"service.origin", [](service& to, invite_request&) { to.origin += "\n"; }},
      {"service.user_agent", [](service& to, invite_request&) { to.user_agent += "\n"; }},
      {"service.credentials.token_id", [](service& to, invite_request&) { to.credentials.token_id = "hidden\n"; }},
      {"service.credentials.session_id", [](service& to, invite_request&) { to.credentials.session_id = "hidden\n"; }},
      {"service.credentials.bearer_token",
       [](service& to, invite_request&) { to.credentials.bearer_token = "hidden\n"; }},
      {"service.extra_headers[0].value", [](service& to, invite_request&) { to.extra_headers[0].value += "\n"; }},
      {"service.extra_headers[0].name",
       [](service& to, invite_request&) { to.extra_headers[0].name = "hidden header"; }},
      {"service.extra_headers[1]",
       [](service& to, invite_request&) { to.extra_headers.push_back({"Content-Length", "hidden"}); }},
      {"service.limits.connect_timeout", [](service& to, invite_request&) { to.limits.connect_timeout = 0ms; }},
      {"service.limits.connect_timeout", [](service& to, invite_request&) { to.limits.connect_timeout = -1ms; }},
      {"service.limits.total_timeout", [](service& to, invite_request&) { to.limits.total_timeout = 0ms; }},
      {"service.limits.total_timeout", [](service& to, invite_request&) { to.limits.total_timeout = -1ms; }},
      {"service.limits.max_header_bytes", [](service& to, invite_request&) { to.limits.max_header_bytes = 0; }},
      {"service.limits.max_body_bytes", [](service& to, invite_request&) { to.limits.max_body_bytes = 0; }},
  }));
  auto to = full_service();
  auto request = full_request();
  REQUIRE(make_invite_request(to, request));
  spoil(to, request);

  auto const e = refusal_of(to, request);
  CHECK(is_refusal_before_sending(e));
  CHECK(contains(e.message, field));
  CHECK(!contains(e.message, "hidden"));
  CHECK(!contains(e.message, "fictiveglobal"));
  CHECK(e.server_message.empty());
}

TEST_CASE("text that is not well-formed UTF-8 is refused wherever it would be sent") {
  auto const text = GENERATE_REF(from_range(ill_formed_texts));
  auto const before_and_after = [&](auto const& set) {
    for (auto const& whole : {text, "a" + text, text + "z"}) {
      auto to = full_service();
      auto request = full_request();
      set(to, request, whole);
      CHECK(is_refusal_before_sending(refusal_of(to, request)));
    }
  };
  before_and_after([](service&, invite_request& request, auto const& whole) { request.account_group_token = whole; });
  before_and_after([](service&, invite_request& request, auto const& whole) { request.email_addresses[1] = whole; });
  before_and_after(
      [](service&, invite_request& request, auto const& whole) { request.subscription_references[0] = whole; });
  for (auto const& field : header_fields)
    before_and_after([&](service& to, invite_request&, auto const& whole) { field.set(to, whole); });
}

TEST_CASE("a control character in the value of a header is refused") {
  auto const& field = GENERATE_REF(from_range(header_fields));
  for (int byte = 0; byte < 128; byte = byte == 31 ? 127 : byte + 1) {
    for (auto const& before : {"", "hidden"}) {
      for (auto const& after : {"", "hidden"}) {
        CAPTURE(field.name, byte, before, after);
        auto to = full_service();
        field.set(to, std::string(before) + static_cast<char>(byte) + after);
        auto const e = refusal_of(to, someone());
        CHECK(is_refusal_before_sending(e));
        CHECK(contains(e.message, field.name));
        CHECK(!contains(e.message, "hidden"));
      }
    }
  }
}

TEST_CASE("a space at an end of a header's value is refused, for HTTP would not keep it") {
  auto const& field = GENERATE_REF(from_range(header_fields));
  auto const value = GENERATE(as<std::string>(), " ", " hidden", "hidden ");
  CAPTURE(field.name);
  auto to = full_service();
  field.set(to, value);
  auto const e = refusal_of(to, someone());
  CHECK(is_refusal_before_sending(e));
  CHECK(contains(e.message, field.name));
}

TEST_CASE("a header's value may hold spaces, punctuation and UTF-8") {
  auto const& field = GENERATE_REF(from_range(header_fields));
  CAPTURE(field.name);
  auto to = full_service();
  field.set(to, "a b (c); \"d\" \xC3\xA9");
  CHECK(make_invite_request(to, someone()));
}

// --------------------------------------------------------------------------------------------------- extra headers

TEST_CASE("extra headers are sent as they are, in their order") {
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

TEST_CASE("an extra header may authorize at a gateway, as long as no bearer token does") {
  service to = {.extra_headers = {{"Authorization", "Basic hidden"}}};
  CHECK(*fictive::find_header(made(to, someone()).headers, "Authorization") == "Basic hidden");
  to.credentials.bearer_token = "token";
  CHECK(contains(refusal_of(to, someone()).message, "service.extra_headers[0]"));
}

TEST_CASE("an extra header must not contradict the rest of the request") {
  auto const name =
      GENERATE(as<std::string>(), "Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive",
               "Content-Encoding", "Expect", "TE", "Trailer", "Upgrade", "Proxy-Connection",  // the transport's
               "X-Version", "X-TokenId", "X-SessionId", "Origin",          // with a field of their own
               "Accept", "Content-Type", "Accept-Encoding", "User-Agent",  // sent anyway
               "X-Twice", "hOST", "x-sessionid", "ACCEPT");
  auto const e = refusal_of({.extra_headers = {{"x-twice", "1"}, {name, "hidden"}}}, someone());
  CHECK(is_refusal_before_sending(e));
  CHECK(contains(e.message, "service.extra_headers[1]"));
  CHECK(!contains(e.message, "hidden"));
}

TEST_CASE("the name of an extra header is a token") {
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

TEST_CASE("the first problem of many headers is the one that is told") {
  auto const e = refusal_of({.version = "a\n", .extra_headers = {{"Host", "x"}}}, someone());
  CHECK(contains(e.message, "service.version"));
}

}  // namespace request_tests
