#include <fictive/fictive.hpp>
#if __has_include(<fictive/detail/text/repeated_address.hpp>)  // else it is in fictive.hpp
#include <fictive/detail/text/repeated_address.hpp>
#endif

#include "support/catch.hpp"
#include "support/invite_requests.hpp"
#include "support/text.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

// What a list of addresses may contain.

namespace invite_request_addresses_tests {

using namespace tests;

namespace {

fictive::invite_request inviting(std::vector<std::string> addresses) {
  return {.account_group_token = "group", .email_addresses = std::move(addresses)};
}

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> addresses;
  for (std::size_t i = 0; i < count; ++i) addresses.push_back("someone" + std::to_string(i) + "@example.com");
  return addresses;
}

}  // namespace

TEST_CASE("an address that is several is rejected", "[invite_request][addresses]") {
  auto const address =
      GENERATE(as<std::string>(), "a@b.example;c@d.example", "a@b.example,c@d.example", "a@b.example, c@d.example",
               "a@b.example;", ",a@b.example", R"("a;b"@b.example;c@d.example)", R"("a\"";b@c.example)");
  CHECK(refusal_of({}, inviting({"x@y.example", address})).message ==
        "email_addresses[1] contains a comma or a semicolon: give each address as an element of its own");
}

TEST_CASE("an address with a name is rejected", "[invite_request][addresses]") {
  auto const address = GENERATE(as<std::string>(), "<a@b.example>", "Jamie Muir <a@b.example>",
                                R"("Muir" <a@b.example>)", "a@b.example>");
  CHECK(refusal_of({}, inviting({"x@y.example", address})).message ==
        "email_addresses[1] contains an angle bracket: give the address alone, without a name");
}

TEST_CASE("a space in an address is rejected", "[invite_request][addresses]") {
  auto const address =
      GENERATE(as<std::string>(), "a b@c.example", "a@b.example c@d.example", "a@b. example", R"("a b" c@d.example)");
  CHECK(refusal_of({}, inviting({"x@y.example", address})).message ==
        "email_addresses[1] contains a space: remove it, or give each address as an element of its own");
}

TEST_CASE("a quotation mark that is not closed hides no separator", "[invite_request][addresses]") {
  auto const address = GENERATE(as<std::string>(), R"("a;b@c.example)", R"(a"b,c@d.example)", R"("a\"@b.example)",
                                R"("a" "b@c.example)");
  CHECK(refusal_of({}, inviting({"x@y.example", address})).message ==
        "email_addresses[1] contains a quotation mark that is not closed: remove it");
}

TEST_CASE("a quoted local part may contain separators", "[invite_request][addresses]") {
  auto const address = GENERATE(as<std::string>(), R"("a;b,c <d>"@b.example)", R"("a\";b"@b.example)",
                                R"("a\\"@b.example)", R"("a b"@c.example)", R"("'a'"@b.example)");
  CHECK(fictive::make_invite_request({}, inviting({address})));
}

TEST_CASE("separators are sent in other fields", "[invite_request][addresses]") {
  auto request = inviting({"a@b.example"});
  request.account_group_token = "a;b,c<d>";
  request.subscription_references = {"a;b,c<d>"};
  CHECK(fictive::make_invite_request({}, request));
}

TEST_CASE("the same address twice is rejected with both indices", "[invite_request][addresses]") {
  auto const [first, second] = GENERATE(table<std::string, std::string>({
      {"a@b.example", "a@b.example"},
      {"a@b.example", "a@B.Example"},
      {"a@b.example", "a@B.EXAMPLE"},
      {"jamie.muir+tag@fictiveglobal.com", "jamie.muir+tag@FictiveGlobal.com"},
      {"a.long.local.part.of.more.than.32.bytes@fictiveglobal.com",
       "a.long.local.part.of.more.than.32.bytes@fictiveglobal.COM"},
      {R"("x@Y"@b.example)", R"("x@Y"@B.example)"},
      {"not-an-address", "not-an-address"},
      {"b\xC3\xBCro@example.com", "b\xC3\xBCro@EXAMPLE.com"},
  }));
  CHECK(
      refusal_of({}, inviting({"x@y.example", first, "z@y.example", second})).message ==
      "email_addresses[3] is the same address as email_addresses[1], which would be invited twice: remove one of them");
}

