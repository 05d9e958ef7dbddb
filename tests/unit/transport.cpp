#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/text.hpp"

#include <chrono>
#include <concepts>
#include <functional>
#include <ios>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace transport_tests {

using fictive::effect;
using fictive::errc;
using fictive::http_request;
using fictive::http_response;
using fictive::result;
using fictive::stop_token;
using fictive::transport_error;

namespace {

std::error_code const reset = std::make_error_code(std::errc::connection_reset);
std::error_code const timed_out = std::make_error_code(std::errc::timed_out);
std::error_code const cancelled = std::make_error_code(std::errc::operation_canceled);

http_response partial(int status, std::string content_type) {
  return {.status = status, .headers = {{"Content-Type", std::move(content_type)}}};
}

// -------------------------------------------------------------------------------------------- what is a transport

struct returns_result {
  result<http_response> operator()(http_request const&) { return http_response{}; }
};
struct takes_stop_token {
  result<http_response> operator()(http_request const&, stop_token) { return http_response{}; }
};
struct returns_response {
  http_response operator()(http_request const&) { return {}; }
};
struct returns_error {
  fictive::error operator()(http_request const&) { return {}; }
};
struct takes_a_copy {
  http_response operator()(http_request) { return {}; }
};
struct has_both {
  http_response operator()(http_request const&) { return {}; }
  http_response operator()(http_request const&, stop_token const&) { return {}; }
};
struct is_move_only : returns_result {
  is_move_only() = default;
  is_move_only(is_move_only&&) = default;
};
struct is_not_movable : returns_result {
  is_not_movable() = default;
  is_not_movable(is_not_movable const&) = delete;
};

static_assert(fictive::transport<returns_result>);
static_assert(fictive::transport<takes_stop_token>);
static_assert(fictive::transport<returns_response>);
static_assert(fictive::transport<returns_error>);
static_assert(fictive::transport<takes_a_copy>);
static_assert(fictive::transport<has_both>);
static_assert(fictive::transport<is_move_only>);
static_assert(fictive::transport<std::reference_wrapper<is_not_movable>>);
static_assert(fictive::transport<std::reference_wrapper<takes_stop_token>>);
static_assert(fictive::transport<std::function<result<http_response>(http_request const&)>>);
static_assert(fictive::transport<std::function<result<http_response>(http_request const&, stop_token)>>);
static_assert(fictive::transport<result<http_response> (*)(http_request const&)>);
static_assert(fictive::transport<decltype([](auto const&) { return http_response{}; })>);
static_assert(
    fictive::transport<decltype([n = 0](http_request const&) mutable { return http_response{.status = ++n}; })>);

static_assert(!fictive::transport<int>);
static_assert(!fictive::transport<is_not_movable>);
static_assert(!fictive::transport<decltype([] { return http_response{}; })>);
static_assert(!fictive::transport<decltype([](std::string const&) { return http_response{}; })>);
static_assert(!fictive::transport<decltype([](http_request&) { return http_response{}; })>);
static_assert(!fictive::transport<decltype([](http_request const&) { return std::string(); })>);
static_assert(!fictive::transport<decltype([](http_request const&) { return reset; })>);
static_assert(!fictive::transport<decltype([](http_request const&) {})>);
static_assert(!fictive::transport<decltype([](http_request const&, stop_token) { return 200; })>);

// ------------------------------------------------------------------------------- what is an asynchronous transport

struct minimal_async_transport {
  template <class Handler>
  void async_send(http_request const&, stop_token, Handler handler) {
    std::move(handler)(result<http_response>(http_response{}));
  }
  template <class Handler>
  void async_wait(std::chrono::nanoseconds, stop_token, Handler handler) {
    std::move(handler)();
  }
};

struct does_not_wait {
  template <class Handler>
  void async_send(http_request const&, stop_token, Handler);
};

struct does_not_send {
  template <class Handler>
  void async_wait(std::chrono::nanoseconds, stop_token, Handler);
};

struct copies_handlers {
  template <std::copy_constructible Handler>
  void async_send(http_request const&, stop_token, Handler);
  template <std::copy_constructible Handler>
  void async_wait(std::chrono::nanoseconds, stop_token, Handler);
};

struct async_but_not_movable : minimal_async_transport {
  async_but_not_movable(async_but_not_movable const&) = delete;
};

static_assert(fictive::async_transport<minimal_async_transport>);
static_assert(!fictive::async_transport<does_not_wait>);
static_assert(!fictive::async_transport<does_not_send>);
static_assert(!fictive::async_transport<copies_handlers>);
static_assert(!fictive::async_transport<async_but_not_movable>);
static_assert(!fictive::async_transport<returns_result>);
static_assert(!fictive::transport<minimal_async_transport>);

}  // namespace

