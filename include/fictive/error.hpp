// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_ERROR_HPP
#define FICTIVE_ERROR_HPP

#include <fictive/config.hpp>

#include <boost/config.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace fictive {

/// What went wrong.
enum class errc {
  invalid_argument = 1,    ///< refused before anything was sent; the message names the field and what to do
  invalid_request,         ///< 400, 412, 413, 415, 422: the service refuses the request as it is
  not_authenticated,       ///< 401, 403: session, token or bearer not accepted
  subscription_not_found,  ///< 404
  conflict,                ///< 409
  too_many_requests,       ///< 429
  server_error,            ///< 5xx
  unexpected_status,       ///< any other status that is not a success
  malformed_response,      ///< a success whose body is not what the contract says
  transport_failure,       ///< no response, or half of one
  timed_out,               ///< out of time at any stage
  cancelled,               ///< stopped by the caller
};

/// What the failed call did at the service. An invitation is not idempotent, so this decides what may be done next.
enum class effect {
  none,     ///< surely nothing: send again at will
  unknown,  ///< it may have invited some or all: sending again may invite twice
  applied,  ///< it was carried out, but the answer is lost
};

/// "none", "unknown" or "applied".
constexpr char const* to_string(effect did) noexcept {
  return did == effect::none ? "none" : did == effect::unknown ? "unknown" : "applied";
}

/// The text of a code, as in "timed out".
constexpr char const* to_string(errc code) noexcept {
  switch (code) {
    case errc::invalid_argument: return "invalid argument";
    case errc::invalid_request: return "the service refused the request";
    case errc::not_authenticated: return "not authenticated";
    case errc::subscription_not_found: return "subscription not found";
    case errc::conflict: return "conflict with what exists already";
    case errc::too_many_requests: return "too many requests";
    case errc::server_error: return "server error";
    case errc::unexpected_status: return "unexpected status";
    case errc::malformed_response: return "malformed response";
    case errc::transport_failure: return "transport failure";
    case errc::timed_out: return "timed out";
    case errc::cancelled: return "cancelled";
  }
  return "unknown error";
}

/// Questions to ask an `error` instead of listing codes: `if (reply.error() == condition::throttled)`.
enum class condition {
  throttled = 1,    ///< the service asks to be called less, or later: 429, or 503 with `Retry-After`
  outcome_unknown,  ///< it may have been carried out: `effect::unknown`
  rejected,         ///< refused as it is; the same again would be refused again
};

namespace detail {

class errc_category final : public std::error_category {
 public:
  [[nodiscard]] char const* name() const noexcept override { return "fictive"; }

  [[nodiscard]] std::string message(int value) const override { return to_string(static_cast<errc>(value)); }

  /// The standard's condition where there is one: `make_error_code(errc::timed_out) == std::errc::timed_out`.
  [[nodiscard]] std::error_condition default_error_condition(int value) const noexcept override {
    switch (static_cast<errc>(value)) {
      case errc::invalid_argument: return std::errc::invalid_argument;
      case errc::timed_out: return std::errc::timed_out;
      case errc::cancelled: return std::errc::operation_canceled;
      default: return {value, *this};
    }
  }
};

inline std::error_category const& errc_category_instance() noexcept {
  static errc_category const instance;
  return instance;
}

}  // namespace detail

/// An `errc` as a `std::error_code` of the category "fictive", for interfaces that take one. Two shared objects may
/// have two objects of that category, and then their codes differ: compare `errc`s instead.
inline std::error_code make_error_code(errc value) noexcept {
  return {static_cast<int>(value), detail::errc_category_instance()};
}

/// A failed call: what went wrong, what it did, and what the service had to say.
struct error {
  /// The kind of the failure.
  errc code = errc::transport_failure;
  /// What the transport or the JSON parser reported, if that is where it began.
  std::error_code cause = {};
  /// What the call did, all attempts together.
  fictive::effect effect = fictive::effect::unknown;
  /// The HTTP status; 0 without a response.
  unsigned status = 0;
  /// For people, ours: holds no byte from the network, no secret, no account group token and no address, so it can be
  /// logged.
  std::string message = {};
  /// For people, the service's or a gateway's own words: untrusted. One line of printable UTF-8, at most 1,024
  /// bytes; may repeat what was sent.
  std::string server_message = {};
  /// What the service calls this call, for its support; from the response, untrusted, at most 128 printable bytes.
  std::string request_id = {};
  /// How long the service asks to be left alone (`Retry-After`).
  std::optional<std::chrono::seconds> retry_after = {};
  /// How many requests were handed to the transport; 0 if refused before.
  unsigned attempts = 0;

  /// Answers by code, effect and status.
  friend bool operator==(error const& e, condition question) noexcept {
    switch (question) {
      case condition::throttled:
        return e.code == errc::too_many_requests || (e.status == 503 && e.effect == fictive::effect::none);
      case condition::outcome_unknown: return e.effect == fictive::effect::unknown;
      case condition::rejected:
        return e.code == errc::invalid_argument || e.code == errc::invalid_request ||
               e.code == errc::not_authenticated || e.code == errc::subscription_not_found || e.code == errc::conflict;
    }
    return false;
  }
};

namespace detail {

/// Refused before anything was sent. `problem` names the field, and what to do about it.
inline error refused(std::string problem) {
  return {.code = errc::invalid_argument, .effect = effect::none, .message = std::move(problem)};
}

}  // namespace detail

/// What `result::value()` throws. Its text is `error::message` and the code's, so it can be logged.
class BOOST_SYMBOL_VISIBLE exception : public std::system_error {
 public:
  /// Of an error as a call returned it.
  explicit exception(fictive::error e)
      : std::system_error(make_error_code(e.code), e.message),
        error_(std::make_shared<fictive::error const>(std::move(e))) {}

  /// All that is known of the failure. Valid as long as this object or a copy of it is.
  [[nodiscard]] fictive::error const& error() const noexcept { return *error_; }

 private:
  std::shared_ptr<fictive::error const> error_;  // shared, as an exception's copy must not throw
};

/// A `T`, or why there is none. `value()` throws `fictive::exception`; see Boost.System's `result` for the rest.
template <class T>
using result = boost::system::result<T, error>;

/// Prints what may be logged, as in "timed out (effect: unknown): no response within limits.total_timeout".
template <class Char, class Traits>
std::basic_ostream<Char, Traits>& operator<<(std::basic_ostream<Char, Traits>& out, error const& e) {
  return out << to_string(e.code) << " (effect: " << to_string(e.effect) << "): " << e.message.c_str();
}

/// Prints "value", or the error; so results can be asserted on in tests whatever they hold.
template <class Char, class Traits, class T>
std::basic_ostream<Char, Traits>& operator<<(std::basic_ostream<Char, Traits>& out, result<T> const& r) {
  if (r.has_value()) return out << "value";
  return out << r.error();
}

/// How `result` knows what to throw (found by argument-dependent look-up).
[[noreturn]] inline void throw_exception_from_error(error const& e, boost::source_location const&) {
  throw exception(e);
}

}  // namespace fictive

#endif
