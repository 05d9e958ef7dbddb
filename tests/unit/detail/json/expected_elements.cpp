#include <fictive/fictive.hpp>
#if __has_include(<fictive/detail/json/expected_elements.hpp>)  // else it is in fictive.hpp
#include <fictive/detail/json/expected_elements.hpp>
#endif

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace expected_elements_tests {

namespace {

struct growth {
  std::size_t count = 0, allocations = 0, capacity = 0;
};

/// Reads the comma-separated elements of a document, in place or as copies.
growth read_all(std::string const& document, bool in_place = true) {
  fictive::detail::expected_elements expected(document);
  std::vector<std::string_view> list;
  growth result;
  for (std::size_t at = 0; at < document.size();) {
    auto const end = (std::min)(document.find(',', at), document.size());
    auto const before = list.capacity();
    std::string const copy = document.substr(at, end - at);
    expected.move_to(in_place ? document.data() + at : copy.data(), end - at + 1);
    expected.make_room(list, end - at + 1);
    result.allocations += list.capacity() != before;
    list.push_back(std::string_view(document).substr(at, end - at));
    at = end + 1;
  }
  result.count = list.size();
  result.capacity = list.capacity();
  return result;
}

std::string repeat(std::string_view element, std::size_t times) {
  std::string document;
  for (; times > 0; --times) document.append(element);
  return document;
}

}  // namespace

TEST_CASE("a list of equal elements grows once after the first estimate, and is not much too large",
          "[expected_elements]") {
  auto const element =
      GENERATE(as<std::string>(), "\"\",", "\"a@b.co\",", "\"first@b.co\",", "\"first.last@example.com\",");
  auto const grown = read_all(repeat(element, 10'000));
  CHECK(grown.count == 10'000);
  CHECK(grown.allocations == 2);
  CHECK(grown.capacity < 11'000);
}

TEST_CASE("a short list does not grow", "[expected_elements]") {
  CHECK(read_all(repeat("\"a@b.co\",", 10)).allocations == 1);
}

TEST_CASE("a list whose elements are copies grows the same", "[expected_elements]") {
  auto const grown = read_all(repeat("\"\\n\",", 10'000), false);
  CHECK(grown.count == 10'000);
  CHECK(grown.allocations == 2);
  CHECK(grown.capacity < 11'000);
}

TEST_CASE("a list grows in few steps if its elements become shorter", "[expected_elements]") {
  auto const grown = read_all(repeat("\"first.last@example.com\",", 20) + repeat("\"\",", 10'000));
  CHECK(grown.count == 10'020);
  CHECK(grown.allocations < 12);
}

}  // namespace expected_elements_tests
