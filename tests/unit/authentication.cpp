#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
#include "support/fixtures.hpp"
#include "support/scenario.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

// Sessions that end, and credentials that are set or renewed.

namespace authentication_tests {

using fictive::call_step;
using fictive::credentials;
using fictive::effect;
using fictive::errc;
using fictive::http_request;
using fictive::http_response;
using fictive::invite_response;
using fictive::result;
using fictive::stop_token;
using fictive::testing::scripted_transport;
using namespace tests;
using namespace std::chrono_literals;

namespace {

credentials session(std::string id) {
  return {.session_id = std::move(id)};
}

std::string session_of(http_request const& request) {
  auto const* id = fictive::find_header(request.headers, "X-SessionId");
  return id ? *id : "";
}

http_response answer_to_jamie() {
  return ok("application/json", R"({"invalidEmailAddresses":[")" + jamie + "\"]}");
}

/// Calls by either client, of which each test case has both, at a service that accepts one session.
struct sessions {
  client_kind kind = GENERATE(client_kind::blocking, client_kind::asynchronous);
  scripted_transport network = {};
  std::string accepted = "second";
  unsigned renewals = 0;
  fictive::client_config config = {.credentials = session("first"), .retry = steady()};

  sessions() {
    network.set_default([this](http_request const& request) {
      return session_of(request) == accepted ? answer_to_jamie() : status(403);
    });
  }

  void renew_by(std::function<result<credentials>()> renew) {
    config.renew_credentials = [this, renew = std::move(renew)](stop_token const&) {
      ++renewals;
      return renew();
    };
  }

  /// The clients of one kind; the other is not used.
  struct both_clients {
    client_kind kind;
    scripted_transport network;
    fictive::client<scripted_transport> blocking;
    fictive::async_client<scripted_transport> asynchronous;

    result<invite_response> invite(fictive::call_options const& options = {}) {
      if (kind == client_kind::blocking) return blocking.invite(invite_jamie, options);
      std::optional<result<invite_response>> reply;
      asynchronous.async_invite(invite_jamie, options, [&](result<invite_response> it) { reply = std::move(it); });
      network.clock().run();
      REQUIRE(reply);
      return *reply;
    }

    void set_credentials(credentials with) {
      blocking.set_credentials(with);
      asynchronous.set_credentials(std::move(with));
    }
  };

  [[nodiscard]] both_clients client() const { return {kind, network, {network, config}, {network, config}}; }

  [[nodiscard]] std::vector<std::string> sent() const {
    std::vector<std::string> all;
    for (auto const& one : network.requests()) all.push_back(session_of(one.request));
    return all;
  }
};

using texts = std::vector<std::string>;

}  // namespace

// --------------------------------------------------------------------------------------------------- set_credentials

TEST_CASE("credentials that are set are those of the next call, of copies as well", "[authentication]") {
  sessions s;
  auto client = s.client();
  auto copy = client;
  CHECK(client.invite().error().code == errc::not_authenticated);
  client.set_credentials(session("second"));
  CHECK(client.invite());
  CHECK(copy.invite());
  CHECK(s.sent() == texts{"first", "second", "second"});
}

TEST_CASE("credentials that are set during a delay are those of the next attempt", "[authentication][retry]") {
  sessions s;
  s.network.answer({.status = 429});
  auto client = s.client();
  s.network.clock().post_after(100ms, [&] { client.set_credentials(session("second")); });
  CHECK(client.invite());
  CHECK(s.sent() == texts{"first", "second"});
}

TEST_CASE("credentials of another kind replace the previous ones", "[authentication]") {
  sessions s;
  s.network.answer({.status = 429});
  s.network.answer(answer_to_jamie());
  auto client = s.client();
  s.network.clock().post_after(100ms, [&] { client.set_credentials({.token_id = "id", .bearer_token = "eyJ"}); });
  CHECK(client.invite());
  auto const& headers = s.network.requests().at(1).request.headers;
  CHECK(!fictive::find_header(headers, "X-SessionId"));
  CHECK(*fictive::find_header(headers, "X-TokenId") == "id");
  CHECK(*fictive::find_header(headers, "Authorization") == "Bearer eyJ");
  CHECK(s.network.requests().at(1).request.body == s.network.requests().at(0).request.body);
}

