#ifndef FICTIVE_TESTS_FUZZ_SUPPORT_FUZZ_HPP
#define FICTIVE_TESTS_FUZZ_SUPPORT_FUZZ_HPP

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// What the fuzz targets share. Each target defines `test`, which stops the program if a postcondition does not hold.

namespace fuzz {

/// Stops the program, with the postcondition that does not hold.
inline void require(bool holds, char const* postcondition) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", postcondition);
  std::abort();
}

/// The parts of a text between separators.
inline std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    auto const end = text.find(separator, begin);
    parts.emplace_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) break;
    begin = end + 1;
  }
  return parts;
}

/// Choices that the input makes: each takes a byte, or two among more than 256; without more bytes, the first one.
struct choices {
  unsigned below(unsigned end) {
    unsigned value = take();
    if (end > 256) value = value * 256 + take();
    return end == 0 ? 0 : value % end;
  }

  unsigned char take() {
    if (rest.empty()) return 0;
    auto const byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    return byte;
  }

  std::string_view rest;
};

/// One line of printable UTF-8, as messages of the service must be.
inline bool is_printable_line(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    auto const lead = static_cast<unsigned char>(text[i]);
    std::size_t const size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (lead < 0x20 || lead == 0x7F || (lead >= 0x80 && lead < 0xC2) || lead > 0xF4 || i + size > text.size())
      return false;
    for (std::size_t k = 1; k < size; ++k)
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    bool const is_c1 = lead == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    bool const changes_direction =
        size == 3 && (text.substr(i, 3) == "\xE2\x80\xAE" || text.substr(i, 3) == "\xE2\x81\xA6");
    if (is_c1 || changes_direction) return false;
    i += size;
  }
  return true;
}

/// ASCII only: a message of the library repeats no byte from outside.
inline bool is_ascii_line(std::string_view text) {
  for (char const c : text)
    if (c < 0x20 || c == 0x7F) return false;
  return true;
}

void test(std::string_view input);

}  // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  fuzz::test({reinterpret_cast<char const*>(data), size});
  return 0;
}

#endif
