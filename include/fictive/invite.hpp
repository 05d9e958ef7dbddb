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

/// The request to invite addresses to an account group. Designated initializers serve as a builder:
///
///     fictive::invite_request{.account_group_token = group, .email_addresses = {"jamie.muir@fictiveglobal.com"}}
struct invite_request {
  /// Identifies the account group. Opaque, UTF-8, not empty; sent as one percent-encoded path segment.
  std::string account_group_token = {};
  /// The addresses to invite: at least one, none empty, UTF-8. The service decides which forms are valid.
  std::vector<std::string> email_addresses = {};
  /// The group subscriptions that the invited accounts may join. Left out of the request when empty.
  std::vector<std::string> subscription_references = {};
  /// Expiry date of the invitations. Sent unchanged, with its offset or without; left out when not set.
  std::optional<date_time> expiry_date = {};
};

/// The status of an invitation. The set is open: an unknown status keeps its text.
class invitation_status {
 public:
  /// The statuses that the service documents, and `other`.
  enum value_type : unsigned char {
    other,               ///< not one of the known ones; see `text()`, which is empty if the service sent none
    pending_acceptance,  ///< "PendingAcceptance": sent, not accepted yet
  };

  /// `other`, without a text.
  invitation_status() = default;

  /// A known status; `other` has no text then.
  invitation_status(value_type value) noexcept : value_(value) {}

  /// The status with exactly this text.
  explicit invitation_status(std::string_view text)
      : value_(text == pending_acceptance_text ? pending_acceptance : other) {
    if (value_ == other) other_text_ = text;
  }

  /// The known status, for a `switch`.
  [[nodiscard]] value_type value() const noexcept { return value_; }

  /// The text of the status, as received. Valid as long as this object exists.
  [[nodiscard]] std::string_view text() const noexcept {
    return value_ == pending_acceptance ? pending_acceptance_text : std::string_view(other_text_);
  }

  /// Two unknown statuses are equal if their texts are.
  friend bool operator==(invitation_status const&, invitation_status const&) = default;
  /// Compares with a known status; every unknown one equals `other`.
  friend bool operator==(invitation_status const& status, value_type value) noexcept { return status.value_ == value; }

 private:
  static constexpr std::string_view pending_acceptance_text = "PendingAcceptance";

  std::string other_text_;
  value_type value_ = other;
};

/// One address that was invited.
struct invitation {
  /// Identifies the invitation in later calls. Opaque.
  std::string invitation_reference = {};
  /// The invited address.
  std::string email_address = {};
  /// The status of the invitation. One that is a number or a boolean is kept as its text.
  invitation_status status = {};
  /// The group subscriptions that the account may join. Opaque.
  std::vector<std::string> subscription_references = {};
  /// @{ Times are in UTC, usually without an offset: convert with `sys_time(0min)`, compare with `is_before`. Times that
  /// the service left out, marked as not set (`DateTime.MinValue`, 0001-01-01T00:00:00) or as never
  /// (`DateTime.MaxValue`, 9999-12-31T23:59:59.9999999), or sent in a form that cannot be read are nullopt.
  std::optional<date_time> expiry_date = {}, created = {}, last_updated = {};
  /// @}
};

/// The result for each address. Rejected addresses are not an error of the call.
struct invite_response {
  /// The invited addresses, one invitation each.
  std::vector<invitation> valid_invitations = {};
  /// The rejected addresses, as the service repeats them.
  std::vector<std::string> invalid_email_addresses = {};
  /// The requested addresses that are in neither list, in the order of the request: whether they were invited is not
  /// known. An entry of a list accounts for one requested address that is equal, or that differs in ASCII case only.
  std::vector<std::string> unaccounted_email_addresses = {};
};

}  // namespace fictive

#endif
