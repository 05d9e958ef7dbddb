#include <fictive/fictive.hpp>

#include "support/catch.hpp"
#include "support/failing_allocations.hpp"
#include "support/fixtures.hpp"
#include "support/thread_sanitizer.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

// Each allocation of a call fails in turn. ThreadSanitizer has an allocator of its own.

#if !FICTIVE_TESTS_THREAD_SANITIZER

namespace out_of_memory_tests {

using fictive::effect;
using fictive::http_request;
using fictive::http_response;
using fictive::invite_response;
using fictive::result;
using fictive::stop_token;
using namespace tests;
using namespace std::chrono_literals;

namespace {

/// Both kinds of a transport, with prepared answers: it allocates only to store a handler.
struct prepared_transport {
  using time_point = std::chrono::steady_clock::time_point;

  struct pending {
    pending() = default;
    pending(pending const&) = delete;
    pending& operator=(pending const&) = delete;
    virtual ~pending() = default;
    virtual void complete() = 0;
  };

  struct state {
    std::vector<result<http_response>> answers;
    std::size_t sent = 0;
    time_point now = {};
    bool is_inline = false;
    std::unique_ptr<pending> next = {};
  };

  state* at;

  result<http_response> operator()(http_request const&) const { return std::move(at->answers[at->sent++]); }

  [[nodiscard]] time_point now() const { return at->now; }

  bool wait_until(time_point time, stop_token const&) const {
    at->now = time;
    return true;
  }

  template <class Handler>
  void async_send(http_request const&, stop_token const&, Handler handler) const {
    auto const from = at;
    auto give = [from, handler = std::move(handler)]() mutable { handler(std::move(from->answers[from->sent - 1])); };
    ++at->sent;
    later(std::move(give));
  }

  template <class Handler>
  void async_wait(std::chrono::nanoseconds duration, stop_token const&, Handler handler) const {
    if (duration > 1min) return;  // the deadline of a renewal, which does not come
    auto const from = at;
    later([from, duration, handler = std::move(handler)]() mutable {
      from->now += duration;
      handler();
    });
  }

  template <class Function>
  void later(Function function) const {
    struct stored final : pending {
      explicit stored(Function f) : function(std::move(f)) {}
      void complete() override { function(); }
      Function function;
    };
    if (at->is_inline) return function();
    at->next = std::make_unique<stored>(std::move(function));
  }
};

/// A response with texts that need memory.
http_response answered(int number) {
  return {.status = number,
          .headers = {{"Content-Type", "application/json"}, {"X-Request-Id", "the id of this one request"}},
          .body = number == 200 ? R"({"validInvitations":[{"invitationReference":"a reference that is long",)"
                                  R"("emailAddress":")" +
                                      jamie + R"("}],"invalidEmailAddresses":[]})"
                                : R"({"message":"a message that is longer than a short string"})"};
}

/// A refusal that contradicts itself.
http_response refused_and_listed() {
  auto response = answered(200);
  response.status = 400;
  return response;
}

fictive::error lost_body_of(http_response const& response) {
  return fictive::transport_error(std::make_error_code(std::errc::connection_reset), response);
}

struct history {
  std::vector<result<http_response>> answers;
  effect after_last;  ///< what is known once the last answer has arrived
  bool is_failure = after_last != effect::applied;
};

auto any_history() {
  return GENERATE(values<history>({
      {{answered(200)}, effect::applied},
      {{answered(500)}, effect::unknown},
      {{answered(400)}, effect::none},
      {{lost}, effect::unknown},
      {{refused, answered(200)}, effect::applied},
      {{answered(429), answered(200)}, effect::applied},
      {{answered(403), answered(200)}, effect::applied},
      {{refused_and_listed()}, effect::unknown},
      {{lost_body_of(answered(200))}, effect::applied, true},
      {{http_response{.status = 204, .headers = {{"X-Request-Id", "the id of this one request"}}}},
       effect::applied,
       true},
  }));
}

struct outcome {
  std::optional<result<invite_response>> reply;
  unsigned handled = 0, thrown = 0, results = 0;
};

}  // namespace

