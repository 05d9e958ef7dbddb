#include "plug_in.hpp"

#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"

#include <dlfcn.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace shared_objects {

using fictive::condition;
using fictive::effect;
using fictive::errc;
using fictive::http_request;
using fictive::http_response;
using fictive::result;

namespace {

/// The plug-in stays loaded: errors that it made refer to its code.
template <class Function>
Function* from_plug_in(char const* name) {
  static void* const library = dlopen(FICTIVE_TESTS_PLUG_IN, RTLD_NOW | RTLD_LOCAL);
  if (!library) throw std::runtime_error(dlerror());
  auto* const symbol = dlsym(library, name);
  if (!symbol) throw std::runtime_error(dlerror());
  return reinterpret_cast<Function*>(symbol);
}

/// The error of a call whose requests all fail in the plug-in. Delays take virtual time.
fictive::error failed_call(failure how, fictive::retry_policy policy = {}) {
  fictive::testing::scripted_transport network;
  network.set_default([how](http_request const& request) {
    result<http_response> reply;
    from_plug_in<send_function>("plug_in_send")(how, request, reply);
    return reply;
  });
  fictive::client client{network, {.retry = std::move(policy)}};
  return client.invite({.account_group_token = "group", .email_addresses = {"somebody@example.com"}}).error();
}

fictive::error parsed(http_response const& response) {
  result<http_response> reply;
  from_plug_in<parse_function>("plug_in_parse")(response, reply);
  return reply.error();
}

}  // namespace

TEST_CASE("the plug-in has objects of its own, so addresses differ", "[shared_objects]") {
  CHECK(from_plug_in<category_function>("plug_in_category")() != &fictive::make_error_code(errc::conflict).category());
}

TEST_CASE("a failure of a plug-in's transport that had no effect is retried", "[shared_objects]") {
  auto const e = failed_call(failure::connection_refused);
  CHECK(e.code == errc::transport_failure);
  CHECK(e.cause == std::errc::connection_refused);
  CHECK(e.attempts == 3);
}

TEST_CASE("a timeout of a plug-in's transport costs as much of the budget as any timeout", "[shared_objects]") {
  auto const budget = std::make_shared<fictive::retry_budget>(100);
  auto const e = failed_call(failure::timed_out, {.budget = budget});
  CHECK(e.code == errc::timed_out);
  CHECK(e.attempts == 3);
  CHECK(budget->tokens() == 80);
}

TEST_CASE("an unknown effect of a plug-in's transport is retried on request only", "[shared_objects]") {
  CHECK(failed_call(failure::connection_reset).attempts == 1);
  auto const e = failed_call(failure::connection_reset, {.retry_unknown_effect = true});
  CHECK(e.attempts == 3);
  CHECK(e == condition::outcome_unknown);
}

TEST_CASE("cancellations and certificate failures of a plug-in's transport are not retried", "[shared_objects]") {
  auto const stopped = failed_call(failure::cancelled);
  CHECK(stopped.code == errc::cancelled);
  CHECK(stopped.attempts == 1);
  auto const untrusted = failed_call(failure::certificate_not_accepted);
  CHECK(untrusted.code == errc::transport_failure);
  CHECK(untrusted.cause == std::errc::permission_denied);
  CHECK(untrusted.attempts == 1);
}

TEST_CASE("codes and conditions of an error that a plug-in made hold", "[shared_objects]") {
  CHECK(parsed({.status = 429}).code == errc::too_many_requests);
  CHECK(parsed({.status = 429}) == condition::throttled);
  CHECK(parsed({.status = 503, .headers = {{"Retry-After", "1"}}}) == condition::throttled);
  CHECK(parsed({.status = 400}) == condition::rejected);
  CHECK(parsed({.status = 400}) != condition::throttled);
  CHECK(parsed({.status = 500}) == condition::outcome_unknown);
  CHECK(parsed({.status = 500}) != condition::rejected);
}

TEST_CASE("an exception that a plug-in throws is caught, and holds the error", "[shared_objects]") {
  auto const thrown = [] {
    from_plug_in<throw_function>("plug_in_throw")(
        {.code = errc::conflict, .effect = effect::none, .status = 409, .message = "ours"});
  };
  CHECK_THROWS_AS(thrown(), std::system_error);
  try {
    thrown();
  } catch (fictive::exception const& e) {
    CHECK(e.error().code == errc::conflict);
    CHECK(e.error() == condition::rejected);
    CHECK(std::string(e.what()) == "conflict (effect: none, status: 409): ours");
    return;
  }
  FAIL("nothing was thrown");
}

}  // namespace shared_objects
