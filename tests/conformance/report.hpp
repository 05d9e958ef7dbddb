#ifndef FICTIVE_TESTS_CONFORMANCE_REPORT_HPP
#define FICTIVE_TESTS_CONFORMANCE_REPORT_HPP

#include <fictive/testing/transport_conformance_tls.hpp>

#include "support/catch.hpp"

#include <string>
#include <vector>

/// Fails for broken checks; prints excused ones, those left out, and remarks.
inline void expect_passed(std::vector<fictive::testing::conformance_check> const& checks) {
  for (auto const& check : checks) {
    INFO(to_string(check));
    CHECK(check.passed());
    if (check.passed() && !check.details.empty()) WARN(to_string(check));
  }
}

inline fictive::testing::tls_conformance_certificates loopback_certificates() {
  std::string const folder = FICTIVE_TESTS_CERTIFICATES "/";
  fictive::testing::tls_conformance_certificates certificates;
  certificates.accepted = {folder + "server.pem", folder + "server.key"};
  for (std::string const name : {"other_name", "expired", "unknown"})
    certificates.refused.push_back({folder + name + ".pem", folder + name + ".key"});
  return certificates;
}

#endif
