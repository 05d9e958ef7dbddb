#include <fictive/fictive.hpp>

#include "support/call_sequence.hpp"
#include "support/catch.hpp"

#include <random>

namespace call_properties_tests {

namespace {

struct random_choices {
  unsigned below(unsigned end) { return std::uniform_int_distribution<unsigned>(0, end - 1)(random); }

  std::mt19937 random;
};

}  // namespace

TEST_CASE("100,000 random sequences of events, legal and illegal, keep the invariants of a call",
          "[call][property][long]") {
  for (unsigned seed = 0; seed < 100'000; ++seed) {
    auto const* broken = tests::call_sequence(random_choices{std::mt19937(seed)}).run();
    if (broken) FAIL("seed " << seed << ": " << broken);
  }
  SUCCEED();
}

}  // namespace call_properties_tests
