#include "parse_libraries.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>

#include <stdexcept>

namespace json = boost::json;

// The conversions for value_to, as in the documentation of Boost.JSON.
namespace fictive {

static invitation tag_invoke(json::value_to_tag<invitation>, json::value const& value) {
  auto const& object = value.as_object();
  auto const time = [&](char const* name) { return benchmarks::time_of(object.at(name).as_string()); };
  return {.invitation_reference = json::value_to<std::string>(object.at("invitationReference")),
          .email_address = json::value_to<std::string>(object.at("emailAddress")),
          .status = invitation_status(std::string_view(object.at("status").as_string())),
          .subscription_references = json::value_to<std::vector<std::string>>(object.at("subscriptionReferences")),
          .expiry_date = time("expiryDate"),
          .created = time("created"),
          .last_updated = time("lastUpdated")};
}

static invite_response tag_invoke(json::value_to_tag<invite_response>, json::value const& value) {
  auto const& object = value.as_object();
  return {.valid_invitations = json::value_to<std::vector<invitation>>(object.at("validInvitations")),
          .invalid_email_addresses = json::value_to<std::vector<std::string>>(object.at("invalidEmailAddresses"))};
}

}  // namespace fictive

namespace benchmarks {

namespace {

struct handler {
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

  using error_code = json::error_code;
  using text = json::string_view;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return reader.begin_object(), true; }
  bool on_object_end(std::size_t, error_code&) { return true; }
  bool on_array_begin(error_code&) { return reader.begin_array(), true; }
  bool on_array_end(std::size_t, error_code&) { return reader.end_array(), true; }
  bool on_key_part(text s, std::size_t, error_code&) { return part(s); }
  bool on_key(text s, std::size_t, error_code&) {
    part(s);
    reader.key(whole);
    whole.clear();
    return true;
  }
  bool on_string_part(text s, std::size_t, error_code&) { return part(s); }
  bool on_string(text s, std::size_t, error_code&) {
    part(s);
    reader.string(whole);
    whole.clear();
    return true;
  }
  bool on_number_part(text, error_code&) { return true; }
  bool on_int64(std::int64_t, text, error_code&) { return true; }
  bool on_uint64(std::uint64_t, text, error_code&) { return true; }
  bool on_double(double, text, error_code&) { return true; }
  bool on_bool(bool, error_code&) { return true; }
  bool on_null(error_code&) { return true; }
  bool on_comment_part(text, error_code&) { return true; }
  bool on_comment(text, error_code&) { return true; }

  bool part(text s) {
    whole.append(s.data(), s.size());
    return true;
  }

  event_reader reader = {};
  std::string whole = {};
};

}  // namespace

fictive::invite_response read_with_boost_dom(std::string const& body) {
  return json::value_to<fictive::invite_response>(json::parse(body));
}

fictive::invite_response read_with_boost_events(std::string const& body) {
  json::basic_parser<handler> parser{json::parse_options()};
  json::error_code ec;
  parser.write_some(false, body.data(), body.size(), ec);
  if (ec) throw std::runtime_error(ec.message());
  return parser.handler().reader.take();
}

}  // namespace benchmarks
