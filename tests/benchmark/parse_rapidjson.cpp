#include "parse_libraries.hpp"

#define RAPIDJSON_HAS_STDSTRING 1
#include <rapidjson/document.h>
#include <rapidjson/reader.h>

#include <stdexcept>

namespace benchmarks {

namespace {

std::string_view view_of(rapidjson::Value const& value) {
  return {value.GetString(), value.GetStringLength()};
}

std::vector<std::string> texts_of(rapidjson::Value const& values) {
  std::vector<std::string> texts;
  texts.reserve(values.Size());
  for (auto const& value : values.GetArray()) texts.emplace_back(view_of(value));
  return texts;
}

struct handler : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, handler> {
  bool String(char const* text, rapidjson::SizeType size, bool) { return reader.string({text, size}), true; }
  bool StartObject() { return reader.begin_object(), true; }
  bool Key(char const* text, rapidjson::SizeType size, bool) { return reader.key({text, size}), true; }
  bool StartArray() { return reader.begin_array(), true; }
  bool EndArray(rapidjson::SizeType) { return reader.end_array(), true; }

  event_reader reader = {};
};

}  // namespace

fictive::invite_response read_with_rapidjson_dom(std::string const& body) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(body.data(), body.size());
  if (document.HasParseError()) throw std::runtime_error("RapidJSON refuses the response");

  fictive::invite_response response;
  auto const& invitations = document["validInvitations"];
  response.valid_invitations.reserve(invitations.Size());
  for (auto const& value : invitations.GetArray())
    response.valid_invitations.push_back({.invitation_reference = std::string(view_of(value["invitationReference"])),
                                          .email_address = std::string(view_of(value["emailAddress"])),
                                          .status = fictive::invitation_status(view_of(value["status"])),
                                          .subscription_references = texts_of(value["subscriptionReferences"]),
                                          .expiry_date = time_of(view_of(value["expiryDate"])),
                                          .created = time_of(view_of(value["created"])),
                                          .last_updated = time_of(view_of(value["lastUpdated"]))});
  response.invalid_email_addresses = texts_of(document["invalidEmailAddresses"]);
  return response;
}

fictive::invite_response read_with_rapidjson_sax(std::string const& body) {
  rapidjson::MemoryStream memory(body.data(), body.size());
  rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(memory);
  rapidjson::Reader reader;
  handler events;
  if (!reader.Parse<rapidjson::kParseValidateEncodingFlag>(stream, events))
    throw std::runtime_error("RapidJSON refuses the response");
  return events.reader.take();
}

}  // namespace benchmarks
