// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_IMPL_REQUEST_BUILDER_IPP
#define FICTIVE_DETAIL_HTTP_IMPL_REQUEST_BUILDER_IPP

#include <fictive/detail/http/authorization.hpp>
#include <fictive/detail/http/credentials_problem.hpp>
#include <fictive/detail/http/request_builder.hpp>
#include <fictive/detail/http/transport_headers.hpp>
#include <fictive/detail/http/url.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/character_set.hpp>
#include <fictive/detail/text/text_problem.hpp>
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
  explicit request_headers(http_headers headers) noexcept : headers_(std::move(headers)) {}
  request_headers(request_headers const&) = delete;
  request_headers& operator=(request_headers const&) = delete;
  ~request_headers() { wipe_values(headers_); }

  void add(std::string_view name, std::string_view value) {
    headers_.push_back({.name = std::string(name), .value = std::string(value)});
  }

  /// Adds a value of the caller, after `prefix`, if it is set.
  void add_if_set(std::string_view name, std::string_view value, std::string_view prefix = {}) {
    if (value.empty()) return;
    std::string whole;
    whole.reserve(prefix.size() + value.size());
    whole.append(prefix).append(value);
    headers_.push_back({.name = std::string(name), .value = std::move(whole)});
  }

  /// Adds an extra header of the caller, an element of `list`, unless it contradicts the others.
  void add_extra(std::string_view list, std::size_t index, http_header const& header) {
    auto const field = [&] { return std::string(list).append("[").append(std::to_string(index)).append("]"); };
    if (!is_token(header.name)) return fail(field() + ".name is not a header name: use letters, digits and hyphens");
    if (is_transport_header(header.name) || equals_ignoring_case(header.name, "Content-Encoding"))
      return fail(field() + " can be set by the transport only: remove it");
    for (std::string_view name : {"X-Version", "X-TokenId", "X-SessionId", "Origin"})
      if (equals_ignoring_case(name, header.name))
        return fail(field() + " has a member of its own in client_config: set that instead");
    if (find_header(headers_, header.name)) return fail(field() + " is set by this library: remove it");
    if (auto const problem = text_problem(header.value); !problem.empty())
      return fail(field().append(".value").append(problem));
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
  if (limits.connect_timeout <= milliseconds(0)) return "limits.connect_timeout is not positive: set at least 1 ms";
  if (limits.total_timeout <= milliseconds(0)) return "limits.total_timeout is not positive: set at least 1 ms";
  if (limits.max_header_bytes == 0) return "limits.max_header_bytes is 0: set what a response may have";
  if (limits.max_body_bytes == 0) return "limits.max_body_bytes is 0: set what a response may have";
  return {};
}

FICTIVE_DECL std::string base_url_problem(client_config const& config) {
  if (config.base_url.empty()) return "base_url is empty: it is required";
  if (auto const problem = identifier_problem(config.base_url); !problem.empty())
    return std::string("base_url").append(problem);
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

/// The problem of the configuration, except for its extra headers.
FICTIVE_DECL std::string config_problem(client_config const& config) {
  if (auto problem = base_url_problem(config); !problem.empty()) return problem;
  if (auto problem = limits_problem(config.limits); !problem.empty()) return problem;
  if (auto problem = credentials_problem(config.credentials); !problem.empty()) return problem;
  auto const with_field = [](char const* field, std::string_view problem) {
    return problem.empty() ? std::string() : std::string(field).append(problem);
  };
  if (auto problem = with_field("api_version", identifier_problem(config.api_version)); !problem.empty())
    return problem;
  if (auto problem = with_field("origin", identifier_problem(config.origin)); !problem.empty()) return problem;
  return with_field("user_agent", text_problem(config.user_agent));
}

FICTIVE_DECL std::string segment_problem(std::string_view field, std::string_view text) {
  auto const problem = [field](std::string_view what) { return std::string(field).append(what); };
  if (text.empty()) return problem(" is empty: it is required");
  if (auto const what = identifier_problem(text); !what.empty()) return problem(what);
  if (text == "." || text == "..")
    return problem(" is \".\" or \"..\", which no URL can hold as a segment: correct it");
  return {};
}

FICTIVE_DECL std::string list_problem(std::string_view field, std::vector<std::string> const& texts, text_check check) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto const element = [&] { return std::string(field) + "[" + std::to_string(i) + "]"; };
    if (texts[i].empty()) return element() + " is empty: remove it";
    if (auto const problem = check(texts[i]); !problem.empty()) return element().append(problem);
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

FICTIVE_DECL std::string complete_request(client_config const& config, http_request& request) {
  if (auto problem = config_problem(config); !problem.empty()) return problem;

  auto const& credentials = config.credentials;
  request_headers headers(9 + config.extra_headers.size());
  headers.add("Accept", "application/json");
  if (!request.body.empty()) headers.add("Content-Type", "application/json");
  headers.add("Accept-Encoding", "identity");
  if (config.user_agent.empty())
    headers.add("User-Agent", "fictive-cpp/" FICTIVE_VERSION_STRING);
  else
    headers.add_if_set("User-Agent", config.user_agent, "fictive-cpp/" FICTIVE_VERSION_STRING " ");
  headers.add_if_set("X-Version", config.api_version);
  headers.add_if_set("X-TokenId", credentials.token_id.reveal());
  headers.add_if_set("X-SessionId", credentials.session_id.reveal());
  headers.add_if_set("Authorization", credentials.bearer_token.reveal(), "Bearer ");
  headers.add_if_set("Origin", config.origin);
  for (std::size_t i = 0; i < config.extra_headers.size(); ++i)
    headers.add_extra("extra_headers", i, config.extra_headers[i]);
  request.limits = config.limits;
  auto problem = headers.problem();
  request.headers = std::move(headers).take();
  return problem;
}

FICTIVE_DECL std::string add_headers_of_call(http_headers& to, http_headers const& more) {
  request_headers headers(std::move(to));
  for (std::size_t i = 0; i < more.size(); ++i) headers.add_extra("call_options::headers", i, more[i]);
  auto problem = headers.problem();
  to = std::move(headers).take();
  return problem;
}

}  // namespace fictive::detail

#endif
