#include <fictive/fictive.hpp>
#if __has_include(<fictive/detail/text/plain_text.hpp>)  // else it is in fictive.hpp
#include <fictive/detail/text/plain_text.hpp>
#endif

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <string_view>

namespace detail = fictive::detail;

namespace {

/// By the definition, one byte after the other.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= '-' && c <= '~' && !(c >= ';' && c <= '?') && c != '\\'; });
}

using copier = bool (*)(char*, std::string_view);

/// From memory that holds nothing else to memory that holds nothing else, where a sanitizer sees every stray access.
bool copies_and_tells(copier copy, std::string_view text, std::size_t offset) {
  auto const from = std::make_unique<char[]>(offset + text.size());
  auto const to = std::make_unique<char[]>(offset + text.size());
  std::copy(text.begin(), text.end(), from.get() + offset);
  bool const plain = copy(to.get() + offset, {from.get() + offset, text.size()});
  return plain == is_plain(text) && std::string_view(to.get() + offset, text.size()) == text;
}

struct block {
  std::size_t size;
  copier copy;
};

block const blocks[] = {{0, detail::copy_plain},
                        {detail::word_block::size, detail::copy_blocks<detail::word_block>},
                        {detail::vector_block::size, detail::copy_blocks<detail::vector_block>}};

}  // namespace

TEST_CASE("plain text is copied and recognized at any length, alignment and block position", "[text][plain_text]") {
  for (auto const& [least, copy] : blocks)
    for (std::size_t size = least; size <= 100; ++size)
      for (std::size_t offset = 0; offset < 16; ++offset)
        if (!copies_and_tells(copy, std::string(size, 'x'), offset)) FAIL(least << ", " << size << ", " << offset);
}

TEST_CASE("every byte is classified at every position of a text", "[text][plain_text]") {
  for (auto const& [least, copy] : blocks)
    for (std::size_t size : {1u, 7u, 8u, 9u, 15u, 16u, 17u, 31u, 32u, 33u, 50u})
      for (std::size_t at = 0; size >= least && at < size; ++at)
        for (int byte = 0; byte < 256; ++byte) {
          std::string text(size, 'x');
          text[at] = static_cast<char>(byte);
          if (!copies_and_tells(copy, text, at % 3)) FAIL(least << ", " << size << ", " << at << ", " << byte);
        }
}

TEST_CASE("plain bytes do not hide adjacent ones that are not", "[text][plain_text]") {
  std::string_view const bytes("\0\x01\x1F !\"#+,-.:;<?@[\\]~\x7F\x80\x81\xA2\xAD\xBB\xDC\xFF", 28);
  std::mt19937 random(20170710);
  for (int i = 0; i < 50'000; ++i) {
    std::string text(random() % 100, '-');
    auto const share = 1 + random() % 60;  // of bytes that may not be plain
    for (auto& c : text)
      if (random() % share == 0) c = bytes[random() % bytes.size()];
    for (auto const& [least, copy] : blocks)
      if (text.size() >= least && !copies_and_tells(copy, text, random() % 16)) FAIL(least << ", " << i);
  }
}
