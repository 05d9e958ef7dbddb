// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_REQUEST_HPP
#define FICTIVE_REQUEST_HPP

#include <fictive/config.hpp>
#include <fictive/detail/ascii.hpp>
#include <fictive/detail/character_set.hpp>
#include <fictive/detail/header_value.hpp>
#include <fictive/detail/json_writer.hpp>
#include <fictive/detail/url.hpp>
#include <fictive/detail/utf8.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/invite.hpp>
#include <fictive/service.hpp>
#include <fictive/version.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fictive {

namespace detail {

/// The headers of a request to the service, checked as they are added.
class request_headers {
 public:
  explicit request_headers(std::size_t expected) { headers_.reserve(expected); }

  void add(std::string_view name, std::string_view value) {
    headers_.push_back({.name = std::string(name), .value = std::string(value)});
  }

  /// Adds a value of the caller's, `prefix` before it, if it is set. `field` is what the caller knows it by.
  void add_if_set(std::string_view name, std::string_view field, std::string_view value, std::string_view prefix = {}) {
    if (value.empty()) return;
    if (auto const* problem = header_value_problem(value)) return fail(std::string(field) + problem);
    std::string whole;
    whole.reserve(prefix.size() + value.size());
    whole.append(prefix).append(value);
    headers_.push_back({.name = std::string(name), .value = std::move(whole)});
  }

  /// Adds what the caller wants besides, as long as it does not contradict the rest.
  void add_extra(std::size_t index, http_header const& header) {
    auto const field = [&] { return "service.extra_headers[" + std::to_string(index) + "]"; };
    if (!is_token(header.name)) return fail(field() + ".name is not a header name: use letters, digits and hyphens");
    if (is_transport_header(header.name) || equals_ignoring_case(header.name, "Content-Encoding"))
      return fail(field() + " is one that only the transport may set: remove it");
    for (std::string_view name : {"X-Version", "X-TokenId", "X-SessionId", "Origin"})
      if (equals_ignoring_case(name, header.name))
        return fail(field() + " has a field of its own in service: set it there");
    if (find_header(headers_, header.name)) return fail(field() + " is sent already: remove it");
    if (auto const* problem = header_value_problem(header.value)) return fail(field() + ".value" + problem);
    headers_.push_back(header);
  }

  [[nodiscard]] std::string const& problem() const noexcept { return problem_; }
  [[nodiscard]] http_headers take() && noexcept { return std::move(headers_); }

 private:
  void fail(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }

  http_headers headers_;
  std::string problem_;  // the first one
};

/// What makes the texts of a list unfit to send; empty if they are fit.
inline std::string list_problem(std::string_view field, std::vector<std::string> const& texts) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto const element = [&] { return std::string(field) + "[" + std::to_string(i) + "]"; };
    if (texts[i].empty()) return element() + " is empty: remove it";
    if (!is_utf8(texts[i])) return element() + " is not UTF-8: re-encode it";
  }
  return {};
}

inline std::string lists_problem(invite_request const& request) {
  if (request.email_addresses.empty()) return "email_addresses is empty: give at least one address to invite";
  auto problem = list_problem("email_addresses", request.email_addresses);
  return problem.empty() ? list_problem("subscription_references", request.subscription_references) : problem;
}

inline std::string limits_problem(http_limits const& limits) {
  using std::chrono::milliseconds;
  if (limits.connect_timeout <= milliseconds(0)) return "service.limits.connect_timeout must be positive";
  if (limits.total_timeout <= milliseconds(0)) return "service.limits.total_timeout must be positive";
  if (limits.max_header_bytes == 0) return "service.limits.max_header_bytes must be positive";
  if (limits.max_body_bytes == 0) return "service.limits.max_body_bytes must be positive";
  return {};
}

inline std::string base_url_problem(service const& to) {
  auto const url = split_url(to.base_url);
  if (!url)
    return "service.base_url is not an http or https URL: write it as https://host, with a port and a path if need be";
  if (url->has_user_info) return "service.base_url holds user info: give the credentials in service.credentials";
  if (!url->query.empty() || !url->fragment.empty())
    return "service.base_url holds a query or a fragment: give scheme, host, port and path only";
  if (has_dot_segment(url->path))
    return "service.base_url holds a \".\" or \"..\" segment: write the path that is meant";
  if (!url->is_https() && !is_loopback(*url) && !to.allow_insecure_http)
    return "service.base_url is plain http, which shows the credentials to everybody on the way: use https, or set "
           "service.allow_insecure_http";
  return {};
}

