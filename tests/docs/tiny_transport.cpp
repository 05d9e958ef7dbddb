#include "tiny_transport.hpp"

#include <fictive/testing/transport_conformance.hpp>

#include "support/catch.hpp"

// The test of a transport, of docs/transports.md.

// [conformance]
TEST_CASE("the tiny transport meets the requirements, with known limitations", "[docs]") {
  fictive::testing::conformance_options options;
  options.known_limitations = {
      {"every header is returned", "some versions of curl return the line end as the value of an empty header"},
      {"a connection that ends within the headers is an error", "curl returns it as a response without a body"},
      {"headers beyond the limit are an error", "curl limits single lines, by a limit of its own"},
  };
  for (auto const& check : fictive::testing::check_transport([] { return tiny_transport{}; }, options)) {
    INFO(to_string(check));
    CHECK(check.passed());
  }
}
// [conformance]
