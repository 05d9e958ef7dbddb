#include <fictive/detail/http/url.hpp>

#include "fuzz/support/fuzz.hpp"

#include <boost/url/src.hpp>
#include <boost/url/url_view.hpp>

#include <string>
#include <string_view>

// A URL, read by this library and by Boost.URL; and any text, written as a segment of one.

namespace fuzz {

bool is_same(std::string_view ours, boost::core::string_view theirs) {
  return ours == std::string_view(theirs.data(), theirs.size());
}

void test(std::string_view input) {
  std::string segment;
  fictive::detail::append_path_segment(segment, input);
  boost::urls::url url("https://host/");
  require(segment.find_first_of("/?#") == std::string::npos, "a segment ends nothing");
  url.set_encoded_path("/" + segment);
  require(input.empty() || *url.segments().begin() == input, "a segment is read back");

  auto const ours = fictive::detail::split_url(input);
  if (!ours) return;
  auto const theirs = boost::urls::parse_uri(input);
  if (ours->has_user_info) return;  // refused, and not looked at
  require(theirs.has_value(), "a second parser accepts the URL");
  auto const host = theirs->encoded_host();
  // Boost.URL 1.81 ends a host behind four numbers, whatever follows.
  if (theirs->host_type() == boost::urls::host_type::ipv4 && host.size() < ours->host.size()) return;
  require(is_same(ours->scheme, theirs->scheme()) && is_same(ours->path, theirs->encoded_path()), "scheme and path");
  require(ours->host_is_ipv6 ? is_same("[" + std::string(ours->host) + "]", host) : is_same(ours->host, host),
          "the host");
  require(is_same(ours->port, theirs->port()), "the port");
  require(ours->query.empty() || is_same(ours->query.substr(1), theirs->encoded_query()), "the query");
  require(ours->fragment.empty() || is_same(ours->fragment.substr(1), theirs->encoded_fragment()), "the fragment");
  if (fictive::detail::is_loopback(*ours)) {
    auto const type = theirs->host_type();
    bool const is_ipv4 = type == boost::urls::host_type::ipv4 && theirs->host_ipv4_address().is_loopback();
    bool const is_ipv6 = type == boost::urls::host_type::ipv6 && theirs->host_ipv6_address().is_loopback();
    require(is_ipv4 || is_ipv6 || ours->host.size() == 9, "a loopback address, or localhost");
  }
}

}  // namespace fuzz
