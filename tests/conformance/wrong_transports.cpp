#include <fictive/beast.hpp>
#include <fictive/testing/transport_conformance.hpp>
#include <fictive/testing/transport_conformance_tls.hpp>

#include "conformance/report.hpp"
#include "support/catch.hpp"
#include "support/text.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#if defined(FICTIVE_TESTS_HAVE_CURL)
#include <curl/curl.h>
#endif

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// Transports that are wrong on purpose: the kit must detect each of them.

using fictive::effect;
using fictive::http_request;
using fictive::http_response;
using fictive::stop_token;
using fictive::beast::transport_options;
using fictive::testing::check_transport;
using fictive::testing::check_transport_over_tls;
using fictive::testing::conformance_check;
using fictive::testing::conformance_options;
using fictive::testing::conformance_outcome;

namespace http = boost::beast::http;
using tcp = boost::asio::ip::tcp;

namespace {

using reply = fictive::result<http_response>;
using any_transport = std::function<reply(http_request const&, stop_token)>;
using make_any_transport = std::function<any_transport()>;

transport_options trusting_options() {
  transport_options options;
  options.tls.ca_file = FICTIVE_TESTS_CERTIFICATES "/ca.pem";
  return options;
}

any_transport correct() {
  return [transport = std::make_shared<fictive::beast::transport>(trusting_options())](
             http_request const& request, stop_token const& stop) { return (*transport)(request, stop); };
}

/// A correct transport, except that the request is changed before.
make_any_transport changing_the_request(std::function<void(http_request&)> change) {
  return [=] {
    return [=, send = correct()](http_request request, stop_token const& stop) {
      change(request);
      return send(request, stop);
    };
  };
}

/// A correct transport, except that the result is changed after.
make_any_transport changing_the_reply(std::function<void(reply&)> change) {
  return [=] {
    return [=, send = correct()](http_request const& request, stop_token const& stop) {
      auto got = send(request, stop);
      change(got);
      return got;
    };
  };
}

make_any_transport changing_the_response(std::function<void(http_response&)> change) {
  return changing_the_reply([=](reply& got) {
    if (got) change(*got);
  });
}

make_any_transport changing_the_error(std::function<void(fictive::error&)> change) {
  return changing_the_reply([=](reply& got) {
    if (got) return;
    auto e = got.error();
    change(e);
    got = e;
  });
}

reply lost() {
  return fictive::transport_error(std::make_error_code(std::errc::connection_reset));
}

any_transport sending_again() {
  return [send = correct()](http_request const& request, stop_token const& stop) {
    auto got = send(request, stop);
    return got || got.error().effect == effect::none ? got : send(request, stop);
  };
}

any_transport following_redirects() {
  return [send = correct()](http_request request, stop_token const& stop) {
    for (;;) {
      auto got = send(request, stop);
      auto const* location = got ? fictive::find_header(got->headers, "Location") : nullptr;
      if (!location || got->status < 300 || got->status > 399) return got;
      auto const origin = request.url.substr(0, request.url.find('/', request.url.find("//") + 2));
      request.url = location->starts_with("/") ? origin + *location : *location;
    }
  };
}

/// Stores and sends cookies like a browser.
any_transport with_a_cookie_jar() {
  return [send = correct(), jar = std::make_shared<std::string>()](http_request request, stop_token const& stop) {
    if (!jar->empty()) request.headers.push_back({"Cookie", *jar});
    auto got = send(request, stop);
    if (got)
      if (auto const* cookie = fictive::find_header(got->headers, "Set-Cookie"))
        *jar = cookie->substr(0, cookie->find(';'));
    return got;
  };
}

/// Fails every call after the first failure.
any_transport failing_after_a_failure() {
  return [send = correct(), failed = std::make_shared<std::optional<fictive::error>>()](
             http_request const& request, stop_token const& stop) -> reply {
    if (*failed) return **failed;
    auto got = send(request, stop);
    if (!got) *failed = got.error();
    return got;
  };
}

/// A first attempt with Beast: it keeps one connection and surplus bytes, and enforces no limits.
class naive_transport {
 public:
  reply operator()(http_request const& request) {
    try {
      return exchange(request);
    } catch (boost::system::system_error const& thrown) {
      socket_.reset();
      return fictive::transport_error(thrown.code());
    }
  }

