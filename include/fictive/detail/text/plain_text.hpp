// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_TEXT_PLAIN_TEXT_HPP
#define FICTIVE_DETAIL_TEXT_PLAIN_TEXT_HPP

#include <fictive/config.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Plain text needs no escape in a JSON string and, unless it is in backticks, no further check. Nearly all text is
// plain. It is checked and copied a block of bytes at a time.

namespace fictive::detail {

/// Whether a byte is ASCII, and neither a control character nor a space, a quote, a backslash or a character that
/// separates addresses (',', ';', '<', '>'). The others that are not plain, from '!' to '?', are rare in addresses and
/// make ranges of these.
constexpr bool is_plain(char c) noexcept {
  auto const byte = static_cast<unsigned char>(c);
  return byte > ',' && byte < 0x7F && (byte < ';' || byte > '?') && c != '\\';
}

/// Eight bytes in an integer, for any machine.
class word_block {
 public:
  static constexpr std::size_t size = 8;

  explicit word_block(char const* from) noexcept { std::memcpy(&bytes_, from, size); }

  void copy_to(char* out) const noexcept { std::memcpy(out, &bytes_, size); }

  /// 0 if all bytes are plain.
  [[nodiscard]] std::uint64_t special() const noexcept {
    // Each subtraction sets the highest bit of a special byte. It may also set that of the next byte.
    auto const is_low = bytes_ - each(',' + 1);
    auto const is_separator = (bytes_ ^ each('?')) - each('?' - ';' + 1);
    auto const is_backslash = (bytes_ ^ each('\\')) - each(1);
    auto const is_delete = (bytes_ ^ each(0x7F)) - each(1);
    return (bytes_ | is_low | is_separator | is_backslash | is_delete) & each(0x80);
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
  using unsigned_vector = unsigned char __attribute__((vector_size(16)));

 public:
  static constexpr std::size_t size = 16;

  explicit vector_block(char const* from) noexcept { std::memcpy(&bytes_, from, size); }

  void copy_to(char* out) const noexcept { std::memcpy(out, &bytes_, size); }

  [[nodiscard]] vector special() const noexcept {
    // Bytes that are not ASCII are negative. Each addition moves a range to the end of the signed numbers, modulo 256.
    auto const delete_first = reinterpret_cast<vector>(bytes_ + 1);
    auto const separators_last = reinterpret_cast<vector>(bytes_ + (0x7F - '?'));
    return (delete_first <= ',' + 1) | (separators_last >= 0x7F - ('?' - ';')) | (bytes_ == '\\');
  }

  static bool is_none(vector special) noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, &special, sizeof(halves));
    return (halves[0] | halves[1]) == 0;
  }

 private:
  unsigned_vector bytes_;
};

#else

using vector_block = word_block;

#endif

/// Copies `text`, which is at least one block long, and returns whether it is plain. Blocks may overlap, so that nothing
/// beyond the end is accessed, and most texts take the same branches, whatever their size.
template <class Block>
bool copy_blocks(char* out, std::string_view text) noexcept {
  auto const last = text.size() - Block::size;
  auto const copy = [&](std::size_t at) {
    Block const block(text.data() + at);
    block.copy_to(out + at);
    return block.special();
  };
  auto special = copy(0) | copy((std::min)(Block::size, last)) | copy(last);
  for (auto at = 2 * Block::size; at < last; at += Block::size) special |= copy(at);
  return Block::is_none(special);
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