TEST_CASE("credentials that cannot be sent are refused, and the attempts so far count", "[authentication][effect]") {
  sessions s;
  s.config.retry.retry_unknown_effect = true;
  auto client = s.client();
  SECTION("before a call") {
    client.set_credentials(session("second\n"));
    auto const e = client.invite().error();
    CHECK(e.code == errc::invalid_argument);
    CHECK(e.effect == effect::none);
    CHECK(e.attempts == 0);
    CHECK(contains(e.message, "credentials.session_id"));
  }
  SECTION("between two attempts") {
    s.network.fail(lost);
    s.network.clock().post_after(100ms, [&] { client.set_credentials(session("second\n")); });
    auto const e = client.invite().error();
    CHECK(e.code == errc::invalid_argument);
    CHECK(e.effect == effect::unknown);
    CHECK(e.attempts == 1);
    CHECK(contains(e.message, "credentials.session_id"));
    CHECK(s.sent() == texts{"first"});
  }
}

// ----------------------------------------------------------------------------------------------------------- renewal

TEST_CASE("a refused request is sent once more, at once, with renewed credentials", "[authentication][renewal]") {
  sessions s;
  s.config.retry.max_attempts = GENERATE(1u, 3u);
  auto const refusal = GENERATE(401, 403);
  s.network.answer({.status = refusal});
  s.renew_by([] { return session("second"); });
  std::vector<int> attempts;
  times next_in;
  s.config.hooks.on_attempt = [&](fictive::attempt_event const& event) {
    attempts.push_back(event.status);
    next_in.push_back(event.next_in);
  };
  unsigned total = 0;
  s.config.hooks.on_result = [&](fictive::result_event const& event) { total = event.attempts; };
  auto client = s.client();
  CHECK(client.invite());
  CHECK(s.renewals == 1);
  CHECK(s.sent() == texts{"first", "second"});
  CHECK(attempts == std::vector<int>{refusal, 200});
  CHECK(next_in == times{0ns, -1ns});
  CHECK(total == 2);
  CHECK(s.network.requests()[1].at == s.network.requests()[0].at);
  CHECK(client.invite());
  CHECK(s.sent() == texts{"first", "second", "second"});
}

TEST_CASE("a session that ends between two calls is renewed once for each end", "[authentication][renewal]") {
  sessions s;
  s.accepted = "first";
  s.renew_by([&s] { return session(s.accepted); });
  auto client = s.client();
  CHECK(client.invite());
  for (auto const* next : {"second", "third"}) {
    s.accepted = next;
    CHECK(client.invite());
    CHECK(client.invite());
  }
  CHECK(s.renewals == 2);
  CHECK(s.sent() == texts{"first", "first", "second", "second", "second", "third", "third"});
}

TEST_CASE("a session that ends in the middle of a retry is renewed", "[authentication][renewal][retry]") {
  sessions s;
  s.network.answer({.status = 429});
  s.network.answer({.status = 403});
  s.network.answer({.status = 429});
  s.renew_by([] { return session("second"); });
  CHECK(s.client().invite());
  CHECK(s.renewals == 1);
  CHECK(s.sent() == texts{"first", "first", "second", "second"});  // the renewal is in addition to max_attempts
}

TEST_CASE("only 401 and 403 cause a renewal", "[authentication][renewal]") {
  sessions s;
  s.network.answer({.status = GENERATE(400, 404, 407, 500, 200)});
  s.renew_by([] { return session("second"); });
  CHECK(!s.client().invite());
  CHECK(s.renewals == 0);
}

TEST_CASE("renewed credentials that are refused are not renewed again until some have been accepted",
          "[authentication][renewal]") {
  sessions s;
  s.accepted = "nothing";
  s.renew_by([&s] { return session("renewed " + std::to_string(s.renewals)); });
  auto client = s.client();
  auto const first = client.invite().error();
  CHECK(first.code == errc::not_authenticated);
  CHECK(first.effect == effect::none);
  CHECK(first.attempts == 2);
  CHECK(contains(first.message, "neither did it accept the renewed credentials"));
  auto const second = client.invite().error();
  CHECK(second.code == errc::not_authenticated);
  CHECK(second.attempts == 1);
  CHECK(contains(second.message, "the credentials were not renewed: "));
  CHECK(s.renewals == 1);
  SECTION("a call succeeds") {
    s.accepted = "renewed 1";
    CHECK(client.invite());
    s.accepted = "renewed 2";
    CHECK(client.invite());
    CHECK(s.renewals == 2);
  }
  SECTION("credentials are set") {
    client.set_credentials(session("set"));
    s.accepted = "renewed 2";
    CHECK(client.invite());
    CHECK(s.renewals == 2);
  }
}

