// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_JSON_IMPL_JSON_READER_IPP
#define FICTIVE_DETAIL_JSON_IMPL_JSON_READER_IPP

#include <fictive/detail/json/json_reader.hpp>

#include <boost/json/basic_parser_impl.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace fictive::detail {

/// Adapts Boost.JSON's event parser: joins the parts of a text, and leaves out what is skipped.
class json_events {
 public:
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

  explicit json_events(json_handler& handler) noexcept : handler_(handler) {}

  using error_code = boost::system::error_code;
  using text = boost::json::string_view;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code& ec) { return is_skipping() ? begin_skipped() : begin(handler_.begin_object(), ec); }
  bool on_object_end(std::size_t, error_code& ec) {
    return is_skipping() ? end_skipped() : accept(handler_.end_object(), ec);
  }
  bool on_array_begin(error_code& ec) { return is_skipping() ? begin_skipped() : begin(handler_.begin_array(), ec); }
  bool on_array_end(std::size_t, error_code& ec) {
    return is_skipping() ? end_skipped() : accept(handler_.end_array(), ec);
  }
  bool on_key_part(text s, std::size_t, error_code&) { return is_skipping() || keep(s); }
  bool on_string_part(text s, std::size_t, error_code&) { return is_skipping() || keep(s); }
  bool on_string(text s, std::size_t, error_code& ec) {
    return is_skipping() ? skip_scalar() : accept(handler_.string(whole(s)), ec);
  }
  bool on_number_part(text, error_code&) { return true; }
  bool on_int64(std::int64_t, text s, error_code& ec) { return other({s.data(), s.size()}, ec); }
  bool on_uint64(std::uint64_t, text s, error_code& ec) { return other({s.data(), s.size()}, ec); }
  bool on_double(double, text s, error_code& ec) { return other({s.data(), s.size()}, ec); }
  bool on_bool(bool value, error_code& ec) { return other(value ? "true" : "false", ec); }
  bool on_null(error_code& ec) { return is_skipping() ? skip_scalar() : accept(handler_.null(), ec); }
  bool on_comment_part(text, error_code&) { return true; }
  bool on_comment(text, error_code&) { return true; }

  /// @{ Skips everything, until `resume` continues where another object stopped between two tokens.
  void pause() noexcept { skipped_ = static_cast<std::size_t>(-1) / 2; }
  void resume(json_events const& stopped) noexcept { skipped_ = stopped.skipped_; }
  /// @}

  bool on_key(text s, std::size_t, error_code& ec) {
    if (is_skipping()) return true;
    auto const action = handler_.key(whole(s));
    if (action == json_action::skip) skipped_ = value_only;
    return accept(action, ec);
  }

 private:
  static constexpr std::size_t value_only = 1;  ///< no level of the skipped value is open

  [[nodiscard]] bool is_skipping() const noexcept { return skipped_ != 0; }

  bool begin_skipped() noexcept {
    ++skipped_;
    return true;
  }

  bool end_skipped() noexcept {
    --skipped_;
    return skip_scalar();
  }

  /// If it was the whole value, nothing is left to skip.
  bool skip_scalar() noexcept {
    if (skipped_ == value_only) skipped_ = 0;
    return true;
  }

  bool begin(json_action action, error_code& ec) noexcept {
    if (action == json_action::skip) skipped_ = value_only + 1;
    return accept(action, ec);
  }

  FICTIVE_NOINLINE bool other(std::string_view s, error_code& ec) {
    return is_skipping() ? skip_scalar() : accept(handler_.other(s), ec);
  }

  /// A text with escapes arrives in parts; nearly all others are complete.
  FICTIVE_NOINLINE bool keep(text part) {
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

  static bool accept(json_action action, error_code& ec) noexcept {
    if (action != json_action::refuse) return true;
    ec = boost::system::errc::make_error_code(boost::system::errc::bad_message);
    return false;
  }

  json_handler& handler_;
  std::string parts_;
  bool in_parts_ = false;
  std::size_t skipped_ = 0;  ///< 0 if no value is skipped, else 1 + the number of its open levels
};

using json_parser = boost::json::basic_parser<json_events>;

FICTIVE_DECL json_parser make_json_parser(json_handler& handler) {
  boost::json::parse_options options;
  options.max_depth = max_json_depth;
  return json_parser(options, handler);
}

/// Parses the last part of a document, and returns how much of it was consumed.
FICTIVE_DECL std::size_t finish_json(json_parser& parser, std::string_view text, boost::system::error_code& ec) {
  auto const consumed = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && consumed < text.size()) ec = boost::json::error::extra_data;
  return consumed;
}

/// A copy without the digits of exponents behind the ninth. `json` does not begin within a string.
FICTIVE_DECL std::string with_short_exponents(std::string_view json) {
  constexpr std::size_t most_digits = 9;
  std::string copy;
  copy.reserve(json.size());
  bool is_in_string = false, is_in_exponent = false, is_escaped = false;
  std::size_t digits = 0;
  for (char const c : json) {
    if (is_in_string) {
      is_in_string = is_escaped || c != '"';
      is_escaped = !is_escaped && c == '\\';
    } else if (c == 'e' || c == 'E') {
      is_in_exponent = true;
      digits = 0;
    } else if (c >= '0' && c <= '9') {
      if (is_in_exponent && ++digits > most_digits) continue;
    } else {
      is_in_exponent = is_in_exponent && (c == '+' || c == '-');
      is_in_string = c == '"';
    }
    copy += c;
  }
  return copy;
}

/// Reads on after Boost.JSON refused a number for its exponent, which JSON permits: in place of the parser, which cannot
/// continue, another one skips what was read.
FICTIVE_DECL std::error_code read_long_exponents(std::string_view text, std::size_t consumed,
                                                 json_events const& stopped, json_handler& handler) {
  auto const number = text.substr(0, consumed).find_last_not_of("0123456789.+-eE") + 1;
  auto const rest = with_short_exponents(text.substr(number));
  auto parser = make_json_parser(handler);
  boost::system::error_code ec;
  parser.handler().pause();
  parser.write_some(true, text.data(), number, ec);
  parser.handler().resume(stopped);
  if (!ec) finish_json(parser, rest, ec);
  return ec;
}

FICTIVE_DECL std::error_code read_json(std::string_view text, json_handler& handler) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // RFC 8259, section 8.1: a parser may ignore it

  auto parser = make_json_parser(handler);
  boost::system::error_code ec;
  auto const consumed = finish_json(parser, text, ec);
  if (ec == boost::json::error::exponent_overflow)
    return read_long_exponents(text, consumed, parser.handler(), handler);
  return ec;
}

FICTIVE_DECL char const* json_problem(std::error_code const& cause) noexcept {
  auto const is = [&](boost::json::error one) { return cause == std::error_code(boost::json::make_error_code(one)); };
  if (is(boost::json::error::incomplete)) return "it is truncated";
  if (is(boost::json::error::too_deep)) return "it is nested more than 512 levels deep";
  return "it is not valid JSON";
}

}  // namespace fictive::detail

#endif
