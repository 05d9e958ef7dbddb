// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_JSON_READER_HPP
#define FICTIVE_DETAIL_JSON_READER_HPP

#include <fictive/config.hpp>

#include <boost/json/basic_parser_impl.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace fictive::detail {

inline constexpr std::size_t max_json_depth = 32;

/// Adapts Boost.JSON's event parser to a `Reader`, which receives complete strings only and has
///
///     bool begin_object(), end_object(), begin_array(), end_array();
///     bool key(std::string_view), string(std::string_view), null(), other();   // other: a number, true, false
///
/// that return false to end the parsing. A view is valid during the call.
template <class Reader>
class json_events {
 public:
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

  explicit json_events(Reader& reader) noexcept : reader_(reader) {}

  using error_code = boost::system::error_code;
  using text = boost::json::string_view;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code& ec) { return accept(reader_.begin_object(), ec); }
  bool on_object_end(std::size_t, error_code& ec) { return accept(reader_.end_object(), ec); }
  bool on_array_begin(error_code& ec) { return accept(reader_.begin_array(), ec); }
  bool on_array_end(std::size_t, error_code& ec) { return accept(reader_.end_array(), ec); }
  bool on_key_part(text s, std::size_t, error_code&) { return keep(s); }
  bool on_key(text s, std::size_t, error_code& ec) { return accept(reader_.key(whole(s)), ec); }
  bool on_string_part(text s, std::size_t, error_code&) { return keep(s); }
  bool on_string(text s, std::size_t, error_code& ec) { return accept(reader_.string(whole(s)), ec); }
  bool on_number_part(text, error_code&) { return true; }
  bool on_int64(std::int64_t, text, error_code& ec) { return accept(reader_.other(), ec); }
  bool on_uint64(std::uint64_t, text, error_code& ec) { return accept(reader_.other(), ec); }
  bool on_double(double, text, error_code& ec) { return accept(reader_.other(), ec); }
  bool on_bool(bool, error_code& ec) { return accept(reader_.other(), ec); }
  bool on_null(error_code& ec) { return accept(reader_.null(), ec); }
  bool on_comment_part(text, error_code&) { return true; }
  bool on_comment(text, error_code&) { return true; }

 private:
  /// A text with escapes arrives in parts; nearly all others are complete.
  bool keep(text part) {
    if (!in_parts_) parts_.clear();
    in_parts_ = true;
    parts_.append(part.data(), part.size());
    return true;
  }

  std::string_view whole(text last_part) {
    if (!in_parts_) return {last_part.data(), last_part.size()};
    keep(last_part);
    in_parts_ = false;
    return parts_;
  }

  static bool accept(bool wanted, error_code& ec) noexcept {
    if (!wanted) ec = boost::system::errc::make_error_code(boost::system::errc::bad_message);
    return wanted;
  }

  Reader& reader_;
  std::string parts_;
  bool in_parts_ = false;
};

/// Parses one JSON document. The error is Boost.JSON's if the text is not JSON (RFC 8259, UTF-8, at most
/// `max_json_depth` levels, one value and nothing after it), and `std::errc::bad_message` if the reader refused a
/// token.
template <class Reader>
std::error_code read_json(std::string_view text, Reader& reader) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // RFC 8259, section 8.1: a parser may ignore it

  boost::json::parse_options options;
  options.max_depth = max_json_depth;
  boost::json::basic_parser<json_events<Reader>> parser(options, reader);
  boost::system::error_code ec;
  auto const consumed = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && consumed < text.size()) ec = boost::json::error::extra_data;
  return ec;
}

}  // namespace fictive::detail

#endif