TEST_CASE("a response that is about the request shows that the credentials were accepted",
          "[authentication][renewal]") {
  sessions s;
  auto const [answer, is_accepted] = GENERATE(table<result<http_response>, bool>({{status(400), true},
                                                                                  {status(404), true},
                                                                                  {status(409), true},
                                                                                  {status(412), true},
                                                                                  {status(413), false},
                                                                                  {status(422), true},
                                                                                  {ok("application/json", "{"), true},
                                                                                  {ok("text/html", "<p>"), false},
                                                                                  {status(301), false},
                                                                                  {status(407), false},
                                                                                  {status(500), false},
                                                                                  {throttled(429, "1000"), false},
                                                                                  {lost, false}}));
  s.accepted = "nothing";
  s.renew_by([&s] { return session("renewed " + std::to_string(s.renewals)); });
  auto client = s.client();
  s.network.answer(status(403));
  if (answer)
    s.network.answer(*answer);
  else
    s.network.fail(answer.error());
  CHECK(!client.invite());
  CHECK(!client.invite());
  CHECK(s.renewals == (is_accepted ? 2 : 1));
}

TEST_CASE("a renewal that fails ends the call with its cause", "[authentication][renewal]") {
  sessions s;
  auto const [why, is_repeated] =
      GENERATE(table<fictive::error, bool>({{refused, true},
                                            {{.code = errc::server_error, .retry_after = 7s}, true},
                                            {{.code = errc::not_authenticated, .message = "hidden"}, false},
                                            {{.code = errc::invalid_request, .message = "hidden"}, false}}));
  s.network.answer({.status = 403, .headers = {{"X-Request-Id", "id"}}, .body = "no"});
  s.renew_by([answer = why] { return answer; });
  auto client = s.client();
  auto const e = client.invite().error();
  CHECK(e.code == errc::not_authenticated);
  CHECK(e.effect == effect::none);
  CHECK(e.status == 403);
  CHECK(e.request_id == "id");
  CHECK(e.server_message == "no");
  CHECK(e.cause == (why.cause ? why.cause : make_error_code(why.code)));
  CHECK(e.retry_after == why.retry_after);
  CHECK(e.attempts == 1);
  CHECK(contains(e.message, "the credentials were not renewed: "));
  CHECK(!contains(e.message, "hidden"));
  // A wrong password is not tried again.
  CHECK(!client.invite());
  CHECK(s.renewals == (is_repeated ? 2 : 1));
}

TEST_CASE("a renewal that throws is one that fails", "[authentication][renewal]") {
  sessions s;
  std::error_code cause;
  SECTION("an error of a result") {
    cause = refused.cause;
    s.renew_by([] { return result<credentials>(refused).value(); });
  }
  SECTION("a system error") {
    cause = std::make_error_code(std::errc::host_unreachable);
    s.renew_by([=]() -> result<credentials> { throw std::system_error(cause); });
  }
  SECTION("no memory") {
    cause = std::make_error_code(std::errc::not_enough_memory);
    s.renew_by([]() -> result<credentials> { throw std::bad_alloc(); });
  }
  SECTION("anything else") {
    cause = make_error_code(errc::not_authenticated);
    s.renew_by([]() -> result<credentials> { throw 42; });
  }
  auto client = s.client();
  for (int i = 1; i <= 2; ++i) {
    auto const e = client.invite().error();
    CHECK(e.code == errc::not_authenticated);
    CHECK(e.cause == cause);
    CHECK(e.effect == effect::none);
    CHECK(s.renewals == static_cast<unsigned>(i));
  }
}

TEST_CASE("the same credentials, or some that cannot be sent, are not sent again", "[authentication][renewal]") {
  sessions s;
  std::string text;
  SECTION("the same") {
    text = "those that were refused";
    s.renew_by([] { return session("first"); });
  }
  SECTION("with a line end") {
    text = "credentials.session_id";
    s.renew_by([] { return session("second\n"); });
  }
  auto client = s.client();
  auto const e = client.invite().error();
  CHECK(e.code == errc::not_authenticated);
  CHECK(e.status == 403);
  CHECK(e.attempts == 1);
  CHECK(contains(e.message, text));
  CHECK(!client.invite());
  CHECK(s.renewals == 1);
  CHECK(s.sent() == texts{"first", "first"});
}

TEST_CASE("the same credentials renew no other call", "[authentication][renewal][async_client]") {
  fictive::testing::scripted_transport network;
  network.answer(status(403), 1s);
  network.answer(status(403), 2s);
  fictive::async_client client{network, {.credentials = session("first"), .renew_credentials = [](stop_token const&) {
                                           return session("first");
                                         }}};
  std::vector<std::string> messages;
  for (int i = 0; i < 2; ++i)
    client.async_invite(invite_jamie, [&](auto const& reply) { messages.push_back(reply.error().message); });
  network.clock().run();
  REQUIRE(messages.size() == 2);
  CHECK(contains(messages[0], "the new credentials are those that were refused"));
  CHECK(contains(messages[1], "the service has accepted none since"));
}