TEST_CASE("whichever allocation fails, a call that was sent ends once, with its effect",
          "[out_of_memory][client][async_client]") {
  enum class kind { blocking, asynchronous, asynchronous_inline };
  auto const how = GENERATE(kind::blocking, kind::asynchronous, kind::asynchronous_inline);
  auto const what = any_history();
  bool has_failed = true;
  unsigned lost_effects = 0;
  for (std::ptrdiff_t n = 0; has_failed; ++n) {
    REQUIRE(n < 1000);
    prepared_transport::state state{.answers = what.answers};
    state.is_inline = how == kind::asynchronous_inline;
    outcome seen;
    fictive::client_config config = session_config({.max_attempts = 2, .jitter = always(0.5)});
    config.renew_credentials = [](stop_token const&) -> result<fictive::credentials> {
      return fictive::credentials{.session_id = "a session that is longer than a short string"};
    };
    config.hooks.on_result = [&](fictive::result_event const&) { ++seen.results; };
    fictive::client client{prepared_transport{&state}, config};
    fictive::async_client async_client{prepared_transport{&state}, config};
    {
      failing_allocation const failing(n);
      try {
        if (how == kind::blocking) {
          seen.reply = client.invite(invite_jamie);
          ++seen.handled;
        } else {
          async_client.async_invite(invite_jamie, [&](result<invite_response> reply) {
            seen.reply = std::move(reply);
            ++seen.handled;
          });
        }
      } catch (std::bad_alloc const&) {
        ++seen.thrown;
      }
      while (auto next = std::move(state.next)) next->complete();
      has_failed = failing_allocation::has_failed();
    }
    INFO("allocation " << n << " of a call by client " << static_cast<int>(how));
    REQUIRE(seen.handled + seen.thrown == 1);
    if (seen.thrown == 1) {
      CHECK(state.sent == 0);
      continue;
    }
    CHECK(seen.results == 1);
    REQUIRE(seen.reply);
    if (!has_failed) {
      CHECK(seen.reply->has_value() == !what.is_failure);
      continue;
    }
    if (*seen.reply) continue;  // it did not matter
    auto const e = seen.reply->error();
    CHECK(e.attempts == state.sent);
    if (state.sent == what.answers.size() && e.cause == std::errc::not_enough_memory) {
      // A transport that throws may have sent the request.
      CHECK(e.effect >= (how == kind::asynchronous ? (std::min)(what.after_last, effect::unknown) : what.after_last));
      ++lost_effects;
    }
  }
  CHECK(lost_effects > 0);
}

TEST_CASE("what was read of a response counts, although memory ends afterwards", "[out_of_memory][call]") {
  auto stray = answered(200);
  stray.body = R"({"invalidEmailAddresses":["somebody.else@example.com"]})";
  bool has_failed = true, is_known = false;
  for (std::ptrdiff_t n = 0; has_failed; ++n) {
    REQUIRE(n < 1000);
    fictive::invite_call call(session_config(), invite_jamie, {});
    result<http_response> const response = stray;
    {
      failing_allocation const failing(n);
      call.responded(response, {});
      has_failed = failing_allocation::has_failed();
    }
    auto const e = call.outcome().error();
    is_known = is_known || (e.cause == std::errc::not_enough_memory && e.effect == effect::unknown);
  }
  CHECK(is_known);
}

TEST_CASE("whichever allocation fails, an untrusted 503 whose body is lost may have had an effect",
          "[out_of_memory][call]") {
  result<http_response> const lost_503 =
      lost_body_of({.status = 503, .headers = {{"Retry-After", "1"}, {"X-Request-Id", "the id of this one request"}}});
  bool has_failed = true;
  for (std::ptrdiff_t n = 0; has_failed; ++n) {
    REQUIRE(n < 1000);
    fictive::invite_call call(session_config({.trust_503 = false}), invite_jamie, {});
    {
      failing_allocation const failing(n);
      call.responded(lost_503, {});
      has_failed = failing_allocation::has_failed();
    }
    INFO("allocation " << n);
    REQUIRE(!call.outcome());
    CHECK(call.outcome().error().effect == effect::unknown);
    CHECK(call.outcome().error().status == 503);
  }
}

}  // namespace out_of_memory_tests

#endif
