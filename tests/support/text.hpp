#ifndef FICTIVE_TESTS_SUPPORT_TEXT_HPP
#define FICTIVE_TESTS_SUPPORT_TEXT_HPP

#include <string>
#include <string_view>

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

inline std::string repeated(std::string_view part, std::size_t times) {
  std::string text;
  for (; times > 0; --times) text += part;
  return text;
}

#endif
