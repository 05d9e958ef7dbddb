// [main]
#include "tiny_transport.hpp"  // yours

#include <fictive/testing/transport_conformance.hpp>

#include <iostream>

int main() {
  bool all_passed = true;
  for (auto const& check : fictive::testing::check_transport([] { return tiny_transport{}; })) {
    if (check.outcome != fictive::testing::conformance_outcome::kept) std::cout << to_string(check) << '\n';
    all_passed = all_passed && check.passed();
  }
  return all_passed ? 0 : 1;
}
// [main]