TEST_CASE("a minimal asynchronous transport serves move-only handlers", "[transport]") {
  minimal_async_transport transport;
  int calls = 0;
  transport.async_send({}, {}, [&, owned = std::make_unique<int>(1)](result<http_response>) { calls += *owned; });
  transport.async_wait({}, {}, [&, owned = std::make_unique<int>(1)] { calls += *owned; });
  CHECK(calls == 2);
}

// ------------------------------------------------------------------------------------------------ transport_error

TEST_CASE("the cause of a transport's error decides its code", "[transport]") {
  auto const [cause, code] = GENERATE(table<std::error_code, errc>({
      {reset, errc::transport_failure},
      {std::make_error_code(std::errc::connection_refused), errc::transport_failure},
      {std::error_code(), errc::transport_failure},
      {std::error_code(1, std::iostream_category()), errc::transport_failure},
      {timed_out, errc::timed_out},
      {std::error_code(static_cast<int>(std::errc::timed_out), std::system_category()), errc::timed_out},
      {fictive::make_error_code(errc::timed_out), errc::timed_out},
      {cancelled, errc::cancelled},
      {fictive::make_error_code(errc::cancelled), errc::cancelled},
  }));
  auto const e = transport_error(cause);
  CHECK(e.code == code);
  CHECK(e.cause == cause);
  CHECK(e.status == 0);
  CHECK(e.attempts == 0);
  CHECK(!e.message.empty());
  CHECK(e.server_message.empty());
}

TEST_CASE("the effect of a transport error is unknown by default", "[transport]") {
  auto const cause = GENERATE_COPY(values({reset, timed_out, cancelled}));
  CHECK(transport_error(cause).effect == effect::unknown);
  CHECK(transport_error(cause, effect::none).effect == effect::none);
  CHECK(transport_error(cause, effect::applied).effect == effect::applied);
}

TEST_CASE("a success that announces JSON was applied, even if its body is lost", "[transport]") {
  auto const status = GENERATE(200, 201, 204, 299);
  auto const type = GENERATE(as<std::string>(), "application/json", "Application/JSON; charset=utf-8", "text/json",
                             "application/problem+json");
  auto const [cause, code] = GENERATE_COPY(table<std::error_code, errc>(
      {{reset, errc::malformed_response}, {timed_out, errc::timed_out}, {cancelled, errc::cancelled}}));
  auto const e = transport_error(cause, partial(status, type));
  CHECK(e.effect == effect::applied);
  CHECK(e.code == code);
  CHECK(e.cause == cause);
  CHECK(e.status == status);
}

TEST_CASE("a lost body was JSON if it begins a JSON object, whatever its Content-Type says", "[transport]") {
  auto const body = GENERATE(as<std::string>(), "{", " \r\n{\"validInvitations\":[", "\xEF\xBB\xBF{");
  auto const headers = GENERATE(values<fictive::http_headers>({{}, {{"Content-Type", "text/html"}}}));
  auto const e = transport_error(reset, {.status = 200, .headers = headers, .body = body});
  CHECK(e.effect == effect::applied);
  CHECK(e.code == errc::malformed_response);
}

