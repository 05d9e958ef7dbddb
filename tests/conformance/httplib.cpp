#include <fictive/testing/transport_conformance.hpp>
#include <fictive/testing/transport_conformance_tls.hpp>

#include "conformance/report.hpp"
#include "support/catch.hpp"

#define main main_of_the_example
#include "own_stack_httplib.cpp"
#undef main

namespace {

/// Of two headers with one name, which the library never sends, newer versions send the second one first.
template <class Headers = httplib::Headers>
void excuse_order(fictive::testing::conformance_options& options, char const* check) {
  if constexpr (!requires(Headers headers) { headers.key_comp(); })
    options.known_limitations.push_back({check, "this version does not keep the order of headers"});
}

/// Required by cpp-httplib: otherwise a connection that ends during a write ends the program.
auto const ignore_sigpipe = std::signal(SIGPIPE, SIG_IGN);

}  // namespace

TEST_CASE("the transport on cpp-httplib meets the requirements, as far as cpp-httplib can", "[conformance]") {
  fictive::testing::conformance_options options;
  options.known_limitations = {
      {"every header is returned", "some versions drop a header without a value"},
      {"trailers are ignored", "some versions do not support trailers: the response is an error"},
      {"a response without a body ends with its headers", "some versions wait for a body of a 304"},
      {"interim responses are skipped", "some versions support no interim response except 100: it is an error"},
      {"what is not HTTP is an error", "a Content-Length that is not a number is read as 0"},
  };
  excuse_order(options, "the request arrives unchanged");
  expect_passed(fictive::testing::check_transport([] { return httplib_transport{}; }, options));
}

TEST_CASE("the transport on cpp-httplib meets the requirements over TLS", "[conformance][tls]") {
  auto const make = [] { return httplib_transport{.ca_file = FICTIVE_TESTS_CERTIFICATES "/ca.pem"}; };
  fictive::testing::conformance_options options;
  excuse_order(options, "over TLS the request arrives unchanged");
  expect_passed(fictive::testing::check_transport_over_tls(make, loopback_certificates(), options));
}
