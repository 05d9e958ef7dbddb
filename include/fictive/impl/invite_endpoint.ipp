// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_IMPL_INVITE_ENDPOINT_IPP
#define FICTIVE_IMPL_INVITE_ENDPOINT_IPP

#include <fictive/date_time.hpp>
#include <fictive/detail/http/error_response.hpp>
#include <fictive/detail/http/outcomes.hpp>
#include <fictive/detail/http/request_builder.hpp>
#include <fictive/detail/json/expected_elements.hpp>
#include <fictive/detail/json/json_reader.hpp>
#include <fictive/detail/json/json_writer.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/invite_endpoint.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fictive {

namespace detail {

/// {"expiryDate":"…","subscriptionReferences":[…],"emailAddresses":[…]}, what is not set left out. Empty if one of the
/// lists is unfit to send.
FICTIVE_DECL std::string invites_body(invite_request const& request) {
  constexpr std::string_view expiry_date = R"("expiryDate":")", after_expiry_date = R"(",)",
                             subscriptions = R"("subscriptionReferences":)", addresses = R"("emailAddresses":)";
  char text[date_time::max_text_size];
  std::string_view expiry;
  if (request.expiry_date) expiry = {text, static_cast<std::size_t>(request.expiry_date->to_chars(text) - text)};

  std::size_t size = 1 + addresses.size() + json_writer::size_of(request.email_addresses) + 1;
  if (request.expiry_date) size += expiry_date.size() + expiry.size() + after_expiry_date.size();
  if (!request.subscription_references.empty())
    size += subscriptions.size() + json_writer::size_of(request.subscription_references) + 1;

  json_writer body(size);
  body.raw("{");
  if (request.expiry_date) {
    body.raw(expiry_date);
    body.raw(expiry);
    body.raw(after_expiry_date);
  }
  if (!request.subscription_references.empty()) {
    body.raw(subscriptions);
    if (!body.list(request.subscription_references)) return {};
    body.raw(",");
  }
  body.raw(addresses);
  if (!body.list(request.email_addresses)) return {};
  body.raw("}");
  return std::move(body).take();
}

FICTIVE_DECL std::string lists_problem(invite_request const& request) {
  if (request.email_addresses.empty()) return "email_addresses is empty: give at least one address to invite";
  auto problem = list_problem("email_addresses", request.email_addresses);
  return problem.empty() ? list_problem("subscription_references", request.subscription_references) : problem;
}

// Inlines all callees, for the two functions that run once for each JSON token.
#if defined(__GNUC__)
#define FICTIVE_FLATTEN [[gnu::flatten]]
#else
#define FICTIVE_FLATTEN
#endif

/// Reads the body of a success. Names are matched without regard to ASCII case, unknown members are skipped at any
/// depth, and null is treated like a missing member. If it refuses a token, `problem()` says why.
class invite_response_reader {
 public:
  explicit invite_response_reader(std::string_view document) noexcept : elements_(document) {}

  bool begin_object() {
    switch (next_) {
      case value::response: return await(value::skipped);
      case value::an_invitation: return begin_invitation();
      case value::skipped: return skip_deeper();
      default: return refuse("unexpected object");
    }
  }

  bool end_object() {
    if (skipped_depth_ > 0) return skip_shallower();
    if (!in_invitation_) return true;
    auto const required = bit(value::invitation_reference) | bit(value::email_address);
    if ((seen_ & required) != required)
      return refuse("an invitation lacks its invitationReference or its emailAddress");
    in_invitation_ = false;
    return await(value::an_invitation);
  }

  bool begin_array() {
    switch (next_) {
      case value::valid_invitations: return await(value::an_invitation);
      case value::subscription_references: return await(value::a_subscription);
      case value::invalid_email_addresses: return await(value::a_refused_address);
      case value::skipped: return skip_deeper();
      default: return refuse("unexpected array");
    }
  }

  bool end_array() {
    if (skipped_depth_ > 0) return skip_shallower();
    if (next_ == value::a_subscription)
      likely_subscriptions_ = (std::min)(newest().subscription_references.size(), most_likely_subscriptions);
    return await(value::skipped);
  }

