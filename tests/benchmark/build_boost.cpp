#include "build_libraries.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>

namespace json = boost::json;

std::string benchmarks::write_with_boost(fictive::invite_request const& request) {
  json::value const body = {{"expiryDate", request.expiry_date->to_string()},
                            {"subscriptionReferences", json::value_from(request.subscription_references)},
                            {"emailAddresses", json::value_from(request.email_addresses)}};
  return json::serialize(body);
}
