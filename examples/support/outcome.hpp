// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_OUTCOME_HPP
#define FICTIVE_EXAMPLES_OUTCOME_HPP

#include "service_options.hpp"

#include <fictive/error.hpp>
#include <fictive/invite.hpp>

#include <string>

namespace examples {

/// The exit status of a program; see --help.
enum class exit_status : int {
  all_invited = 0,
  some_refused = 1,
  wrong_usage = 2,
  failed_without_effect = 3,
  outcome_unknown = 4,
  response_lost = 5,
  ended_early = 6,  ///< of bulk_invite
};

using invite_outcome = fictive::result<fictive::invite_response>;

exit_status status_of(job const& job, invite_outcome const& outcome);

/// A table and a summary, or the error and what to do. Untrusted text is made printable, secrets are masked.
std::string to_text(job const& job, invite_outcome const& outcome);

/// The same as JSON, in one line of ASCII.
std::string to_json(job const& job, invite_outcome const& outcome);

}  // namespace examples

#endif
