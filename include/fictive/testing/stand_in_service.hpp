// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_TESTING_STAND_IN_SERVICE_HPP
#define FICTIVE_TESTING_STAND_IN_SERVICE_HPP

#include <fictive/config.hpp>
#include <fictive/date_time.hpp>
#include <fictive/detail/ascii.hpp>
#include <fictive/detail/json_writer.hpp>
#include <fictive/detail/untrusted_text.hpp>
#include <fictive/detail/url.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/transport.hpp>

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

/// What the stand-in knows. The default accepts every account group and every credential, and is such that the request
/// of the service's reference gets the response of the reference.
struct stand_in_options {
  /// The one account group there is; empty for any.
  std::string account_group_token = {};
  /// The session ids, token ids and bearer tokens that are accepted; empty for any that is not empty.
  std::vector<std::string> accepted_credentials = {};
  /// The origins that the token ids are bound to; empty for any, none included.
  std::vector<std::string> token_origins = {};
  /// The subscriptions of the group, listed by each invitation. Another one in a request is a 404.
  std::vector<std::string> subscription_references = {"asjdkas6712kabcd", "asjdkas6712kddeq", "asjdkas6712kewqq"};
  /// Addresses to refuse, besides those that do not look like one.
  std::vector<std::string> refused_addresses = {"jim.pimblett@fictiveglobal.com"};
  /// Of invitations to addresses that are listed here; the others are numbered.
  std::map<std::string, std::string, std::less<>> invitation_references = {
      {"jamie.muir@fictiveglobal.com", "iafsraka6712kabc"}, {"josh.fogg@fictiveglobal.com", "ibbsrata6r122abc"}};
  /// When invitations lapse whose request does not say. It reads no clock.
  date_time default_expiry_date = date_time::parse("2017-07-07T15:41:30");
};

/// The service's contract in memory: answers as the real one is documented to, and remembers what it was sent. It is a
/// transport, so a test needs no network:
///
///     fictive::testing::stand_in_service service;
///     fictive::client client{service, {.credentials = {.session_id = "any"}}};
///     …
///     REQUIRE(service.deliveries("jamie.muir@fictiveglobal.com") == 1);
///
/// It is stricter than the real service may be: it refuses unknown members in a request. As the real one, it is not
/// idempotent: the same request twice invites twice.
///
/// Copies are handles of one service. Thread-safe.
class stand_in_service {
 public:
  /// Accepts every group and every credential.
  stand_in_service() : stand_in_service(stand_in_options()) {}

  /// Knows what the options say.
  explicit stand_in_service(stand_in_options options) : state_(std::make_shared<state>()) {
    state_->options = std::move(options);
  }

  /// Answers a request; always with a response, never with an error. Only the URL's path counts.
  result<http_response> operator()(http_request const& request) const {
    std::lock_guard lock(state_->mutex);
    ++state_->requests;
    return answer(*state_, request);
  }

  /// How often this address was taken by the service, as invited or as refused: once for each time that it occurs in
  /// a request answered with 200. More than one is a double invitation.
  [[nodiscard]] std::size_t deliveries(std::string_view email_address) const {
    std::lock_guard lock(state_->mutex);
    auto const found = state_->deliveries.find(email_address);
    return found == state_->deliveries.end() ? 0 : found->second;
  }

  /// How many requests arrived, refused ones included.
  [[nodiscard]] std::size_t requests() const {
    std::lock_guard lock(state_->mutex);
    return state_->requests;
  }

 private:
  struct state {
    std::mutex mutex;
    stand_in_options options;
    std::size_t requests = 0;
    std::size_t invitations = 0;
    std::map<std::string, std::size_t, std::less<>> deliveries;
  };

  /// The body of a request that was understood.
  struct order {
    std::vector<std::string> email_addresses, subscription_references;
    std::optional<date_time> expiry_date;
  };