 private:
  reply exchange(http_request const& request) {
    auto const authority = request.url.substr(7, request.url.find('/', 7) - 7);
    if (!socket_) {
      socket_.emplace(*io_);
      tcp::resolver resolver(*io_);
      auto const colon = authority.find(':');
      boost::asio::connect(*socket_, resolver.resolve(authority.substr(0, colon), authority.substr(colon + 1)));
    }
    http::request<http::string_body> outgoing(http::string_to_verb(request.method),
                                              request.url.substr(7 + authority.size()), 11, request.body);
    outgoing.set(http::field::host, authority);
    for (auto const& header : request.headers) outgoing.insert(header.name, header.value);
    outgoing.prepare_payload();
    http::write(*socket_, outgoing);
    http::response<http::string_body> incoming;
    http::read(*socket_, buffer_, incoming);
    http_response response{.status = static_cast<int>(incoming.result_int()), .body = incoming.body()};
    for (auto const& field : incoming)
      response.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    if (!incoming.keep_alive()) socket_.reset();
    return response;
  }

  std::unique_ptr<boost::asio::io_context> io_ = std::make_unique<boost::asio::io_context>();
  std::optional<tcp::socket> socket_;
  boost::beast::flat_buffer buffer_;
};

any_transport naive() {
  return [transport = std::make_shared<naive_transport>()](http_request const& request, stop_token const&) {
    return (*transport)(request);
  };
}

/// Without timeouts: reads until the connection ends, and accepts whatever has arrived as the response.
any_transport reading_until_the_end(std::string const& version) {
  return [=](http_request const& request, stop_token const&) -> reply {
    boost::asio::io_context io;
    tcp::socket socket(io);
    auto const authority = request.url.substr(7, request.url.find('/', 7) - 7);
    boost::system::error_code ec;
    auto const port = static_cast<unsigned short>(std::stoul(authority.substr(authority.find(':') + 1)));
    socket.connect({boost::asio::ip::address_v4::loopback(), port}, ec);
    if (ec) return fictive::transport_error(ec, effect::none);
    std::string text = request.method + " " + request.url.substr(7 + authority.size()) + " " + version +
                       "\r\nHost: " + authority + "\r\nContent-Length: " + std::to_string(request.body.size()) +
                       "\r\n\r\n" + request.body;
    boost::asio::write(socket, boost::asio::buffer(text), ec);
    text.clear();
    boost::asio::read(socket, boost::asio::dynamic_buffer(text), ec);
    return http_response{.status = 200, .body = text.substr(std::min(text.find("\r\n\r\n"), text.size()))};
  };
}

any_transport accepting_truncated_responses() {
  return reading_until_the_end("HTTP/1.0");
}

#if defined(FICTIVE_TESTS_HAVE_CURL)

/// libcurl with its defaults and a reused handle: it sends a POST again when a reused connection has ended.
any_transport on_curl_with_defaults() {
  return [handle = std::shared_ptr<CURL>(curl_easy_init(), &curl_easy_cleanup)](http_request const& request,
                                                                                stop_token const&) -> reply {
    CURL* const curl = handle.get();
    http_response response;
    auto const take = +[](char* data, std::size_t, std::size_t size, void* to) {
      static_cast<std::string*>(to)->append(data, size);
      return size;
    };
    curl_slist* headers = curl_slist_append(nullptr, "Expect:");
    curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &response.body);
    auto const failed = curl_easy_perform(curl);
    curl_slist_free_all(headers);
    if (failed) return lost();
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    response.status = static_cast<int>(status);
    return response;
  };
}

#endif

/// A short timeout, for transports that wait forever.
constexpr auto short_timeout = std::chrono::milliseconds(100);

conformance_options with_short_timeout(std::string const& check) {
  conformance_options options{.only = {check}};
  options.timeout = short_timeout;
  options.grace = std::chrono::milliseconds(300);
  return options;
}

