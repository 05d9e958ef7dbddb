// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_HTTP_URL_HPP
#define FICTIVE_DETAIL_HTTP_URL_HPP

#include <fictive/config.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/character_set.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// The part of RFC 3986 that http and https URLs need.

namespace fictive::detail {

/// The parts of an absolute URL, as views of its text.
struct url_parts {
  std::string_view scheme = {};    ///< in any case
  std::string_view host = {};      ///< without the brackets of an IPv6 literal
  std::string_view port = {};      ///< empty if not given
  std::string_view path = {};      ///< empty or with the leading '/'
  std::string_view query = {};     ///< with the leading '?'
  std::string_view fragment = {};  ///< with the leading '#'
  bool host_is_ipv6 = false;
  bool has_user_info = false;  ///< the user info itself is dropped

  [[nodiscard]] constexpr bool is_https() const noexcept { return equals_ignoring_case(scheme, "https"); }
  [[nodiscard]] constexpr std::string_view port_or_default() const noexcept {
    return !port.empty() ? port : is_https() ? "443" : "80";
  }
};

constexpr bool is_port(std::string_view text) noexcept {
  unsigned value = 0;
  for (char c : text) {
    if (!is_digit(c) || value > 65535) return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value >= 1 && value <= 65535;
}

inline constexpr character_set host_characters("-._~");

/// Four numbers up to 255, without leading zeros.
constexpr bool is_ipv4_address(std::string_view text) noexcept {
  for (int part = 0; part < 4; ++part) {
    auto const number = text.substr(0, part < 3 ? text.find('.') : text.size());
    if (number.empty() || number.size() > 3 || (number.size() > 1 && number.front() == '0')) return false;
    int value = 0;
    for (char c : number) {
      if (!is_digit(c)) return false;
      value = value * 10 + (c - '0');
    }
    if (value > 255 || (part < 3 && number.size() == text.size())) return false;
    text.remove_prefix((std::min)(number.size() + 1, text.size()));
  }
  return true;
}

/// The text of an IPv6 address (RFC 4291, section 2.2), without a zone.
constexpr bool is_ipv6_address(std::string_view text) noexcept {
  std::size_t groups = 0;
  bool has_gap = text.starts_with("::");
  if (has_gap) text.remove_prefix(2);
  while (!text.empty()) {
    auto const group = text.substr(0, text.find(':'));
    if (group.size() == text.size() && is_ipv4_address(group)) {
      groups += 2;
      break;
    }
    if (group.empty() || group.size() > 4 ||
        group.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos)
      return false;
    ++groups;
    text.remove_prefix(group.size());
    if (text.empty()) break;
    text.remove_prefix(1);
    if (text.empty() || (text.front() == ':' && has_gap)) return false;
    if (text.front() != ':') continue;
    has_gap = true;
    text.remove_prefix(1);
  }
  return has_gap ? groups < 8 : groups == 8;
}

/// A name has a letter or a digit, and no empty labels except for the one after a trailing dot (the root).
constexpr bool is_host(std::string_view text, bool ipv6) noexcept {
  if (ipv6) return is_ipv6_address(text);
  bool const has_alphanumeric = std::any_of(text.begin(), text.end(), is_alphanumeric);
  return has_alphanumeric && text.front() != '.' && text.find("..") == std::string_view::npos &&
         host_characters.has_all_of(text);
}

/// The characters of a path, a query or a fragment, and those that separate them (RFC 3986).
inline constexpr character_set url_characters("!#$%&'()*+,-./:;=?@_~");

/// Whether a path, query or fragment contains only URL characters, and '%' only before two hexadecimal digits.
constexpr bool is_url_text(std::string_view text) noexcept {
  constexpr std::string_view hexadecimal = "0123456789abcdef";
  if (!url_characters.has_all_of(text)) return false;
  for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (text.size() - at < 3) return false;
    for (char digit : text.substr(at + 1, 2))
      if (hexadecimal.find(to_lower(digit)) == std::string_view::npos) return false;
  }
  return true;
}

/// The parts of `url`; nothing if it is not an absolute http or https URL with a host.
constexpr std::optional<url_parts> split_url(std::string_view url) noexcept {
  url_parts parts;

  auto const scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  parts.scheme = url.substr(0, scheme_end);
  if (!parts.is_https() && !equals_ignoring_case(parts.scheme, "http")) return std::nullopt;
  url.remove_prefix(scheme_end + 3);

  auto const take_from = [&url](std::size_t begin) {
    auto const taken = begin == std::string_view::npos ? std::string_view() : url.substr(begin);
    url = url.substr(0, begin);
    return taken;
  };
  parts.fragment = take_from(url.find('#'));
  parts.query = take_from(url.find('?'));
  parts.path = take_from(url.find('/'));
  if (!is_url_text(parts.path) || !is_url_text(parts.query) || !is_url_text(parts.fragment)) return std::nullopt;
  if (parts.fragment.find('#', 1) != std::string_view::npos) return std::nullopt;

  if (auto const at = url.rfind('@'); at != std::string_view::npos) {
    parts.has_user_info = true;
    url.remove_prefix(at + 1);
  }

  parts.host_is_ipv6 = url.starts_with('[');
  if (parts.host_is_ipv6) {
    auto const end = url.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    parts.host = url.substr(1, end - 1);
    url.remove_prefix(end + 1);
  } else {
    auto const end = url.find(':');
    parts.host = url.substr(0, end);
    url.remove_prefix(parts.host.size());
  }
  if (!is_host(parts.host, parts.host_is_ipv6)) return std::nullopt;

  if (url.empty()) return parts;
  parts.port = url.substr(1);
  if (url.front() != ':' || !is_port(parts.port)) return std::nullopt;
  return parts;
}

/// `127.0.0.0/8` in its strict form, `::1` and `localhost` (RFC 6761: always loopback).
constexpr bool is_loopback(url_parts const& url) noexcept {
  if (url.host_is_ipv6) return url.host == "::1";
  if (equals_ignoring_case(url.host, "localhost")) return true;
  return url.host.starts_with("127.") && is_ipv4_address(url.host);
}

/// Whether a segment of `path` is `.` or `..`, percent-encoded or not: servers resolve such a path to another one.
constexpr bool has_dot_segment(std::string_view path) noexcept {
  while (!path.empty()) {
    path.remove_prefix(1);  // the '/'
    auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    std::size_t dots = 0;
    bool only_dots = !segment.empty();
    while (!segment.empty() && only_dots) {
      std::size_t const size = segment.front() == '.' ? 1 : equals_ignoring_case(segment.substr(0, 3), "%2e") ? 3 : 0;
      only_dots = size != 0;
      segment.remove_prefix(size);
      ++dots;
    }
    if (only_dots && dots <= 2) return true;
  }
  return false;
}

/// Percent-encodes reserved characters (RFC 3986, section 2.3), so that `text` is one path segment.
inline void append_path_segment(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  while (!text.empty()) {
    std::size_t unreserved = 0;
    while (unreserved < text.size() && is_unreserved(text[unreserved])) ++unreserved;
    out.append(text.substr(0, unreserved));
    if (unreserved == text.size()) return;
    auto const byte = static_cast<unsigned char>(text[unreserved]);
    out.append({'%', digits[byte >> 4], digits[byte & 0xF]});
    text.remove_prefix(unreserved + 1);
  }
}

}  // namespace fictive::detail

#endif