TEST_CASE("an attempt that was authorized before another call renewed is repeated without a renewal",
          "[authentication][renewal]") {
  scripted_transport network;
  network.answer({.status = 403}, 1s);
  network.answer({.status = 403}, 3s);
  network.set_default(
      [](http_request const& request) { return session_of(request) == "second" ? answer_to_jamie() : status(403); });
  unsigned renewals = 0;
  fictive::async_client client{network, {.credentials = session("first"), .renew_credentials = [&](stop_token const&) {
                                           ++renewals;
                                           return session("second");
                                         }}};
  int succeeded = 0;
  auto const count = [&](result<invite_response> const& reply) { succeeded += reply ? 1 : 0; };
  client.async_invite(invite_jamie, count);
  client.async_invite(invite_jamie, count);
  network.clock().run();
  CHECK(succeeded == 2);
  CHECK(renewals == 1);
  CHECK(network.requests().size() == 4);
}

TEST_CASE("credentials that are set during a renewal take precedence over the renewed ones",
          "[authentication][renewal]") {
  scripted_transport network;
  network.set_default(
      [](http_request const& request) { return session_of(request) == "set" ? answer_to_jamie() : status(403); });
  std::function<void(result<credentials>)> complete;
  fictive::async_client client{network,
                               {.credentials = session("first"),
                                .async_renew_credentials = [&](stop_token const&, auto done) { complete = done; }}};
  std::optional<result<invite_response>> reply;
  client.async_invite(invite_jamie, [&](result<invite_response> it) { reply = std::move(it); });
  network.clock().post_after(1s, [&] { client.set_credentials(session("set")); });
  network.clock().post_after(2s, [&] { complete(session("renewed")); });
  network.clock().run();
  REQUIRE(reply);
  CHECK(*reply);
  CHECK(session_of(network.requests().back().request) == "set");
}

namespace {

/// A blocking transport whose clock goes on by 1 ms whenever it is read.
struct ticking {
  scripted_transport network;
  std::chrono::steady_clock::time_point time = network.now();

  auto operator()(http_request const& request, stop_token stop) { return network(request, std::move(stop)); }
  auto now() { return time += 1ms; }
};

}  // namespace

TEST_CASE("credentials that are set during a renewal and refused, too, are replaced by the renewed ones",
          "[authentication][renewal]") {
  sessions s;
  s.accepted = "renewed";
  std::optional<result<invite_response>> first, second;
  SECTION("of an asynchronous client") {
    std::function<void(result<credentials>)> complete;
    s.config.async_renew_credentials = [&](stop_token const&, auto done) {
      ++s.renewals;
      complete = done;
    };
    fictive::async_client client{s.network, s.config};
    client.async_invite(invite_jamie, [&](result<invite_response> it) { first = std::move(it); });
    s.network.clock().post_after(1s, [&] {
      client.set_credentials(session("set"));
      client.async_invite(invite_jamie, [&](result<invite_response> it) { second = std::move(it); });
    });
    s.network.clock().post_after(2s, [&] { complete(session("renewed")); });
    s.network.clock().run();
    REQUIRE(second);
    CHECK(*second);
  }
  SECTION("of a blocking client") {
    std::function<void()> invite_with_others;
    s.renew_by([&] {
      std::thread(invite_with_others).join();
      return session("renewed");
    });
    fictive::client client{ticking{s.network}, s.config};
    invite_with_others = [&] {
      client.set_credentials(session("set"));
      second = client.invite(invite_jamie, {.deadline = 20ms});  // does not wait for the renewal to end
    };
    first = client.invite(invite_jamie);
    REQUIRE(second);
    CHECK(second->error().code == errc::timed_out);
  }
  REQUIRE(first);
  CHECK(*first);
  CHECK(s.renewals == 1);
  CHECK(s.sent().at(1) == "set");
  CHECK(s.sent().back() == "renewed");
}

TEST_CASE("credentials that are set during a renewal of a blocking client take precedence over the renewed ones",
          "[authentication][renewal]") {
  sessions s;
  s.accepted = "set";
  std::function<void()> set;
  s.renew_by([&] {
    std::thread(set).join();
    return session("renewed");
  });
  fictive::client client{s.network, s.config};
  set = [&] { client.set_credentials(session("set")); };
  CHECK(client.invite(invite_jamie));
  CHECK(s.sent() == texts{"first", "set"});
}

