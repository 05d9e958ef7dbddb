// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_PLAIN_TEXT_HPP
#define FICTIVE_DETAIL_PLAIN_TEXT_HPP

#include <fictive/config.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Plain text is ASCII that needs no escape in a JSON string: no C0, '"' or '\'. Nearly all text is plain. It is checked
// and copied a block of bytes at a time.

namespace fictive::detail {

/// Eight bytes in an integer, for any machine.
class word_block {
 public:
  static constexpr std::size_t size = 8;

  explicit word_block(char const* from) noexcept { std::memcpy(&bytes_, from, size); }

  void copy_to(char* out) const noexcept { std::memcpy(out, &bytes_, size); }

  /// 0 if all bytes are plain.
  [[nodiscard]] std::uint64_t special() const noexcept {
    // Each subtraction sets the highest bit of a special byte. It may also set that of the next byte.
    auto const is_control = bytes_ - each(0x20);
    auto const is_quote = (bytes_ ^ each('"')) - each(1);
    auto const is_backslash = (bytes_ ^ each('\\')) - each(1);
    return (bytes_ | is_control | is_quote | is_backslash) & each(0x80);
  }

  static bool is_none(std::uint64_t special) noexcept { return special == 0; }

 private:
  static constexpr std::uint64_t each(unsigned byte) noexcept { return byte * 0x0101010101010101u; }

  std::uint64_t bytes_;
};

#if defined(__GNUC__) && (defined(__SSE2__) || defined(__ARM_NEON))

/// Sixteen bytes in a vector, an extension of g++ and clang that needs no header.
class vector_block {
  using vector = signed char __attribute__((vector_size(16)));

 public:
  static constexpr std::size_t size = 16;

  explicit vector_block(char const* from) noexcept { std::memcpy(&bytes_, from, size); }

  void copy_to(char* out) const noexcept { std::memcpy(out, &bytes_, size); }

  [[nodiscard]] vector special() const noexcept {
    return (bytes_ < 0x20) | (bytes_ == '"') | (bytes_ == '\\');  // bytes that are not ASCII are negative
  }

  static bool is_none(vector special) noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, &special, sizeof(halves));
    return (halves[0] | halves[1]) == 0;
  }

 private:
  vector bytes_;
};

#else

using vector_block = word_block;

#endif

/// Copies `text`, which is at least one block long, and returns whether it is plain.
template <class Block>
bool copy_blocks(char* out, std::string_view text) noexcept {
  auto const last =
      text.size() - Block::size;  // overlaps the previous block, so that nothing beyond the end is accessed
  Block const last_block(text.data() + last);
  last_block.copy_to(out + last);
  auto special = last_block.special();
  for (std::size_t at = 0; at < last; at += Block::size) {
    Block const block(text.data() + at);
    block.copy_to(out + at);
    special |= block.special();
  }
  return Block::is_none(special);
}

constexpr bool is_plain(char c) noexcept {
  auto const byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

/// Copies `text` and returns whether it is plain.
inline bool copy_plain(char* out, std::string_view text) noexcept {
  if (text.size() >= vector_block::size) return copy_blocks<vector_block>(out, text);
  if (text.size() >= word_block::size) return copy_blocks<word_block>(out, text);
  bool plain = true;
  for (char c : text) {
    *out++ = c;
    plain &= is_plain(c);
  }
  return plain;
}

}  // namespace fictive::detail

#endif