/// A wrong transport, and what the kit must report.
struct wrong {
  std::string check;
  make_any_transport make;
  std::string details;
};

std::vector<wrong> wrong_transports() {
  constexpr auto far_too_long = std::chrono::seconds(60);
  auto const twice = [] {
    return [send = correct()](http_request const& request, stop_token const& stop) {
      (void)send(request, stop);
      return send(request, stop);
    };
  };
  auto const claiming_no_effect = changing_the_error([](auto& e) { e.effect = effect::none; });
  auto const without_timeout =
      changing_the_request([=](auto& request) { request.limits.total_timeout = far_too_long; });
  auto const slightly_late = changing_the_request([](auto& request) {
    if (request.limits.total_timeout == short_timeout) request.limits.total_timeout += std::chrono::milliseconds(450);
  });
  return {
    {"the request arrives unchanged", twice, "call-1 was sent 2 times"},
        {"the request arrives unchanged", changing_the_request([](auto& r) {
           r.headers.push_back({"X-Own", "1"});
         }),
         "added the header X-Own"},
        {"the request arrives unchanged", changing_the_request([](auto& r) { r.headers.pop_back(); }),
         "expected the header X-Twice with \"first\", \"second\", got \"first\""},
        {"the request arrives unchanged", changing_the_request([](auto& r) { r.body += "\n"; }),
         "the body has changed"},
        {"the target is sent unchanged", changing_the_request([](auto& r) {
           if (auto const at = r.url.find("%2F"); at != std::string::npos) r.url.replace(at, 3, "/");
         }),
         "expected the target of the URL"},
        {"any method is sent", changing_the_request([](auto& r) { r.method = "POST"; }),
         "expected the method GET, got POST"},
        {"header values arrive unchanged", changing_the_request([](auto& r) {
           std::erase_if(r.headers, [](auto const& header) { return header.value.empty(); });
         }),
         "expected the header X-Empty with \"\", got nothing"},
        {"a large request arrives completely", changing_the_request([](auto& r) { r.body.resize(65536); }),
         "65536 bytes instead"},
        {"no cookie is sent", with_a_cookie_jar, "a cookie was sent"},
        {"every status is a response", changing_the_reply([](reply& got) {
           if (got && got->status >= 500) got = lost();
         }),
         "status 500: expected status 500"},
        {"every header is returned", changing_the_response([](auto& response) {
           std::map<std::string, std::string> last;  // as in many a stack
           for (auto const& [name, value] : response.headers) last[name] = value;
           response.headers.clear();
           for (auto const& [name, value] : last) response.headers.push_back({name, value});
         }),
         "Set-Cookie"},
        {"the body is read to its end", changing_the_response([](auto& r) { r.body = std::string(r.body.c_str()); }),
         "zero bytes"},
        {"trailers are ignored", changing_the_reply([](reply& got) {
           if (got && fictive::find_header(got->headers, "Transfer-Encoding")) got = lost();
         }),
         "expected status 503"},
        {"trailers are ignored", changing_the_response([](auto& response) {
           if (fictive::find_header(response.headers, "Transfer-Encoding"))
             response.headers.push_back({"Retry-After", "0"});
         }),
         "the trailer Retry-After is among the headers"},
        {"a response without a body ends with its headers", changing_the_reply([](reply& got) {
           if (got && got->status == 204) got = lost();
         }),
         "status 204"},
        {"interim responses are skipped", naive, "got status 100"},
        {"content codings are not decoded", changing_the_response([](auto& response) {
           std::erase_if(response.headers, [](auto const& header) { return header.name == "Content-Encoding"; });
         }),
         "expected the header Content-Encoding with \"gzip\", got nothing"},
        {"content codings are not decoded", changing_the_response([](auto& response) {
           if (fictive::find_header(response.headers, "Content-Encoding")) response.body = "{\"answered\":\"gzip\"}";
         }),
         "its body of 39 bytes"},
        {"redirects are not followed", following_redirects, "the origin that the redirect names was connected to"},
        {"redirects are not followed", following_redirects, "to the same origin: dangerous"},
        {"a refused connection has no effect", changing_the_error([](auto& e) { e.effect = effect::unknown; }),
         "expected an error without effect"},
        {"a failure does not affect the next request", failing_after_a_failure, "expected a response to call-2"},
        {"a connection may end before the request", twice, "were started"},
        {"a connection that ends before the status is an error", sending_again, "call-1 was sent 2 times"},
        {"a connection that ends before the status is an error", claiming_no_effect,
         "call-1 failed with effect none, but the whole request was delivered"},
        {"a connection that ends within the headers is an error", accepting_truncated_responses,
         "expected an error, got status 200"},
        {"a connection that ends within the body is an error", accepting_truncated_responses,
         "expected an error, got status 200"},
        {"a success whose body is lost is an error", accepting_truncated_responses,
         "expected an error, got status 200"},
        {"a success whose body is lost is an error", claiming_no_effect, "call-1 failed with effect none"},
        {"what is not HTTP is an error", accepting_truncated_responses, "expected an error, got status 200"},
        {"ambiguous framing does not shift responses", accepting_truncated_responses, "were returned as its part"},
        {"bytes after a response are not the next response", naive, "is not its own"},
        {"a closed idle connection is not reused", naive, "expected a response to call-2"},
        {"a request is not sent again when its connection dies", sending_again, "call-2 was sent 2 times"},
        {"a request is not sent again when its connection dies", sending_again, "were started"},
#if defined(FICTIVE_TESTS_HAVE_CURL)
        {"a request is not sent again when its connection dies", on_curl_with_defaults,
         "call-2 was sent 2 times, and delivered 2 times"},
#endif
        {"the connect timeout holds",
         changing_the_request([=](auto& request) { request.limits.connect_timeout = far_too_long; }),
         "expected the error \"timed out\""},
        {"the total timeout holds against silence", without_timeout, "expected an end within"},
        {"the total timeout holds against silence", slightly_late,
         "expected an end within 100 ms, and 300 ms of grace"},
        {"the total timeout holds against silence", claiming_no_effect, "bytes of the request arrived"},
        {"the total timeout holds against a trickle", without_timeout, "expected the error \"timed out\""},
        {"headers beyond the limit are an error",
         changing_the_request([](auto& request) { request.limits.max_header_bytes = 10'000'000; }),
         "expected an error"},
        {"a body beyond the limit is an error",
         changing_the_request([](auto& request) { request.limits.max_body_bytes = 10'000'000; }),
         "chunked: expected an error"},
        {"a body of the limit's size is returned",
         changing_the_request([](auto& request) { --request.limits.max_body_bytes; }), "expected status 200"},
#if defined(__cpp_lib_jthread)
        {"cancellation is supported",
         [] { return [send = correct()](auto const& request, stop_token const&) { return send(request, {}); }; },
         "expected the error \"cancelled\""},
#endif
  };
}