// ------------------------------------------------------------------------------------------------------ asynchronous

namespace {

/// Asynchronous calls whose credentials are renewed after a while of virtual time.
struct slow_renewal {
  scripted_transport network = {};
  fictive::client_config config = {.credentials = session("first")};
  std::function<void(result<credentials>)> complete = {};
  stop_token stop = {};
  unsigned renewals = 0;
  std::vector<result<invite_response>> replies = {};
  std::vector<std::chrono::nanoseconds> ended = {};

  slow_renewal() {
    network.set_default(
        [](http_request const& request) { return session_of(request) == "second" ? answer_to_jamie() : status(403); });
    config.async_renew_credentials = [this](stop_token token, auto done) {
      ++renewals;
      stop = std::move(token);
      complete = done;
    };
  }

  [[nodiscard]] auto handler() {
    return [this](result<invite_response> reply) {
      replies.push_back(std::move(reply));
      ended.push_back(network.now().time_since_epoch());
    };
  }
};

}  // namespace

TEST_CASE("64 concurrent asynchronous calls share one renewal", "[authentication][renewal][async_client]") {
  slow_renewal s;
  s.network.answer_inline(GENERATE(false, true));
  fictive::async_client client{s.network, s.config};
  for (int i = 0; i < 64; ++i) client.async_invite(invite_jamie, s.handler());
  s.network.clock().post_after(3s, [&] {
    s.complete(session("second"));
    s.complete(session("third"));  // ignored
  });
  s.network.clock().run();
  REQUIRE(s.replies.size() == 64);
  for (auto const& reply : s.replies) CHECK(reply);
  CHECK(s.ended.back() == 3s);
  CHECK(s.renewals == 1);
  CHECK(s.network.requests().size() == 128);
}

TEST_CASE("64 concurrent asynchronous calls share a renewal that fails", "[authentication][renewal][async_client]") {
  slow_renewal s;
  fictive::async_client client{s.network, s.config};
  for (int i = 0; i < 64; ++i) client.async_invite(invite_jamie, s.handler());
  s.network.clock().post_after(3s, [&] { s.complete(refused); });
  s.network.clock().run();
  REQUIRE(s.replies.size() == 64);
  for (auto const& reply : s.replies) CHECK(reply.error().cause == refused.cause);
  CHECK(s.renewals == 1);
  CHECK(s.network.requests().size() == 64);
}

TEST_CASE("an asynchronous renewal that hangs ends at the deadline of the call",
          "[authentication][renewal][async_client][deadline]") {
  slow_renewal s;
  fictive::async_client client{s.network, s.config};
  client.async_invite(invite_jamie, {.deadline = 5s}, s.handler());
  client.async_invite(invite_jamie, {.deadline = 8s}, s.handler());
  s.network.clock().run();
  REQUIRE(s.replies.size() == 2);
  CHECK(s.ended == std::vector<std::chrono::nanoseconds>{5s, 8s});
  for (auto const& reply : s.replies) {
    CHECK(reply.error().code == errc::timed_out);
    CHECK(reply.error().effect == effect::none);
    CHECK(reply.error().attempts == 1);
  }
#if defined(__cpp_lib_jthread)
  CHECK(s.stop.stop_requested());
#endif
  s.complete(session("late"));
  CHECK(s.replies.size() == 2);

  client.async_invite(invite_jamie, s.handler());  // renews again
  s.network.clock().post_after(1s, [&] { s.complete(session("second")); });
  s.network.clock().run();
  CHECK(s.renewals == 2);
  REQUIRE(s.replies.size() == 3);
  CHECK(s.replies.back());
}

TEST_CASE("an asynchronous renewal that throws ends the call, and may complete before it throws",
          "[authentication][renewal][async_client]") {
  slow_renewal s;
  bool const completes = GENERATE(false, true);
  s.config.async_renew_credentials = [=](stop_token const&, auto done) {
    if (completes) done(session("second"));
    throw std::runtime_error("thrown");
  };
  fictive::async_client client{s.network, s.config};
  client.async_invite(invite_jamie, s.handler());
  s.network.clock().run();
  REQUIRE(s.replies.size() == 1);
  CHECK(s.replies[0].has_value() == completes);
}

#if defined(__cpp_lib_jthread)

