#ifndef FICTIVE_BENCHMARK_SUPPORT_GENERATE_HPP
#define FICTIVE_BENCHMARK_SUPPORT_GENERATE_HPP

#include <fictive/date_time.hpp>
#include <fictive/invite.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

// Generates requests and responses of the documented shape. The same count always gives the same bytes.

namespace benchmarks {

class random_texts {
 public:
  explicit random_texts(std::uint32_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }

  /// Sixteen lower-case letters and digits, as the documented references.
  std::string reference() { return characters(16, 16); }

  /// 25 to 41 characters; the documented ones have 28 to 30.
  std::string address() { return characters(3, 9) + '.' + characters(3, 13) + "@fictiveglobal.com"; }

  std::string date_time() {
    return "2017-" + two_digits(1 + below(12)) + '-' + two_digits(1 + below(28)) + 'T' + two_digits(below(24)) + ':' +
           two_digits(below(60)) + ':' + two_digits(below(60));
  }

 private:
  std::string characters(std::uint32_t least, std::uint32_t most) {
    constexpr std::string_view set = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::string text(least + below(most - least + 1), '\0');
    for (auto& c : text) c = set[below(static_cast<std::uint32_t>(set.size()))];
    return text;
  }

  static std::string two_digits(std::uint32_t number) {
    return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
  }

  std::mt19937 random_;
};

/// The position of a text of the result in the body.
struct span {
  std::size_t begin = 0, size = 0;
};

struct generated_invitation {
  span reference = {}, address = {}, subscriptions[3] = {};
  std::optional<fictive::date_time> expiry_date = {}, created = {}, last_updated = {};
};

/// The body of a 200, and its contents.
struct generated_response {
  std::string body = {};
  std::vector<generated_invitation> invitations = {};
  std::vector<span> refused = {};

  [[nodiscard]] std::string_view text(span where) const noexcept {
    return std::string_view(body).substr(where.begin, where.size);
  }
};

/// `count` invitations and a tenth as many refused addresses: about 310 bytes for each.
inline generated_response generate_response(std::size_t count) {
  random_texts random(20170707);
  generated_response response;
  auto& body = response.body;
  body.reserve(500 + 360 * count);

  auto const append = [&](std::string_view text) {
    span const where{body.size(), text.size()};
    body.append(text);
    return where;
  };
  auto const append_date = [&](std::string_view name, std::string const& text) {
    body.append(",\"").append(name).append("\":\"").append(text).append("\"");
    return fictive::date_time::parse(text);
  };

  append(R"({"validInvitations":[)");
  for (std::size_t i = 0; i < count; ++i) {
    generated_invitation invitation;
    append(i == 0 ? R"({"invitationReference":")" : R"(,{"invitationReference":")");
    invitation.reference = append(random.reference());
    append(R"(","emailAddress":")");
    invitation.address = append(random.address());
    append("\"");
    invitation.expiry_date = append_date("expiryDate", random.date_time());
    append(R"(,"status":"PendingAcceptance","subscriptionReferences":)");
    for (auto& subscription : invitation.subscriptions) {
      append(&subscription == invitation.subscriptions ? "[\"" : ",\"");
      subscription = append(random.reference());
      append("\"");
    }
    append("]");
    invitation.created = append_date("created", random.date_time());
    append_date("lastUpdated", "0001-01-01T00:00:00");
    append("}");
    response.invitations.push_back(invitation);
  }

  append(R"(],"invalidEmailAddresses":[)");
  for (std::size_t i = 0; i < (count + 9) / 10; ++i) {
    append(i == 0 ? "\"" : ",\"");
    response.refused.push_back(append(random.address()));
    append("\"");
  }
  append("]}");
  return response;
}

/// `count` addresses, one subscription and an expiry date.
inline fictive::invite_request generate_request(std::size_t count) {
  random_texts random(20170708);
  fictive::invite_request request{.account_group_token = "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
                                  .subscription_references = {random.reference()},
                                  .expiry_date = fictive::date_time::parse("2017-07-07T15:41:30")};
  for (std::size_t i = 0; i < count; ++i) request.email_addresses.push_back(random.address());
  return request;
}

}  // namespace benchmarks

#endif