TEST_CASE("a response whose body is lost has the effect of its status", "[transport][effect]") {
  struct lost_body {
    http_response response;
    effect did;
  };
  auto const [response, did] = GENERATE(values<lost_body>({
      {partial(200, "text/html"), effect::unknown},
      {partial(200, ""), effect::unknown},
      {{.status = 200}, effect::unknown},
      {{.status = 200, .body = "<html>"}, effect::unknown},
      {partial(199, "application/json"), effect::unknown},
      {partial(302, "application/json"), effect::unknown},
      {partial(307, "application/json"), effect::none},
      {partial(400, "application/json"), effect::none},
      {partial(404, "text/html"), effect::none},
      {partial(429, "application/json"), effect::none},
      {partial(499, "application/json"), effect::unknown},
      {partial(500, "application/json"), effect::unknown},
      {partial(503, "application/json"), effect::unknown},
      {{.status = 503, .headers = {{"Retry-After", "7"}}}, effect::none},
      {{}, effect::unknown},
  }));
  auto const [cause, code] = GENERATE_COPY(table<std::error_code, errc>(
      {{reset, errc::transport_failure}, {timed_out, errc::timed_out}, {cancelled, errc::cancelled}}));
  CAPTURE(response.status);
  auto const e = transport_error(cause, response);
  CHECK(e.effect == did);
  CHECK(e.code == code);
  CHECK(e.cause == cause);
  CHECK(e.status == response.status);
}

TEST_CASE("a refusal whose lost body begins to list an invitation may have had an effect", "[transport][effect]") {
  auto const cause = GENERATE_COPY(values({reset, timed_out, cancelled}));
  auto const status = GENERATE(307, 400, 403, 404, 408, 413, 429, 503);
  auto const lost_body = [&](std::string body) {
    return transport_error(cause, {.status = status, .headers = {{"Retry-After", "1"}}, .body = std::move(body)});
  };
  for (auto const* body : {R"({"validInvitations":[{"emailAddress":"a"},)",
                           R"({"reason":"no","validInvitations":[{"em)", R"({"validInvitations":[)"}) {
    CAPTURE(body);
    CHECK(lost_body(body).effect == effect::unknown);
    CHECK(contains(lost_body(body).message, "somebody may have been invited"));
  }
  for (auto const* body : {R"({"validInvitations":[],)", R"({"reason":["no)", R"({"validInvitations":)", "{", ""})
    CHECK(lost_body(body).effect == effect::none);
}

TEST_CASE("the error of a lost body has the message that was received, and Retry-After", "[transport]") {
  auto const e = transport_error(
      reset, {.status = 429, .headers = {{"Retry-After", "7"}}, .body = R"({"message":"slow down","trace":"cut)"});
  CHECK(e.server_message == "slow down");
  CHECK(e.retry_after == std::chrono::seconds(7));
}

TEST_CASE("nothing of a lost body that was applied is a message of the server", "[transport]") {
  auto const e = transport_error(reset, {.status = 200, .body = R"({"message":"text","list":[)"});
  CHECK(e.effect == effect::applied);
  CHECK(e.server_message.empty());
}

TEST_CASE("the error of a lost body carries the request id, made printable, and keeps it out of our message",
          "[transport]") {
  auto response = partial(200, "application/json");
  response.headers.push_back({"x-request-id", "marker\x1B[31m"});
  auto const e = transport_error(reset, response);
  CHECK(e.request_id == "marker [31m");
  CHECK(!contains(e.message, "marker"));
}

TEST_CASE("a default-constructed stop token never stops", "[stop_token]") {
  CHECK(!stop_token().stop_requested());
  CHECK(!stop_token().stop_possible());
  CHECK(stop_token() == stop_token());
}

}  // namespace transport_tests
