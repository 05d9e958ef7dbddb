#ifndef FICTIVE_TESTS_SUPPORT_MUTATOR_HPP
#define FICTIVE_TESTS_SUPPORT_MUTATOR_HPP

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

/// Damages text as networks and programmers do; the same seed always damages it the same way.
class mutator {
 public:
  explicit mutator(std::uint32_t seed) : random_(seed) {}

  /// Less than `limit`, which is not 0.
  std::size_t below(std::size_t limit) { return random_() % limit; }

  std::string operator()(std::string text) {
    for (auto count = 1 + below(4); count > 0; --count) mutate(text);
    return text;
  }

 private:
  void mutate(std::string& text) {
    using namespace std::string_view_literals;
    constexpr std::string_view tokens[] = {
        "{"sv,    "}"sv,         "["sv,    "]"sv,    ","sv,   ":"sv,    "\""sv,       "\\"sv,
        "\0"sv,   "\xFF"sv,      "\x1B"sv, "null"sv, "1e9"sv, "-0.5"sv, "\\u0000"sv,  "\\ud800"sv,
        "\"\""sv, "{\"a\":1}"sv, "[[[["sv, "true"sv, "//"sv,  " "sv,    "\xC3\xA9"sv, "\"emailAddress\":"sv};
    auto const at = below(text.size() + 1);
    auto const size = below(12);
    switch (below(6)) {
      case 0: text.insert(at, tokens[below(std::size(tokens))]); break;
      case 1: text.erase(at, size); break;
      case 2: text.insert(at, text.substr(below(text.size() + 1), size * 4)); break;
      case 3: text.resize(at); break;
      case 4: text.replace(at, size, tokens[below(std::size(tokens))]); break;
      default:
        if (at < text.size()) text[at] = static_cast<char>(below(256));
    }
  }

  std::mt19937 random_;
};

#endif
