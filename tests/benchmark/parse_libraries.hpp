#ifndef FICTIVE_BENCHMARK_PARSE_LIBRARIES_HPP
#define FICTIVE_BENCHMARK_PARSE_LIBRARIES_HPP

#include <fictive/invite.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace benchmarks {

// The same response, read with other libraries as their documentation would.

fictive::invite_response read_with_boost_dom(std::string const& body);
fictive::invite_response read_with_boost_events(std::string const& body);
fictive::invite_response read_with_nlohmann_dom(std::string const& body);
fictive::invite_response read_with_nlohmann_sax(std::string const& body);
fictive::invite_response read_with_rapidjson_dom(std::string const& body);
fictive::invite_response read_with_rapidjson_sax(std::string const& body);
/// The body has room for `SIMDJSON_PADDING` more bytes, as simdjson requires.
fictive::invite_response read_with_simdjson(std::string const& body);
void make_room_for_simdjson(std::string& body);

/// A time, unless it is `DateTime.MinValue`.
inline std::optional<fictive::date_time> time_of(std::string_view text) {
  auto const time = fictive::date_time::parse(text);
  if (time.local_time() == fictive::date_time().local_time()) return std::nullopt;
  return time;
}

/// A typical handler for event parsers: stores the last name, and compares it when the value arrives.
class event_reader {
 public:
  void begin_object() {
    if (list_ == "validInvitations") response_.valid_invitations.emplace_back();
  }

  void begin_array() {
    if (key_ != "subscriptionReferences") list_ = key_;
  }

  void end_array() {
    if (key_ != "subscriptionReferences")
      list_.clear();
    else
      key_.clear();
  }

  void key(std::string_view name) { key_ = name; }

  void string(std::string_view text) {
    if (list_ == "invalidEmailAddresses") {
      response_.invalid_email_addresses.emplace_back(text);
      return;
    }
    if (list_ != "validInvitations") return;
    auto& invitation = response_.valid_invitations.back();
    if (key_ == "invitationReference")
      invitation.invitation_reference = text;
    else if (key_ == "emailAddress")
      invitation.email_address = text;
    else if (key_ == "expiryDate")
      invitation.expiry_date = time_of(text);
    else if (key_ == "status")
      invitation.status = fictive::invitation_status(text);
    else if (key_ == "subscriptionReferences")
      invitation.subscription_references.emplace_back(text);
    else if (key_ == "created")
      invitation.created = time_of(text);
    else if (key_ == "lastUpdated")
      invitation.last_updated = time_of(text);
  }

  fictive::invite_response take() { return std::move(response_); }

 private:
  fictive::invite_response response_;
  std::string list_, key_;
};

}  // namespace benchmarks

#endif
