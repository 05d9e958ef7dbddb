#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/invite_requests.hpp"
#include "support/samples.hpp"
#include "support/text.hpp"

#include <boost/json/parse.hpp>

#include <chrono>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace invite_request_tests {

using fictive::date_time;
using namespace tests;
using namespace std::chrono_literals;

namespace {

using headers = std::vector<std::pair<std::string, std::string>>;

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

/// The JSON string of a text without control characters, byte by byte after RFC 8259.
std::string json_string(std::string_view text) {
  std::string json = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + "\"";
}

}  // namespace

TEST_CASE("an invitation is a POST to the invites of its account group", "[invite_request]") {
  auto const request = made({}, someone());
  CHECK(request.method == "POST");
  CHECK(request.url == "https://api.fictive.com/rest/api/accounts/groups/group/invites");
}

TEST_CASE("a default configuration sends the common headers only", "[request][headers]") {
  CHECK(headers_of(made({}, someone())) == headers{{"Accept", "application/json"},
                                                   {"Accept-Encoding", "identity"},
                                                   {"Content-Type", "application/json"},
                                                   {"User-Agent", "fictive-cpp/" FICTIVE_VERSION_STRING}});
}

TEST_CASE("each header is sent once when it is set", "[request][headers]") {
  CHECK(headers_of(made(full_config(), someone())) ==
        headers{{"Accept", "application/json"},
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

TEST_CASE("the body of a full request is the documented one, byte for byte", "[invite_request][json]") {
  auto const request = made({}, {.account_group_token = "group",
                                 .email_addresses = {"jamie.muir@fictiveglobal.com", "josh.fogg@fictiveglobal.com",
                                                     "jim.pimblett@fictiveglobal.com", "alex.marinescu@fictiveglobal"},
                                 .subscription_references = {"asjdkas6712kabcd"},
                                 .expiry_date = date_time::parse("2017-07-07T15:41:30")});
  CHECK(request.body + "\n" == sample("request-full.json"));
}

TEST_CASE("members that are not set are omitted from the body", "[invite_request][json]") {
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

TEST_CASE("the expiry date is sent as it was parsed", "[invite_request][date_time]") {
  auto const text = GENERATE(as<std::string>(), "2017-07-07T15:41:30", "2017-07-03T11:31:41.0353603Z",
                             "2017-07-03T11:31:41.0353603+01:00", "0001-01-01T00:00:00");
  auto request = someone();
  request.expiry_date = date_time::parse(text);
  CHECK(contains(made({}, request).body, R"({"expiryDate":")" + text + R"(",)"));
}

TEST_CASE("addresses are sent in their order, invalid ones included", "[invite_request]") {
  auto request = someone();
  request.email_addresses = {"b", "a", "c", "not-an-address"};
  CHECK(made({}, request).body == R"({"emailAddresses":["b","a","c","not-an-address"]})");
}

TEST_CASE("the limits of the configuration are those of the request", "[request][limits]") {
  auto const limits =
      made({.limits = {.connect_timeout = 1ms, .total_timeout = 2ms, .max_header_bytes = 3, .max_body_bytes = 4}},
           someone())
          .limits;
  CHECK(limits.connect_timeout == 1ms);
  CHECK(limits.total_timeout == 2ms);
  CHECK(limits.max_header_bytes == 3);
  CHECK(limits.max_body_bytes == 4);
}

TEST_CASE("equal arguments build equal requests", "[invite_request]") {
  auto const first = made(full_config(), full_request()), second = made(full_config(), full_request());
  CHECK(first.url == second.url);
  CHECK(first.body == second.body);
  CHECK(headers_of(first) == headers_of(second));
}

TEST_CASE("every printable ASCII character of a quoted local part reaches the service", "[invite_request][json]") {
  for (int byte = 0x20; byte < 0x7F; ++byte) {
    CAPTURE(byte);
    auto const address = std::string("\"a") + (byte == '"' ? "\\" : "") + static_cast<char>(byte) + "z\"@example.com";
    CHECK(address_on_the_wire(address) == address);
  }
}

TEST_CASE("an address full of escapes reaches the service", "[invite_request][json]") {
  std::string const address = "\"\\\"\\\\</script>\"@example.com";
  CHECK(address_on_the_wire(address) == address);
}

TEST_CASE("text beyond ASCII reaches the service as UTF-8", "[invite_request][json]") {
  auto const text = GENERATE_REF(from_range(well_formed_texts));
  auto request = someone();
  request.email_addresses = {text};
  CHECK(contains(made({}, request).body, text));
  CHECK(address_on_the_wire(text) == text);
}

TEST_CASE("each special character is escaped at every position of a text of every length", "[invite_request][json]") {
  auto request = someone();
  for (std::string const special : {"\"", "\\", "+", "'", "=", "\xC3\xA9", "\xF0\x9F\x98\x80"}) {
    bool const is_quotation_mark = special == "\"" || special == "'";
    for (std::size_t size = 0; size <= 70; ++size) {
      request.subscription_references = {"x"};
      for (std::size_t at = 0; at <= size; ++at)
        if (!is_quotation_mark || (at > 0 && at < size))
          request.subscription_references.push_back(std::string(at, 'x') + special + std::string(size - at, 'y'));
      std::string expected = "{\"subscriptionReferences\":[";
      for (auto const& reference : request.subscription_references) expected += json_string(reference) + ",";
      expected.back() = ']';
      if (!made({}, request).body.starts_with(expected + ","))
        FAIL("with " << json_string(special) << " in " << size << " characters");
    }
  }
}

TEST_CASE("text that is not UTF-8 is rejected at every position of a text of every length", "[invite_request][json]") {
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

TEST_CASE("random texts are escaped as a byte-by-byte writer escapes them", "[invite_request][json]") {
  std::vector<std::string_view> const in_addresses = {
      "a", "jamie.muir@fictiveglobal.com", "\"x y\"", "\\", "\xC3\xA9", "0123456789abcdef", "\xF4\x8F\xBF\xBF", "/"};
  std::vector<std::string_view> in_references = in_addresses;
  in_references.insert(in_references.end(), {"\"", "x y"});
  std::mt19937 random(20170709);
  for (int i = 0; i < 2'000; ++i) {
    auto request = someone();
    auto const fill = [&](std::vector<std::string>& list, std::vector<std::string_view> const& pieces) {
      list.assign(1 + random() % 8, "");
      for (auto& text : list) {
        text = std::to_string(&text - list.data());  // no repeated address
        for (auto count = 1 + random() % 9; count > 0; --count) text += pieces[random() % pieces.size()];
        text += 'z';  // no quotation mark at the end
      }
    };
    fill(request.email_addresses, in_addresses);
    fill(request.subscription_references, in_references);
    std::string expected = "{\"subscriptionReferences\":[";
    for (auto const& text : request.subscription_references) expected += json_string(text) + ",";
    expected.back() = ']';
    expected += ",\"emailAddresses\":[";
    for (auto const& text : request.email_addresses) expected += json_string(text) + ",";
    expected.back() = ']';
    if (made({}, request).body != expected + "}") FAIL("instead of " << expected);
  }
}

TEST_CASE("subscription references are escaped like addresses", "[invite_request][json]") {
  auto request = someone();
  request.subscription_references = {"a\"\\,;<>z", "\xC3\xA9"};
  auto const document = boost::json::parse(made({}, request).body);
  CHECK(document.at("subscriptionReferences").at(0).as_string() == "a\"\\,;<>z");
  CHECK(document.at("subscriptionReferences").at(1).as_string() == "\xC3\xA9");
}

TEST_CASE("a request may contain many addresses", "[invite_request]") {
  auto request = someone();
  request.email_addresses.clear();
  for (int i = 0; i < 10'000; ++i)
    request.email_addresses.push_back("\"jamie.muir\"" + std::to_string(i) + "@fictiveglobal.com");
  auto const document = boost::json::parse(made({.max_addresses_per_request = 10'000}, request).body);
  CHECK(document.at("emailAddresses").as_array().size() == 10'000);
  CHECK(document.at("emailAddresses").at(9'999).as_string() == "\"jamie.muir\"9999@fictiveglobal.com");
}

TEST_CASE("every character of the account group token stays within its path segment", "[invite_request][url]") {
  std::string_view const unreserved = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  for (unsigned byte = 0x20; byte < 0x7F; ++byte) {
    CAPTURE(byte);
    auto const c = static_cast<char>(byte);
    auto const encoded =
        contains(unreserved, {&c, 1}) ? std::string(1, c) : percent_encoded(static_cast<unsigned char>(byte));
    CHECK(url_for_group(std::string("a") + c + "z") == url_of_group_segment("a" + encoded + "z"));
  }
}

TEST_CASE("an account group token beyond ASCII is percent-encoded byte by byte", "[invite_request][url]") {
  auto const token = GENERATE_REF(from_range(well_formed_texts));
  std::string encoded;
  for (char c : token) encoded += percent_encoded(static_cast<unsigned char>(c));
  CHECK(url_for_group(token) == url_of_group_segment(encoded));
}

TEST_CASE("an account group token cannot change the path", "[invite_request][url]") {
  auto const [token, segment] = GENERATE(table<std::string, std::string>({
      {"../admin", "..%2Fadmin"},
      {"%2F", "%252F"},
      {"%2e%2e", "%252e%252e"},
      {"a/b\\c", "a%2Fb%5Cc"},
      {"a?b#c", "a%3Fb%23c"},
      {"a b", "a%20b"},
      {"...", "..."},
      {".a", ".a"},
  }));
  CHECK(url_for_group(token) == url_of_group_segment(segment));
}

}  // namespace invite_request_tests