inline std::string group_problem(std::string_view token) {
  if (token.empty()) return "account_group_token is empty: give the token of the account group to invite to";
  if (!is_utf8(token)) return "account_group_token is not UTF-8: re-encode it";
  if (token == "." || token == "..")
    return "account_group_token is \".\" or \"..\", which no URL can hold as a segment: give the group's token";
  return {};
}

inline std::string invites_url(std::string_view base_url, std::string_view account_group_token) {
  constexpr std::string_view before = "/rest/api/accounts/groups/", after = "/invites";
  while (base_url.ends_with('/')) base_url.remove_suffix(1);
  std::string url;
  url.reserve(base_url.size() + before.size() + 3 * account_group_token.size() + after.size());
  url.append(base_url).append(before);
  append_path_segment(url, account_group_token);
  url.append(after);
  return url;
}

/// {"expiryDate":"…","subscriptionReferences":[…],"emailAddresses":[…]}, what is not set left out. Empty if one of the
/// lists is unfit to send.
inline std::string invites_body(invite_request const& request) {
  constexpr std::string_view expiry_date = R"("expiryDate":")", after_expiry_date = R"(",)",
                             subscriptions = R"("subscriptionReferences":)", addresses = R"("emailAddresses":)";
  char text[date_time::max_text_size];
  std::string_view expiry;
  if (request.expiry_date) expiry = {text, static_cast<std::size_t>(request.expiry_date->to_chars(text) - text)};

  std::size_t size = 1 + addresses.size() + json_writer::size_of(request.email_addresses) + 1;
  if (request.expiry_date) size += expiry_date.size() + expiry.size() + after_expiry_date.size();
  if (!request.subscription_references.empty())
    size += subscriptions.size() + json_writer::size_of(request.subscription_references) + 1;

  json_writer body(size);
  body.raw("{");
  if (request.expiry_date) {
    body.raw(expiry_date);
    body.raw(expiry);
    body.raw(after_expiry_date);
  }
  if (!request.subscription_references.empty()) {
    body.raw(subscriptions);
    if (!body.list(request.subscription_references)) return {};
    body.raw(",");
  }
  body.raw(addresses);
  if (!body.list(request.email_addresses)) return {};
  body.raw("}");
  return std::move(body).take();
}

}  // namespace detail

/// The request that invites these people: `POST {base_url}/rest/api/accounts/groups/{token}/invites` with the
/// headers and the body of the service's reference. No I/O, no state; safe from any thread.
///
/// What cannot be sent is an `invalid_argument` with `effect::none` whose message names the field and says
/// what to do: no group, no address, an empty one, text that is not UTF-8, a control character in a header's
/// value, a base URL with user info, query or fragment, plain http to another machine without
/// `allow_insecure_http`, a limit that is not positive.
[[nodiscard]] inline result<http_request> make_invite_request(service const& to, invite_request const& request) {
  if (auto problem = detail::base_url_problem(to); !problem.empty()) return detail::refused(std::move(problem));
  if (auto problem = detail::limits_problem(to.limits); !problem.empty()) return detail::refused(std::move(problem));
  if (auto problem = detail::group_problem(request.account_group_token); !problem.empty())
    return detail::refused(std::move(problem));
  auto body = detail::invites_body(request);
  if (body.empty()) return detail::refused(detail::lists_problem(request));

  detail::request_headers headers(9 + to.extra_headers.size());
  headers.add("Accept", "application/json");
  headers.add("Content-Type", "application/json");
  headers.add("Accept-Encoding", "identity");
  if (to.user_agent.empty())
    headers.add("User-Agent", "fictive-cpp/" FICTIVE_VERSION_STRING);
  else
    headers.add_if_set("User-Agent", "service.user_agent", to.user_agent, "fictive-cpp/" FICTIVE_VERSION_STRING " ");
  headers.add_if_set("X-Version", "service.version", to.version);
  headers.add_if_set("X-TokenId", "service.credentials.token_id", to.credentials.token_id.reveal());
  headers.add_if_set("X-SessionId", "service.credentials.session_id", to.credentials.session_id.reveal());
  headers.add_if_set("Authorization", "service.credentials.bearer_token", to.credentials.bearer_token.reveal(),
                     "Bearer ");
  headers.add_if_set("Origin", "service.origin", to.origin);
  for (std::size_t i = 0; i < to.extra_headers.size(); ++i) headers.add_extra(i, to.extra_headers[i]);
  if (!headers.problem().empty()) return detail::refused(headers.problem());

  return http_request{.method = "POST",
                      .url = detail::invites_url(to.base_url, request.account_group_token),
                      .headers = std::move(headers).take(),
                      .body = std::move(body),
                      .limits = to.limits};
}

}  // namespace fictive

#endif
