// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_IMPL_REQUEST_BUILDER_IPP
#define FICTIVE_DETAIL_HTTP_IMPL_REQUEST_BUILDER_IPP

#include <fictive/detail/http/header_value.hpp>
#include <fictive/detail/http/request_builder.hpp>
#include <fictive/detail/http/url.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/character_set.hpp>
#include <fictive/detail/text/utf8.hpp>
#include <fictive/version.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fictive::detail {

/// The headers of a request to the service, checked as they are added.
class request_headers {
 public:
  explicit request_headers(std::size_t expected) { headers_.reserve(expected); }

  void add(std::string_view name, std::string_view value) {
    headers_.push_back({.name = std::string(name), .value = std::string(value)});
  }

  /// Adds a value of the caller, after `prefix`, if it is set. `field` is its name in `client_config`.
  void add_if_set(std::string_view name, std::string_view field, std::string_view value, std::string_view prefix = {}) {
    if (value.empty()) return;
    if (auto const* problem = header_value_problem(value)) return fail(std::string(field) + problem);
    std::string whole;
    whole.reserve(prefix.size() + value.size());
    whole.append(prefix).append(value);
    headers_.push_back({.name = std::string(name), .value = std::move(whole)});
  }

  /// Adds an extra header of the caller, unless it contradicts the others.
  void add_extra(std::size_t index, http_header const& header) {
    auto const field = [&] { return "extra_headers[" + std::to_string(index) + "]"; };
    if (!is_token(header.name)) return fail(field() + ".name is not a header name: use letters, digits and hyphens");
    if (is_transport_header(header.name) || equals_ignoring_case(header.name, "Content-Encoding"))
      return fail(field() + " can be set by the transport only: remove it");
    for (std::string_view name : {"X-Version", "X-TokenId", "X-SessionId", "Origin"})
      if (equals_ignoring_case(name, header.name))
        return fail(field() + " has a member of its own in client_config: set that instead");
    if (find_header(headers_, header.name)) return fail(field() + " is set by this library: remove it");
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

FICTIVE_DECL std::string limits_problem(http_limits const& limits) {
  using std::chrono::milliseconds;
  if (limits.connect_timeout <= milliseconds(0)) return "limits.connect_timeout must be positive";
  if (limits.total_timeout <= milliseconds(0)) return "limits.total_timeout must be positive";
  if (limits.max_header_bytes == 0) return "limits.max_header_bytes must be positive";
  if (limits.max_body_bytes == 0) return "limits.max_body_bytes must be positive";
  return {};
}

FICTIVE_DECL std::string base_url_problem(client_config const& config) {
  auto const url = split_url(config.base_url);
  if (!url) return "base_url is not an http or https URL: write it as https://host, optionally with a port and a path";
  if (url->has_user_info) return "base_url contains user info: set credentials instead";
  if (!url->query.empty() || !url->fragment.empty()) return "base_url contains a query or a fragment: remove it";
  if (has_dot_segment(url->path)) return "base_url contains a \".\" or \"..\" segment: resolve it";
  if (!url->is_https() && !is_loopback(*url) && !config.allow_insecure_http)
    return "base_url is plain http, which discloses the credentials on the network: use https, or set "
           "allow_insecure_http";
  return {};
}

FICTIVE_DECL std::string segment_problem(std::string_view field, std::string_view text) {
  auto const problem = [field](std::string_view what) { return std::string(field).append(what); };
  if (text.empty()) return problem(" is empty: it is required");
  if (!is_utf8(text)) return problem(" is not UTF-8: re-encode it");
  if (text == "." || text == "..")
    return problem(" is \".\" or \"..\", which no URL can hold as a segment: correct it");
  return {};
}

FICTIVE_DECL std::string list_problem(std::string_view field, std::vector<std::string> const& texts) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto const element = [&] { return std::string(field) + "[" + std::to_string(i) + "]"; };
    if (texts[i].empty()) return element() + " is empty: remove it";
    if (!is_utf8(texts[i])) return element() + " is not UTF-8: re-encode it";
  }
  return {};
}

FICTIVE_DECL std::string url_of(std::string_view base_url, std::string_view route, std::string_view segment) {
  while (base_url.ends_with('/')) base_url.remove_suffix(1);
  std::string url;
  url.reserve(base_url.size() + route.size() + 3 * segment.size());
  url.append(base_url).append(route.substr(0, route.find('{')));
  if (auto const end = route.find('}'); end != std::string_view::npos) {
    append_path_segment(url, segment);
    url.append(route.substr(end + 1));
  }
  return url;
}

FICTIVE_DECL result<http_request> build_request(client_config const& config, std::string method, std::string url,
                                                std::string body) {
  if (auto problem = base_url_problem(config); !problem.empty()) return refused(std::move(problem));
  if (auto problem = limits_problem(config.limits); !problem.empty()) return refused(std::move(problem));

  auto const& credentials = config.credentials;
  request_headers headers(9 + config.extra_headers.size());
  headers.add("Accept", "application/json");
  if (!body.empty()) headers.add("Content-Type", "application/json");
  headers.add("Accept-Encoding", "identity");
  if (config.user_agent.empty())
    headers.add("User-Agent", "fictive-cpp/" FICTIVE_VERSION_STRING);
  else
    headers.add_if_set("User-Agent", "user_agent", config.user_agent, "fictive-cpp/" FICTIVE_VERSION_STRING " ");
  headers.add_if_set("X-Version", "api_version", config.api_version);
  headers.add_if_set("X-TokenId", "credentials.token_id", credentials.token_id.reveal());
  headers.add_if_set("X-SessionId", "credentials.session_id", credentials.session_id.reveal());
  headers.add_if_set("Authorization", "credentials.bearer_token", credentials.bearer_token.reveal(), "Bearer ");
  headers.add_if_set("Origin", "origin", config.origin);
  for (std::size_t i = 0; i < config.extra_headers.size(); ++i) headers.add_extra(i, config.extra_headers[i]);
  if (!headers.problem().empty()) return refused(headers.problem());

  return http_request{.method = std::move(method),
                      .url = std::move(url),
                      .headers = std::move(headers).take(),
                      .body = std::move(body),
                      .limits = config.limits};
}

}  // namespace fictive::detail

#endif