TEST_CASE("a call that is cancelled during a shared renewal does not cancel it for the others",
          "[authentication][renewal][async_client][cancellation]") {
  slow_renewal s;
  fictive::async_client client{s.network, s.config};
  std::stop_source first, second;
  client.async_invite(invite_jamie, {.stop = first.get_token()}, s.handler());
  client.async_invite(invite_jamie, {.stop = second.get_token()}, s.handler());
  s.network.clock().post_after(1s, [&] { first.request_stop(); });
  SECTION("the other one continues") {
    s.network.clock().post_after(2s, [&] {
      CHECK(!s.stop.stop_requested());
      s.complete(session("second"));
    });
    s.network.clock().run();
    REQUIRE(s.replies.size() == 2);
    CHECK(s.replies[1]);
  }
  SECTION("the last one cancels it") {
    s.network.clock().post_after(2s, [&] { second.request_stop(); });
    s.network.clock().run();
    REQUIRE(s.replies.size() == 2);
    CHECK(s.replies[1].error().code == errc::cancelled);
    CHECK(s.stop.stop_requested());
  }
  CHECK(s.ended == std::vector<std::chrono::nanoseconds>{1s, 2s});
  CHECK(s.replies[0].error().code == errc::cancelled);
  CHECK(s.replies[0].error().effect == effect::none);
  CHECK(s.replies[0].error().attempts == 1);
}

TEST_CASE("a blocking call that is cancelled while it renews is cancelled", "[authentication][renewal][cancellation]") {
  sessions s;
  std::stop_source source;
  bool const has_renewed = GENERATE(false, true);
  s.config.renew_credentials = [&](stop_token const&) -> result<credentials> {
    source.request_stop();
    if (has_renewed) return session("second");
    return failure(std::errc::operation_canceled, effect::none);
  };
  auto const e = s.client().invite({.stop = source.get_token()}).error();
  CHECK(e.code == errc::cancelled);
  CHECK(e.effect == effect::none);
  CHECK(e.attempts == 1);
}

#endif

// ----------------------------------------------------------------------------------------------------------- threads

namespace {

/// A transport for many threads, which accepts one session. The first `together` requests are answered when all of them
/// have arrived.
class meeting {
 public:
  explicit meeting(unsigned together) : together_(together) {}

  http_response operator()(http_request const& request) {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return arrived_ >= together_; });
    return session_of(request) == "second" ? answer_to_jamie() : status(403);
  }

  [[nodiscard]] unsigned requests() const { return arrived_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned together_, arrived_ = 0;
};

}  // namespace

TEST_CASE("64 threads share one renewal", "[authentication][renewal][threads]") {
  constexpr unsigned calls = 64;
  meeting network(calls);
  std::atomic<unsigned> renewals = 0, succeeded = 0, failed = 0;
  bool const fails = GENERATE(false, true);
  fictive::client_config const config{.credentials = session("first"),
                                      .renew_credentials = [&](stop_token const&) -> result<credentials> {
                                        ++renewals;
                                        if (fails) return fictive::error{.code = errc::not_authenticated};
                                        return session("second");
                                      }};
  fictive::client client{std::ref(network), config};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < calls; ++i)
    threads.emplace_back([&, copy = client]() mutable { ++(copy.invite(invite_jamie) ? succeeded : failed); });
  for (auto& thread : threads) thread.join();
  CHECK(renewals == 1);
  CHECK(succeeded == (fails ? 0 : calls));
  CHECK(network.requests() == (fails ? calls : 2 * calls));
}

#if defined(__cpp_lib_jthread)

TEST_CASE("if the thread that renews is cancelled, one that waits renews", "[authentication][renewal][threads]") {
  std::mutex mutex;
  std::condition_variable changed;
  unsigned requests = 0, renewals = 0;
  auto const send = [&](http_request const& request) {
    std::lock_guard const lock(mutex);
    ++requests;
    changed.notify_all();
    return session_of(request) == "second" ? answer_to_jamie() : status(403);
  };
  std::stop_source source;
  std::function<void()> invite_on_another_thread;
  auto const renew = [&](stop_token const& stop) -> result<credentials> {
    std::unique_lock lock(mutex);
    if (++renewals == 2) return session("second");
    lock.unlock();
    invite_on_another_thread();
    lock.lock();
    changed.wait(lock, [&] { return requests == 2; });
    source.request_stop();
    CHECK(stop.stop_requested());
    return failure(std::errc::operation_canceled, effect::none);
  };
  fictive::client client{send, {.credentials = session("first"), .renew_credentials = renew}};
  std::optional<result<invite_response>> other;
  std::thread thread;
  invite_on_another_thread = [&] { thread = std::thread([&] { other = client.invite(invite_jamie); }); };
  auto const reply = client.invite(invite_jamie, {.stop = source.get_token()});
  thread.join();
  CHECK(reply.error().code == errc::cancelled);
  REQUIRE(other);
  CHECK(*other);
  CHECK(renewals == 2);
  CHECK(requests == 3);
}

