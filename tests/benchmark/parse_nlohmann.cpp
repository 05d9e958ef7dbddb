#include "parse_libraries.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>

using nlohmann::json;

// The conversions for get(), as in the documentation of nlohmann/json.
namespace fictive {

static void from_json(json const& value, invitation& out) {
  auto const time = [&](char const* name) { return benchmarks::time_of(value.at(name).get_ref<std::string const&>()); };
  value.at("invitationReference").get_to(out.invitation_reference);
  value.at("emailAddress").get_to(out.email_address);
  out.status = invitation_status(value.at("status").get_ref<std::string const&>());
  value.at("subscriptionReferences").get_to(out.subscription_references);
  out.expiry_date = time("expiryDate");
  out.created = time("created");
  out.last_updated = time("lastUpdated");
}

static void from_json(json const& value, invite_response& out) {
  value.at("validInvitations").get_to(out.valid_invitations);
  value.at("invalidEmailAddresses").get_to(out.invalid_email_addresses);
}

}  // namespace fictive

namespace benchmarks {

namespace {

struct handler : nlohmann::json_sax<json> {
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, string_t const&) override { return true; }
  bool string(string_t& text) override { return reader.string(text), true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return reader.begin_object(), true; }
  bool key(string_t& name) override { return reader.key(name), true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return reader.begin_array(), true; }
  bool end_array() override { return reader.end_array(), true; }
  bool parse_error(std::size_t, std::string const&, nlohmann::detail::exception const& e) override {
    throw std::runtime_error(e.what());
  }

  event_reader reader = {};
};

}  // namespace

fictive::invite_response read_with_nlohmann_dom(std::string const& body) {
  return json::parse(body).get<fictive::invite_response>();
}

fictive::invite_response read_with_nlohmann_sax(std::string const& body) {
  handler events;
  json::sax_parse(body, &events);
  return events.reader.take();
}

}  // namespace benchmarks