any_transport accepting_any_certificate() {
  transport_options options;
  options.tls.dangerously_accept_any_certificate = true;
  return [transport = std::make_shared<fictive::beast::transport>(options)](
             http_request const& request, stop_token const& stop) { return (*transport)(request, stop); };
}

std::vector<wrong> wrong_transports_over_tls() {
  return {
      {"over TLS the request arrives unchanged", changing_the_request([](auto& r) { r.headers.pop_back(); }),
       "X-Twice"},
      {"redirects from https to http are not followed", following_redirects,
       "the origin that the redirect names was connected to"},
      {"over TLS a connection that ends before the status is an error", sending_again, "call-1 was sent 2 times"},
      {"over TLS a request is not sent again when its connection dies", sending_again, "call-2 was sent 2 times"},
      {"the connect timeout holds against a silent handshake",
       changing_the_request([=](auto& request) { request.limits.connect_timeout = std::chrono::seconds(60); }),
       "expected the error \"timed out\""},
      {"an invalid certificate is rejected", accepting_any_certificate, "expected an error without effect"},
      {"an invalid certificate is rejected", changing_the_error([](auto& e) { e.cause = {}; }),
       "std::errc::permission_denied"},
  };
}

std::set<std::string> names_of(std::vector<conformance_check> const& checks) {
  std::set<std::string> names;
  for (auto const& check : checks) names.insert(check.name);
  return names;
}

