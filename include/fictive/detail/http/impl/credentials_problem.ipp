// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_IMPL_CREDENTIALS_PROBLEM_IPP
#define FICTIVE_DETAIL_HTTP_IMPL_CREDENTIALS_PROBLEM_IPP

#include <fictive/detail/http/credentials_problem.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/text_problem.hpp>

#include <string>
#include <string_view>

namespace fictive::detail {

FICTIVE_DECL std::string_view credential_problem(std::string_view text) noexcept {
  if (text.empty()) return {};
  if (auto const problem = identifier_problem(text); !problem.empty()) return problem;
  for (std::string_view const added : {"Authorization", "Bearer", "X-SessionId", "X-TokenId"}) {
    if (to_lower(text.front()) != to_lower(added.front())) continue;  // usual, and fast
    if (!equals_ignoring_case(text.substr(0, added.size()), added)) continue;
    if (text.size() == added.size() || text[added.size()] == ' ' || text[added.size()] == ':')
      return " begins with \"Bearer\" or the name of a header, which the library adds: give the value alone, that of a "
             "bearer token as credentials.bearer_token";
  }
  return {};
}

FICTIVE_DECL std::string credentials_problem(credentials const& credentials) {
  struct member {
    char const* name;
    secret const& value;
  };
  for (auto const& [name, value] :
       {member{"credentials.token_id", credentials.token_id}, member{"credentials.session_id", credentials.session_id},
        member{"credentials.bearer_token", credentials.bearer_token}})
    if (auto const problem = credential_problem(value.reveal()); !problem.empty())
      return std::string(name).append(problem);
  return {};
}

}  // namespace fictive::detail

#endif
