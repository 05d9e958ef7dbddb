#include <fictive/fictive.hpp>
#if __has_include(<fictive/detail/http/url.hpp>)  // else it is in fictive.hpp
#include <fictive/detail/http/url.hpp>
#endif

#include "support/catch.hpp"

#include <string>
#include <string_view>

namespace url_tests {

using fictive::detail::split_url;

TEST_CASE("a port is 1 to 65535", "[url]") {
  CHECK(split_url("http://host:1").value().port == "1");
  CHECK(split_url("http://host:65535").value().port == "65535");
  CHECK(!split_url("http://host:0"));
  CHECK(!split_url("http://host:65536"));
  CHECK(!split_url("http://host:655350"));
}

TEST_CASE("an IPv6 address may end with an IPv4 address", "[url]") {
  CHECK(split_url("http://[::ffff:127.0.0.1]").value().host == "::ffff:127.0.0.1");
  CHECK(!split_url("http://[::127.0.0.1:ffff]"));
  CHECK(!split_url("http://[::ffff:127.0.0]"));
  CHECK(!split_url("http://[::ffff:127.0.0.1.1]"));
}

TEST_CASE("a path may end with a percent-encoded byte", "[url]") {
  CHECK(split_url("http://host/a%41").value().path == "/a%41");
  CHECK(!split_url("http://host/a%4"));
}

TEST_CASE("a segment of a path ends with its text", "[url]") {
  std::string out;
  fictive::detail::append_path_segment(out, std::string_view("a/bc").substr(0, 3));
  CHECK(out == "a%2Fb");
}

}  // namespace url_tests