std::set<std::string> names_of(std::vector<wrong> const& checks) {
  std::set<std::string> names;
  for (auto const& one : checks) names.insert(one.check);
  return names;
}

/// Fails before it sends anything, so that the checks take little time.
reply failing(http_request const&, stop_token const&) {
  return fictive::transport_error(std::make_error_code(std::errc::not_connected), effect::none);
}

}  // namespace

TEST_CASE("each wrong transport is detected by its check", "[conformance]") {
  for (auto const& one : wrong_transports()) {
    auto const checks = check_transport(one.make, with_short_timeout(one.check));
    REQUIRE(checks.size() == 1);
    INFO("expected: " << one.details << "\n" << to_string(checks[0]));
    CHECK(checks[0].outcome == conformance_outcome::broken);
    CHECK(contains(checks[0].details, one.details));
  }
}

TEST_CASE("each wrong transport is detected over TLS by its check", "[conformance][tls]") {
  for (auto const& one : wrong_transports_over_tls()) {
    auto const checks = check_transport_over_tls(one.make, loopback_certificates(), with_short_timeout(one.check));
    REQUIRE(checks.size() == 1);
    INFO("expected: " << one.details << "\n" << to_string(checks[0]));
    CHECK(checks[0].outcome == conformance_outcome::broken);
    CHECK(contains(checks[0].details, one.details));
  }
}

TEST_CASE("every check has a wrong transport that fails it", "[conformance]") {
  auto const make = [] { return &failing; };
  auto checks = names_of(check_transport(make));
#if !defined(__cpp_lib_jthread)
  checks.erase("cancellation is supported");
#endif
  CHECK(checks == names_of(wrong_transports()));
  CHECK(names_of(check_transport_over_tls(make, loopback_certificates())) == names_of(wrong_transports_over_tls()));
}

TEST_CASE("a transport that throws fails, and the kit goes on", "[conformance]") {
  auto const make = [] { return [](http_request const&) -> reply { throw std::runtime_error("no network today"); }; };
  auto const checks = check_transport(make, {.only = {"no cookie is sent", "every header is returned"}});
  REQUIRE(checks.size() == 2);
  for (auto const& check : checks) {
    CHECK_FALSE(check.passed());
    CHECK(contains(check.details, "the transport threw: no network today"));
  }
}

TEST_CASE("a transport without timeouts that reads until the connection ends takes a minute at most", "[conformance]") {
  std::vector<conformance_check> reported;
  conformance_options options;
  options.on_result = [&](conformance_check const& check) { reported.push_back(check); };
  auto const begin = std::chrono::steady_clock::now();
  auto const checks = check_transport([] { return reading_until_the_end("HTTP/1.1"); }, options);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(60));
  CHECK(reported.size() == checks.size());
  CHECK(std::any_of(checks.begin(), checks.end(), [](auto const& check) { return check.passed(); }));
  for (auto const& check : checks) {
    INFO(to_string(check));
    CHECK_FALSE(contains(check.details, "not checked"));
    if (check.name.starts_with("the total timeout")) CHECK(contains(check.details, "but it took"));
  }
}

TEST_CASE("each result is reported before the next check starts", "[conformance]") {
  std::vector<std::string> reported;
  std::vector<std::size_t> reported_before;
  conformance_options options{.only = {"a refused connection has no effect", "no cookie is sent"}};
  options.on_result = [&](conformance_check const& check) { reported.push_back(to_string(check)); };
  auto const checks = check_transport(
      [&] {
        reported_before.push_back(reported.size());
        return &failing;
      },
      options);
  REQUIRE(checks.size() == 2);
  CHECK(reported == std::vector<std::string>{to_string(checks[0]), to_string(checks[1])});
  CHECK(reported_before == std::vector<std::size_t>{0, 1});
}

