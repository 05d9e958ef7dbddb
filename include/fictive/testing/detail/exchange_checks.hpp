// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_TESTING_DETAIL_EXCHANGE_CHECKS_HPP
#define FICTIVE_TESTING_DETAIL_EXCHANGE_CHECKS_HPP

#include <fictive/config.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/http.hpp>
#include <fictive/testing/detail/misbehaving_server.hpp>
#include <fictive/testing/detail/trial.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// What is sent and what is returned when all goes well.

namespace fictive::detail::conformance {

/// All values of the headers of this name, in order.
inline std::vector<std::string> values_of(http_headers const& headers, std::string_view name) {
  std::vector<std::string> values;
  for (auto const& header : headers)
    if (equals_ignoring_case(header.name, name)) values.push_back(header.value);
  return values;
}

inline std::string listed(std::vector<std::string> const& values) {
  std::string text;
  for (auto const& value : values) text.append(text.empty() ? "\"" : ", \"").append(value).append("\"");
  return values.empty() ? "nothing" : text;
}

inline void expect_headers(trial& at, http_headers const& expected, http_headers const& actual) {
  for (auto const& header : expected) {
    auto const wanted = values_of(expected, header.name), got = values_of(actual, header.name);
    at.expect(wanted == got, "expected the header " + header.name + " with " + listed(wanted) + ", got " + listed(got));
  }
}

inline void expect_arrived(trial& at, http_request const& sent, misbehaving_server const& server) {
  auto const requests = server.seen().requests();
  if (requests.size() != 1) return at.fail(std::to_string(requests.size()) + " requests arrived, not one");
  auto const& arrived = requests.front();
  at.expect(arrived.method == sent.method, "expected the method " + sent.method + ", got " + arrived.method);
  at.expect(server.url() + arrived.target == sent.url, "expected the target of the URL, got " + arrived.target);
  at.expect(arrived.version == "HTTP/1.1", "expected HTTP/1.1, got " + arrived.version);
  at.expect(arrived.body == sent.body, "the body has changed: " + std::to_string(arrived.body.size()) +
                                           " bytes instead of " + std::to_string(sent.body.size()));
  expect_headers(at, sent.headers, arrived.headers);
  expect_headers(at, {{"Host", server.authority()}}, arrived.headers);
  if (!sent.body.empty()) expect_headers(at, {{"Content-Length", std::to_string(sent.body.size())}}, arrived.headers);
  for (auto const& header : arrived.headers) {
    bool const is_the_transports = equals_ignoring_case(header.name, "Host") ||
                                   equals_ignoring_case(header.name, "Content-Length") ||
                                   equals_ignoring_case(header.name, "Connection");
    at.expect(is_the_transports || find_header(sent.headers, header.name), "added the header " + header.name);
  }
}

inline void expect_request_arrives_unchanged(checking& check, server_options const& how) {
  check.trial([&](trial& at) {
    auto& server = at.serve(serve_well, how);
    auto request = at.request_to(server);
    request.headers.push_back({"X-Twice", "first"});
    request.headers.push_back({"X-Twice", "second"});
    at.expect_own_answer(at.send(request));
    expect_arrived(at, request, server);
  });
}

inline void request_arrives_unchanged(checking& check) {
  expect_request_arrives_unchanged(check, {});
}

inline void target_is_sent_unchanged(checking& check) {
  check.trial([](trial& at) {
    auto& server = at.serve(serve_well);
    auto request = at.request_to(server);
    request.url += "/a%2Fb%20%C3%A9/./x/../%2e%2e/;c=d,e'(f)*!$&+@:/~?query=1&empty=&q=%20+/?";
    at.expect_own_answer(at.send(request));
    expect_arrived(at, request, server);
  });
}

inline void any_method_is_sent(checking& check) {
  for (std::string const method : {"GET", "PUT", "PATCH", "DELETE"})
    check.trial(method, [&](trial& at) {
      auto& server = at.serve(serve_well);
      auto request = at.request_to(server);
      request.method = method;
      if (method == "GET" || method == "DELETE") request.body.clear();
      at.expect_own_answer(at.send(request));
      expect_arrived(at, request, server);
    });
}

inline void header_values_arrive_unchanged(checking& check) {
  check.trial([](trial& at) {
    auto& server = at.serve(serve_well);
    auto request = at.request_to(server);
    request.headers.push_back({"X-Punctuation", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"});
    request.headers.push_back({"X-Spaces", "two  spaces, \"and a quoted one\"; q=0"});
    request.headers.push_back({"X-Text", "Zo\xC3\xAB \xE2\x82\xAC"});
    request.headers.push_back({"X-Percent", "%0d%0a%20%s%n"});
    request.headers.push_back({"X-Empty", ""});
    request.headers.push_back({"X-Long", std::string(4000, 'x')});
    at.expect_own_answer(at.send(request));
    expect_arrived(at, request, server);
  });
}

inline void large_request_arrives_completely(checking& check) {
  check.trial([](trial& at) {
    auto& server = at.serve(serve_well);
    auto request = at.request_to(server);
    for (std::size_t i = 0; i < 1024 * 1024; ++i) request.body += static_cast<char>('a' + i * i % 23);
    at.expect_own_answer(at.send(request));
    expect_arrived(at, request, server);
  });
}

inline void every_status_is_a_response(checking& check) {
  for (int const status : {200, 201, 202, 299, 300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 407, 408,
                           409, 412, 413, 415, 417, 421, 425, 429, 451, 499, 500, 501, 502, 503, 504, 511, 599})
    check.trial("status " + std::to_string(status), [&](trial& at) {
      http_headers const headers = {{"Content-Type", "text/plain"},
                                    {"WWW-Authenticate", "Basic realm=\"a\", Digest realm=\"b\", nonce=\"c\""},
                                    {"Proxy-Authenticate", "Basic realm=\"a\""},
                                    {"Retry-After", "0"},
                                    {"X-Request-Id", "request"}};
      auto& server = at.serve(answering(response_text(status, headers, "some text")));
      auto const& sent = at.send(at.request_to(server));
      at.expect_answer(sent, status, "some text");
      if (sent.reply) expect_headers(at, headers, sent.reply->headers);
    });
}

inline void every_header_is_returned(checking& check) {
  check.trial([](trial& at) {
    http_headers const headers = {{"Content-Type", "application/json; charset=utf-8"},
                                  {"X-Twice", "first"},
                                  {"Set-Cookie", "a=b; Path=/; Expires=Wed, 01 Jan 2031 00:00:00 GMT"},
                                  {"x-twice", "second"},
                                  {"Set-Cookie", "c=d"},
                                  {"Warning", "199 - \"a, b\""},
                                  {"X-Empty", ""},
                                  {"X-Text", "Zo\xC3\xAB"},
                                  {"Server", "!#$%&'*+-.^_`|~ (a:b;c)"}};
    auto& server = at.serve(answering(response_text(200, headers, "{}")));
    auto const& sent = at.send(at.request_to(server));
    at.expect_answer(sent, 200, "{}");
    if (sent.reply) expect_headers(at, headers, sent.reply->headers);
  });
}

/// After the response, the server closes the connection or keeps it open.
inline void expect_body(checking& check, std::string const& name, std::string const& response, int status,
                        std::string const& body, bool closes = false) {
  check.trial(name, [&](trial& at) {
    auto& server = at.serve_stalling(at_first([&](peer& client) {
      client.read_request();
      client.send(response);
      if (closes) return;
      serve_well(client);
    }));
    at.expect_answer(at.send(at.short_request_to(server)), status, body);
    at.expect_recovery(server);
  });
}

inline void body_is_read_to_its_end(checking& check) {
  expect_body(check, "Content-Length", response_text(200, {}, "some text"), 200, "some text");
  expect_body(check, "zero bytes", response_text(200, {}, std::string("a\0b", 3)), 200, std::string("a\0b", 3));
  expect_body(check, "chunked",
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
              "5\r\nsome \r\n0004;name=\"value\"\r\ntext\r\n0\r\n\r\n",
              200, "some text");
  expect_body(check, "until the end of the connection", "HTTP/1.1 200 OK\r\n\r\nsome text", 200, "some text", true);
  expect_body(check, "HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nsome text", 200, "some text", true);
}

/// A trailer that is merged into the headers could change the outcome: here, 503 would become safe to retry.
inline void trailers_are_ignored(checking& check) {
  check.trial([](trial& at) {
    auto& server = at.serve_stalling(at_first([](peer& client) {
      client.read_request();
      client.send(
          "HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n"
          "A\r\nsome text.\r\n0\r\nRetry-After: 0\r\nX-Trailer: a\r\n\r\n");
      serve_well(client);
    }));
    auto const& sent = at.send(at.short_request_to(server));
    at.expect_answer(sent, 503, "some text.");
    for (std::string const name : {"Retry-After", "X-Trailer"})
      at.expect(!sent.reply || !find_header(sent.reply->headers, name),
                "the trailer " + name + " is among the headers");
    at.expect_recovery(server);
  });
}

inline void response_without_a_body_ends_with_its_headers(checking& check) {
  expect_body(check, "an empty body", response_text(200, {}, ""), 200, "");
  expect_body(check, "status 204", "HTTP/1.1 204 No Content\r\n\r\n", 204, "");
  expect_body(check, "status 304", "HTTP/1.1 304 Not Modified\r\n\r\n", 304, "");
}

inline void interim_responses_are_skipped(checking& check) {
  expect_body(check, "100", "HTTP/1.1 100 Continue\r\n\r\n" + response_text(200, {}, "{}"), 200, "{}");
  expect_body(check, "100 and 103",
              "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n" +
                  response_text(201, {}, "{}"),
              201, "{}");
}

inline void content_codings_are_not_decoded(checking& check) {
  constexpr char zipped[] =
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x4a\xcc\x2b\x2e\x4f\x2d\x4a\x4d\x51\xb2\x52\x4a\xaf\xca\x2c\x50"
      "\xaa\x05\x00\x70\x17\xe0\xda\x13\x00\x00\x00";
  std::string const body(zipped, sizeof zipped - 1);
  check.trial([&](trial& at) {
    http_headers const headers = {{"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}};
    auto& server = at.serve(answering(response_text(200, headers, body)));
    auto const& sent = at.send(at.request_to(server));
    at.expect_answer(sent, 200, body);
    if (sent.reply) expect_headers(at, headers, sent.reply->headers);
  });
}

inline void no_cookie_is_sent(checking& check) {
  check.trial([](trial& at) {
    auto& server =
        at.serve(answering(response_text(200, {{"Set-Cookie", "a=b; Path=/"}, {"Set-Cookie", "c=d"}}, "{}")));
    for (int i = 0; i < 2; ++i) at.expect_status(at.send(at.request_to(server)), 200);
    for (auto const& request : server.seen().requests())
      at.expect(!find_header(request.headers, "Cookie"), "a cookie was sent");
  });
}

inline void expect_redirects_not_followed(checking& check, server_options const& how) {
  for (int const status : {301, 302, 303, 307, 308}) {
    check.trial("status " + std::to_string(status), [&](trial& at) {
      auto& elsewhere = at.serve(serve_well);
      auto const location = elsewhere.url() + "/elsewhere";
      auto& server = at.serve(answering(response_text(status, {{"Location", location}}, "moved")), how);
      auto const& sent = at.send(at.request_to(server));
      at.expect_answer(sent, status, "moved");
      if (sent.reply) expect_headers(at, {{"Location", location}}, sent.reply->headers);
      at.expect(elsewhere.seen().connections() == 0, "the origin that the redirect names was connected to");
    });
    check.trial("status " + std::to_string(status) + " to the same origin", [&](trial& at) {
      auto& server = at.serve(at_first([&](peer& client) {
                                client.read_request();
                                client.send(response_text(status, {{"Location", "/elsewhere"}}, "moved"));
                                serve_well(client);
                              }),
                              how);
      at.expect_answer(at.send(at.request_to(server)), status, "moved");
    });
  }
}

inline void redirects_are_not_followed(checking& check) {
  expect_redirects_not_followed(check, {});
}

}  // namespace fictive::detail::conformance

#endif