  FICTIVE_FLATTEN bool key(std::string_view name) {
    if (skipped_depth_ > 0) return true;
    last_name_ = name.data();
    next_ = in_invitation_ ? invitation_member(name) : response_member(name);
    if (next_ == value::skipped) return true;
    if ((seen_ & bit(next_)) != 0) return refuse("a member occurs twice");
    seen_ |= bit(next_);
    return true;
  }

  FICTIVE_FLATTEN bool string(std::string_view text) {
    switch (next_) {
      case value::skipped: return true;
      case value::invitation_reference: newest().invitation_reference = std::string(text); return true;
      case value::email_address: newest().email_address = std::string(text); return true;
      case value::status: newest().status = invitation_status(text); return true;
      case value::expiry_date: return date(newest().expiry_date, text);
      case value::created: return date(newest().created, text);
      case value::last_updated: return date(newest().last_updated, text);
      case value::a_subscription: return subscription(text);
      case value::a_refused_address: return refused_address(text);
      default: return refuse("unexpected string");
    }
  }

  bool null() {
    auto const not_null =
        bit(value::response) | bit(value::an_invitation) | bit(value::a_subscription) | bit(value::a_refused_address);
    if ((bit(next_) & not_null) != 0) return refuse("unexpected null");
    seen_ &= ~bit(next_);
    return true;
  }

  bool other() { return next_ == value::skipped || refuse("unexpected number or boolean"); }

  [[nodiscard]] std::string_view problem() const noexcept { return problem_; }
  [[nodiscard]] invite_response const& response() const noexcept { return response_; }
  [[nodiscard]] invite_response take() && noexcept { return std::move(response_); }

 private:
  /// The values of the contract; all others are skipped.
  enum class value : unsigned char {
    skipped,
    response,
    valid_invitations,
    an_invitation,
    invitation_reference,
    email_address,
    expiry_date,
    status,
    subscription_references,
    a_subscription,
    created,
    last_updated,
    invalid_email_addresses,
    a_refused_address,
  };

  static constexpr unsigned bit(value v) noexcept { return 1u << static_cast<unsigned>(v); }

  static value response_member(std::string_view name) noexcept {
    if (is_named(name, "validInvitations")) return value::valid_invitations;
    if (is_named(name, "invalidEmailAddresses")) return value::invalid_email_addresses;
    return value::skipped;
  }

  /// Each name has a different length.
  static value invitation_member(std::string_view name) noexcept {
    switch (name.size()) {
      case 6: return is_named(name, "status") ? value::status : value::skipped;
      case 7: return is_named(name, "created") ? value::created : value::skipped;
      case 10: return is_named(name, "expiryDate") ? value::expiry_date : value::skipped;
      case 11: return is_named(name, "lastUpdated") ? value::last_updated : value::skipped;
      case 12: return is_named(name, "emailAddress") ? value::email_address : value::skipped;
      case 19: return is_named(name, "invitationReference") ? value::invitation_reference : value::skipped;
      case 22: return is_named(name, "subscriptionReferences") ? value::subscription_references : value::skipped;
      default: return value::skipped;
    }
  }

  fictive::invitation& newest() noexcept { return response_.valid_invitations.back(); }

  bool begin_invitation() {
    elements_.make_room(response_.valid_invitations, last_name_, documented_invitation_size);
    response_.valid_invitations.emplace_back();
    in_invitation_ = true;
    seen_ &= bit(value::valid_invitations) | bit(value::invalid_email_addresses);
    return await(value::skipped);
  }

  /// Most invitations have as many as the previous one.
  bool subscription(std::string_view text) {
    auto& references = newest().subscription_references;
    if (references.empty()) references.reserve(likely_subscriptions_);
    references.emplace_back(text);
    return true;
  }