#endif

TEST_CASE("a thread whose credentials were set during the renewal of another one, and refused, gets renewed ones",
          "[authentication][renewal][threads]") {
  std::mutex mutex;
  std::condition_variable changed;
  unsigned requests = 0;
  auto const send = [&](http_request const& request) {
    std::lock_guard const lock(mutex);
    ++requests;
    changed.notify_all();
    return session_of(request) == "second" ? answer_to_jamie() : status(403);
  };
  std::function<void()> invite_on_another_thread;
  std::once_flag once;
  auto const renew = [&](stop_token const&) {
    std::call_once(once, invite_on_another_thread);
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return requests >= 2; });
    return session("second");
  };
  fictive::client client{send, {.credentials = session("first"), .renew_credentials = renew}};
  std::optional<result<invite_response>> other;
  std::thread thread;
  invite_on_another_thread = [&] {
    client.set_credentials(session("set"));
    thread = std::thread([&] { other = client.invite(invite_jamie); });
  };
  static_cast<void>(client.invite(invite_jamie));  // succeeds if the other one has waited for its renewal
  thread.join();
  REQUIRE(other);
  CHECK(*other);
}

TEST_CASE("a thread that waits for the renewal of another one observes its own deadline",
          "[authentication][renewal][threads][deadline]") {
  meeting network(2);
  std::mutex mutex;
  std::condition_variable changed;
  bool is_over = false;
  auto const renew = [&](stop_token const&) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return is_over; });
    return session("second");
  };
  fictive::client client{std::ref(network), {.credentials = session("first"), .renew_credentials = renew}};
  // The one that renews ends after the one that waits for it.
  std::vector<result<invite_response>> replies;
  auto const invite = [&] {
    auto reply = client.invite(invite_jamie, {.deadline = 30ms});
    std::lock_guard const lock(mutex);
    replies.push_back(std::move(reply));
    is_over = true;
    changed.notify_all();
  };
  std::thread other(invite);
  invite();
  other.join();
  REQUIRE(replies.size() == 2);
  CHECK(replies[0].error().code == errc::timed_out);
  CHECK(replies[0].error().effect == effect::none);
}

// ------------------------------------------------------------------------------------------------------ state machine

TEST_CASE("a call asks for a renewal, and goes on by its result", "[authentication][renewal][call]") {
  auto const begin = std::chrono::steady_clock::time_point() + 1000h;
  fictive::client_config const config{.credentials = session("first"),
                                      .renew_credentials = [](stop_token const&) { return session("second"); },
                                      .retry = {.deadline = 10s}};
  fictive::invite_call call(config, invite_jamie, begin);
  call.renewed(session("early"), begin);  // out of turn
  CHECK(session_of(call.request()) == "first");
  call.responded(status(403), begin + 1s);
  REQUIRE(call.next() == call_step::renew);
  CHECK(call.wait_until() == begin + 10s);
  call.waited(begin + 9s);                        // early
  call.responded(answer_to_jamie(), begin + 9s);  // out of turn
  REQUIRE(call.next() == call_step::renew);
  SECTION("renewed") {
    call.renewed(session("second"), begin + 2s);
    REQUIRE(call.next() == call_step::send);
    CHECK(session_of(call.request()) == "second");
    CHECK(call.request().limits.total_timeout == 8s);
    SECTION("and accepted") {
      call.responded(answer_to_jamie(), begin + 3s);
      CHECK(call.outcome());
    }
    SECTION("and refused") {
      call.responded(status(403), begin + 3s);
      CHECK(call.next() == call_step::done);
      CHECK(call.attempts() == 2);
    }
    SECTION("and throttled") {
      call.responded(status(429), begin + 3s);
      CHECK(call.next() == call_step::wait);
    }
  }
  SECTION("renewed, with credentials that were set out of turn") {
    call.set_credentials(session("second"), begin + 2s);
    CHECK(session_of(call.request()) == "first");
    call.renewed(session("second"), begin + 2s);
    REQUIRE(call.next() == call_step::send);
    CHECK(session_of(call.request()) == "second");
  }
  SECTION("failed") {
    call.renewed(refused, begin + 2s);
    CHECK(call.next() == call_step::done);
    CHECK(call.outcome().error().code == errc::not_authenticated);
    call.renewed(session("late"), begin + 2s);
    CHECK(call.next() == call_step::done);
  }
  SECTION("declined") {
    call.declined("it is Sunday", begin + 2s);
    CHECK(call.next() == call_step::done);
    CHECK(contains(call.outcome().error().message, "not renewed: it is Sunday"));
  }
  SECTION("after the deadline") {
    call.renewed(session("second"), begin + 10s);
    CHECK(call.next() == call_step::done);
    CHECK(call.outcome().error().code == errc::timed_out);
    CHECK(call.outcome().error().effect == effect::none);
  }
  SECTION("at the deadline, not at all") {
    call.waited(begin + 10s);
    CHECK(call.next() == call_step::done);
    CHECK(call.outcome().error().code == errc::timed_out);
  }
  SECTION("stopped") {
    call.stop(begin + 2s);
    CHECK(call.next() == call_step::done);
    CHECK(call.outcome().error().code == errc::cancelled);
  }
}

