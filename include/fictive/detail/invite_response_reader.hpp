// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_INVITE_RESPONSE_READER_HPP
#define FICTIVE_DETAIL_INVITE_RESPONSE_READER_HPP

#include <fictive/config.hpp>
#include <fictive/date_time.hpp>
#include <fictive/detail/json/expected_elements.hpp>
#include <fictive/detail/json/json_reader.hpp>
#include <fictive/detail/json/list_cursor.hpp>
#include <fictive/detail/lenient_date_time.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/invite.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// Inlines all callees, for the two functions that run once for each JSON token.
#if defined(__GNUC__)
#define FICTIVE_FLATTEN [[gnu::flatten]]
#else
#define FICTIVE_FLATTEN
#endif

namespace fictive::detail {

/// Reads the members of one invitation. An optional one that cannot be read stays unset.
class invitation_reader {
 public:
  void begin(invitation& out) noexcept {
    out_ = &out;
    member_ = member::unknown;
    has_reference_ = has_address_ = is_repetition_ = false;
  }

  json_action key(std::string_view name) noexcept {
    if (subscriptions_.is_in_wrapper()) return list_cursor::key(name);
    member_ = member_named(name);
    return member_ == member::unknown ? json_action::skip : json_action::take;
  }

  json_action string(std::string_view text) {
    std::optional<date_time>* time = nullptr;
    switch (member_) {
      case member::invitation_reference: return required(out_->invitation_reference, has_reference_, text);
      case member::email_address: return required(out_->email_address, has_address_, text);
      case member::status: out_->status = invitation_status(text); break;
      case member::expiry_date: time = &out_->expiry_date; break;
      case member::created: time = &out_->created; break;
      case member::last_updated: time = &out_->last_updated; break;
      case member::subscription_references: subscription(text); break;
      case member::repetition: is_repetition_ = true; break;
      case member::unknown: break;
    }
    if (time) read_time(*time, text);
    return json_action::take;
  }

  json_action other(std::string_view text) {
    if (member_ == member::status) out_->status = invitation_status(text);
    return not_a_string();
  }

  json_action begin_array() {
    if (member_ != member::subscription_references || !subscriptions_.begin_array()) return skip();
    out_->subscription_references.clear();
    return json_action::take;
  }

  json_action end_array() noexcept {
    subscriptions_.end_array();
    likely_subscriptions_ = (std::min)(out_->subscription_references.size(), most_likely_subscriptions);
    return json_action::take;
  }

  json_action begin_object() noexcept {
    return member_ == member::subscription_references && subscriptions_.begin_object() ? json_action::take : skip();
  }

  /// Ends the wrapper of the subscriptions; false if the object is the invitation itself.
  bool end_wrapper() noexcept {
    if (!subscriptions_.is_in_wrapper()) return false;
    subscriptions_.end_object();
    return true;
  }

  /// `{"$ref":"2"}`: JSON.NET's reference to an object that it wrote before.
  [[nodiscard]] bool is_repetition() const noexcept { return is_repetition_ && !has_reference_ && !has_address_; }
  [[nodiscard]] bool is_complete() const noexcept { return has_reference_ && has_address_; }
  [[nodiscard]] char const* problem() const noexcept { return problem_; }

 private:
  enum class member : unsigned char {
    unknown,
    invitation_reference,
    email_address,
    expiry_date,
    status,
    subscription_references,
    created,
    last_updated,
    repetition,
  };

  /// Each name has a different length.
  static member member_named(std::string_view name) noexcept {
    switch (name.size()) {
      case 4: return is_named(name, "$ref") ? member::repetition : member::unknown;
      case 6: return is_named(name, "status") ? member::status : member::unknown;
      case 7: return is_named(name, "created") ? member::created : member::unknown;
      case 10: return is_named(name, "expiryDate") ? member::expiry_date : member::unknown;
      case 11: return is_named(name, "lastUpdated") ? member::last_updated : member::unknown;
      case 12: return is_named(name, "emailAddress") ? member::email_address : member::unknown;
      case 19: return is_named(name, "invitationReference") ? member::invitation_reference : member::unknown;
      case 22: return is_named(name, "subscriptionReferences") ? member::subscription_references : member::unknown;
      default: return member::unknown;
    }
  }

  json_action required(std::string& out, bool& is_set, std::string_view text) {
    if (is_set) return refuse("an invitation has two references or addresses");
    is_set = true;
    out = std::string(text);
    return json_action::take;
  }

  json_action not_a_string() noexcept {
    bool const is_required = member_ == member::invitation_reference || member_ == member::email_address;
    return is_required ? refuse("an invitation's reference or address is not a string") : json_action::take;
  }

  json_action skip() noexcept {
    auto const action = not_a_string();
    return action == json_action::refuse ? action : json_action::skip;
  }

  /// Most invitations have as many as the previous one.
  void subscription(std::string_view text) {
    if (!subscriptions_.is_in_list()) return;
    auto& references = out_->subscription_references;
    if (references.empty()) references.reserve(likely_subscriptions_);
    references.emplace_back(text);
  }

  /// Nothing if it cannot be read or is one of the values that .NET uses for "not set": `DateTime.MinValue`, or
  /// `DateTime.MaxValue`, whose fraction may be truncated.
  static void read_time(std::optional<date_time>& out, std::string_view text) noexcept {
    constexpr auto min_value = date_time().local_time();
    constexpr auto max_value = date_time::parse("9999-12-31T23:59:59").local_time();
    date_time read;
    bool const is_read = date_time::try_parse(text, read) || try_parse_leniently(text, read);
    out.reset();
    if (is_read && read.local_time() != min_value && read.local_time() < max_value) out = read;
  }

