#include "parse_libraries.hpp"

#include <simdjson.h>

namespace benchmarks {

namespace {

using simdjson::ondemand::array;

std::vector<std::string> texts_of(array values) {
  std::vector<std::string> texts;
  for (std::string_view text : values) texts.emplace_back(text);
  return texts;
}

fictive::invitation invitation_of(simdjson::ondemand::object object) {
  fictive::invitation invitation;
  for (auto field : object) {
    std::string_view const name = field.unescaped_key();
    auto value = field.value();
    if (name == "invitationReference")
      invitation.invitation_reference = std::string_view(value);
    else if (name == "emailAddress")
      invitation.email_address = std::string_view(value);
    else if (name == "expiryDate")
      invitation.expiry_date = time_of(value);
    else if (name == "status")
      invitation.status = fictive::invitation_status(std::string_view(value));
    else if (name == "subscriptionReferences")
      invitation.subscription_references = texts_of(value);
    else if (name == "created")
      invitation.created = time_of(value);
    else if (name == "lastUpdated")
      invitation.last_updated = time_of(value);
  }
  return invitation;
}

}  // namespace

void make_room_for_simdjson(std::string& body) {
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
}

fictive::invite_response read_with_simdjson(std::string const& body) {
  static simdjson::ondemand::parser parser;  // to be reused, says the library
  auto document = parser.iterate(simdjson::padded_string_view(body.data(), body.size(), body.capacity()));

  fictive::invite_response response;
  for (auto field : document.get_object()) {
    std::string_view const name = field.unescaped_key();
    if (name == "validInvitations")
      for (auto invitation : field.value().get_array()) response.valid_invitations.push_back(invitation_of(invitation));
    else if (name == "invalidEmailAddresses")
      response.invalid_email_addresses = texts_of(field.value());
  }
  return response;
}

}  // namespace benchmarks
