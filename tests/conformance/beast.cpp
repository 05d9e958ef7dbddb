#include <fictive/beast.hpp>
#include <fictive/testing/transport_conformance.hpp>
#include <fictive/testing/transport_conformance_tls.hpp>

#include "conformance/report.hpp"
#include "support/catch.hpp"

TEST_CASE("the Beast transport meets the requirements", "[conformance]") {
  expect_passed(fictive::testing::check_transport([] { return fictive::beast::transport{}; }));
}

TEST_CASE("the Beast transport meets the requirements over TLS", "[conformance][tls]") {
  auto const make = [] {
    fictive::beast::transport_options options;
    options.tls.ca_file = FICTIVE_TESTS_CERTIFICATES "/ca.pem";
    return fictive::beast::transport{options};
  };
  expect_passed(fictive::testing::check_transport_over_tls(make, loopback_certificates()));
}
