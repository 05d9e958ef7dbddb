// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_TESTING_FAKE_SERVICE_HPP
#define FICTIVE_TESTING_FAKE_SERVICE_HPP

#include <fictive/config.hpp>
#include <fictive/date_time.hpp>
#include <fictive/detail/http/response_headers.hpp>
#include <fictive/detail/http/url.hpp>
#include <fictive/detail/json/json_writer.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/invite.hpp>
#include <fictive/invite_endpoint.hpp>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fictive::testing {

/// The data of a fake service. By default it accepts every account group and every credential, and answers the request
/// of the service's reference with the response of the reference.
struct fake_service_options {
  /// The only account group; empty for any.
  std::string account_group_token = {};
  /// Accepted session ids, token ids and bearer tokens; empty for any that is not empty.
  std::vector<std::string> accepted_credentials = {};
  /// Origins that the token ids are bound to; empty for any, or none.
  std::vector<std::string> token_origins = {};
  /// Subscriptions of the group, listed by each invitation. Any other one in a request is answered with 404.
  std::vector<std::string> subscription_references = {"asjdkas6712kabcd", "asjdkas6712kddeq", "asjdkas6712kewqq"};
  /// Addresses that are reported as invalid, besides those that do not look like an address.
  std::vector<std::string> invalid_email_addresses = {"jim.pimblett@fictiveglobal.com"};
  /// References of the invitations to these addresses; the others are numbered.
  std::map<std::string, std::string, std::less<>> invitation_references = {
      {"jamie.muir@fictiveglobal.com", "iafsraka6712kabc"}, {"josh.fogg@fictiveglobal.com", "ibbsrata6r122abc"}};
  /// Expiry date for requests without one. Fixed, so that tests are deterministic.
  date_time default_expiry_date = date_time::parse("2017-07-07T15:41:30");
};

/// A fake of the service, in memory: it answers as the real one is documented to, and stores the invitations. It is a
/// transport, so a test needs no network:
///
///     fictive::testing::fake_service service;
///     fictive::client client{service, {.credentials = {.session_id = "any"}}};
///     …
///     REQUIRE(service.deliveries("jamie.muir@fictiveglobal.com") == 1);
///
/// It rejects unknown members in a request, which the real service may accept. Like the real one, it is not idempotent:
/// the same request twice invites twice.
///
/// Copies are handles of the same service. Thread-safe.
class fake_service {
 public:
  /// Accepts every group and every credential.
  fake_service() : fake_service(fake_service_options()) {}

  /// With these data.
  explicit fake_service(fake_service_options options) : state_(std::make_shared<state>()) {
    state_->options = std::move(options);
  }

  /// Answers a request, always with a response and never with an error. Only the URL's path is considered.
  result<http_response> operator()(http_request const& request) const {
    std::lock_guard lock(state_->mutex);
    ++state_->requests;
    return answer(*state_, request);
  }

  /// Replaces `fake_service_options::accepted_credentials`, as when a session expires: requests with other credentials
  /// are answered with 403 from now on.
  void set_accepted_credentials(std::vector<std::string> credentials) const {
    std::lock_guard lock(state_->mutex);
    state_->options.accepted_credentials = std::move(credentials);
  }

  /// How often the service processed this address, as invited or as invalid: once for each occurrence in a request
  /// that was answered with 200. More than one is a double invitation.
  [[nodiscard]] std::size_t deliveries(std::string_view email_address) const {
    std::lock_guard lock(state_->mutex);
    auto const found = state_->deliveries.find(email_address);
    return found == state_->deliveries.end() ? 0 : found->second;
  }

  /// Number of requests that arrived, rejected ones included.
  [[nodiscard]] std::size_t requests() const {
    std::lock_guard lock(state_->mutex);
    return state_->requests;
  }

  /// The invitations so far, in order.
  [[nodiscard]] std::vector<invitation> invitations() const {
    std::lock_guard lock(state_->mutex);
    return state_->invitations;
  }

  /// Answers a request that was accepted: its headers and credentials are correct. `token` is the decoded path segment.
  /// Must not call the fake.
  using handler = std::function<http_response(std::string const& token, http_request const& request)>;

  /// Adds an endpoint. One segment of its path is in braces.
  void add_route(std::string method, std::string path, handler answer) const {
    std::lock_guard lock(state_->mutex);
    state_->routes.push_back({std::move(method), std::move(path), std::move(answer)});
  }

 private:
  struct route {
    std::string method, path;
    handler answer;
  };

