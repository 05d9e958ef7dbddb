#include <fictive/fictive.hpp>

#include "support/catch.hpp"

#include <string>

namespace version_tests {

TEST_CASE("the version's text and numbers agree", "[version]") {
  CHECK(std::string(FICTIVE_VERSION_STRING) == std::to_string(FICTIVE_VERSION_MAJOR) + "." +
                                                   std::to_string(FICTIVE_VERSION_MINOR) + "." +
                                                   std::to_string(FICTIVE_VERSION_PATCH));
}

}  // namespace version_tests
