#include <fictive/fictive.hpp>
#if __has_include(<fictive/detail/text/text_problem.hpp>)  // else they are in fictive.hpp
#include <fictive/detail/http/credentials_problem.hpp>
#include <fictive/detail/text/text_problem.hpp>
#endif

#include "support/catch.hpp"
#include "support/invite_requests.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <ios>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

// The rule for all text that the caller gives.

namespace invite_request_text_tests {

using fictive::client_config;
using fictive::invite_request;
using namespace tests;

namespace {

struct field {
  std::string name;
  std::function<std::string(client_config&, invite_request&, std::string const&)> set;  ///< returns the previous text
};

auto text_member(std::string client_config::*member) {
  return [member](client_config& config, invite_request&, std::string const& text) {
    return std::exchange(config.*member, text);
  };
}

auto secret_member(fictive::secret fictive::credentials::*member) {
  return [member](client_config& config, invite_request&, std::string const& text) {
    auto const previous = std::string((config.credentials.*member).reveal());
    config.credentials.*member = text;
    return previous;
  };
}

/// All that must not be in quotes.
std::vector<field> const identifiers = {
    {"account_group_token", [](client_config&, invite_request& request,
                               std::string const& text) { return std::exchange(request.account_group_token, text); }},
    {"email_addresses[1]", [](client_config&, invite_request& request,
                              std::string const& text) { return std::exchange(request.email_addresses[1], text); }},
    {"subscription_references[0]",
     [](client_config&, invite_request& request, std::string const& text) {
       return std::exchange(request.subscription_references[0], text);
     }},
    {"credentials.token_id", secret_member(&fictive::credentials::token_id)},
    {"credentials.session_id", secret_member(&fictive::credentials::session_id)},
    {"credentials.bearer_token", secret_member(&fictive::credentials::bearer_token)},
    {"api_version", text_member(&client_config::api_version)},
    {"origin", text_member(&client_config::origin)},
    {"base_url", text_member(&client_config::base_url)},
};

std::vector<field> all_fields() {
  auto fields = identifiers;
  fields.push_back({"user_agent", text_member(&client_config::user_agent)});
  fields.push_back({"extra_headers[0].value", [](client_config& config, invite_request&, std::string const& text) {
                      return std::exchange(config.extra_headers[0].value, text);
                    }});
  return fields;
}

/// The message that refuses the field's text after `change`.
std::string message_for(field const& changed, std::function<std::string(std::string const&)> const& change) {
  auto config = full_config();
  auto request = full_request();
  auto const previous = changed.set(config, request, "");
  REQUIRE(!previous.empty());
  changed.set(config, request, previous);
  REQUIRE(fictive::make_invite_request(config, request));

  changed.set(config, request, change(previous));
  auto const e = refusal_of(config, request);
  CHECK(is_refusal_before_sending(e));
  CHECK(!contains(e.message, "hidden"));
  return e.message;
}

std::string utf8(char32_t c) {
  auto const byte = [](char32_t value) { return static_cast<char>(value); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 0x3F))};
  if (c < 0x10000) return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
  return {byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 0x3F)), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
}

}  // namespace

TEST_CASE("a character that a person does not see is rejected anywhere in any text", "[request][text]") {
  auto const [character, advice] = GENERATE(table<std::string, std::string>({
      {"\n", "a line end left over from the file"},
      {"\r", "a line end left over from the file"},
      {"\r\n", "a line end left over from the file"},
      {"\t", "a tab left over"},
      {std::string(1, '\0'), "a control character"},
      {"\x01", "a control character"},
      {"\x7F", "a control character"},
      {"\xC2\x85", "a control character"},     // NEL
      {"\xEF\xBB\xBF", "byte order mark"},     // U+FEFF
      {"\xC2\xA0", "a no-break space"},        // U+00A0
      {"\xE3\x80\x80", "white-space"},         // U+3000, ideographic space
      {"\xE2\x80\xA8", "white-space"},         // U+2028, line separator
      {"\xE2\x80\x8B", "a zero-width space"},  // U+200B
      {"\xE2\x80\x8D", "an invisible"},        // U+200D, zero-width joiner
      {"\xE2\x81\xA0", "an invisible"},        // U+2060, word joiner
      {"\xE2\x80\xAE", "a direction mark"},    // U+202E, right-to-left override
      {"\xC2\xAD", "an invisible"},            // U+00AD, soft hyphen
      {"\xEF\xB8\x8F", "an invisible"},        // U+FE0F, variation selector
      {"\xF3\xA0\x81\xA1", "an invisible"},    // U+E0061, a tag
      {"\xE1\x85\xA0", "an invisible"},        // U+1160, Hangul filler
  }));
  for (auto const& changed : all_fields()) {
    CAPTURE(changed.name, advice);
    for (bool const at_begin : {true, false}) {
      auto const message = message_for(
          changed, [&, &added = character](std::string const& text) { return at_begin ? added + text : text + added; });
      CHECK(contains(message, changed.name));
      CHECK(contains(message, advice));
    }
    auto const message =
        message_for(changed, [&added = character](std::string text) { return text.insert(text.size() / 2, added); });
    CHECK(contains(message, advice));
  }
}