  bool refused_address(std::string_view text) {
    constexpr std::size_t quotes_and_comma = 3;
    auto& addresses = response_.invalid_email_addresses;
    elements_.make_room(addresses, text.data(), text.size() + quotes_and_comma);
    addresses.emplace_back(text);
    return true;
  }

  bool date(std::optional<date_time>& out, std::string_view text) {
    date_time read;
    if (!date_time::try_parse(text, read)) return refuse("invalid date-time");
    bool const not_set = read.local_time() == date_time().local_time();  // DateTime.MinValue
    if (!not_set) out = read;
    return true;
  }

  bool await(value v) noexcept {
    next_ = v;
    return true;
  }

  bool skip_deeper() noexcept {
    ++skipped_depth_;
    return true;
  }

  bool skip_shallower() noexcept {
    --skipped_depth_;
    return true;
  }

  bool refuse(char const* problem) noexcept {
    problem_ = problem;
    return false;
  }

  static constexpr std::size_t documented_invitation_size = 310;
  static constexpr std::size_t most_likely_subscriptions =
      16;  // else one long list would make each short one as expensive

  invite_response response_;
  value next_ = value::response;  ///< expected next; within an object, the last one read
  bool in_invitation_ = false;
  unsigned seen_ = 0;  ///< members of the response and of the current invitation that have a value
  std::size_t skipped_depth_ = 0;
  std::size_t likely_subscriptions_ = 4;
  expected_elements elements_;
  char const* last_name_ = nullptr;
  char const* problem_ = "it is not valid JSON";
};

/// Whether the response names at least one of the requested addresses, or none at all. The first one that it names is
/// requested, unless it answers another call.
FICTIVE_DECL bool is_answer_to(std::vector<std::string> const& requested, invite_response const& response) {
  auto const& invited = response.valid_invitations;
  auto const& refused = response.invalid_email_addresses;
  if (invited.empty() && refused.empty()) return true;
  std::string_view const first = invited.empty() ? refused.front() : invited.front().email_address;
  if (std::any_of(requested.begin(), requested.end(),
                  [first](std::string_view address) { return equals_ignoring_case(address, first); }))
    return true;

  auto const is_less = [](std::string_view a, std::string_view b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                        [](char x, char y) { return to_lower(x) < to_lower(y); });
  };
  std::vector<std::string_view> sorted(requested.begin(), requested.end());
  std::sort(sorted.begin(), sorted.end(), is_less);
  auto const is_requested = [&](std::string_view address) {
    return std::binary_search(sorted.begin(), sorted.end(), address, is_less);
  };
  return std::any_of(refused.begin(), refused.end(), is_requested) ||
         std::any_of(invited.begin(), invited.end(),
                     [&](invitation const& one) { return is_requested(one.email_address); });
}

}  // namespace detail

FICTIVE_DECL result<http_request> make_invite_request(client_config const& config, invite_request const& request) {
  auto const& group = request.account_group_token;
  if (auto problem = detail::segment_problem("account_group_token", group); !problem.empty())
    return detail::refused(std::move(problem));
  auto body = detail::invites_body(request);
  if (body.empty()) return detail::refused(detail::lists_problem(request));
  return detail::build_request(config, "POST", detail::url_of(config.base_url, invite_endpoint::route, group),
                               std::move(body));
}

FICTIVE_DECL result<invite_response> parse_invite_response(invite_request const& request, http_response const& response,
                                                           std::size_t max_body_bytes) {
  if (!detail::is_success(response.status)) return detail::parse_error_response(response);
  if (auto e = detail::unreadable_success(response, max_body_bytes)) return *std::move(e);

  detail::invite_response_reader reader(response.body);
  if (auto const cause = detail::read_json(response.body, reader))
    return detail::malformed_success(response, reader.problem(), cause);
  if (!detail::is_answer_to(request.email_addresses, reader.response()))
    return detail::response_error(response, errc::malformed_response, effect::unknown,
                                  "the response names only addresses that were not requested, so it answers another "
                                  "call; whether this call invited anybody is not known");
  return std::move(reader).take();
}

}  // namespace fictive

#undef FICTIVE_FLATTEN

#endif
