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

  bool other(std::string_view s, error_code& ec) {
    return is_skipping() ? skip_scalar() : accept(handler_.other(s), ec);
  }

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

FICTIVE_DECL std::error_code read_json(std::string_view text, json_handler& handler) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // RFC 8259, section 8.1: a parser may ignore it

  boost::json::parse_options options;
  options.max_depth = max_json_depth;
  boost::json::basic_parser<json_events> parser(options, handler);
  boost::system::error_code ec;
  auto const consumed = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && consumed < text.size()) ec = boost::json::error::extra_data;
  return ec;
}

FICTIVE_DECL char const* json_problem(std::error_code const& cause) noexcept {
  auto const is = [&](boost::json::error one) { return cause == boost::json::make_error_code(one); };
  if (is(boost::json::error::incomplete)) return "it is truncated";
  if (is(boost::json::error::too_deep)) return "it is nested more than 512 levels deep";
  if (is(boost::json::error::exponent_overflow)) return "the exponent of a number in it is too large";
  return "it is not valid JSON";
}

}  // namespace fictive::detail

#endif