TEST_CASE("a leading or trailing space is rejected in any text", "[request][text]") {
  for (auto const& changed : all_fields()) {
    CAPTURE(changed.name);
    for (auto const& [before, after] : {std::pair{" ", ""}, std::pair{"", " "}, std::pair{"  ", "  "}}) {
      auto const message = message_for(changed, [&, b = before, a = after](auto const& text) { return b + text + a; });
      CHECK(contains(message, changed.name));
      CHECK(contains(message, "begins or ends with a space: remove it"));
    }
  }
}

TEST_CASE("quotation marks around a text are rejected, and so is one that is left of them", "[request][text]") {
  auto const [opening, closing] = GENERATE(table<std::string, std::string>({
      {"\"", "\""},
      {"'", "'"},
      {"`", "`"},
      {"\u2018", "\u2019"},
      {"\u201C", "\u201D"},
      {"\u201E", "\u201F"},
      {"\u201A", "\u201B"},
      {"\u00AB", "\u00BB"},
      {"\u2039", "\u203A"},
  }));
  for (auto const& changed : identifiers) {
    CAPTURE(changed.name, opening, closing);
    auto const message = " begins or ends with a quotation mark: remove it";
    bool const is_address = contains(changed.name, "email_addresses");
    CHECK(contains(message_for(changed, [&, &a = opening, &b = closing](auto const& text) { return a + text + b; }),
                   changed.name + message));
    CHECK(
        contains(message_for(changed, [&, &a = opening](auto const& text) { return a + text; }),
                 is_address && opening == "\"" ? " contains a quotation mark that is not closed: remove it" : message));
    CHECK(contains(message_for(changed, [&, &b = closing](auto const& text) { return text + b; }), message));
  }
}

TEST_CASE("quotation marks within a text are sent", "[request][text]") {
  auto const text = GENERATE(as<std::string>(), "o'brien", "a`b", "a\"b", "o\u2019brien", "a\u00ABb\u00BBc");
  for (auto const& changed : identifiers) {
    if (changed.name == "base_url" || changed.name.starts_with("email_addresses")) continue;
    CAPTURE(changed.name, text);
    auto config = full_config();
    auto request = full_request();
    changed.set(config, request, text);
    CHECK(fictive::make_invite_request(config, request));
  }
}

TEST_CASE("a credential with its prefix is rejected", "[request][text][credentials]") {
  auto const prefix =
      GENERATE(as<std::string>(), "Bearer ", "bearer ", "BEARER  ", "Bearer: ", "Bearer:", "Authorization: Bearer ",
               "authorization:", "X-SessionId: ", "X-TokenId: ");
  auto const message =
      " begins with \"Bearer\" or the name of a header, which the library adds: give the value alone, that of a bearer "
      "token as credentials.bearer_token";
  for (auto const& changed : identifiers) {
    if (!contains(changed.name, "credentials")) continue;
    CHECK(message_for(changed, [&](auto const& text) { return prefix + text; }) == changed.name + message);
    CHECK(message_for(changed, [&](auto const&) { return prefix.substr(0, prefix.find_last_not_of(": ") + 1); }) ==
          changed.name + message);
  }
}

TEST_CASE("credentials can be checked apart from a request", "[credentials]") {
  CHECK(fictive::detail::credentials_problem({}).empty());
  CHECK(fictive::detail::credentials_problem({.token_id = "a", .session_id = "b", .bearer_token = "eyJ.c-_~+/="})
            .empty());
  CHECK(fictive::detail::credentials_problem({.token_id = "a;b", .session_id = "bearer1", .bearer_token = "Bearer.eyJ"})
            .empty());
  CHECK(fictive::detail::credentials_problem({.session_id = "b\n"}).starts_with("credentials.session_id contains "));
}

TEST_CASE("the invisible code points are those of the Unicode Character Database", "[text][long]") {
  struct range {
    char32_t first, last;
  };
  // White_Space and Default_Ignorable_Code_Point of version 15, the controls, and the interlinear annotations.
  range const ranges[] = {{0, 0x1F},         {0x7F, 0xA0},     {0xAD, 0xAD},     {0x34F, 0x34F},     {0x61C, 0x61C},
                          {0x115F, 0x1160},  {0x1680, 0x1680}, {0x17B4, 0x17B5}, {0x180B, 0x180F},   {0x2000, 0x200F},
                          {0x2028, 0x202F},  {0x205F, 0x206F}, {0x3000, 0x3000}, {0x3164, 0x3164},   {0xFE00, 0xFE0F},
                          {0xFEFF, 0xFEFF},  {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
                          {0xE0000, 0xE0FFF}};
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;  // surrogates
    bool const listed =
        std::any_of(std::begin(ranges), std::end(ranges), [c](auto one) { return c >= one.first && c <= one.last; });
    if (fictive::detail::text_problem("a" + utf8(c) + "z").empty() == listed)
      FAIL("U+" << std::hex << std::uint32_t(c));
  }
}

}  // namespace invite_request_text_tests
