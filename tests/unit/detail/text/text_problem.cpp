#include <fictive/fictive.hpp>
#if __has_include(<fictive/detail/text/text_problem.hpp>)  // else it is in fictive.hpp
#include <fictive/detail/text/text_problem.hpp>
#endif

#include "support/catch.hpp"

#include <string_view>

namespace text_problem_tests {

TEST_CASE("an address is read to its own end only", "[addresses][text]") {
  std::string_view const two = "a@x,b@x";
  CHECK(!fictive::detail::address_problem(two).empty());
  CHECK(fictive::detail::address_problem(two.substr(0, 3)).empty());
}

}  // namespace text_problem_tests
