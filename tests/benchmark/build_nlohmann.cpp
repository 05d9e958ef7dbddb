#include "build_libraries.hpp"

#include <nlohmann/json.hpp>

std::string benchmarks::write_with_nlohmann(fictive::invite_request const& request) {
  nlohmann::json const body = {{"expiryDate", request.expiry_date->to_string()},
                               {"subscriptionReferences", request.subscription_references},
                               {"emailAddresses", request.email_addresses}};
  return body.dump();
}
