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

/// What a member of an object, or an XML element, holds.
enum class holds : unsigned char {
  nothing,
  message,
  container,  ///< a message, or an object with the members of the table
  list,       ///< messages, objects with the members of the table, or a member with messages for each field
  field,      ///< a member of a list: the messages about one field
  id,
};

struct error_member {
  std::string_view name;
  holds what;
};

/// The members that are read, the best messages first.
inline constexpr error_member error_members[] = {
    {"reason", holds::message},      {"errorMessage", holds::message}, {"error_message", holds::message},
    {"message", holds::message},     {"msg", holds::message},          {"error_description", holds::message},
    {"faultstring", holds::message}, {"detail", holds::message},       {"description", holds::message},
    {"error", holds::container},     {"fault", holds::container},      {"title", holds::message},
    {"errors", holds::list},         {"modelState", holds::list},      {"traceId", holds::id},
    {"trace_id", holds::id},         {"requestId", holds::id},         {"request_id", holds::id},
    {"correlationId", holds::id},
};

/// Appends a text and keeps the result bounded, so that a body of many texts does not cost more than its size.
FICTIVE_DECL void append_bounded(std::string& to, std::string_view field, std::string_view text) {
  if (to.size() > max_server_message_size) return;
  auto const line = printable(text, max_server_message_size);
  if (line.empty()) return;
  if (!to.empty()) to += ' ';
  if (!field.empty()) to.append(field).append(": ");
  to += line;
}

/// Reads the forms that are JSON. Arrays do not count as levels: their elements belong to the member that holds them.
class error_body_reader final : public json_handler {
 public:
  json_action begin_object() override {
    ++depth_;
    return json_action::take;
  }
  json_action end_object() override {
    --depth_;
    return json_action::take;
  }
  json_action begin_array() override {
    if (auto const* in = current(); in && in->what == holds::list) list_is_array_ = true;
    return json_action::take;
  }
  json_action end_array() override { return json_action::take; }

  json_action key(std::string_view name) override {
    if (auto* in = current()) *in = member_named(name, members_[depth_ - 1]);
    return json_action::take;
  }

  json_action string(std::string_view text) override {
    auto const* in = current();
    if (!in) return json_action::take;
    auto const [what, rank] = *in;
    if (what == holds::message || what == holds::container) take_message(text, rank);
    if (what == holds::list && text != message_) append_bounded(details_, {}, text);
    if (what == holds::field) append_bounded(details_, field_, text);
    if (what == holds::id && id_.empty()) id_ = printable(text, max_request_id_size);
    return json_action::take;
  }

  json_action null() override { return json_action::take; }
  json_action other(std::string_view) override { return json_action::take; }

  /// The best message, followed by those of lists; empty if there was none.
  [[nodiscard]] std::string message() const {
    if (message_.empty() || details_.empty() || message_ == details_) return message_.empty() ? details_ : message_;
    return message_ + " " + details_;
  }

  [[nodiscard]] std::string const& id() const noexcept { return id_; }

 private:
  struct member {
    holds what = holds::nothing;
    std::size_t rank = 0;  // of messages: the lower, the better
  };

  static member known(std::string_view name) noexcept {
    for (auto const& one : error_members)
      if (equals_ignoring_case(one.name, name)) return {one.what, static_cast<std::size_t>(&one - error_members)};
    return {};
  }

  /// Null if the open object is too deep.
  member* current() noexcept { return depth_ < members_.size() ? &members_[depth_] : nullptr; }

  member member_named(std::string_view name, member parent) {
    switch (parent.what) {
      case holds::container: {
        auto const found = known(name);
        if (found.what == holds::list) list_is_array_ = false;
        return found;
      }
      case holds::list:
        if (list_is_array_) return {known(name).what == holds::message ? holds::list : holds::nothing};
        field_ = printable(name, max_field_size);
        return {holds::field};
      case holds::field: return parent;
      case holds::message: return is_named(name, "value") ? parent : member();  // OData: {"lang":"en","value":"…"}
      default: return {};
    }
  }

  void take_message(std::string_view text, std::size_t rank) {
    if (!message_.empty() && rank > rank_) return;
    auto line = printable(text, max_server_message_size);
    if (line.empty()) return;
    if (rank < rank_) message_.clear();
    rank_ = rank;
    append_bounded(message_, {}, line);
  }

  static constexpr std::size_t max_field_size = 128;

  std::size_t depth_ = 0;                                   // of objects
  std::array<member, 5> members_ = {{{holds::container}}};  // the current one of each level, below the document itself
  bool list_is_array_ = false;
  std::size_t rank_ = std::size(error_members);
  std::string message_, details_, field_, id_;
};

/// The text of the first XML or HTML element of this name, in any namespace; empty if there is none.
FICTIVE_DECL std::string_view element_text(std::string_view page, std::string_view name) noexcept {
  for (auto open = page.find('<'); open != std::string_view::npos; open = page.find('<', open)) {
    auto const tag_end = page.find('>', open);
    if (tag_end == std::string_view::npos) return {};
    auto tag = page.substr(open + 1, tag_end - open - 1);
    open = tag_end;
    tag = tag.substr(0, tag.find_first_of(" \t\r\n/"));
    tag = tag.substr(tag.find(':') + 1);
    if (!equals_ignoring_case(tag, name)) continue;
    auto const text = page.substr(tag_end + 1);
    return trim(text.substr(0, text.find('<')));
  }
  return {};
}

FICTIVE_DECL error_body read_markup(std::string_view page) {
  error_body read;
  for (auto const& [name, what] : error_members) {
    bool const is_message = what == holds::message || what == holds::container;
    if (is_message && read.message.empty()) read.message = printable(element_text(page, name), max_server_message_size);
    if (what == holds::id && read.id.empty()) read.id = printable(element_text(page, name), max_request_id_size);
  }
  if (read.message.empty()) read.message = printable(element_text(page, "h1"), max_server_message_size);
  return read;
}

FICTIVE_DECL error_body read_error_body(std::string_view body) {
  body = trim(body.substr(0, max_error_body_size));
  if (body.starts_with("\xEF\xBB\xBF")) body = trim(body.substr(3));
  if (body.empty()) return {};

  error_body read;
  if (body.front() == '<') {
    read = read_markup(body);
  } else {
    error_body_reader reader;
    bool const is_json = !read_json(body, reader);
    // An object or array that was cut may have a message; of anything else that is not JSON, the text is better.
    if (is_json || body.front() == '{' || body.front() == '[')
      read = {printable(reader.message(), max_server_message_size), reader.id()};
  }
  if (read.message.empty()) read.message = printable(body, max_server_message_size);
  return read;
}

}  // namespace fictive::detail

#endif
