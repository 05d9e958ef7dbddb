#include <fictive/fictive.hpp>
#if __has_include(<fictive/detail/text/fixed_width.hpp>)  // else it is in fictive.hpp
#include <fictive/detail/text/fixed_width.hpp>
#endif

#include "support/catch.hpp"

#include <cstddef>
#include <string>

namespace fixed_width_tests {

TEST_CASE("eight characters match a layout if each is its own, or a digit for a zero", "[date_time][text]") {
  fictive::detail::digit_layout const layout("0-00:00Z");
  auto const matches = [&](std::string const& text) {
    return fictive::detail::fixed_digits(text.c_str(), layout).match();
  };
  CHECK(matches("0-00:00Z"));
  CHECK(matches("9-99:99Z"));
  std::string const text = "1-23:45Z";
  for (std::size_t at = 0; at < text.size(); ++at)
    for (int value = 0; value < 256; ++value) {
      auto other = text;
      other[at] = static_cast<char>(value);
      CAPTURE(other);
      bool const is_digit = text[at] >= '0' && text[at] <= '9';
      CHECK(matches(other) == (is_digit ? other[at] >= '0' && other[at] <= '9' : other[at] == text[at]));
    }
}

}  // namespace fixed_width_tests
