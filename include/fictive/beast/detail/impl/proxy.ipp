// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_PROXY_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_PROXY_IPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/proxy.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/wipe.hpp>
#include <fictive/transport.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace FICTIVE_BEAST_NAMESPACE::detail {

// --- The proxy's URL -------------------------------------------------------------------------------------------------

/// Nothing if a '%' is not followed by two hexadecimal digits, or if there is a control character.
FICTIVE_DECL std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());  // so that no copy is left behind
  while (!text.empty()) {
    auto c = static_cast<unsigned char>(text.front());
    std::size_t size = 1;
    if (c == '%') {
      auto const digits = text.substr(1, 2);
      auto const [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), c, 16);
      size = ec == std::errc() && end == text.data() + 3 ? 3 : 0;
    }
    if (size == 0 || c < 0x20 || c == 0x7f) {
      fictive::detail::wipe(decoded);
      return std::nullopt;
    }
    decoded.push_back(static_cast<char>(c));
    text.remove_prefix(size);
  }
  return decoded;
}

FICTIVE_DECL std::string base64(std::string_view text) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string encoded;
  encoded.reserve((text.size() + 2) / 3 * 4);
  for (; !text.empty(); text.remove_prefix((std::min<std::size_t>)(3, text.size()))) {
    unsigned group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0);
    for (std::size_t i = 0; i < 4; ++i) encoded.push_back(i <= text.size() ? digits[group >> (18 - 6 * i) & 63] : '=');
  }
  return encoded;
}

/// The value of Proxy-Authorization (RFC 7617); empty if the user info cannot be used.
FICTIVE_DECL secret basic_authorization(std::string_view user_info) {
  auto const colon = (std::min)(user_info.find(':'), user_info.size());
  auto user = percent_decoded(user_info.substr(0, colon));
  auto password = percent_decoded(user_info.substr((std::min)(colon + 1, user_info.size())));
  secret value;
  if (user && password && !user->empty() && user->find(':') == std::string::npos) {
    std::string joined;
    joined.reserve(user->size() + 1 + password->size());
    joined.append(*user).append(":").append(*password);
    auto encoded = base64(joined);
    std::string text;
    text.reserve(encoded.size() + 6);
    text.append("Basic ").append(encoded);
    value = text;
    for (auto* one : {&joined, &encoded, &text}) fictive::detail::wipe(*one);
  }
  if (user) fictive::detail::wipe(*user);
  if (password) fictive::detail::wipe(*password);
  return value;
}

FICTIVE_DECL result<proxy_settings> parse_proxy(std::string_view url) {
  auto const parts = fictive::detail::split_url(url);
  if (!parts)
    return fictive::detail::refused(
        "the proxy's URL is not like http://user:password@host:port, with http or https: percent-encode special "
        "characters of user and password");
  if (parts->port.empty()) return fictive::detail::refused("the proxy's URL has no port: give host and port");
  if (parts->path.size() > 1 || !parts->query.empty() || !parts->fragment.empty())
    return fictive::detail::refused("the proxy's URL has a path: give only host and port");
  proxy_settings proxy{parts->is_https(), std::string(parts->host), std::string(parts->port)};
  if (parts->has_user_info) {
    auto const begin = url.find("://") + 3;
    proxy.authorization = basic_authorization(url.substr(begin, url.rfind('@') - begin));
    if (proxy.authorization.empty())
      return fictive::detail::refused(
          "user or password of the proxy's URL cannot be used: give both, percent-encoded, the user without a colon");
  }
  return proxy;
}

// --- The environment -------------------------------------------------------------------------------------------------

