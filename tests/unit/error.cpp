#include <fictive/fictive.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <iterator>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <type_traits>

namespace error_tests {

using fictive::condition;
using fictive::effect;
using fictive::errc;
using fictive::error;

namespace {

errc const all[] = {errc::invalid_argument,   errc::invalid_request,   errc::not_authenticated, errc::not_found,
                    errc::conflict,           errc::too_many_requests, errc::server_error,      errc::unexpected_status,
                    errc::malformed_response, errc::transport_failure, errc::timed_out,         errc::cancelled};

template <class T>
std::string printed(T const& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

std::string cause_text(std::errc code) {
  auto const cause = std::make_error_code(code);
  return "generic:" + std::to_string(cause.value()) + " " + cause.message();
}

std::string const sample_text =
    "server error (effect: none, status: 503, cause: " + cause_text(std::errc::connection_reset) +
    ", attempts: 3, retry after: 7 s): ours";

error sample_error() {
  return {.code = errc::server_error,
          .cause = std::make_error_code(std::errc::connection_reset),
          .effect = effect::none,
          .status = 503,
          .message = "ours",
          .server_message = "theirs",
          .request_id = "id",
          .retry_after = std::chrono::seconds(7),
          .attempts = 3};
}

template <class Function>
fictive::exception thrown_by(Function function) {
  try {
    function();
  } catch (fictive::exception const& e) {
    return e;
  }
  throw std::logic_error("nothing was thrown");
}

}  // namespace

// ---------------------------------------------------------------------------------------------------------- codes

TEST_CASE("the codes are those that programs are compiled against", "[error]") {
  int expected = 1;
  for (auto code : all) CHECK(static_cast<int>(code) == expected++);
}

TEST_CASE("each code has a message", "[error]") {
  std::set<std::string> messages;
  for (auto code : all) messages.insert(to_string(code));
  CHECK(messages.size() == std::size(all));
  CHECK(messages.count("unknown error") == 0);
}

TEST_CASE("a value that is not a code has a message, too", "[error]") {
  auto const value = GENERATE(0, 13, -1, 1'000'000);
  CHECK(std::string(to_string(static_cast<errc>(value))) == "unknown error");
}

TEST_CASE("a code converts to std::error_code", "[error]") {
  for (auto code : all) {
    CAPTURE(code);
    auto const ec = fictive::make_error_code(code);
    CHECK(ec.value() == static_cast<int>(code));
    CHECK(ec.message() == to_string(code));
    CHECK(std::string(ec.category().name()) == "fictive");
    CHECK(ec == fictive::make_error_code(code));
  }
}

TEST_CASE("codes are equivalent to the corresponding std::errc, and to no other", "[error]") {
  for (auto code : all) {
    CAPTURE(code);
    auto const ec = fictive::make_error_code(code);
    CHECK((ec == std::errc::invalid_argument) == (code == errc::invalid_argument));
    CHECK((ec == std::errc::timed_out) == (code == errc::timed_out));
    CHECK((ec == std::errc::operation_canceled) == (code == errc::cancelled));
    CHECK(ec != std::errc::connection_refused);
  }
}

// --------------------------------------------------------------------------------------------- effects, conditions

TEST_CASE("each effect has a name", "[error]") {
  CHECK(std::string(to_string(effect::none)) == "none");
  CHECK(std::string(to_string(effect::unknown)) == "unknown");
  CHECK(std::string(to_string(effect::applied)) == "applied");
}

TEST_CASE("an error's outcome is unknown if its effect is, whatever its code", "[error]") {
  for (auto code : all) {
    CAPTURE(code);
    CHECK(error{.code = code, .effect = effect::unknown} == condition::outcome_unknown);
    CHECK(error{.code = code, .effect = effect::none} != condition::outcome_unknown);
    CHECK(error{.code = code, .effect = effect::applied} != condition::outcome_unknown);
  }
}

TEST_CASE("an error is throttled if it is a 429, or a 503 with Retry-After, whatever the effect", "[error]") {
  using std::chrono::seconds;
  auto const did = GENERATE(effect::none, effect::unknown);
  CHECK(error{.code = errc::too_many_requests, .effect = did, .status = 429} == condition::throttled);
  CHECK(error{.code = errc::timed_out, .effect = did, .status = 429} == condition::throttled);
  CHECK(error{.code = errc::server_error, .effect = did, .status = 503, .retry_after = seconds(0)} ==
        condition::throttled);
  CHECK(error{.code = errc::server_error, .effect = did, .status = 503} != condition::throttled);
  CHECK(error{.code = errc::server_error, .effect = did, .status = 500, .retry_after = seconds(1)} !=
        condition::throttled);
  CHECK(error{.code = errc::transport_failure, .effect = did} != condition::throttled);
  CHECK(error{.code = errc::invalid_request, .effect = did, .status = 400} != condition::throttled);
}

TEST_CASE("an error is rejected by its code, whatever its effect", "[error]") {
  std::set<errc> const rejections = {errc::invalid_argument, errc::invalid_request, errc::not_authenticated,
                                     errc::not_found, errc::conflict};
  for (auto code : all) {
    CAPTURE(code);
    for (auto did : {effect::none, effect::unknown, effect::applied})
      CHECK((error{.code = code, .effect = did} == condition::rejected) == (rejections.count(code) == 1));
  }
}

TEST_CASE("a value that is not a condition matches no error", "[error]") {
  CHECK(error{.effect = effect::unknown} != static_cast<condition>(0));
}

// ---------------------------------------------------------------------------------------- errors, results, exceptions

TEST_CASE("a default-constructed error has an unknown effect", "[error]") {
  error const e;
  CHECK(e.code == errc::transport_failure);
  CHECK(!e.cause);
  CHECK(e.effect == effect::unknown);
  CHECK(e.status == 0);
  CHECK(e.attempts == 0);
  CHECK(!e.retry_after);
}

TEST_CASE("the text of an error has its code, effect, status, cause, attempts, Retry-After and our message",
          "[error]") {
  CHECK(to_string(sample_error()) == sample_text);
  CHECK(printed(sample_error()) == sample_text);
}

TEST_CASE("the text of an error leaves out what is not set", "[error]") {
  CHECK(to_string(error{}) == "transport failure (effect: unknown)");
  CHECK(to_string(error{.code = errc::invalid_argument, .effect = effect::none, .message = "ours"}) ==
        "invalid argument (effect: none): ours");
  CHECK(to_string(error{.effect = effect::applied, .attempts = 1}) ==
        "transport failure (effect: applied, attempts: 1)");
}

TEST_CASE("the text of an error contains nothing of the server", "[error][untrusted]") {
  auto const text = to_string(error{.server_message = "theirs", .request_id = "identifier"});
  CHECK(text.find("theirs") == std::string::npos);
  CHECK(text.find("identifier") == std::string::npos);
}

TEST_CASE("a result prints that it has a value, or its error", "[error]") {
  CHECK(printed(fictive::result<int>(17)) == "value");
  CHECK(printed(fictive::result<int>(sample_error())) == sample_text);
}

TEST_CASE("errors and results print to wide streams, too", "[error]") {
  std::wostringstream out;
  out << error{.effect = effect::none, .message = "ours"} << L'|' << fictive::result<int>(17);
  CHECK((out.str() == L"transport failure (effect: none): ours|value"));
}

TEST_CASE("value() of a result without one throws the error", "[error]") {
  fictive::result<int> const failed = sample_error();
  auto const e = thrown_by([&] { (void)failed.value(); });
  CHECK(e.code() == fictive::make_error_code(errc::server_error));
  CHECK(e.error().code == errc::server_error);
  CHECK(e.error().cause == std::errc::connection_reset);
  CHECK(e.error().effect == effect::none);
  CHECK(e.error().status == 503);
  CHECK(e.error().server_message == "theirs");
  CHECK(e.error().request_id == "id");
  CHECK(e.error().attempts == 3);
}

TEST_CASE("value() of a result with a value returns it", "[error]") {
  CHECK(fictive::result<int>(17).value() == 17);
}

TEST_CASE("the text of an exception is that of its error", "[error]") {
  CHECK(fictive::exception(sample_error()).what() == sample_text);
  std::system_error const& base = fictive::exception(sample_error());
  CHECK(base.code() == fictive::make_error_code(errc::server_error));
}

TEST_CASE("an exception is caught as std::system_error", "[error]") {
  fictive::result<int> const failed = sample_error();
  CHECK_THROWS_AS(failed.value(), fictive::exception);
  CHECK_THROWS_AS(failed.value(), std::system_error);
  CHECK_THROWS_AS(failed.value(), std::runtime_error);
}

TEST_CASE("a copy of an exception holds the error, too", "[error]") {
  auto original = std::make_unique<fictive::exception>(sample_error());
  auto const copy = *original;
  original.reset();
  CHECK(copy.error().message == "ours");
  CHECK(copy.what() == sample_text);
}

static_assert(std::is_nothrow_copy_constructible_v<fictive::exception>);

// Comparing a std::error_code with one of ours would compare addresses, which differ between shared objects.
static_assert(!std::is_error_code_enum_v<errc> && !std::is_error_condition_enum_v<errc>);
static_assert(!std::is_error_condition_enum_v<condition> && !std::is_error_code_enum_v<condition>);

}  // namespace error_tests
