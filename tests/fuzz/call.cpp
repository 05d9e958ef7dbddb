#include <fictive/fictive.hpp>

#include "fuzz/support/fuzz.hpp"
#include "support/call_sequence.hpp"

#include <string_view>

// The events of a call, in and out of turn: each byte is a choice.

namespace fuzz {

void test(std::string_view input) {
  auto const* broken = tests::call_sequence(choices{input}).run();
  require(broken == nullptr, broken ? broken : "");
}

}  // namespace fuzz
