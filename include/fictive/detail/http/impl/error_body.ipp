// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_IMPL_ERROR_BODY_IPP
#define FICTIVE_DETAIL_HTTP_IMPL_ERROR_BODY_IPP

#include <fictive/detail/http/error_body.hpp>
#include <fictive/detail/http/response_headers.hpp>
#include <fictive/detail/json/json_reader.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/printable.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace fictive::detail {

/// Reads the forms that are JSON.
class error_body_reader {
 public:
  bool begin_object() {
    if (depth_ == 1 && equals_ignoring_case(member_, "errors")) in_errors_ = true;
    return open();
  }
  bool end_object() { return close(); }
  bool begin_array() { return open(); }
  bool end_array() { return close(); }

  bool key(std::string_view name) {
    if (depth_ == 1) member_ = name;
    if (depth_ == 2 && in_errors_) field_ = name;
    return true;
  }

  bool string(std::string_view text) {
    if (depth_ == 0) messages_[0] = text;
    if (depth_ == 1) take_member(text);
    if (in_errors_) take_field_error(text);
    return true;
  }

  bool null() { return true; }
  bool other() { return true; }

  /// The most specific message, followed by those of `errors`; empty if there was none.
  [[nodiscard]] std::string message() const {
    for (auto const& message : messages_)
      if (!message.empty()) return field_errors_.empty() ? message : message + " " + field_errors_;
    return field_errors_;
  }

  [[nodiscard]] std::string const& trace_id() const noexcept { return trace_id_; }

 private:
  bool open() {
    ++depth_;
    return true;
  }

  bool close() {
    if (--depth_ == 1) in_errors_ = false;
    return true;
  }

  void take_member(std::string_view text) {
    // From the most specific to the most general.
    constexpr std::string_view names[] = {"reason", "errorMessage", "message", "detail", "title"};
    for (std::size_t i = 0; i < std::size(names); ++i)
      if (equals_ignoring_case(member_, names[i])) messages_[i] = text;
    if (equals_ignoring_case(member_, "traceId")) trace_id_ = text;
  }

  void take_field_error(std::string_view text) {
    if (!field_errors_.empty()) field_errors_ += ' ';
    field_errors_.append(field_).append(": ").append(text);
  }

  std::size_t depth_ = 0;
  bool in_errors_ = false;
  std::string member_, field_;
  std::array<std::string, 5> messages_;
  std::string field_errors_, trace_id_;
};

/// The text of the first HTML element of this name; empty if there is none.
FICTIVE_DECL std::string_view html_element(std::string_view page, std::string_view name) noexcept {
  for (auto open = page.find('<'); open != std::string_view::npos; open = page.find('<', open)) {
    auto const tag_end = page.find('>', open);
    if (tag_end == std::string_view::npos) return {};
    auto const tag = page.substr(open + 1, tag_end - open - 1);
    open = tag_end;
    if (!equals_ignoring_case(tag.substr(0, tag.find_first_of(" \t\r\n/")), name)) continue;
    auto const text = page.substr(tag_end + 1);
    return trim(text.substr(0, text.find('<')));
  }
  return {};
}

FICTIVE_DECL error_body read_error_body(std::string_view body) {
  constexpr std::size_t enough = 64 * 1024;
  body = trim(body.substr(0, enough));
  if (body.empty()) return {};

  error_body_reader reader;
  if (!read_json(body, reader))
    return {printable(reader.message(), max_server_message_size), printable(reader.trace_id(), max_request_id_size)};
  if (body.front() == '<') {
    auto const title = html_element(body, "title");
    return {printable(title.empty() ? html_element(body, "h1") : title, max_server_message_size)};
  }
  if (body.front() == '{' || body.front() == '[') return {};  // the remains of JSON hold no message
  return {printable(body, max_server_message_size)};
}

}  // namespace fictive::detail

#endif