  struct state {
    std::mutex mutex;
    fake_service_options options;
    std::vector<route> routes = {};
    std::size_t requests = 0;
    std::vector<fictive::invitation> invitations = {};
    std::map<std::string, std::size_t, std::less<>> deliveries;
  };

  /// The body of a valid request.
  struct order {
    std::vector<std::string> email_addresses, subscription_references;
    std::optional<date_time> expiry_date;
  };

  static bool contains(std::vector<std::string> const& texts, std::string_view text) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
  }

  static http_response refusal(int status, std::string_view reason) {
    return {.status = status,
            .headers = {{"Content-Type", "application/json; charset=utf-8"}},
            .body = R"({"status":"FAILED","reason":)" + quoted(reason) + "}"};
  }

  static http_response answer(state& at, http_request const& request) {
    route const invites{"POST", std::string(invite_endpoint::route),
                        [&at](std::string const&, http_request const& accepted) { return invite(at, accepted); }};
    bool is_known_path = false;
    if (auto response = answer(at, invites, request, is_known_path)) return *response;
    for (auto const& other : at.routes)
      if (auto response = answer(at, other, request, is_known_path)) return *response;
    return is_known_path ? refusal(405, "Method not allowed") : refusal(404, "Not found");
  }

  /// Nothing if the request is to another endpoint.
  static std::optional<http_response> answer(state& at, route const& to, http_request const& request,
                                             bool& is_known_path) {
    auto const token = segment_of(request.url, to.path);
    if (!token || (!at.options.account_group_token.empty() && *token != at.options.account_group_token))
      return std::nullopt;
    is_known_path = true;
    if (request.method != to.method) return std::nullopt;
    if (!is_json(request.headers, "Accept")) return refusal(406, "Not acceptable: accept application/json");
    if (!request.body.empty() && !is_json(request.headers, "Content-Type"))
      return refusal(415, "Unsupported media type: send application/json");
    if (!is_authenticated(at.options, request.headers))
      return refusal(403, "Unable to authenticate using the provided session.");
    if (auto const* version = find_header(request.headers, "X-Version"); version && version->empty())
      return refusal(400, "Request is invalid: X-Version is empty");
    return to.answer(*token, request);
  }

  static bool is_json(http_headers const& headers, std::string_view name) {
    auto const* type = find_header(headers, name);
    return type && detail::is_json_media_type(*type);
  }

  /// The decoded segment at the position of the one in braces.
  static std::optional<std::string> segment_of(std::string_view url, std::string_view route) {
    auto const before = route.substr(0, route.find('{')), after = route.substr(route.find('}') + 1);
    auto const parts = detail::split_url(url);
    if (!parts || !parts->query.empty() || !parts->path.ends_with(after)) return std::nullopt;
    auto segment = parts->path.substr(0, parts->path.size() - after.size());
    auto const begin = segment.find(before);
    if (begin == std::string_view::npos) return std::nullopt;
    segment.remove_prefix(begin + before.size());
    if (segment.empty() || segment.find('/') != std::string_view::npos) return std::nullopt;
    return percent_decoded(segment);
  }

  static std::optional<std::string> percent_decoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '%') {
        decoded += text[i];
        continue;
      }
      if (i + 2 >= text.size()) return std::nullopt;
      auto const high = digits.find(detail::to_lower(text[i + 1])), low = digits.find(detail::to_lower(text[i + 2]));
      if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
    return decoded;
  }

  /// One accepted session, token or bearer is required; one that is not accepted is an error.
  static bool is_authenticated(fake_service_options const& options, http_headers const& headers) {
    auto const is_accepted = [&](std::string_view credential) {
      return !credential.empty() &&
             (options.accepted_credentials.empty() || contains(options.accepted_credentials, credential));
    };
    auto const* session = find_header(headers, "X-SessionId");
    auto const* token = find_header(headers, "X-TokenId");
    auto const* authorization = find_header(headers, "Authorization");
    if (!session && !token && !authorization) return false;

    constexpr std::string_view bearer = "Bearer ";
    if (session && !is_accepted(*session)) return false;
    if (authorization &&
        (!authorization->starts_with(bearer) || !is_accepted(std::string_view(*authorization).substr(bearer.size()))))
      return false;
    if (!token) return true;
    auto const* origin = find_header(headers, "Origin");
    return is_accepted(*token) &&
           (options.token_origins.empty() || (origin && contains(options.token_origins, *origin)));
  }

  /// The problem of the body; empty if there is none.
  static std::string read(std::string_view body, order& out) {
    boost::system::error_code ec;
    auto const document = boost::json::parse(boost::json::string_view(body.data(), body.size()), ec);
    if (ec || !document.is_object()) return "the body is not a JSON object";

    for (auto const& [name, value] : document.get_object()) {
      if (name == "emailAddresses") {
        if (!read(value, out.email_addresses)) return "emailAddresses is not a list of non-empty strings";
      } else if (name == "subscriptionReferences") {
        if (!read(value, out.subscription_references))
          return "subscriptionReferences is not a list of non-empty strings";
      } else if (name == "expiryDate") {
        date_time expiry_date;
        if (!value.is_string() ||
            !date_time::try_parse({value.get_string().data(), value.get_string().size()}, expiry_date))
          return "expiryDate is not a date-time";
        out.expiry_date = expiry_date;
      } else {
        return "the body has a member that is not documented";
      }
    }
    return out.email_addresses.empty() ? "emailAddresses is missing" : "";
  }

  static bool read(boost::json::value const& value, std::vector<std::string>& out) {
    if (!value.is_array()) return false;
    for (auto const& element : value.get_array()) {
      if (!element.is_string() || element.get_string().empty()) return false;
      out.emplace_back(element.get_string().data(), element.get_string().size());
    }
    return !out.empty();
  }

  /// One '@' with text before it, and a dot inside the domain.
  static bool looks_like_an_address(std::string_view text) {
    auto const at = text.find('@');
    if (at == 0 || at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos) return false;
    auto const dot = text.find('.', at + 2);
    return dot != std::string_view::npos && dot + 1 < text.size();
  }

  static http_response invite(state& at, http_request const& request) {
    order order;
    if (auto const problem = read(request.body, order); !problem.empty())
      return refusal(400, "Request is invalid: " + problem);
    for (auto const& subscription : order.subscription_references)
      if (!contains(at.options.subscription_references, subscription)) return refusal(404, "Subscription not found");

    std::vector<std::string> invitations;
    std::vector<std::string> invalid;
    for (auto const& address : order.email_addresses) {
      ++at.deliveries[address];
      if (!looks_like_an_address(address) || contains(at.options.invalid_email_addresses, address)) {
        invalid.push_back(address);
      } else {
        at.invitations.push_back(make_invitation(at, order, address));
        invitations.push_back(json_of(at.invitations.back()));
      }
    }

    // Formatted like the reference, so that its example is reproduced exactly.
    std::string body = "{\n  \"validInvitations\": [";
    for (std::size_t i = 0; i < invitations.size(); ++i) body.append(i == 0 ? "\n" : ",\n").append(invitations[i]);
    body.append(invitations.empty() ? "]" : "\n  ]").append(",\n  \"invalidEmailAddresses\": ");
    body.append(list(invalid)).append("\n}");
    return {.status = 200, .headers = {{"Content-Type", "application/json; charset=utf-8"}}, .body = std::move(body)};
  }

  static invitation make_invitation(state const& at, order const& order, std::string const& address) {
    auto const known = at.options.invitation_references.find(address);
    return {.invitation_reference = known != at.options.invitation_references.end()
                                        ? known->second
                                        : "invitation" + std::to_string(at.invitations.size() + 1),
            .email_address = address,
            .status = invitation_status::pending_acceptance,
            .subscription_references = at.options.subscription_references,
            .expiry_date = order.expiry_date.value_or(at.options.default_expiry_date)};
  }

  static std::string json_of(invitation const& of) {
    std::string text = "    {";
    auto const member = [&text](std::string_view name, std::string_view json) {
      text.append(text.back() == '{' ? "\n" : ",\n").append("      \"").append(name).append("\": ").append(json);
    };
    auto const date = [](std::optional<date_time> const& time) {
      return quoted(time.value_or(date_time()).to_string());
    };
    member("invitationReference", quoted(of.invitation_reference));
    member("emailAddress", quoted(of.email_address));
    member("expiryDate", date(of.expiry_date));
    member("status", quoted(of.status.text()));
    member("subscriptionReferences", list(of.subscription_references));
    member("created", date(of.created));
    member("lastUpdated", date(of.last_updated));
    return text.append("\n    }");
  }

  static std::string quoted(std::string_view text) {
    std::string json = "\"";
    for (char c : text) {
      char escaped[6];
      if (detail::json_size(c) == 1)
        json += c;
      else
        json.append(escaped, detail::write_escaped(escaped, c));
    }
    return json.append("\"");
  }

  static std::string list(std::vector<std::string> const& texts) {
    std::string json = "[";
    for (auto const& text : texts) json.append(json.size() == 1 ? "" : ", ").append(quoted(text));
    return json.append("]");
  }

  std::shared_ptr<state> state_;
};

}  // namespace fictive::testing

#endif
