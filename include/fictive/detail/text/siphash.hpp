// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_TEXT_SIPHASH_HPP
#define FICTIVE_DETAIL_TEXT_SIPHASH_HPP

#include <fictive/config.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fictive::detail {

/// 128 bits: a key or a hash.
using hash128 = std::array<std::uint64_t, 2>;

/// SipHash-2-4 with a result of 128 bits (Aumasson and Bernstein, 2012): without the key, nobody can construct two texts with
/// the same hash.
class siphash {
 public:
  explicit constexpr siphash(hash128 const& key) noexcept
      : v0_(key[0] ^ 0x736f6d6570736575),
        v1_(key[1] ^ 0x646f72616e646f6d ^ 0xee),
        v2_(key[0] ^ 0x6c7967656e657261),
        v3_(key[1] ^ 0x7465646279746573) {}

  /// Appends a byte of the text.
  constexpr void add(char c) noexcept {
    tail_ |= std::uint64_t{static_cast<unsigned char>(c)} << 8 * (size_ % 8);
    if (++size_ % 8 != 0) return;
    compress(tail_);
    tail_ = 0;
  }

  constexpr void add(std::string_view text) noexcept {
    for (char c : text) add(c);
  }

  /// The hash of the text. Nothing may be added afterwards.
  [[nodiscard]] constexpr hash128 finish() noexcept {
    compress(tail_ | std::uint64_t{size_} << 56);
    v2_ ^= 0xee;
    rounds(4);
    auto const low = v0_ ^ v1_ ^ v2_ ^ v3_;
    v1_ ^= 0xdd;
    rounds(4);
    return {low, v0_ ^ v1_ ^ v2_ ^ v3_};
  }

 private:
  constexpr void compress(std::uint64_t word) noexcept {
    v3_ ^= word;
    rounds(2);
    v0_ ^= word;
  }

  constexpr void rounds(int count) noexcept {
    for (int i = 0; i < count; ++i) {
      v0_ += v1_;
      v2_ += v3_;
      v1_ = std::rotl(v1_, 13) ^ v0_;
      v3_ = std::rotl(v3_, 16) ^ v2_;
      v0_ = std::rotl(v0_, 32) + v3_;
      v2_ += v1_;
      v3_ = std::rotl(v3_, 21) ^ v0_;
      v1_ = std::rotl(v1_, 17) ^ v2_;
      v2_ = std::rotl(v2_, 32);
    }
  }

  std::uint64_t v0_, v1_, v2_, v3_;
  std::uint64_t tail_ = 0;
  std::size_t size_ = 0;
};

/// The hash of a text.
constexpr hash128 siphash128(hash128 const& key, std::string_view text) noexcept {
  siphash hash(key);
  hash.add(text);
  return hash.finish();
}

}  // namespace fictive::detail

#endif
