// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_IMPL_AUTHORIZATION_IPP
#define FICTIVE_DETAIL_HTTP_IMPL_AUTHORIZATION_IPP

#include <fictive/detail/http/authorization.hpp>
#include <fictive/detail/http/credentials_problem.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/wipe.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace fictive::detail {

FICTIVE_DECL void wipe_values(http_headers& headers) noexcept {
  for (auto& header : headers) wipe(header.value);
}

FICTIVE_DECL authorization authorization_of(credentials const& credentials) noexcept {
  return {.token_id = !credentials.token_id.empty(),
          .session_id = !credentials.session_id.empty(),
          .bearer_token = !credentials.bearer_token.empty()};
}

FICTIVE_DECL bool are_same(credentials const& one, credentials const& other) noexcept {
  return one.token_id.reveal() == other.token_id.reveal() && one.session_id.reveal() == other.session_id.reveal() &&
         one.bearer_token.reveal() == other.bearer_token.reveal();
}

FICTIVE_DECL bool is_authorized_with(http_headers const& headers, authorization const& current,
                                     credentials const& credentials) noexcept {
  auto const has = [&](bool is_set, std::string_view name, std::string_view prefix, std::string_view value) {
    auto const* header = is_set ? find_header(headers, name) : nullptr;
    std::string_view const sent = header ? *header : std::string_view();
    return value.empty() ? !header : sent.starts_with(prefix) && sent.substr(prefix.size()) == value;
  };
  return has(current.token_id, "X-TokenId", "", credentials.token_id.reveal()) &&
         has(current.session_id, "X-SessionId", "", credentials.session_id.reveal()) &&
         has(current.bearer_token, "Authorization", "Bearer ", credentials.bearer_token.reveal());
}

/// Sets, replaces or removes one header. `is_set`: whether it is there now.
FICTIVE_DECL void replace_header(http_headers& headers, bool& is_set, std::string_view name, std::string_view prefix,
                                 std::string_view value) {
  auto const size = headers.size();
  std::size_t at = is_set ? 0 : size;
  while (at < size && !equals_ignoring_case(headers[at].name, name)) ++at;
  if (value.empty()) {
    is_set = false;
    if (at == size) return;
    wipe(headers[at].value);
    for (; at + 1 < size; ++at) headers[at] = std::move(headers[at + 1]);
    headers.pop_back();
    return;
  }
  std::string whole;
  whole.reserve(prefix.size() + value.size());
  whole.append(prefix).append(value);
  if (at == size) headers.push_back({.name = std::string(name)});
  wipe(headers[at].value);
  headers[at].value = std::move(whole);
  is_set = true;
}

FICTIVE_DECL std::string authorize(http_headers& headers, authorization& current, credentials const& credentials) {
  if (auto problem = credentials_problem(credentials); !problem.empty()) return problem;
  if (!current.bearer_token && !credentials.bearer_token.empty() && find_header(headers, "Authorization"))
    return "credentials.bearer_token is set, and so is an extra header Authorization: remove one of them";
  replace_header(headers, current.token_id, "X-TokenId", "", credentials.token_id.reveal());
  replace_header(headers, current.session_id, "X-SessionId", "", credentials.session_id.reveal());
  replace_header(headers, current.bearer_token, "Authorization", "Bearer ", credentials.bearer_token.reveal());
  return {};
}

}  // namespace fictive::detail

#endif
