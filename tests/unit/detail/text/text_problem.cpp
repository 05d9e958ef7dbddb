#include <fictive/fictive.hpp>
#if __has_include(<fictive/detail/text/text_problem.hpp>)  // else it is in fictive.hpp
#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/text_problem.hpp>
#endif

#include "support/catch.hpp"

#include <cstddef>
#include <string_view>

namespace text_problem_tests {

TEST_CASE("a text is checked to its own end only", "[text]") {
  std::string_view const text = "abcdefgh ijkl\n";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    CAPTURE(size);
    CHECK(fictive::detail::is_printable_ascii(text.substr(0, size)) == (size < text.size()));
  }
}

TEST_CASE("an address is read to its own end only", "[addresses][text]") {
  std::string_view const two = "a@x,b@x";
  CHECK(!fictive::detail::address_problem(two).empty());
  CHECK(fictive::detail::address_problem(two.substr(0, 3)).empty());
}

}  // namespace text_problem_tests
