// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_SERVICE_HPP
#define FICTIVE_SERVICE_HPP

#include <fictive/config.hpp>
#include <fictive/http.hpp>

#include <concepts>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace fictive {

namespace detail {

/// Overwrites memory in a way that the optimizer does not remove.
inline void wipe(char* data, std::size_t size) noexcept {
  void* (*volatile const set)(void*, int, std::size_t) = std::memset;  // not known to the optimizer, so not left out
  if (size > 0) set(data, 0, size);
}

inline void wipe(std::string& text) noexcept {
  wipe(text.data(), text.size());
  text.clear();
}

}  // namespace detail

/// A text that does not get out by accident: it cannot be streamed, compared or converted to a string, only
/// revealed; and the memory that held it is overwritten before it is given back. (The string that it was made from is
/// the caller's to wipe.)
class secret {
 public:
  /// Empty, which is: not set.
  secret() = default;

  /// Implicit, so that a string does where a secret is asked for.
  template <std::convertible_to<std::string_view> Text>
  secret(Text const& text) : secret(std::string_view(text), 0) {}

  /// Null is an empty secret, so that what `std::getenv` returns can be given.
  secret(char const* text) : secret(text ? std::string_view(text) : std::string_view(), 0) {}

  /// A copy has memory of its own, and overwrites that.
  secret(secret const&) = default;
  /// Takes the memory over, and leaves no copy behind.
  secret(secret&&) noexcept = default;
  /// The text before is overwritten.
  secret& operator=(secret other) noexcept {
    characters_.swap(other.characters_);
    return *this;
  }
  ~secret() { detail::wipe(characters_.data(), characters_.size()); }

  /// Whether it is not set.
  [[nodiscard]] bool empty() const noexcept { return characters_.empty(); }

  /// The text, valid as long as this object is and is not assigned to. Keep it out of logs and error texts.
  [[nodiscard]] std::string_view reveal() const noexcept { return {characters_.data(), characters_.size()}; }

  /// Not compared: how long that takes would tell about the text.
  friend bool operator==(secret const&, secret const&) = delete;
  /// Not streamed.
  template <class Stream>
  friend Stream& operator<<(Stream&, secret const&) = delete;

 private:
  secret(std::string_view text, int) : characters_(text.begin(), text.end()) {}

  std::vector<char> characters_;  // not a string, whose short form leaves a copy behind when moved from
};

/// How the caller proves who they are. The service wants one of the three; each is sent when set.
struct credentials {
  /// `X-TokenId`, the API key. Bound to https origins: see `service::origin`.
  secret token_id = {};
  /// `X-SessionId`, the customer's session: it ends 15 minutes after its last use.
  secret session_id = {};
  /// `Authorization: Bearer …`, the alternative to a session.
  secret bearer_token = {};
};

/// Where the service is and how to call it.
struct service {
  /// `http` or `https`, host, port and path prefix if any; no user info, query or fragment.
  std::string base_url = "https://api.fictive.com";
  /// `X-Version`, the API version that the caller was built for, as in "9.0.0". Sent when set.
  std::string version = {};
  /// Who calls.
  fictive::credentials credentials = {};
  /// `Origin`, the caller's; must be one that the token id is bound to. Sent when set.
  std::string origin = {};
  /// Follows this library's own in `User-Agent`, as in "acme-onboarding/2.1".
  std::string user_agent = {};
  /// What a gateway on the way wants besides. Their values are treated as secrets.
  http_headers extra_headers = {};
  /// Of each attempt.
  http_limits limits = {};
  /// Without it, an `http` base URL is an error unless the host is this machine's loopback: over plain HTTP
  /// everybody on the way can read the credentials.
  bool allow_insecure_http = false;
};

}  // namespace fictive

#endif
