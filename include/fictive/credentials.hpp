// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_CREDENTIALS_HPP
#define FICTIVE_CREDENTIALS_HPP

#include <fictive/config.hpp>
#include <fictive/detail/text/wipe.hpp>

#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace fictive {

/// A text that is not disclosed by accident: it cannot be streamed, compared or converted to a string, only revealed,
/// and its memory is overwritten before it is freed. (The string that it was made from is the caller's to wipe.)
class secret {
 public:
  /// Empty, which means: not set.
  secret() = default;

  /// Implicit, so that a string can be given where a secret is expected.
  template <std::convertible_to<std::string_view> Text>
  requires(!std::is_pointer_v<Text>) secret(Text const& text) : secret(std::string_view(text), 0) {}

  /// Null makes an empty secret, so that the result of `std::getenv` can be given.
  secret(char const* text) : secret(text ? std::string_view(text) : std::string_view(), 0) {}

  /// The copy has memory of its own, and overwrites it.
  secret(secret const& other) : secret(other.reveal(), 0) {}
  /// Takes over the memory, and leaves no copy behind.
  secret(secret&& other) noexcept : secret() { swap(other); }
  /// @{ Overwrites the previous text.
  secret& operator=(secret const& other) { return *this = secret(other); }
  secret& operator=(secret&& other) noexcept {
    secret taken(std::move(other));
    swap(taken);
    return *this;
  }
  /// @}
  ~secret() {
    detail::wipe(characters_, size_);
    delete[] characters_;
  }

  /// Whether it is not set.
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  /// The text, valid until this object is assigned to or destroyed. Keep it out of logs and error texts.
  [[nodiscard]] std::string_view reveal() const noexcept { return {characters_, size_}; }

  /// Not comparable: the duration of a comparison would disclose a part of the text.
  friend bool operator==(secret const&, secret const&) = delete;
  /// Not streamable.
  template <class Stream>
  friend Stream& operator<<(Stream&, secret const&) = delete;

 private:
  secret(std::string_view text, int) {
    if (text.empty()) return;
    characters_ = new char[text.size()];
    size_ = text.copy(characters_, text.size());
  }

  void swap(secret& other) noexcept {
    std::swap(characters_, other.characters_);
    std::swap(size_, other.size_);
  }

  // Not a string: moving from a short one leaves a copy behind. Nor a vector, which takes the compiler longer.
  char* characters_ = nullptr;
  std::size_t size_ = 0;
};

/// Credentials to authenticate with. The service requires one of the three; each is sent when set.
struct credentials {
  /// `X-TokenId`, the API key. Bound to https origins: see `client_config::origin`.
  secret token_id = {};
  /// `X-SessionId`, the customer's session. It expires 15 minutes after its last use.
  secret session_id = {};
  /// `Authorization: Bearer …`, the alternative to a session.
  secret bearer_token = {};
};

}  // namespace fictive

#endif
