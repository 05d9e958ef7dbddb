#include <fictive/testing/transport_conformance.hpp>
#include <fictive/testing/transport_conformance_tls.hpp>

#include "conformance/report.hpp"
#include "httplib_transport.hpp"
#include "support/catch.hpp"

#include <csignal>

using examples::httplib_transport;

namespace {

/// A program that uses cpp-httplib does this once: else a connection that ends during a write ends the program.
auto const ignore_sigpipe = std::signal(SIGPIPE, SIG_IGN);

}  // namespace

TEST_CASE("the transport on cpp-httplib keeps the contract, as far as cpp-httplib can") {
  fictive::testing::conformance_options options;
  options.known_limitations = {
      {"every header is returned", "some versions drop a header without a value"},
      {"trailers are passed over", "some versions know no trailers: the response is an error"},
      {"a response without a body ends with its headers", "some versions wait for a body of a 304"},
      {"interim responses are passed over", "some versions know no interim response but 100: it is an error"},
      {"what is not HTTP is an error", "a Content-Length that is no number is read as 0"},
  };
  expect_passed(fictive::testing::check_transport([] { return httplib_transport{}; }, options));
}

TEST_CASE("the transport on cpp-httplib keeps the contract over TLS") {
  auto const make = [] { return httplib_transport{.ca_file = FICTIVE_TESTS_CERTIFICATES "/ca.pem"}; };
  expect_passed(fictive::testing::check_transport_over_tls(make, loopback_certificates()));
}
