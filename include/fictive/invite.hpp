// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_INVITE_HPP
#define FICTIVE_INVITE_HPP

#include <fictive/config.hpp>
#include <fictive/date_time.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fictive {

/// Whom to invite, and to what. Designated initializers are the builder:
///
///     fictive::invite_request{.account_group_token = group, .email_addresses = {"jamie.muir@fictiveglobal.com"}}
struct invite_request {
  /// Identifies the account group. Opaque, UTF-8, not empty; sent as one percent-encoded path segment.
  std::string account_group_token = {};
  /// Whom to invite: at least one, none empty, UTF-8. What an address must look like is the service's to say.
  std::vector<std::string> email_addresses = {};
  /// The group subscriptions that the invited accounts may join. Left out of the request when empty.
  std::vector<std::string> subscription_references = {};
  /// When the invitations lapse. Sent as it is, with its offset or without; left out when not set.
  std::optional<date_time> expiry_date = {};
};

/// How far an invitation got. The set is open: a status that this library does not know keeps its text.
class invitation_status {
 public:
  /// The statuses that the service documents, and `other`.
  enum value_type : unsigned char {
    other,               ///< none of the below; `text()` says which, and is empty if the service sent none
    pending_acceptance,  ///< "PendingAcceptance": sent, not answered yet
  };

  /// `other`, without a text.
  invitation_status() = default;

  /// A known status; `other` has no text then.
  invitation_status(value_type value) noexcept : value_(value) {}

  /// The status that the service names `text`, to the letter.
  explicit invitation_status(std::string_view text)
      : value_(text == pending_acceptance_text ? pending_acceptance : other) {
    if (value_ == other) other_text_ = text;
  }

  /// Which of the known ones it is, for a `switch`.
  [[nodiscard]] value_type value() const noexcept { return value_; }

  /// The service's word for it, as received. Valid as long as this object is.
  [[nodiscard]] std::string_view text() const noexcept {
    return value_ == pending_acceptance ? pending_acceptance_text : std::string_view(other_text_);
  }

  /// The same status; of two unknown ones, with the same text.
  friend bool operator==(invitation_status const&, invitation_status const&) = default;
  /// Whether it is this known one; any unknown one is `other`.
  friend bool operator==(invitation_status const& status, value_type value) noexcept { return status.value_ == value; }

 private:
  static constexpr std::string_view pending_acceptance_text = "PendingAcceptance";

  std::string other_text_;
  value_type value_ = other;
};

/// One address that was invited.
struct invitation {
  /// Names the invitation in later calls. Opaque.
  std::string invitation_reference = {};
  /// The invited address.
  std::string email_address = {};
  /// How far it got.
  invitation_status status = {};
  /// The group subscriptions that the account may join. Opaque.
  std::vector<std::string> subscription_references = {};
  /// @{ The service gives its times in UTC, as a rule without saying so: convert with `sys_time(0min)`.
  /// What it marks as not set (`DateTime.MinValue`, 0001-01-01T00:00:00), or leaves out, is nullopt.
  std::optional<date_time> expiry_date = {}, created = {}, last_updated = {};
  /// @}
};

/// What became of each address. That some are refused is not an error of the call.
struct invite_response {
  /// The invited addresses, one invitation each.
  std::vector<invitation> valid_invitations = {};
  /// The refused addresses, as they were sent.
  std::vector<std::string> invalid_email_addresses = {};
};

}  // namespace fictive

#endif
