// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_JSON_JSON_WRITER_HPP
#define FICTIVE_DETAIL_JSON_JSON_WRITER_HPP

#include <fictive/config.hpp>
#include <fictive/detail/text/plain_text.hpp>
#include <fictive/detail/text/text_problem.hpp>

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// JSON text (RFC 8259), written into memory that is allocated once, or twice if something in it has to be escaped.

namespace fictive::detail {

/// The size of `c` in a JSON string: '"', '\\' and the C0 control characters are escaped.
constexpr std::size_t json_size(char c) noexcept {
  if (c == '"' || c == '\\' || c == '\n' || c == '\t' || c == '\r' || c == '\b' || c == '\f') return 2;
  return static_cast<unsigned char>(c) < 0x20 ? 6 : 1;
}

constexpr char* write_escaped(char* out, char c) noexcept {
  constexpr std::string_view digits = "0123456789abcdef";
  *out++ = '\\';
  switch (c) {
    case '\n': *out++ = 'n'; break;
    case '\t': *out++ = 't'; break;
    case '\r': *out++ = 'r'; break;
    case '\b': *out++ = 'b'; break;
    case '\f': *out++ = 'f'; break;
    case '"':
    case '\\': *out++ = c; break;
    default:
      *out++ = 'u';
      *out++ = '0';
      *out++ = '0';
      *out++ = digits[static_cast<unsigned char>(c) >> 4];
      *out++ = digits[static_cast<unsigned char>(c) & 0xF];
  }
  return out;
}

class json_writer {
 public:
  /// The size of a list if nothing has to be escaped: quotes and a comma or bracket after each text.
  static std::size_t size_of(std::vector<std::string> const& texts) noexcept {
    std::size_t size = 1;
    for (auto const& text : texts) size += text.size() + 3;
    return size;
  }

  /// `size` is the size of the whole text if nothing has to be escaped.
  explicit json_writer(std::size_t size) : json_(size, '\0'), out_(json_.data()) {}

  void raw(std::string_view json) noexcept {
    std::memcpy(out_, json.data(), json.size());
    out_ += json.size();
  }

  /// Writes an array of strings. Returns false if there is none, or one that is empty or has a problem by `check`, which
  /// is called only for text that is not plain or in backticks. The writer cannot be used any more then.
  [[nodiscard]] bool list(std::vector<std::string> const& texts, text_check check) {
    if (texts.empty()) return false;
    char* out = out_;
    *out++ = '[';
    for (std::string_view const text : texts) {
      if (text.empty()) return false;
      *out++ = '"';
      if (copy_plain(out, text) && text.front() != '`' && text.back() != '`') {
        out += text.size();
      } else {
        if (!check(text).empty()) return false;
        out = write_special(out, text);
      }
      *out++ = '"';
      *out++ = ',';
    }
    out[-1] = ']';
    out_ = out;
    return true;
  }

  [[nodiscard]] std::string take() && noexcept { return std::move(json_); }

 private:
  /// Writes text that is not plain.
  char* write_special(char* out, std::string_view text) {
    std::size_t size = 0;
    for (char c : text) size += json_size(c);
    auto const written = static_cast<std::size_t>(out - json_.data());
    json_.resize(json_.size() + size - text.size());
    out = json_.data() + written;

    for (char c : text) {
      if (json_size(c) == 1)
        *out++ = c;
      else
        out = write_escaped(out, c);
    }
    return out;
  }

  std::string json_;
  char* out_;
};

}  // namespace fictive::detail

#endif
