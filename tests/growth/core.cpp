#include <fictive/fictive.hpp>

#include "growth/measure.hpp"

#include <cstddef>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

// What strangers send to the parser, in the shapes that cost most: time must be linear, memory in proportion.

namespace {

using growth::shape;

/// `before`, as often as it fits `fragment`, `after`. A `#` in the fragment is replaced by a number.
std::function<std::string(std::size_t)> repeating(std::string before, std::string fragment, std::string after) {
  return [=](std::size_t size) {
    auto const hash = fragment.find('#');
    std::string text = before;
    constexpr std::size_t number_size = 8;
    for (std::size_t i = 0; text.size() + fragment.size() + number_size + after.size() <= size; ++i) {
      if (hash == std::string::npos)
        text += fragment;
      else
        text.append(fragment, 0, hash).append(std::to_string(i)).append(fragment, hash + 1);
    }
    return text + after;
  };
}

/// The addresses that were requested: 1000, as many as a request has.
fictive::invite_request const& many_requested() {
  static fictive::invite_request const request = [] {
    fictive::invite_request made{.account_group_token = "group"};
    for (int i = 0; i < 1000; ++i) made.email_addresses.push_back("A" + std::to_string(i));
    return made;
  }();
  return request;
}

void read_as(int status, std::string const& body) {
  static fictive::http_response response;  // kept, so that its copy of the body is not counted
  response.status = status;
  response.headers = {};
  response.body.assign(body);
  (void)fictive::parse_invite_response(many_requested(), response);
}

/// The copy of the text is made before the measurement begins.
shape body(int status, char const* name, std::function<std::string(std::size_t)> text, double most_memory = 4) {
  return {name, std::move(text), [status](std::string const& one) { read_as(status, one); }, most_memory};
}

shape header(int status, char const* name, std::string header_name, std::function<std::string(std::size_t)> text) {
  auto const read = [=](std::string const& value) {
    fictive::http_response response{.status = status};
    response.headers.push_back({header_name, value});
    (void)fictive::parse_invite_response(many_requested(), response);
  };
  return {name, std::move(text), read};
}

/// A std::string takes 32 bytes however short its text is, and a vector that grows has two arrays for a moment: lists of
/// texts that are shorter than any address cost more than others.
constexpr double of_short_texts = 6, of_tiny_texts = 12, of_a_growing_vector = 24;

std::vector<shape> shapes() {
  std::string const open =
      R"({"validInvitations":[{"invitationReference":"r","emailAddress":"A0"}],"invalidEmailAddresses":[)";
  std::string const invitation = R"({"invitationReference":"r","emailAddress":"A0"})";
  return {
      body(200, "rejected addresses of no characters", repeating(open + "\"\"", ",\"\"", "]}"), of_tiny_texts),
      body(200, "rejected addresses of one character", repeating(open + "\"a\"", ",\"a\"", "]}"), of_tiny_texts),
      body(200, "rejected addresses of three characters", repeating(open + "\"a\"", ",\"a@b\"", "]}"), of_short_texts),
      body(200, "rejected addresses, all different", repeating(open + "\"\"", ",\"a@#\"", "]}"), of_short_texts),
      body(200, "rejected addresses that are escaped", repeating(open + "\"\"", ",\"\\u0041\"", "]}"), of_tiny_texts),
      body(200, "rejected addresses, alike to the last character",
           repeating(open + "\"\"", ",\"" + std::string(500, 'x') + "#\"", "]}")),
      body(200, "rejected addresses that were requested, in another case", repeating(open + "\"\"", ",\"a999\"", "]}"),
           6),
      body(200, "invitations of the fewest characters",
           repeating(R"({"validInvitations":[)" + invitation, R"(,{"invitationReference":"","emailAddress":""})", "]}"),
           6),
      body(200, "an invitation with many subscriptions",
           repeating(
               R"({"validInvitations":[{"invitationReference":"r","emailAddress":"A0","subscriptionReferences":["")",
               ",\"x\"", "]}]}"),
           of_a_growing_vector),
      body(200, "invitations with one subscription each",
           repeating(R"({"validInvitations":[)" + invitation,
                     R"(,{"invitationReference":"","emailAddress":"","subscriptionReferences":["x"]})", "]}"),
           6),
      body(200, "repetitions", repeating(R"({"validInvitations":[)" + invitation, R"(,{"$ref":""})", "]}")),
      body(200, "one text of escapes", repeating(open + "\"", "\\u0041", "\"]}")),
      body(200, "unknown members", repeating(R"({"validInvitations":[)" + invitation + "]", ",\"#\":0", "}")),
      body(200, "unknown values, nested",
           repeating(R"({"validInvitations":[{)", "\"\":" + std::string(400, '[') + std::string(400, ']') + ",",
                     R"("a":0}]})")),
      body(200, "a number of many digits", repeating(open, "1", "]}")),
      body(200, "a document without an end", repeating(open + "\"\"", ",\"a\"", ""), of_tiny_texts),
      body(200, "numbers with long exponents", repeating(open, "1e99999999999,", "\"a\"]}")),
      body(200, "white space", repeating("", " ", "{}")),
      body(400, "messages in a list", repeating(R"({"errors":[)", R"({"message":"m"},)", "0]}")),
      body(400, "messages for each field", repeating(R"({"errors":{)", R"("#":["m"],)", R"("":""}})")),
      body(400, "a message of invisible characters", repeating(R"({"message":")", "\xE2\x80\x8B", "\"}")),
      body(400, "elements of a page", repeating("<html>", "<message ", "")),
      body(400, "an element without text", repeating("<html>", "<h1>", "")),
      body(400, "a page of control characters", repeating("", "\x01", "")),
      body(400, "invitations in an error", repeating(R"({"validInvitations":[)" + invitation, "," + invitation, "]}")),
      body(400, "rejected addresses in an error", repeating(R"({"invalidEmailAddresses":["")", ",\"\"", "]}")),
      body(400, "a name of escapes in an error", repeating("{\"", "\\u0041", "\":0}")),
      header(503, "delays in Retry-After", "Retry-After", repeating("1", ",1", "")),
      header(401, "parameters of a challenge", "WWW-Authenticate", repeating("Bearer a=1", ", a=\"\"", "")),
      header(401, "an escaped description", "WWW-Authenticate", repeating("Bearer error_description=\"", "\\\"", "\"")),
      header(200, "codings", "Content-Encoding", repeating("a", ",a", "")),
      header(400, "an id of white space", "X-Request-Id", repeating("", " ", "x")),
  };
}

}  // namespace

int main() {
  bool is_good = true;
  growth::keep_memory();
  // The memory of the response is reserved first.
  read_as(200, std::string(std::size_t{9} * 1024 * 1024, ' '));
  for (auto const& one : shapes()) is_good &= growth::is_within_limits(one);
  return is_good ? 0 : 1;
}
