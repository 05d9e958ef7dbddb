// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_CSV_HPP
#define FICTIVE_EXAMPLES_CSV_HPP

#include <array>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Readers of text files in UTF-8: lines, and CSV by RFC 4180. They hold one line or record at a time.

namespace examples {

/// A text that cannot be read, and the number of the line, from 1. `what()` contains nothing of the text.
struct text_error : std::runtime_error {
  text_error(std::size_t in_line, char const* problem) : std::runtime_error(problem), line(in_line) {}
  std::size_t line;
};

/// Stores at most `size` bytes, and returns their number: 0 at the end.
using byte_source = std::function<std::size_t(char* to, std::size_t size)>;

/// The longest line or field that is read. A quote without its counterpart would otherwise take in the whole file.
inline constexpr std::size_t max_text_field = 64 * 1024;

/// The characters of a text in UTF-8, with or without a byte order mark. Refuses other encodings. Each of CR LF, CR and LF
/// ends a line, and is read as '\n'.
class text_reader {
 public:
  static constexpr int end = -1;

  explicit text_reader(byte_source source) : source_(std::move(source)) {}

  /// The number of the line that the next character is in, from 1.
  [[nodiscard]] std::size_t line() const noexcept { return line_; }

  /// The next byte, which stays unread, or `end`.
  int peek() {
    if (!has_next_) {
      next_ = read();
      has_next_ = true;
    }
    return next_;
  }

  /// Reads a byte, or `end`.
  int get() {
    int const c = peek();
    has_next_ = c == end;
    if (c == '\n') ++line_;
    return c;
  }

  [[noreturn]] void fail(char const* problem) const { throw text_error(line_, problem); }

 private:
  int read() {
    if (!has_begun_) begin();
    int const c = checked_byte();
    bool const follows_cr = is_after_cr_;
    is_after_cr_ = c == '\r';
    if (c == '\n' && follows_cr) return read();
    return c == '\r' ? '\n' : c;
  }

  /// Skips a byte order mark.
  void begin() {
    has_begun_ = true;
    fill();
    std::string_view const text(buffer_.data(), size_);
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) fail(is_utf16);
    if (text.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  /// Fills the buffer; with three bytes at least, unless the text ends before.
  void fill() {
    at_ = size_ = 0;
    while (size_ < 3) {
      auto const more = source_(buffer_.data() + size_, buffer_.size() - size_);
      if (more == 0) break;
      size_ += more;
    }
  }

  int checked_byte() {
    if (at_ == size_) fill();
    if (at_ == size_) {
      if (missing_ > 0) fail(is_no_utf8);
      return end;
    }
    auto const c = static_cast<unsigned char>(buffer_[at_++]);
    check(c);
    return c;
  }

  /// Checks the form of UTF-8 (RFC 3629, section 4).
  void check(unsigned char c) {
    if (missing_ > 0) {
      if (c < lowest_ || c > highest_) fail(is_no_utf8);
      --missing_;
    } else if (c == 0) {
      fail(is_utf16);
    } else if (c >= 0x80) {
      if (c < 0xC2 || c > 0xF4) fail(is_no_utf8);
      missing_ = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
      lowest_ = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
      highest_ = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
      return;
    }
    lowest_ = 0x80;
    highest_ = 0xBF;
  }

  static constexpr char const* is_utf16 = "the file is in UTF-16 or binary: save it as UTF-8";
  static constexpr char const* is_no_utf8 = "the file is not in UTF-8 (in Latin-1, perhaps): save it as UTF-8";

  byte_source source_;
  std::array<char, 64 * 1024> buffer_ = {};
  std::size_t at_ = 0, size_ = 0, line_ = 1;
  bool has_begun_ = false, has_next_ = false, is_after_cr_ = false;
  int next_ = end;
  unsigned missing_ = 0, lowest_ = 0x80, highest_ = 0xBF;  // of the current UTF-8 sequence
};

/// Reads lines, without their ends.
class line_reader {
 public:
  explicit line_reader(byte_source source) : text_(std::move(source)) {}

  /// Reads the next line; false at the end. Throws `text_error`, and what the source throws.
  bool next(std::string& to) {
    to.clear();
    line_ = text_.line();
    if (text_.peek() == text_reader::end) return false;
    for (int c = text_.get(); c != '\n' && c != text_reader::end; c = text_.get()) {
      if (to.size() == max_text_field) text_.fail("the line is longer than 64 KiB");
      to += static_cast<char>(c);
    }
    return true;
  }

  /// The number of the line that was read last.
  [[nodiscard]] std::size_t line() const noexcept { return line_; }

 private:
  text_reader text_;
  std::size_t line_ = 1;
};

/// Reads the records of CSV by RFC 4180: fields are separated by commas; one that contains a comma, a quote or a line end
/// is in quotes, and a quote in it is doubled. Lines may end with LF or CR, too. Blank lines are skipped.
class csv_reader {
 public:
  explicit csv_reader(byte_source source) : text_(std::move(source)) {}

  /// Reads the next record; false at the end. Throws `text_error`, and what the source throws.
  bool next(std::vector<std::string>& fields) {
    while (text_.peek() == '\n') text_.get();
    line_ = text_.line();
    fields.clear();
    if (text_.peek() == text_reader::end) return false;
    for (;;) {
      fields.emplace_back();
      if (fields.size() > max_fields) text_.fail("the record has more than 4,096 fields");
      text_.peek() == '"' ? read_quoted(fields.back()) : read_plain(fields.back());
      if (int const c = text_.get(); c == '\n' || c == text_reader::end) return true;
    }
  }

  /// The number of the line where the record that was read last begins.
  [[nodiscard]] std::size_t line() const noexcept { return line_; }

 private:
  static constexpr std::size_t max_fields = 4096;

  bool is_at_end_of_field() {
    int const c = text_.peek();
    return c == ',' || c == '\n' || c == text_reader::end;
  }

  void read_plain(std::string& to) {
    while (!is_at_end_of_field()) {
      if (text_.peek() == '"') text_.fail("a quote is in a field that does not begin with one");
      append(to, text_.get());
    }
  }

  void read_quoted(std::string& to) {
    auto const begin = text_.line();
    text_.get();
    for (;;) {
      int const c = text_.get();
      if (c == text_reader::end) throw text_error(begin, "a quote has no counterpart");
      if (c == '"') {
        if (text_.peek() != '"') break;
        text_.get();
      }
      if (to.size() == max_text_field) throw text_error(begin, "a quote has no counterpart within 64 KiB");
      to += static_cast<char>(c);
    }
    if (!is_at_end_of_field()) text_.fail("text follows the quote that ends a field");
  }

  void append(std::string& to, int c) {
    if (to.size() == max_text_field) text_.fail("a field is longer than 64 KiB");
    to += static_cast<char>(c);
  }

  text_reader text_;
  std::size_t line_ = 1;
};

/// A field as CSV: in quotes if it must be.
[[nodiscard]] inline std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string field = "\"";
  for (char const c : text) field.append(c == '"' ? "\"\"" : std::string_view(&c, 1));
  return field + '"';
}

}  // namespace examples

#endif
