// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_RESPONSE_HPP
#define FICTIVE_RESPONSE_HPP

#include <fictive/config.hpp>
#include <fictive/date_time.hpp>
#include <fictive/detail/ascii.hpp>
#include <fictive/detail/error_body.hpp>
#include <fictive/detail/expected_elements.hpp>
#include <fictive/detail/http_date.hpp>
#include <fictive/detail/json_reader.hpp>
#include <fictive/detail/untrusted_text.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/invite.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace fictive {

namespace detail {

// A parser would be a quarter of what this library costs to include: these are templates of nothing (see config.hpp).

// All that such a function calls is compiled into it: for the two that run for each name and each text of a response.
#if defined(__GNUC__)
#define FICTIVE_FLATTEN [[gnu::flatten]]
#else
#define FICTIVE_FLATTEN
#endif

/// Reads the body of a success. Names are matched without regard to ASCII case; unknown members are
/// skipped at any depth; null is as if the member were not there. Where it refuses, `problem()` says why.
template <class = void>
class invite_response_reader {
 public:
  explicit invite_response_reader(std::string_view document) noexcept : elements_(document) {}

  bool begin_object() {
    switch (next_) {
      case value::response: return await(value::skipped);
      case value::an_invitation: return begin_invitation();
      case value::skipped: return skip_deeper();
      default: return refuse("an object is where the contract has none");
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
      default: return refuse("an array is where the contract has none");
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
    if ((seen_ & bit(next_)) != 0) return refuse("a member occurs twice, so which one is true is not known");
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
      default: return refuse("a string is where the contract has none");
    }
  }

  bool null() {
    auto const not_null =
        bit(value::response) | bit(value::an_invitation) | bit(value::a_subscription) | bit(value::a_refused_address);
    if ((bit(next_) & not_null) != 0) return refuse("null is where the contract has none");
    seen_ &= ~bit(next_);
    return true;
  }

  bool other() { return next_ == value::skipped || refuse("a number, true or false is where the contract has none"); }

  [[nodiscard]] std::string_view problem() const noexcept { return problem_; }
  [[nodiscard]] invite_response const& response() const noexcept { return response_; }
  [[nodiscard]] invite_response take() && noexcept { return std::move(response_); }

 private:
  /// What the contract knows; all else is skipped.
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

  /// No two of the names are of the same length.
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

  /// As a rule, each invitation has as many as the one before.
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
    if (!date_time::try_parse(text, read)) return refuse("a date-time is not one");
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
  static constexpr std::size_t most_likely_subscriptions = 16;  // or one long list would cost each short one as much

