#include "build_libraries.hpp"

#define RAPIDJSON_HAS_STDSTRING 1
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

std::string benchmarks::write_with_rapidjson(fictive::invite_request const& request) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  auto const write_list = [&](char const* name, std::vector<std::string> const& texts) {
    writer.Key(name);
    writer.StartArray();
    for (auto const& text : texts) writer.String(text);
    writer.EndArray();
  };
  writer.StartObject();
  writer.Key("expiryDate");
  writer.String(request.expiry_date->to_string());
  write_list("subscriptionReferences", request.subscription_references);
  write_list("emailAddresses", request.email_addresses);
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}
