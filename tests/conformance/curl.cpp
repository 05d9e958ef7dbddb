#include <fictive/testing/transport_conformance.hpp>
#include <fictive/testing/transport_conformance_tls.hpp>

#include "conformance/report.hpp"
#include "support/catch.hpp"

#define main main_of_the_example
#include "own_stack_curl.cpp"
#undef main

TEST_CASE("the transport on libcurl meets the requirements", "[conformance]") {
  expect_passed(fictive::testing::check_transport([] { return curl_transport{}; }));
}

TEST_CASE("the transport on libcurl meets the requirements over TLS", "[conformance][tls]") {
  auto const make = [] { return curl_transport{.ca_file = FICTIVE_TESTS_CERTIFICATES "/ca.pem"}; };
  expect_passed(fictive::testing::check_transport_over_tls(make, loopback_certificates()));
}
