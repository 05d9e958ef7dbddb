#include <fictive/beast.hpp>

#include "support/catch.hpp"

#if __has_include(<fictive/beast/detail/proxy.hpp>)
#include <fictive/beast/detail/proxy.hpp>
#endif

#include <map>
#include <string>
#include <string_view>

namespace proxy_settings_tests {

using fictive::errc;
using fictive::beast::detail::bypasses_proxy;
using fictive::beast::detail::parse_proxy;

namespace {

std::string proxy_for(std::string_view url, std::map<std::string, std::string> const& variables) {
  auto const found = fictive::beast::detail::proxy_from(url, [&](char const* name) -> char const* {
    auto const at = variables.find(name);
    return at == variables.end() ? nullptr : at->second.c_str();
  });
  return found ? std::string(found->reveal()) : "error: " + found.error().message;
}

}  // namespace

TEST_CASE("a proxy's URL has host and port, and may have user and password", "[beast][proxy]") {
  struct row {
    char const* url;
    bool is_https;
    char const* host;
    char const* authorization;
  };
  auto const [url, is_https, host, authorization] = GENERATE(values<row>({
      {"http://proxy.example:3128", false, "proxy.example", ""},
      {"HTTPS://proxy.example:3128/", true, "proxy.example", ""},
      {"http://[2001:db8::1]:3128", false, "2001:db8::1", ""},
      {"http://Aladdin:open%20sesame@proxy.example:3128", false, "proxy.example", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
      {"http://user:@proxy.example:3128", false, "proxy.example", "Basic dXNlcjo="},
      {"http://user@proxy.example:3128", false, "proxy.example", "Basic dXNlcjo="},
      {"http://u:a:b%40c@proxy.example:3128", false, "proxy.example", "Basic dTphOmJAYw=="},
  }));
  INFO(url);
  auto const parsed = parse_proxy(url);
  REQUIRE(parsed);
  CHECK(parsed->is_https == is_https);
  CHECK(parsed->host == host);
  CHECK(parsed->port == "3128");
  CHECK(parsed->authorization.reveal() == authorization);
}

TEST_CASE("a proxy's URL that cannot be used is an invalid argument that repeats nothing of it", "[beast][proxy]") {
  auto const url =
      GENERATE("", "sesame.example:3128", "socks5://sesame.example:1080", "http://sesame.example",
               "http://sesame.example:0", "http://sesame.example:3128/path", "http://sesame.example:3128?q",
               "http://user:sesame%2@proxy.example:3128", "http://user:sesame%0A@proxy.example:3128",
               "http://:sesame@proxy.example:3128", "http://a%3Ab:sesame@proxy.example:3128",
               "http://user:ses/ame@proxy.example:3128", "http://user:sesame%zz@proxy.example:3128");
  INFO(url);
  auto const parsed = parse_proxy(url);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == errc::invalid_argument);
  CHECK(parsed.error().message.find("proxy") != std::string::npos);
  CHECK(parsed.error().message.find("sesame") == std::string::npos);
}

TEST_CASE("the entries of NO_PROXY", "[beast][proxy]") {
  struct row {
    char const* list;
    char const* url;
    bool matches;
  };
  auto const [list, url, matches] = GENERATE(values<row>({
      {"", "https://service.example", false},
      {"*", "https://service.example", true},
      {"other.example, *", "https://service.example", true},
      {"service.example", "https://service.example", true},
      {"SERVICE.example", "https://service.EXAMPLE", true},
      {"service.example.", "https://service.example", true},
      {"service.example", "https://service.example.", true},
      {"example", "https://service.example", true},
      {".example", "https://service.example", true},
      {".service.example", "https://service.example", true},
      {"*.example", "https://service.example", false},
      {"vice.example", "https://service.example", false},
      {"a.service.example", "https://service.example", false},
      {"one.example,,service.example", "https://service.example", true},
      {"one.example service.example", "https://service.example", true},
      {"service.example:443", "https://service.example", true},
      {"service.example:8443", "https://service.example", false},
      {".example:8443", "https://service.example:8443", true},
      {":443", "https://service.example", false},
      {".", "https://service.example", false},
      {"192.0.2.1", "https://192.0.2.1", true},
      {"192.0.2.1:443", "https://192.0.2.1", true},
      {"192.0.2.1:80", "https://192.0.2.1", false},
      {"2.1", "https://192.0.2.1", false},
      {"192.0.2.0/24", "https://192.0.2.1", true},
      {"192.0.2.0/31", "https://192.0.2.1", true},
      {"192.0.2.0/32", "https://192.0.2.1", false},
      {"0.0.0.0/0", "https://192.0.2.1", true},
      {"192.0.2.0/33", "https://192.0.2.1", false},
      {"192.0.2.0/", "https://192.0.2.1", false},
      {"192.0.2.0/2x", "https://192.0.2.1", false},
      {"10.0.0.0/8", "https://192.0.2.1", false},
      {"192.0.2.0/24", "https://service.example", false},
      {"2001:db8::1", "https://[2001:db8::1]", true},
      {"2001:DB8:0::1", "https://[2001:db8::1]", true},
      {"[2001:db8::1]", "https://[2001:db8::1]", true},
      {"[2001:db8::1]:443", "https://[2001:db8::1]", true},
      {"[2001:db8::1]:80", "https://[2001:db8::1]", false},
      {"2001:db8::2", "https://[2001:db8::1]", false},
      {"2001:db8::/32", "https://[2001:db8::1]", true},
      {"2001:db9::/32", "https://[2001:db8::1]", false},
      {"::/0", "https://192.0.2.1", false},
  }));
  INFO(list << " and " << url);
  CHECK(bypasses_proxy(*fictive::detail::split_url(url), list) == matches);
}

TEST_CASE("the environment's variables are those of curl", "[beast][proxy]") {
  CHECK(proxy_for("https://service.example", {}) == "");
  CHECK(proxy_for("https://service.example", {{"HTTPS_PROXY", "http://a:1"}}) == "http://a:1");
  CHECK(proxy_for("https://service.example", {{"HTTPS_PROXY", "http://a:1"}, {"https_proxy", "http://b:1"}}) ==
        "http://b:1");
  CHECK(proxy_for("https://service.example", {{"HTTPS_PROXY", "http://a:1"}, {"https_proxy", ""}}) == "http://a:1");
  CHECK(proxy_for("https://service.example", {{"http_proxy", "http://a:1"}}) == "");
  CHECK(proxy_for("http://service.example", {{"http_proxy", "http://a:1"}}) == "http://a:1");
  CHECK(proxy_for("http://service.example", {{"HTTP_PROXY", "http://a:1"}}) == "");
  CHECK(proxy_for("http://service.example", {{"HTTPS_PROXY", "http://a:1"}}) == "");
  CHECK(proxy_for("http://service.example", {{"ALL_PROXY", "http://a:1"}}) == "http://a:1");
  CHECK(proxy_for("http://service.example", {{"ALL_PROXY", "http://a:1"}, {"all_proxy", "b:1"}}) == "http://b:1");
  CHECK(proxy_for("https://service.example", {{"ALL_PROXY", "http://a:1"}, {"https_proxy", "http://b:1"}}) ==
        "http://b:1");
  CHECK(proxy_for("https://service.example", {{"ALL_PROXY", "a:1"}, {"NO_PROXY", "service.example"}}) == "");
  CHECK(proxy_for("https://service.example", {{"ALL_PROXY", "a:1"}, {"no_proxy", "x"}, {"NO_PROXY", "*"}}) ==
        "http://a:1");
  CHECK(proxy_for("https://service.example", {{"ALL_PROXY", "socks5://sesame:1"}}).starts_with("error: the proxy's"));
  CHECK(proxy_for("no URL", {{"ALL_PROXY", "a:1"}}).starts_with("error: base_url"));
}

}  // namespace proxy_settings_tests