  invite_response response_;
  value next_ = value::response;  ///< what comes now, or in an object what came last
  bool in_invitation_ = false;
  unsigned seen_ = 0;  ///< the members that have a value, of the response and of the invitation at hand
  std::size_t skipped_depth_ = 0;
  std::size_t likely_subscriptions_ = 4;
  expected_elements elements_;
  char const* last_name_ = nullptr;
  char const* problem_ = "it is not JSON";
};

/// The response is JSON by its Content-Type or, where it has none, by its first character.
template <class = void>
inline bool claims_json(http_response const& response) noexcept {
  if (auto const* type = find_header(response.headers, "Content-Type")) return is_json_media_type(*type);
  auto const body = trim(response.body);
  return body.starts_with('{') || body.starts_with("\xEF\xBB\xBF{");
}

template <class = void>
inline bool is_encoded(http_headers const& headers) noexcept {
  auto const* encoding = find_header(headers, "Content-Encoding");
  return encoding && !trim(*encoding).empty() && !equals_ignoring_case(trim(*encoding), "identity");
}

template <class = void>
inline error response_error(http_response const& response, errc code, effect did, std::string message) {
  return {.code = code,
          .effect = did,
          .status = response.status,
          .message = std::move(message),
          .request_id = request_id_of(response.headers)};
}

/// Whether the response names at least one of the requested addresses, or none at all. The first one that it names is
/// requested, unless it answers another call.
template <class = void>
inline bool is_answer_to(std::vector<std::string> const& requested, invite_response const& response) {
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

/// The rows "2xx …" of the failure table.
template <class = void>
inline result<invite_response> read_success(invite_request const& request, http_response const& response,
                                            std::size_t max_body_bytes) {
  auto const malformed = [&](effect did, std::string_view problem) {
    std::string message = did == effect::applied
                              ? "the service took the invitations, but whom it invited is not known: "
                              : "the answer may not be the service's: ";
    return response_error(response, errc::malformed_response, did, message.append(problem));
  };
  if (trim(response.body).empty()) return malformed(effect::applied, "the response has no body");

  bool const json = claims_json(response);
  auto const did = json ? effect::applied : effect::unknown;
  if (is_encoded(response.headers)) return malformed(did, "its body is compressed, which was not asked for");
  if (response.body.size() > max_body_bytes) return malformed(did, "its body is larger than limits.max_body_bytes");
  if (!json) {
    auto e = malformed(did, "its body is not JSON");
    e.server_message = read_error_body(response.body).message;
    return e;
  }

  invite_response_reader<> reader(response.body);
  if (auto const cause = read_json(response.body, reader)) {
    auto e = malformed(did, reader.problem());
    e.cause = cause;
    return e;
  }
  if (!is_answer_to(request.email_addresses, reader.response()))
    return response_error(response, errc::malformed_response, effect::unknown,
                          "the response names only addresses that were not requested, so it answers another call; "
                          "whether this call invited anybody is not known");
  return std::move(reader).take();
}

/// A row of the failure table.
struct verdict {
  errc code;
  fictive::effect effect;
  char const* message;
};

template <class = void>
constexpr verdict judge(unsigned status, bool says_when_to_retry) noexcept {
  switch (status) {
    case 400:
    case 412:
    case 413:
    case 415:
    case 422: return {errc::invalid_request, effect::none, "the service refused the request as invalid"};
    case 401:
    case 403: return {errc::not_authenticated, effect::none, "the service did not accept the session, token or bearer"};
    case 404:
      return {errc::subscription_not_found, effect::none,
              "the service does not know the subscription or the account group"};
    case 409: return {errc::conflict, effect::none, "the service says that it conflicts with what exists already"};
    case 408:
    case 421:
    case 425: return {errc::unexpected_status, effect::none, "the service asks to send the request again"};
    case 429: return {errc::too_many_requests, effect::none, "the service was called too often"};
    case 303:
      return {errc::unexpected_status, effect::unknown,
              "the service answered with a redirect, which is never followed"};
    case 503:
      if (says_when_to_retry)
        return {errc::server_error, effect::none, "the service is unavailable and says when to come back"};
      break;
    default: break;
  }
  if (status >= 500 && status <= 599) return {errc::server_error, effect::unknown, "the service failed"};
  if (status >= 400 && status <= 499)
    return {errc::unexpected_status, effect::none,
            "the service refused the request with a status that it does not document"};
  if (status >= 300 && status <= 399)
    return {errc::unexpected_status, effect::none, "the service answered with a redirect, which is never followed"};
  return {errc::unexpected_status, effect::unknown,
          "the transport returned a status that is not one of a final HTTP response (200 to 599)"};
}

/// The other rows.
template <class = void>
inline error read_refusal(http_response const& response) {
  auto const retry = retry_after_of(response.headers);
  auto const [code, did, message] = judge(response.status, retry.present);
  auto e = response_error(response, code, did, message);
  e.retry_after = retry.delay;
  if (is_encoded(response.headers)) return e;
  auto body = read_error_body(response.body);
  e.server_message = std::move(body.message);
  if (e.request_id.empty()) e.request_id = std::move(body.trace_id);
  return e;
}

}  // namespace detail

/// Who was invited and who was refused, or why that is not known. `request` is the one that was sent. Whatever the
/// network sent, it throws nothing but `std::bad_alloc`. No I/O, no state; safe from any thread.
///
/// A success (2xx) is read as the contract's InviteResponse. Without a body, or with one that is not that, it is
/// a `malformed_response` with `effect::applied`: the invitations were made. If the body was not even meant to be
/// JSON, something between us and the service may have answered: `effect::unknown`. The same holds for one that names
/// only addresses that were not requested (compared without regard to ASCII case), which is the answer to another call.
/// Any other status is an error by the contract's table, with the best message that its body holds, and `retry_after`.
[[nodiscard]] inline result<invite_response> parse_invite_response(
    invite_request const& request, http_response const& response,
    std::size_t max_body_bytes = http_limits{}.max_body_bytes);

/// @cond
/// A friend that a template defines is a plain function, and yet not compiled where nobody calls it.
template <class = void>
struct body_of_parse_invite_response {
  friend inline result<invite_response> parse_invite_response(invite_request const& request,
                                                              http_response const& response,
                                                              std::size_t max_body_bytes) {
    if (detail::is_success(response.status)) return detail::read_success(request, response, max_body_bytes);
    return detail::read_refusal(response);
  }
};
static_assert(std::is_empty_v<body_of_parse_invite_response<>>);  // which instantiates it
/// @endcond

}  // namespace fictive

#undef FICTIVE_FLATTEN

#endif