  json_action refuse(char const* problem) noexcept {
    problem_ = problem;
    return json_action::refuse;
  }

  static constexpr std::size_t most_likely_subscriptions =
      16;  // else one long list would make each short one as expensive

  invitation* out_ = nullptr;
  member member_ = member::unknown;
  bool has_reference_ = false, has_address_ = false, is_repetition_ = false;
  list_cursor subscriptions_;
  std::size_t likely_subscriptions_ = 4;
  char const* problem_ = nullptr;
};

/// Reads the body of a success. Names are matched without regard to ASCII case, and unknown members are skipped at any
/// depth. So is an element that a list cannot have. If the reader refuses a token, `problem()` says why.
class invite_response_reader final : public json_handler {
 public:
  explicit invite_response_reader(std::string_view document) noexcept : elements_(document) {}

  json_action begin_object() override {
    if (in_invitation_) return invitation_.begin_object();
    if (member_ == member::none) return json_action::take;  // the response
    if (list_.is_in_list()) return member_ == member::valid_invitations ? begin_invitation() : json_action::skip;
    return list_.begin_object() ? json_action::take : not_a_list();
  }

  json_action end_object() override {
    if (in_invitation_) return invitation_.end_wrapper() ? json_action::take : end_invitation();
    if (!list_.is_in_wrapper()) return json_action::take;
    return list_.end_object() ? json_action::take : not_a_list();
  }

  json_action begin_array() override {
    if (in_invitation_) return invitation_.begin_array();
    if (member_ == member::none) return not_an_object();
    if (!list_.begin_array()) return json_action::skip;
    if (has_list()) return refuse("a list occurs twice");
    has_list() = true;
    return json_action::take;
  }

  json_action end_array() override {
    if (in_invitation_) return invitation_.end_array();
    list_.end_array();
    return json_action::take;
  }

  FICTIVE_FLATTEN json_action key(std::string_view name) override {
    last_name_ = name.data();
    if (in_invitation_) return invitation_.key(name);
    if (list_.is_in_wrapper()) return list_cursor::key(name);
    member_ = member_named(name);
    if (member_ == member::none) return json_action::skip;
    names_list_ = true;
    return json_action::take;
  }

  FICTIVE_FLATTEN json_action string(std::string_view text) override {
    if (in_invitation_) return invitation_.string(text);
    if (!list_.is_in_list()) return not_a_list();
    if (member_ == member::invalid_email_addresses) rejected_address(text);
    return json_action::take;
  }

  /// A list that is null is empty.
  json_action null() override {
    if (in_invitation_ || member_ != member::none) return json_action::take;
    return not_an_object();
  }

  json_action other(std::string_view text) override {
    if (in_invitation_) return invitation_.other(text);
    return list_.is_in_list() ? json_action::take : not_a_list();
  }

  /// Whether the document is an object with at least one of the lists, which may be null.
  [[nodiscard]] bool names_list() const noexcept { return names_list_; }
  /// Why a token was refused.
  [[nodiscard]] char const* problem() const noexcept {
    return invitation_.problem() ? invitation_.problem() : problem_;
  }
  [[nodiscard]] invite_response take() && noexcept { return std::move(response_); }

 private:
  enum class member : unsigned char { none, valid_invitations, invalid_email_addresses };

  static member member_named(std::string_view name) noexcept {
    if (is_named(name, "validInvitations")) return member::valid_invitations;
    if (is_named(name, "invalidEmailAddresses")) return member::invalid_email_addresses;
    return member::none;
  }

  bool& has_list() noexcept {
    return member_ == member::valid_invitations ? has_valid_invitations_ : has_invalid_email_addresses_;
  }

  json_action begin_invitation() {
    elements_.move_to(last_name_, documented_invitation_size);
    elements_.make_room(response_.valid_invitations, documented_invitation_size);
    invitation_.begin(response_.valid_invitations.emplace_back());
    in_invitation_ = true;
    return json_action::take;
  }

  json_action end_invitation() {
    in_invitation_ = false;
    if (invitation_.is_complete()) return json_action::take;
    if (!invitation_.is_repetition()) return refuse("an invitation lacks its invitationReference or its emailAddress");
    response_.valid_invitations.pop_back();
    return json_action::take;
  }

  void rejected_address(std::string_view text) {
    constexpr std::size_t quotes_and_comma = 3;
    auto& addresses = response_.invalid_email_addresses;
    elements_.move_to(text.data(), text.size() + quotes_and_comma);
    elements_.make_room(addresses, text.size() + quotes_and_comma);
    addresses.emplace_back(text);
  }

  json_action not_an_object() noexcept { return refuse("it is not an object"); }

  json_action not_a_list() noexcept {
    return member_ == member::none ? not_an_object()
                                   : refuse("validInvitations or invalidEmailAddresses is not a list");
  }

  json_action refuse(char const* problem) noexcept {
    problem_ = problem;
    return json_action::refuse;
  }

  static constexpr std::size_t documented_invitation_size = 310;

  invite_response response_;
  invitation_reader invitation_;
  list_cursor list_;
  member member_ = member::none;  ///< the last one whose value is read
  bool in_invitation_ = false;
  bool names_list_ = false, has_valid_invitations_ = false, has_invalid_email_addresses_ = false;
  expected_elements elements_;
  char const* last_name_ = nullptr;
  char const* problem_ = nullptr;
};

}  // namespace fictive::detail

#undef FICTIVE_FLATTEN

#endif