  static bool contains(std::vector<std::string> const& texts, std::string_view text) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
  }

  static http_response refusal(unsigned status, std::string_view reason) {
    return {.status = status, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = std::string(reason)};
  }

  static http_response answer(state& at, http_request const& request) {
    auto const group = group_of(request.url);
    if (!group || (!at.options.account_group_token.empty() && *group != at.options.account_group_token))
      return refusal(404, "Not found");
    if (request.method != "POST") return refusal(405, "Method not allowed");
    if (!find_header(request.headers, "Accept") || !detail::is_json_media_type(*find_header(request.headers, "Accept")))
      return refusal(406, "Not acceptable: accept application/json");
    if (!detail::announces_json(request.headers)) return refusal(415, "Unsupported media type: send application/json");
    if (!is_authenticated(at.options, request.headers))
      return refusal(403, "Unable to authenticate using the provided session.");
    if (auto const* version = find_header(request.headers, "X-Version"); version && version->empty())
      return refusal(400, "Request is invalid: X-Version is empty");

    order understood;
    if (auto const problem = read(request.body, understood); !problem.empty())
      return refusal(400, "Request is invalid: " + problem);
    for (auto const& subscription : understood.subscription_references)
      if (!contains(at.options.subscription_references, subscription)) return refusal(404, "Subscription not found");
    return invite(at, understood);
  }

  /// The decoded group token of `…/rest/api/accounts/groups/{token}/invites`.
  static std::optional<std::string> group_of(std::string_view url) {
    constexpr std::string_view before = "/rest/api/accounts/groups/", after = "/invites";
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

  /// A session, a token or a bearer: one that is accepted is enough, one that is not is too many.
  static bool is_authenticated(stand_in_options const& options, http_headers const& headers) {
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

  /// Returns what is wrong with the body; empty if nothing is.
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

  /// One '@' with something before it, and a dot amid what is behind it.
  static bool looks_like_an_address(std::string_view text) {
    auto const at = text.find('@');
    if (at == 0 || at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos) return false;
    auto const dot = text.find('.', at + 2);
    return dot != std::string_view::npos && dot + 1 < text.size();
  }

  static http_response invite(state& at, order const& order) {
    std::vector<std::string> invitations;
    std::vector<std::string> refused;
    for (auto const& address : order.email_addresses) {
      ++at.deliveries[address];
      if (!looks_like_an_address(address) || contains(at.options.refused_addresses, address))
        refused.push_back(address);
      else
        invitations.push_back(invitation(at, order, address));
    }

    // As the reference prints it, so that its example comes out to the letter.
    std::string body = "{\n  \"validInvitations\": [";
    for (std::size_t i = 0; i < invitations.size(); ++i) body.append(i == 0 ? "\n" : ",\n").append(invitations[i]);
    body.append(invitations.empty() ? "]" : "\n  ]").append(",\n  \"invalidEmailAddresses\": ");
    body.append(list(refused)).append("\n}");
    return {.status = 200, .headers = {{"Content-Type", "application/json; charset=utf-8"}}, .body = std::move(body)};
  }

  static std::string invitation(state& at, order const& order, std::string const& address) {
    ++at.invitations;
    auto const known = at.options.invitation_references.find(address);
    auto const reference =
        known != at.options.invitation_references.end() ? known->second : "invitation" + std::to_string(at.invitations);
    auto const not_set = date_time().to_string();
    std::string text = "    {";
    auto const member = [&text](std::string_view name, std::string_view json) {
      text.append(text.back() == '{' ? "\n" : ",\n").append("      \"").append(name).append("\": ").append(json);
    };
    member("invitationReference", quoted(reference));
    member("emailAddress", quoted(address));
    member("expiryDate", quoted(order.expiry_date.value_or(at.options.default_expiry_date).to_string()));
    member("status", quoted("PendingAcceptance"));
    member("subscriptionReferences", list(at.options.subscription_references));
    member("created", quoted(not_set));
    member("lastUpdated", quoted(not_set));
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