TEST_CASE("a transport that does not return is reported, and the kit returns", "[conformance]") {
  struct gate {
    std::promise<void> opens, passed;
  };
  auto const held = std::make_shared<gate>();
  auto const make = [&] {
    return [held, until = held->opens.get_future().share()](http_request const&) -> reply {
      until.wait();
      held->passed.set_value();
      return lost();
    };
  };
  conformance_options options = with_short_timeout("a refused connection has no effect");
  options.only.push_back("the connect timeout holds");
  options.known_limitations = {{"a refused connection has no effect", "for some reason"}};
  options.max_duration = std::chrono::milliseconds(500);
  auto const checks = check_transport(make, options);
  REQUIRE(checks.size() == 2);
  CHECK(checks[0].outcome == conformance_outcome::broken);
  CHECK(contains(checks[0].details, "the transport did not return"));
  CHECK(checks[1].outcome == conformance_outcome::broken);
  CHECK(contains(checks[1].details, "not checked: the transport did not return from an earlier call"));
  held->opens.set_value();
  held->passed.get_future().wait();
}

TEST_CASE("checks that max_duration does not suffice for are broken", "[conformance]") {
  conformance_options options{.only = {"no cookie is sent"}, .max_duration = std::chrono::milliseconds(0)};
  options.known_limitations = {{"no cookie is sent", "for some reason"}};
  auto const check = check_transport(correct, options).at(0);
  CHECK(check.outcome == conformance_outcome::broken);
  CHECK(contains(check.details, "max_duration was over"));
}

TEST_CASE("control characters in the report are legible", "[conformance]") {
  auto const make = changing_the_response([](auto& response) {
    for (auto& header : response.headers)
      if (header.name == "X-Empty") header.value = "a\r\n\t\x01\x7F\xFF Zo\xC3\xAB";
  });
  auto const check = check_transport(make, {.only = {"every header is returned"}}).at(0);
  CHECK(contains(check.details, "got \"a\\r\\n\\t\\x01\\x7f\\xff Zo\xC3\xAB\""));
}

TEST_CASE("a transport that throws something else than an exception fails", "[conformance]") {
  auto const make = [] { return [](http_request const&) -> reply { throw 42; }; };
  auto const check = check_transport(make, {.only = {"no cookie is sent"}}).at(0);
  CHECK_FALSE(check.passed());
  CHECK(contains(check.details, "threw an exception that is not a std::exception"));
}

TEST_CASE("a known limitation is excused, with its reason", "[conformance]") {
  conformance_options const options{
      .known_limitations = {{"a refused connection has no effect", "the stack does not tell"}},
      .only = {"a refused connection has no effect"}};
  auto const checks = check_transport(changing_the_error([](auto& e) { e.effect = effect::unknown; }), options);
  REQUIRE(checks.size() == 1);
  CHECK(checks[0].outcome == conformance_outcome::excused);
  CHECK(checks[0].passed());
  CHECK(contains(checks[0].details, "known limitation: the stack does not tell"));
}

TEST_CASE("a known limitation that the transport does not have is kept", "[conformance]") {
  conformance_options const options{.known_limitations = {{"every header is returned", "an old version"}},
                                    .only = {"every header is returned"}};
  CHECK(check_transport(correct, options).at(0).outcome == conformance_outcome::kept);
}

TEST_CASE("a dangerous failure is never excused", "[conformance]") {
  std::string const name = "a request is not sent again when its connection dies";
  conformance_options const options{.known_limitations = {{name, "the stack does that"}}, .only = {name}};
  CHECK(check_transport(sending_again, options).at(0).outcome == conformance_outcome::broken);
}

TEST_CASE("an unknown check is an invalid argument", "[conformance]") {
  conformance_options options;
  SECTION("to run") {
    options.only = {"no such check"};
  }
  SECTION("as a limitation") {
    options.known_limitations = {{"no such check", "for some reason"}};
  }
  CHECK_THROWS_AS(check_transport(correct, options), std::invalid_argument);
}

TEST_CASE("what cannot be checked is left out, with the reason", "[conformance]") {
  auto const make = [] { return [](http_request const& request) { return fictive::beast::transport{}(request); }; };
  auto const check = check_transport(make, {.only = {"cancellation is supported"}}).at(0);
  CHECK(check.outcome == conformance_outcome::left_out);
  CHECK(contains(check.details, "it takes no stop_token"));
}