TEST_CASE("a repeated address of one character is found", "[invite_request][addresses]") {
  std::vector<std::string> addresses;
  for (char c = 'A'; c <= 'Z'; ++c) addresses.emplace_back(1, c);
  addresses.emplace_back("B");
  auto const found = fictive::detail::find_repeated_address(addresses);
  REQUIRE(found);
  CHECK(found.first == 1);
  CHECK(found.second == 26);
}

TEST_CASE("similar addresses are sent", "[invite_request][addresses]") {
  auto const [first, second] = GENERATE(table<std::string, std::string>({
      {"a@b.example", "A@b.example"},  // a local part is case-sensitive (RFC 5321)
      {"a@b.example", "a@b.example."},
      {"a@b.example", "a@c.example"},
      {"a", "A"},
      {R"("x@Y"@b.example)", R"("x@y"@b.example)"},
      {"a`@b.example", "a@@b.example"},
      {"a@\xC3\xA9.example", "a@\xC3\x89.example"},
      {"a@[1.example", "a@{1.example"},
  }));
  CHECK(fictive::make_invite_request({}, inviting({first, second})));
}

TEST_CASE("a repeated address is found at every pair of positions", "[invite_request][addresses]") {
  for (std::size_t count : {2u, 3u, 7u, 32u, 33u})
    for (std::size_t second = 1; second < count; ++second)
      for (std::size_t first = 0; first < second; ++first) {
        auto addresses = numbered(count);
        addresses[second] = addresses[first];
        auto const found = fictive::detail::find_repeated_address(addresses);
        if (!found || found.first != first || found.second != second) FAIL(count << ": " << first << ", " << second);
      }
}

TEST_CASE("addresses with equal hashes cost no quadratic time", "[invite_request][addresses][long]") {
  // All have the same hash: upper-case and lower-case letters differ in a bit that it ignores.
  std::vector<std::string> addresses;
  for (unsigned i = 0; i < 1u << 17; ++i) {
    std::string local(17, 'a');
    for (unsigned bit = 0; bit < 17; ++bit)
      if ((i >> bit & 1) != 0) local[bit] = 'A';
    addresses.push_back(local + "@example.com");
  }
  CHECK(!fictive::detail::find_repeated_address(addresses));
  addresses[100'000] = "aaaaaaaaaaaaaaaaa@EXAMPLE.com";
  auto const found = fictive::detail::find_repeated_address(addresses);
  REQUIRE(found);
  CHECK(found.first == 0);
  CHECK(found.second == 100'000);

  // Domains of the same local part.
  addresses[100'000] = "somebody@example.com";
  for (int i = 0; i < 50; ++i) addresses.push_back("b@" + std::to_string(i) + ".example.com");
  CHECK(!fictive::detail::find_repeated_address(addresses));
  addresses.push_back("b@7.EXAMPLE.com");
  auto const other = fictive::detail::find_repeated_address(addresses);
  REQUIRE(other);
  CHECK(addresses[other.first] == "b@7.example.com");
  CHECK(addresses[other.second] == "b@7.EXAMPLE.com");
}

TEST_CASE("more addresses than max_addresses_per_request are rejected", "[invite_request][addresses]") {
  CHECK(fictive::make_invite_request({}, inviting(numbered(1000))));
  CHECK(refusal_of({}, inviting(numbered(1001))).message ==
        "email_addresses has 1001 elements, more than max_addresses_per_request (1000): send them with invite_all, or "
        "split the list");
  CHECK(fictive::make_invite_request({.max_addresses_per_request = 2}, inviting(numbered(2))));
  CHECK(is_refusal_before_sending(refusal_of({.max_addresses_per_request = 2}, inviting(numbered(3)))));
  CHECK(contains(refusal_of({.max_addresses_per_request = 0}, inviting(numbered(1))).message,
                 "max_addresses_per_request is 0"));
}

}  // namespace invite_request_addresses_tests