/// Whether `entry`, an address or a network as in "10.0.0.0/8", contains the address.
FICTIVE_DECL bool network_contains(std::string_view entry, boost::asio::ip::address const& address) {
  auto const bytes_of = [](boost::asio::ip::address const& one) {
    if (one.is_v6()) {
      auto const bytes = one.to_v6().to_bytes();
      return std::string(bytes.begin(), bytes.end());
    }
    auto const bytes = one.to_v4().to_bytes();
    return std::string(bytes.begin(), bytes.end());
  };
  auto const slash = entry.find('/');
  auto text = entry.substr(0, slash);
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  boost::system::error_code ec;
  auto const network = boost::asio::ip::make_address(std::string(text), ec);
  if (ec || network.is_v6() != address.is_v6()) return false;
  auto const one = bytes_of(network), other = bytes_of(address);
  std::size_t bits = one.size() * 8;
  if (slash != std::string_view::npos) {
    auto const digits = entry.substr(slash + 1);
    auto const [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (problem != std::errc() || end != digits.data() + digits.size() || bits > one.size() * 8) return false;
  }
  for (std::size_t i = 0; i < bits; ++i)
    if (((one[i / 8] ^ other[i / 8]) >> (7 - i % 8) & 1) != 0) return false;
  return true;
}

/// Whether `entry`, "host", "host:port", ".domain" or a network, matches.
FICTIVE_DECL bool entry_matches(std::string_view entry, std::string_view host, std::string_view port) {
  if (entry == "*") return true;
  boost::system::error_code not_an_address;
  auto const address = boost::asio::ip::make_address(std::string(host), not_an_address);
  if (!not_an_address && network_contains(entry, address)) return true;

  auto const colon = entry.rfind(':');
  if (colon != std::string_view::npos && fictive::detail::is_port(entry.substr(colon + 1))) {
    bool const is_address = entry.find(':') != colon && !entry.substr(0, colon).ends_with(']');  // of IPv6
    if (!is_address)
      return entry.substr(colon + 1) == port && colon > 0 && entry_matches(entry.substr(0, colon), host, port);
  }
  if (!not_an_address) return false;

  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.ends_with('.')) entry.remove_suffix(1);
  if (host.ends_with('.')) host.remove_suffix(1);
  if (entry.empty() || entry.size() > host.size()) return false;
  auto const before = host.size() - entry.size();
  return fictive::detail::equals_ignoring_case(host.substr(before), entry) && (before == 0 || host[before - 1] == '.');
}

FICTIVE_DECL bool bypasses_proxy(fictive::detail::url_parts const& url, std::string_view list) {
  constexpr std::string_view separators = ", \t";
  while (!list.empty()) {
    auto const entry = list.substr(0, list.find_first_of(separators));
    list.remove_prefix((std::min)(entry.size() + 1, list.size()));
    if (!entry.empty() && entry_matches(entry, url.host, url.port_or_default())) return true;
  }
  return false;
}

FICTIVE_DECL result<secret> proxy_from(std::string_view base_url,
                                       std::function<char const*(char const* name)> const& variable) {
  auto const url = fictive::detail::split_url(base_url);
  if (!url) return fictive::detail::refused("base_url is not an http or https URL");
  // The value of the first that is set and not empty.
  auto const first_of = [&variable](std::initializer_list<char const*> names) {
    for (auto const* name : names)
      if (auto const* value = variable(name); value && *value) return std::string_view(value);
    return std::string_view();
  };
  if (bypasses_proxy(*url, first_of({"no_proxy", "NO_PROXY"}))) return secret();
  // Not HTTP_PROXY: in a CGI program, it would be the header "Proxy" of the request that the program serves.
  auto proxy = url->is_https() ? first_of({"https_proxy", "HTTPS_PROXY"}) : first_of({"http_proxy"});
  if (proxy.empty()) proxy = first_of({"all_proxy", "ALL_PROXY"});
  if (proxy.empty()) return secret();

  bool const has_scheme = proxy.find("://") != std::string_view::npos;
  std::string text;
  text.reserve(proxy.size() + 7);
  text.append(has_scheme ? "" : "http://").append(proxy);
  secret found(text);
  fictive::detail::wipe(text);
  auto const parsed = parse_proxy(found.reveal());
  if (!parsed) return parsed.error();
  return found;
}

// --- Responses to CONNECT --------------------------------------------------------------------------------------------

/// Some proxies answer 401 instead of 407 to wrong credentials.
constexpr bool refuses_credentials(int status) noexcept {
  return status == 401 || status == 407;
}

/// The values are statuses.
class connect_category final : public std::error_category {
 public:
  [[nodiscard]] char const* name() const noexcept override { return "fictive.proxy"; }
  [[nodiscard]] std::string message(int status) const override {
    return "the proxy answered CONNECT with status " + std::to_string(status);
  }
  [[nodiscard]] std::error_condition default_error_condition(int status) const noexcept override {
    return status == 403 || refuses_credentials(status) ? std::errc::permission_denied : std::errc::connection_refused;
  }
};

FICTIVE_DECL std::error_code connect_refused(int status) noexcept {
  static connect_category const category;
  return {status, category};
}

FICTIVE_DECL char const* connect_problem(std::error_code const& ec) noexcept {
  if (ec.category() != connect_refused(0).category()) return nullptr;
  if (refuses_credentials(ec.value()))
    return "the proxy requires other credentials: check user and password of options.proxy";
  return ec.value() == 403 ? "the proxy does not allow connections to this host and port"
                           : "the proxy could not connect to the server";
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
