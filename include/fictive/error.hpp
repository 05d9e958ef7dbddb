// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_ERROR_HPP
#define FICTIVE_ERROR_HPP

#include <fictive/config.hpp>

#include <boost/config.hpp>
#include <boost/system/result.hpp>
#include <boost/throw_exception.hpp>

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
  invalid_argument = 1,  ///< refused before anything was sent; the message names the field and the cure
  invalid_request,       ///< 400, 412, 413, 415, 422: the service rejects the request
  not_authenticated,     ///< 401, 403: session, token or bearer not accepted
  not_found,             ///< 404
  conflict,              ///< 409
  too_many_requests,     ///< 429
  server_error,          ///< 5xx
  unexpected_status,     ///< any other status that is not a success
  malformed_response,    ///< a success whose body does not follow the contract
  transport_failure,     ///< no complete response
  timed_out,             ///< a time limit or the deadline has passed
  cancelled,             ///< cancelled by the caller
};

/// The effect of a failed call at the service. It decides whether the call may be repeated.
/// @see @ref errors-page, @ref unknown_outcomes-page
enum class effect {
  none,     ///< nothing was done; safe to retry
  unknown,  ///< some or all of it may have been done; a retry may do it twice
  applied,  ///< it was done, but the result is lost
};

/// "none", "unknown" or "applied".
[[nodiscard]] constexpr char const* to_string(effect did) noexcept {
  return did == effect::none ? "none" : did == effect::unknown ? "unknown" : "applied";
}

/// The text of a code, as in "timed out".
[[nodiscard]] constexpr char const* to_string(errc code) noexcept {
  switch (code) {
    case errc::invalid_argument: return "invalid argument";
    case errc::invalid_request: return "invalid request";
    case errc::not_authenticated: return "not authenticated";
    case errc::not_found: return "not found";
    case errc::conflict: return "conflict";
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

/// Error conditions, portable groups of error codes: `if (reply.error() == condition::throttled)`.
enum class condition {
  throttled = 1,    ///< the service limits the rate of calls: 429, or 503 with `Retry-After`
  outcome_unknown,  ///< it may have had an effect: `effect::unknown`
  rejected,         ///< rejected; the same request would be rejected again
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
[[nodiscard]] inline std::error_code make_error_code(errc value) noexcept {
  return {static_cast<int>(value), detail::errc_category_instance()};
}

/// A failed call: the kind of failure, its effect, and the service's message.
/// @see @ref errors-members-of-an-error
struct error {
  /// The kind of the failure.
  errc code = errc::transport_failure;
  /// The error of the transport or the JSON parser that caused the failure, if any.
  std::error_code cause = {};
  /// The effect of the call, all attempts together.
  fictive::effect effect = fictive::effect::unknown;
  /// The HTTP status; 0 without a response.
  int status = 0;
  /// A message for people. It contains no bytes from the network, no secret, no account-group token and no address, so
  /// it can be logged.
  std::string message = {};
  /// The message of the service or a gateway; the response's body if that is in no known form. Untrusted: one line of
  /// printable UTF-8, at most 1,024 bytes, which may repeat what was sent.
  std::string server_message = {};
  /// The id of the request at the service, for its support. Untrusted: at most 128 printable bytes of the response.
  std::string request_id = {};
  /// Delay requested by `Retry-After`; fractions are rounded up. 1 s if the header cannot be read, or is a date in a
  /// response without `Date`.
  std::optional<std::chrono::seconds> retry_after = {};
  /// Number of requests that were handed to the transport; 0 if the call was refused before.
  unsigned attempts = 0;

  /// Answers by code, effect, status and `retry_after`.
  friend bool operator==(error const& e, condition question) noexcept {
    switch (question) {
      case condition::throttled:
        return e.code == errc::too_many_requests || e.status == 429 || (e.status == 503 && e.retry_after);
      case condition::outcome_unknown: return e.effect == fictive::effect::unknown;
      case condition::rejected:
        return e.code == errc::invalid_argument || e.code == errc::invalid_request ||
               e.code == errc::not_authenticated || e.code == errc::not_found || e.code == errc::conflict;
    }
    return false;
  }
};

namespace detail {

/// An error before anything was sent. `problem` names the field and the cure.
inline error refused(std::string problem) {
  return {.code = errc::invalid_argument, .effect = effect::none, .message = std::move(problem)};
}

/// The cause of another error: this one's, or its code.
inline std::error_code cause_of(error const& e) noexcept {
  return e.cause ? e.cause : make_error_code(e.code);
}

}  // namespace detail

/// A text for logs, of one line: the code, effect, status, cause, attempts and `retry_after`, as far as they are set,
/// and `message`. It never contains `server_message`, `request_id` or anything of the caller's data. As in "timed out
/// (effect: unknown, cause: system:110 Connection timed out, attempts: 1): no complete response in time".
[[nodiscard]] std::string to_string(error const& e);

/// Thrown by `result::value()`.
class BOOST_SYMBOL_VISIBLE exception : public std::system_error {
 public:
  /// Of an error as a call returned it.
  explicit exception(fictive::error e);

  /// The error. Valid as long as this object or a copy of it exists.
  [[nodiscard]] fictive::error const& error() const noexcept { return contents_->error; }

  /// The text of `to_string(error())`, so it can be logged. Valid as long as this object or a copy of it exists.
  [[nodiscard]] FICTIVE_DECL char const* what() const noexcept override;

 private:
  struct contents {
    explicit contents(fictive::error e) : error(std::move(e)), text(to_string(error)) {}

    fictive::error error;
    std::string text;
  };

  std::shared_ptr<contents const> contents_;  // shared, as an exception's copy must not throw
};

/// A `T` or an `error`. `value()` throws `fictive::exception`; see Boost.System's `result` for the rest.
template <class T>
using result = boost::system::result<T, error>;

/// Prints `to_string(e)`.
template <class Char, class Traits>
std::basic_ostream<Char, Traits>& operator<<(std::basic_ostream<Char, Traits>& out, error const& e) {
  return out << to_string(e).c_str();
}

/// Prints "value" or the error, so that tests can print results of any type.
template <class Char, class Traits, class T>
std::basic_ostream<Char, Traits>& operator<<(std::basic_ostream<Char, Traits>& out, result<T> const& r) {
  if (r.has_value()) return out << "value";
  return out << r.error();
}

/// Called by `result::value()`; found by argument-dependent lookup.
[[noreturn]] void throw_exception_from_error(error const& e, boost::source_location const&);

}  // namespace fictive

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/impl/error.ipp>
#endif

#endif