TEST_CASE("a call that is renewed after 408 needs no new connection", "[authentication][renewal][call][connections]") {
  fictive::client_config const config{.credentials = session("first"),
                                      .renew_credentials = [](stop_token const&) { return session("second"); }};
  fictive::invite_call call(config, invite_jamie, {});
  call.responded(status(408), {});
  call.waited(call.wait_until());
  REQUIRE(call.next() == call_step::send);
  CHECK(call.request().force_new_connection);
  call.responded(status(403), call.wait_until());
  REQUIRE(call.next() == call_step::renew);
  call.renewed(session("second"), {});
  REQUIRE(call.next() == call_step::send);
  CHECK(!call.request().force_new_connection);
}

TEST_CASE("a call that is refused at its deadline asks for no renewal", "[authentication][renewal][call][deadline]") {
  auto const begin = std::chrono::steady_clock::time_point() + 1000h;
  fictive::client_config const config{.credentials = session("first"),
                                      .renew_credentials = [](stop_token const&) { return session("second"); },
                                      .retry = {.deadline = 10s}};
  fictive::invite_call call(config, invite_jamie, begin);
  call.responded(status(403), begin + 10s);
  REQUIRE(call.next() == call_step::done);
  CHECK(call.outcome().error().code == errc::not_authenticated);
}

TEST_CASE("a refusal says what to do about the credentials", "[authentication][errors]") {
  auto const message_with = [](credentials with) {
    fictive::invite_call call({.credentials = std::move(with)}, invite_jamie, {});
    call.responded(status(403), {});
    return call.outcome().error().message;
  };
  CHECK(contains(message_with({}), "no credentials are set: set client_config::credentials"));
  CHECK(contains(message_with(session("first")), "a session ends 15 minutes after its last use"));
  CHECK(!contains(message_with({.bearer_token = "eyJ"}), "15 minutes"));
}

TEST_CASE("credentials that are set twice are sent once", "[authentication][call]") {
  fictive::invite_call call({}, invite_jamie, {});
  call.set_credentials(session("first"), {});
  call.set_credentials(session("second"), {});
  CHECK(session_of(call.request()) == "second");
  auto const& headers = call.request().headers;
  CHECK(std::count_if(headers.begin(), headers.end(), [](auto const& one) { return one.name == "X-SessionId"; }) == 1);
}

TEST_CASE("a refusal says nothing of a session that was replaced", "[authentication][errors]") {
  auto const message_after = [](credentials const& set) {
    fictive::invite_call call({.credentials = session("first")}, invite_jamie, {});
    call.set_credentials(set, {});
    call.responded(status(403), {});
    return call.outcome().error().message;
  };
  CHECK(contains(message_after(session("second")), "a session ends 15 minutes after"));
  CHECK(!contains(message_after({.token_id = "token"}), "a session ends 15 minutes after"));
  CHECK(contains(message_after({}), "no credentials are set"));
}

TEST_CASE("a refusal does not say that no credentials are set if the caller has added some",
          "[authentication][errors]") {
  fictive::http_headers const own = {{"authorization", "Basic x"}};
  auto const message_with = [](fictive::http_headers of_config, fictive::http_headers of_call) {
    fictive::invite_call call({.extra_headers = std::move(of_config)}, invite_jamie, {},
                              {.headers = std::move(of_call)});
    call.responded(status(401), {});
    return call.outcome().error().message;
  };
  CHECK(!contains(message_with(own, {}), "no credentials are set"));
  CHECK(!contains(message_with({}, own), "no credentials are set"));
  CHECK(contains(message_with({}, {{"X-Trace", "x"}}), "no credentials are set"));
}

}  // namespace authentication_tests
