// SPDX-License-Identifier: BSL-1.0

// Invites the people of a file that has one address a line:
//
//     bulk BASE_URL GROUP ADDRESSES JOURNAL    with the session id in FICTIVE_SESSION_ID
//
// Ctrl-C lets the requests in progress complete, and sends nothing more. Run it again with the same files to continue,
// also after a crash or a loss of power: the journal has what was sent, so nobody is invited twice. Each run prints a
// line for each address whose outcome is known or in doubt, also those of the runs before.

#include <fictive/beast.hpp>
#include <fictive/file_journal.hpp>
#include <fictive/invite_all.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>

namespace {

std::atomic<bool> is_interrupted = false;

void interrupt(int number) {
  is_interrupted = true;
  std::signal(number, SIG_DFL);  // a second Ctrl-C ends the program at once; its requests are then unknown
}

/// Stores the next address; false at the end. Skips blank lines.
bool next_address(std::ifstream& file, std::string& address) {
  while (std::getline(file, address)) {
    if (address.ends_with('\r')) address.pop_back();
    if (!address.empty()) return true;
  }
  return false;
}

void print(fictive::bulk_result const& result) {
  if (result.verdict == fictive::bulk_verdict::not_attempted) return;
  std::cout << to_string(result.verdict) << '\t' << result.email_address;
  if (result.invitation) std::cout << '\t' << result.invitation->invitation_reference;
  if (result.error) std::cout << '\t' << *result.error;
  std::cout << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  char const* const session = std::getenv("FICTIVE_SESSION_ID");
  if (argc != 5 || !session) {
    std::cerr << "usage: FICTIVE_SESSION_ID=… bulk BASE_URL GROUP ADDRESSES JOURNAL\n";
    return 2;
  }
  std::ifstream file(argv[3]);
  if (!file) return std::cerr << "bulk: cannot read " << argv[3] << '\n', 2;

  // [run]
  std::filesystem::path const path = argv[4];
  auto journal = exists(path) ? fictive::file_journal::open(path) : fictive::file_journal::create(path);
  if (!journal) return std::cerr << "bulk: " << journal.error() << '\n', 2;

  fictive::stop_source stop;
  std::signal(SIGINT, interrupt);
  fictive::bulk_request request{.account_group_token = argv[2],
                                .email_addresses = [&](std::string& address) { return next_address(file, address); }};
  auto const stop_if_interrupted = [&stop](fictive::bulk_progress const&) {
    if (is_interrupted) stop.request_stop();
  };
  fictive::bulk_options options{.records_references = true,
                                .journal = journal->writer(),
                                .resume = journal->take_run(),
                                .stop = stop.get_token(),
                                .on_progress = stop_if_interrupted,
                                .progress_interval = std::chrono::milliseconds(100)};
  fictive::beast::client client{{.base_url = argv[1], .api_version = "9.0.0", .credentials = {.session_id = session}}};
  auto const report = client.invite_all(std::move(request), std::move(options), print);
  // [run]

  std::cerr << "bulk: " << report.counts[fictive::bulk_verdict::invited] << " invited, "
            << report.counts[fictive::bulk_verdict::refused] << " refused, "
            << report.counts[fictive::bulk_verdict::unknown] << " unknown\n";
  if (report.error) std::cerr << "bulk: " << *report.error << '\n';
  if (file.bad()) return std::cerr << "bulk: cannot read all of " << argv[3] << '\n', 1;
  if (report.end == fictive::bulk_end::complete) return 0;
  std::cerr << "bulk: the run ended early (" << to_string(report.end) << "): run it again to continue\n";
  return 1;
}
