#ifndef FICTIVE_TESTS_DIFFERENTIAL_RESPONSES_HPP
#define FICTIVE_TESTS_DIFFERENTIAL_RESPONSES_HPP

#include <fictive/fictive.hpp>

#include "support/mutator.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>

// Responses of a service that follows the contract, stretches it, or is hostile.

namespace differential {

/// The same number always generates the same response.
class response_generator {
 public:
  explicit response_generator(std::uint32_t number) : random_(number), damage_(number) {}

  fictive::http_response operator()() {
    fictive::http_response made;
    made.status = one_in(4) ? statuses[below(std::size(statuses))] : 200;
    if (!one_in(8)) made.headers.push_back({"Content-Type", any(content_types)});
    if (one_in(20)) made.headers.push_back({"content-encoding", any({"identity", "gzip", "br, gzip", "utf-8", ""})});
    if (one_in(8)) made.headers.push_back({"Retry-After", any(delays)});
    made.body = one_in(40) ? any(other_bodies) : response();
    if (one_in(2)) made.body = damage_(made.body);
    return made;
  }

 private:
  using choices = std::initializer_list<char const*>;

  static constexpr int statuses[] = {200, 201, 204, 299, 300, 301, 304, 307, 400, 401, 403, 404, 405, 409,
                                     412, 421, 422, 429, 499, 500, 502, 503, 504, 599, 100, 0,   600, 999};
  static constexpr choices content_types = {"application/json",
                                            "application/json; charset=utf-8",
                                            "APPLICATION/JSON ",
                                            "application/problem+json",
                                            "text/json,text/html",
                                            "text/html",
                                            "+json",
                                            ""};
  static constexpr choices delays = {"3",    "0.5", "2 seconds",  "soon", "", "Sun, 06 Nov 1994 08:49:37 GMT",
                                     "1, 2", "-1",  "99999999999"};
  static constexpr choices other_bodies = {"",   " \r\n",    "<html>no</html>", "null",
                                           "[]", "\"text\"", "\xEF\xBB\xBF{}",  "\x1f\x8b",
                                           "{}", "{} {}",    "1e999",           "{\"status\":\"FAILED\"}"};
  static constexpr choices names = {"jamie.muir@fictiveglobal.com",
                                    "josh.fogg@fictiveglobal.com",
                                    "JOSH.FOGG@fictiveglobal.com",
                                    "stranger@example.com",
                                    "a",
                                    ""};
  static constexpr choices times = {"2017-07-07T15:41:30",        "2017-07-03T11:31:41.0353603Z",
                                    "0001-01-01T00:00:00",        "9999-12-31T23:59:59.9999999",
                                    "2017-07-03 11:31:41+0200",   "2017-07-03t11:31:41.12345678901z",
                                    "/Date(1499442090000)/",      "/Date(-1+0100)/",
                                    "/Date(253402300799999-05)/", "2017-02-29T00:00:00",
                                    "2017-07-07T24:00:00",        "2016-12-31T23:59:60Z",
                                    "2017-07-07T15:41:30.+01:00", "2017-07-07",
                                    "0000-01-01T00:00:00",        "2017-07-07T15:41:30+24:00"};

  std::size_t below(std::size_t end) { return random_() % end; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  std::string any(choices all) { return all.begin()[below(all.size())]; }

  static std::string quoted(std::string const& text) { return '"' + text + '"'; }

  /// The name of a member, now and then in another case or with an escape.
  std::string name(std::string text) {
    if (one_in(6)) text[0] = static_cast<char>(text[0] & ~0x20);
    if (one_in(30))
      text = "\\u00" + std::string("0123456789abcdef").substr(static_cast<unsigned char>(text[0]) >> 4, 1) +
             std::string("0123456789abcdef").substr(text[0] & 15, 1) + text.substr(1);
    return quoted(text) + ':';
  }

  /// A value where the contract has none.
  std::string unexpected() {
    return any({"null", "7", "-0", "2.50", "1e3", "true", "\"\"", "\"text\"", "[]", "{}", "[null,[1],{\"a\":[]}]",
                "{\"$id\":\"1\",\"$values\":[\"x\"]}", "{\"$values\":null}", "{\"$ref\":\"1\"}", "\"\\ud83d\\ude00\"",
                "{\"validInvitations\":[]}", "123456789012345678901234567890"});
  }

  template <class Element>
  std::string list_of(Element element) {
    std::string text = "[";
    for (auto count = below(4); count > 0; --count) {
      text += one_in(20) ? unexpected() : element();
      if (count > 1) text += one_in(10) ? " , " : ",";
    }
    text += ']';
    return one_in(10) ? R"({"$id":"1","$values":)" + text + '}' : text;
  }

  std::string address() { return quoted(any(names)); }

  std::string invitation() {
    if (one_in(30)) return R"({"$ref":"2"})";
    std::string text = "{";
    auto const add = [&](char const* member, std::string const& value) {
      text += name(member) + (one_in(15) ? unexpected() : value) + ',';
      if (one_in(40)) text += name(member) + value + ',';
    };
    if (!one_in(40)) add("invitationReference", quoted("iafsraka6712kabc"));
    if (!one_in(40)) add("emailAddress", address());
    if (!one_in(3)) add("status", quoted("PendingAcceptance"));
    if (!one_in(3)) add("expiryDate", quoted(any(times)));
    if (one_in(3)) add("created", quoted(any(times)));
    if (one_in(3)) add("lastUpdated", quoted(any(times)));
    if (one_in(2)) add("subscriptionReferences", list_of([&] { return quoted(any({"asjdkas6712kabcd", "", "x"})); }));
    if (one_in(5)) add("unknown", unexpected());
    if (one_in(40)) add("$ref", quoted("3"));
    if (text.size() > 1) text.pop_back();
    return text + '}';
  }

  std::string response() {
    std::string text = one_in(30) ? "\xEF\xBB\xBF{" : "{";
    auto const add = [&](char const* member, std::string const& value) { text += name(member) + value + ','; };
    if (one_in(6)) add("unknown", unexpected());
    for (int i = 0; i < 2; ++i) {
      if (!one_in(6)) add("validInvitations", one_in(20) ? unexpected() : list_of([&] { return invitation(); }));
      if (!one_in(6)) add("invalidEmailAddresses", one_in(20) ? unexpected() : list_of([&] { return address(); }));
      if (!one_in(20)) break;
    }
    if (one_in(20)) add("deep", std::string(below(2) + 510, '[') + std::string(510, ']'));
    if (text.size() > 1 && text.back() == ',') text.pop_back();
    return text + '}';
  }

  std::mt19937 random_;
  mutator damage_;
};

}  // namespace differential

#endif
