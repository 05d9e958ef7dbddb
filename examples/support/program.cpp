// SPDX-License-Identifier: BSL-1.0

#include "program.hpp"

#include "fake_server.hpp"
#include "printable.hpp"

#include <csignal>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

namespace examples {
namespace {

int fail(std::string_view program, std::string_view problem, exit_status status) {
  std::cerr << program << ": " << printable(problem) << '\n';
  return static_cast<int>(status);
}

void check_required_values(job const& job) {
  if (job.request.account_group_token.empty()) throw usage_error("--group is missing: give an account group");
  if (job.request.email_addresses.empty())
    throw usage_error("there is no address: give one or more, or a file of addresses with --from");
}

/// Fills in values of the sample request of the service's reference.
void complete_with_sample(command_line& line) {
  auto& config = line.job.config;
  auto& request = line.job.request;
  if (request.account_group_token.empty()) request.account_group_token = "sample-group";
  if (!line.names_addresses)
    request.email_addresses = {"jamie.muir@fictiveglobal.com", "josh.fogg@fictiveglobal.com",
                               "jim.pimblett@fictiveglobal.com", "alex.marinescu@fictiveglobal"};
  auto const& [token_id, session_id, bearer_token] = config.credentials;
  if (token_id.empty() && session_id.empty() && bearer_token.empty())
    config.credentials.session_id = std::string_view("sample-session");
}

int run(std::string_view program, command_line line, invite_function const& invite) {
  std::optional<fake_server> server;
  if (!line.job.has_base_url) complete_with_sample(line);
  check_required_values(line.job);
  if (!line.job.has_base_url) {
    server.emplace();
    line.job.config.base_url = server->base_url();
    std::cerr << program << ": no --base-url given: using a fake of the service at " << server->base_url() << '\n';
  }

  auto const outcome = invite(line.job);
  if (line.as_json)
    std::cout << to_json(line.job, outcome);
  else if (outcome)
    std::cout << to_text(line.job, outcome);
  else
    std::cerr << program << ": " << to_text(line.job, outcome);
  std::cout.flush();
  return static_cast<int>(status_of(line.job, outcome));
}

}  // namespace

int run_program(int argc, char const* const* argv, std::string_view description,
                invite_function const& invite) noexcept {
  auto const program = program_name(argc, argv, "invite");
  std::signal(SIGPIPE, SIG_IGN);  // writing to a closed connection must not end the program

  std::optional<command_line> line;
  try {
    line = parse_command_line(argc, argv);
    if (line->asks_for_help) {
      std::cout << help_text(program, description);
      return 0;
    }
    return run(program, *line, invite);
  } catch (usage_error const& e) {
    return fail(program, e.what(), exit_status::wrong_usage);
  } catch (std::exception const& e) {
    // Possibly thrown by a transport during the call.
    return fail(program, e.what(), exit_status::outcome_unknown);
  }
}

}  // namespace examples
