#include <fictive/testing/transport_conformance.hpp>
#include <fictive/testing/transport_conformance_tls.hpp>

#include "conformance/report.hpp"
#include "curl_transport.hpp"
#include "support/catch.hpp"

using examples::curl_transport;

TEST_CASE("the transport on libcurl meets the requirements", "[conformance]") {
  expect_passed(fictive::testing::check_transport([] { return curl_transport{}; }));
}

TEST_CASE("the transport on libcurl meets the requirements over TLS", "[conformance][tls]") {
  auto const make = [] { return curl_transport{.ca_file = FICTIVE_TESTS_CERTIFICATES "/ca.pem"}; };
  expect_passed(fictive::testing::check_transport_over_tls(make, loopback_certificates()));
}
