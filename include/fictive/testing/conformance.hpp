// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_TESTING_CONFORMANCE_HPP
#define FICTIVE_TESTING_CONFORMANCE_HPP

#include <fictive/config.hpp>

#include <chrono>
#include <string>
#include <vector>

// Options and results of the conformance kit, see transport_conformance.hpp.

namespace fictive::testing {

/// What a check found.
enum class conformance_outcome {
  kept,      ///< the transport did what its contract says
  broken,    ///< it did not
  excused,   ///< it did not, which was declared as a known limitation and is not dangerous
  left_out,  ///< not checked, for the reason that the details give
};

/// "kept", "broken", "excused" or "left out".
constexpr char const* to_string(conformance_outcome outcome) noexcept {
  switch (outcome) {
    case conformance_outcome::kept: return "kept";
    case conformance_outcome::broken: return "broken";
    case conformance_outcome::excused: return "excused";
    case conformance_outcome::left_out: return "left out";
  }
  return "unknown";
}

/// One promise of a transport, and whether it was kept.
struct conformance_check {
  /// A sentence, as in "redirects are not followed".
  std::string name = {};
  /// Whether it was kept.
  conformance_outcome outcome = conformance_outcome::kept;
  /// What was expected and what happened instead, one line each. May hold a remark where all is well.
  std::string details = {};

  /// True unless it is broken.
  [[nodiscard]] bool passed() const noexcept { return outcome != conformance_outcome::broken; }
};

/// As in "broken: redirects are not followed" and, behind it, the details.
inline std::string to_string(conformance_check const& check) {
  std::string text = std::string(to_string(check.outcome)) + ": " + check.name;
  return check.details.empty() ? text : text + "\n" + check.details;
}

/// A check that a transport is known not to pass, since its HTTP stack cannot do better.
struct known_limitation {
  /// The check's name.
  std::string check = {};
  /// Why, for those who read the report.
  std::string reason = {};
};

/// How the kit checks.
struct conformance_options {
  /// They excuse a broken promise, but never a dangerous one: a request sent twice, or `effect::none` after a byte of
  /// the request arrived, is reported as broken all the same.
  std::vector<known_limitation> known_limitations = {};
  /// The names of the checks to run; empty for all.
  std::vector<std::string> only = {};
  /// The limit of time that requests are given where the server stalls.
  std::chrono::milliseconds timeout = std::chrono::milliseconds(250);
  /// How much later than that limit, or than a stop, a call may return at most.
  std::chrono::milliseconds grace = std::chrono::milliseconds(1500);
};

}  // namespace fictive::testing

#endif
