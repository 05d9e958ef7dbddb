// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_IMPL_REFUSAL_IPP
#define FICTIVE_DETAIL_IMPL_REFUSAL_IPP

#include <fictive/detail/http/error_response.hpp>
#include <fictive/detail/http/response_headers.hpp>
#include <fictive/detail/json/json_reader.hpp>
#include <fictive/detail/json/list_cursor.hpp>
#include <fictive/detail/refusal.hpp>
#include <fictive/detail/text/ascii.hpp>

#include <string_view>

namespace fictive::detail {

/// Ends the parsing of an object at the first element of its `validInvitations`. Keeps nothing.
class invitation_finder final : public json_handler {
 public:
  json_action begin_object() override {
    if (list_.is_in_list()) return json_action::refuse;
    if (!is_in_document_) return is_in_document_ = true, json_action::take;
    return list_.begin_object() ? json_action::take : json_action::skip;
  }
  json_action end_object() override {
    if (list_.is_in_wrapper()) list_.end_object();
    return json_action::take;
  }
  json_action begin_array() override { return list_.begin_array() ? json_action::take : json_action::refuse; }
  json_action end_array() override {
    list_.end_array();
    return json_action::take;
  }
  json_action key(std::string_view name) override {
    if (list_.is_in_wrapper()) return list_cursor::key(name);
    return is_named(name, "validInvitations") ? json_action::take : json_action::skip;
  }
  json_action string(std::string_view) override { return scalar(); }
  json_action null() override { return scalar(); }
  json_action other(std::string_view) override { return scalar(); }

  /// Whether the parsing ended within the list.
  [[nodiscard]] bool has_found() const noexcept { return list_.is_in_list(); }

 private:
  [[nodiscard]] json_action scalar() const noexcept {
    return list_.is_in_list() ? json_action::refuse : json_action::take;
  }

  bool is_in_document_ = false;
  list_cursor list_;
};

FICTIVE_DECL bool lists_invitation(std::string_view body) {
  if (!begins_json_object(body)) return false;
  invitation_finder finder;
  (void)read_json(body, finder);  // the rest may be truncated or malformed
  return finder.has_found();
}

FICTIVE_DECL error parse_refusal(http_response const& response) {
  auto e = parse_error_response(response);
  if (e.effect != effect::none || !lists_invitation(response.body)) return e;
  e.effect = effect::unknown;
  e.message += ", but its body lists an invitation: somebody may have been invited";
  return e;
}

}  // namespace fictive::detail

#endif
