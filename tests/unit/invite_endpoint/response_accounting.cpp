#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/invite_responses.hpp"

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <string>
#include <utility>

// The response accounts for each requested address, or the address is reported.

namespace response_accounting_tests {

using namespace tests;

namespace {

std::string response_body(texts const& invited, texts const& rejected) {
  std::string body = R"({"validInvitations":[)";
  for (auto const& one : invited)
    body +=
        (body.back() == '[' ? "" : ",") + std::string(R"({"invitationReference":"r","emailAddress":")") + one + "\"}";
  body += R"(],"invalidEmailAddresses":[)";
  for (auto const& one : rejected) body += (body.back() == '[' ? "\"" : ",\"") + one + "\"";
  return body + "]}";
}

texts unaccounted(texts requested, texts const& invited, texts const& rejected) {
  auto const reply = fictive::parse_invite_response(
      {.account_group_token = "g", .email_addresses = std::move(requested)}, json(response_body(invited, rejected)));
  REQUIRE(reply);
  CHECK(reply->valid_invitations.size() == invited.size());
  CHECK(reply->invalid_email_addresses == rejected);
  return reply->unaccounted_email_addresses;
}

texts addresses(std::size_t count) {
  texts all;
  for (std::size_t i = 0; i < count; ++i) all.push_back("first.last" + std::to_string(100'000 + i) + "@example.com");
  return all;
}

}  // namespace

TEST_CASE("addresses that are in neither list are reported in the order of the request",
          "[invite_response][accounting]") {
  auto const [invited, rejected, missing] = GENERATE(table<texts, texts, texts>({
      {{"a", "b", "c", "d"}, {}, {}},
      {{}, {"a", "b", "c", "d"}, {}},
      {{"a", "c"}, {"b", "d"}, {}},
      {{"d", "b"}, {"c", "a"}, {}},
      {{"a", "b", "c"}, {}, {"d"}},
      {{"b", "c", "d"}, {}, {"a"}},
      {{"d", "c"}, {"a"}, {"b"}},
      {{"c"}, {}, {"a", "b", "d"}},
      {{}, {}, {"a", "b", "c", "d"}},
  }));
  CHECK(unaccounted({"a", "b", "c", "d"}, invited, rejected) == missing);
  CHECK(unaccounted({"d", "b", "c", "a"}, {"other", "b"}, {}) == texts{"d", "c", "a"});
}

TEST_CASE("entries that are repeated or were not requested account for no other address",
          "[invite_response][accounting]") {
  CHECK(unaccounted({"a", "b"}, {"a", "a"}, {}) == texts{"b"});
  CHECK(unaccounted({"a", "b"}, {"a"}, {"a"}) == texts{"b"});
  CHECK(unaccounted({"a", "b"}, {"other", "a"}, {"third"}) == texts{"b"});
  CHECK(unaccounted({"a", "b"}, {"other", "b", "a", "b"}, {}) == texts{});
}

TEST_CASE("an entry accounts for one requested address", "[invite_response][accounting]") {
  CHECK(unaccounted({"a", "a", "a"}, {"a"}, {"a"}) == texts{"a"});
  CHECK(unaccounted({"a", "a"}, {"A"}, {}) == texts{"a"});
}

TEST_CASE("addresses are matched exactly, then without regard to ASCII case", "[invite_response][accounting]") {
  CHECK(unaccounted({"A@x", "B@x"}, {"a@X"}, {"b@x"}) == texts{});
  CHECK(unaccounted({"A@x", "a@x"}, {"a@x"}, {}) == texts{"A@x"});
  CHECK(unaccounted({"a@x", "A@x"}, {"a@x"}, {}) == texts{"A@x"});
  CHECK(unaccounted({"A@x", "a@x"}, {"a@X"}, {"A@X"}) == texts{});
  CHECK(unaccounted({"a@x", "A@x"}, {"other", "A@x"}, {}) == texts{"a@x"});
  CHECK(unaccounted({"a@x", "A@x"}, {"other", "a@x"}, {}) == texts{"A@x"});
  CHECK(unaccounted({"\xC3\xA9@x", "a"}, {"\xC3\x89@x", "a"}, {}) == texts{"\xC3\xA9@x"});
}

TEST_CASE("an address whose entry cannot be read is unaccounted", "[invite_response][accounting][lenient]") {
  auto const reply = fictive::parse_invite_response(
      {.account_group_token = "g", .email_addresses = {"a", "b", "c"}},
      json(
          R"({"validInvitations":[{"invitationReference":"r","emailAddress":"a"},null],"invalidEmailAddresses":[3]})"));
  REQUIRE(reply);
  CHECK(reply->unaccounted_email_addresses == texts{"b", "c"});
}

TEST_CASE("lists in any order are compared quickly", "[invite_response][accounting][long]") {
  auto const requested = addresses(20'000);
  auto reversed = requested;
  std::reverse(reversed.begin(), reversed.end());
  auto const removed = reversed.back();
  reversed.pop_back();

  auto const processor_time = [](auto const& work) {
    auto const began = std::clock();
    work();
    return std::clock() - began;
  };
  auto const in_order = processor_time([&] { CHECK(unaccounted(requested, {}, requested) == texts{}); });
  auto const in_any_order = processor_time([&] { CHECK(unaccounted(requested, {}, reversed) == texts{removed}); });
  CHECK(in_any_order < 50 * in_order + CLOCKS_PER_SEC / 10);  // hundreds of times as long if the time is quadratic
}

}  // namespace response_accounting_tests
