// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_TESTING_CONFORMANCE_HPP
#define FICTIVE_TESTING_CONFORMANCE_HPP

#include <fictive/config.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

// Options and results of the conformance kit, see transport_conformance.hpp.

namespace fictive::testing {

/// The outcome of a check.
enum class conformance_outcome {
  kept,      ///< the transport meets the requirement
  broken,    ///< it does not
  excused,   ///< it does not, which is a known limitation and not dangerous
  left_out,  ///< not checked; the details give the reason
};

/// "kept", "broken", "excused" or "left out".
[[nodiscard]] constexpr char const* to_string(conformance_outcome outcome) noexcept {
  switch (outcome) {
    case conformance_outcome::kept: return "kept";
    case conformance_outcome::broken: return "broken";
    case conformance_outcome::excused: return "excused";
    case conformance_outcome::left_out: return "left out";
  }
  return "unknown";
}

/// The result of one check.
struct conformance_check {
  /// The requirement, as in "redirects are not followed".
  std::string name = {};
  /// Whether the transport meets it.
  conformance_outcome outcome = conformance_outcome::kept;
  /// What was expected and what happened instead, one line each. May contain remarks on a check that passed.
  std::string details = {};

  /// False if the requirement is broken.
  [[nodiscard]] bool passed() const noexcept { return outcome != conformance_outcome::broken; }
};

/// As in "broken: redirects are not followed", followed by the details.
[[nodiscard]] inline std::string to_string(conformance_check const& check) {
  std::string text = std::string(to_string(check.outcome)) + ": " + check.name;
  return check.details.empty() ? text : text + "\n" + check.details;
}

/// A check that a transport does not pass because of its HTTP stack.
struct known_limitation {
  /// The check's name.
  std::string check = {};
  /// The reason, for the report.
  std::string reason = {};
};

/// Options of the conformance kit.
struct conformance_options {
  /// Broken requirements that are excused, unless they are dangerous: a request sent twice, or `effect::none` after a
  /// byte of the request arrived.
  std::vector<known_limitation> known_limitations = {};
  /// The names of the checks to run; empty for all.
  std::vector<std::string> only = {};
  /// The total timeout of requests to a server that stalls.
  std::chrono::milliseconds timeout = std::chrono::milliseconds(250);
  /// How long after its timeout, or after a stop request, a call may still return.
  std::chrono::milliseconds grace = std::chrono::milliseconds(1500);
  /// The time for all checks together. Checks that it does not suffice for are reported as broken.
  std::chrono::milliseconds max_duration = std::chrono::seconds(60);
  /// Called with each result at once, e.g. to print it. It runs on the thread that called the kit.
  std::function<void(conformance_check const&)> on_result = {};
};

}  // namespace fictive::testing

#endif
