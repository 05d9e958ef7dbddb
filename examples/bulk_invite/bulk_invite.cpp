// SPDX-License-Identifier: BSL-1.0

// Invites any number of people whose addresses are in a file, and continues a run that was interrupted; see docs/bulk.md:
//
//     bulk_invite --base-url URL --group TOKEN --from people.csv --column email --journal run.journal --results run.csv

#include "arguments.hpp"
#include "bulk_input.hpp"
#include "error_text.hpp"
#include "progress_display.hpp"
#include "results_file.hpp"
#include "service_options.hpp"
#include "stop_signals.hpp"
#include "support/printable.hpp"

#include <fictive/beast/async_client.hpp>
#include <fictive/file_journal.hpp>
#include <fictive/invite_all.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace {

using examples::refuse;
using fictive::bulk_end;
using fictive::bulk_verdict;

/// The exit status; see --help.
enum class exit_status : int {
  all_invited = 0,
  some_refused = 1,
  wrong_usage = 2,
  failed_without_effect = 3,
  outcome_unknown = 4,
  response_lost = 5,
  ended_early = 6,
};

constexpr std::string_view description = R"(usage: bulk_invite [option]... --base-url URL --group TOKEN --from FILE

Invites each address of a file to an account group, in batches, at the rate that the service accepts. With a journal, a run
that was interrupted in whatever way can be continued, and nobody is invited twice.

)";

constexpr std::string_view bulk_help =
    R"(  --from FILE           read addresses from a file, one per line; blank lines and # comments are skipped; - is
                        standard input; repeatable
  --column NAME         the files are CSV (RFC 4180) with a header line; the addresses are in this column
  --keep-going          skip rows that do not look like an address; otherwise nothing is sent if there is one
  --journal FILE        record the progress, so that the run can be continued; on a local file system
  --resume              continue the run of the journal, with the same input
  --resend-unknown      with --resume: send unknown addresses again. CAREFUL: they may be invited twice
  --members FILE        with --resume: a list of members, one per line; an unknown address that is listed is settled
  --results FILE        write a row for each address: FILE ends in .csv or .jsonl
  --batch N             addresses in a request, 1 to 10000; default 100
  --concurrency N       concurrent requests at most, 1 to 64; default 8
  --rate R              requests per second at most; default: what the service accepts
  --split-rejected      divide a batch that the service rejects, to find the addresses that cause it
  --duplicates HOW      which addresses are the same: off, same-domain (default: domains differ in case) or ignore-case
  --dry-run             read, check and count only: send and write nothing
  --json                print the summary as one JSON object
  --quiet               show no progress and no summary
  --help                print this text

A value may also follow a '=': --group=TOKEN. SIGINT or SIGTERM stops the run: requests in progress are awaited; a second
one abandons them, which leaves their addresses unknown. Continue it with the same options and --resume.

exit status:
  0  all addresses were invited
  1  some addresses were refused or not applied, or are missing in a response: see the results
  2  invalid usage or input; nothing was sent
  3  failed; nobody was invited: correct the cause and start again
  4  the run is complete, but it is unknown whether some addresses were invited: check before you send them again
  5  the invitations were made, but a response or the results are lost: do not send again
  6  the run ended early (stopped, paused, session over): continue it with the same options and --resume
)";

struct command_line {
  examples::job job = {};
  std::vector<std::string> from = {};
  std::optional<std::string> column = {};
  std::string journal = {}, results = {}, members = {};
  fictive::bulk_options options = {};
  bool resumes = false, is_dry_run = false, is_quiet = false, keeps_going = false, as_json = false;
  bool asks_for_help = false;
};

double parse_rate(std::string_view text) {
  std::string const number(text);
  char* end = nullptr;
  double const rate = std::strtod(number.c_str(), &end);
  bool const is_number = text.find_first_not_of("0123456789.") == std::string_view::npos && *end == '\0';
  if (!is_number || rate < 0.001 || rate > 1e6)
    refuse("--rate: write the number of requests per second, from 0.001 to 1000000");
  return rate;
}

fictive::duplicate_detection parse_duplicates(std::string_view text) {
  if (text == "off") return fictive::duplicate_detection::off;
  if (text == "same-domain") return fictive::duplicate_detection::same_domain;
  if (text == "ignore-case") return fictive::duplicate_detection::ignore_case;
  refuse("--duplicates: write off, same-domain or ignore-case");
}

/// Whether two names are of the same file, which need not exist yet.
bool is_same_file(std::string const& one, std::string const& other) {
  std::error_code failed;
  if (std::filesystem::equivalent(one, other, failed)) return true;
  auto const a = std::filesystem::weakly_canonical(one, failed), b = std::filesystem::weakly_canonical(other, failed);
  return !failed && a == b;
}

/// The results replace no other file of the run.
void check_results(command_line const& line) {
  auto others = line.from;
  others.insert(others.end(), {line.journal, line.members});
  for (auto const& other : others)
    for (auto const& name : {line.results, line.results + ".part"})
      if (!other.empty() && is_same_file(name, other))
        refuse("--results: " + name + " is a file of another option: choose another name");
}

void check(command_line const& line) {
  if (line.from.empty()) refuse("--from is missing: give a file of addresses, or - for standard input");
  if (std::count(line.from.begin(), line.from.end(), "-") + (line.members == "-" ? 1 : 0) > 1)
    refuse("standard input (-) is given twice: give it once");
  if (line.job.request.account_group_token.empty()) refuse("--group is missing: give an account group");
  if (!line.job.has_base_url && !line.is_dry_run)
    refuse("--base-url is missing: give the URL of the service, or of fake_server to try it");
  if (line.resumes && line.journal.empty()) refuse("--resume needs --journal: give that of the run to continue");
  if (line.options.resends_unknown && !line.resumes) refuse("--resend-unknown needs --resume");
  if (!line.members.empty() && !line.resumes) refuse("--members needs --resume");
  if (!line.results.empty()) check_results(line);
}

command_line parse(int argc, char const* const* argv) {
  command_line line;
  auto const text = [](std::string& to) { return [&to](std::string_view value) { to = value; }; };
  auto& bulk = line.options;
  auto options = examples::service_options(line.job);
  options.insert(options.end(),
                 {
                     {"--from", [&](std::string_view value) { line.from.emplace_back(value); }, true},
                     {"--column", [&](std::string_view value) { line.column = value; }},
                     {"--journal", text(line.journal)},
                     {"--results", text(line.results)},
                     {"--members", text(line.members)},
                     {"--batch",
                      [&](std::string_view value) {
                        bulk.max_batch = static_cast<std::size_t>(examples::parse_integer("--batch", value, 1, 10'000));
                      }},
                     {"--concurrency",
                      [&](std::string_view value) {
                        bulk.max_concurrency =
                            static_cast<std::size_t>(examples::parse_integer("--concurrency", value, 1, 64));
                        bulk.initial_concurrency = std::min(bulk.initial_concurrency, bulk.max_concurrency);
                      }},
                     {"--rate", [&](std::string_view value) { bulk.max_requests_per_second = parse_rate(value); }},
                     {"--duplicates", [&](std::string_view value) { bulk.duplicates = parse_duplicates(value); }},
                     examples::flag("--resume", line.resumes),
                     examples::flag("--resend-unknown", bulk.resends_unknown),
                     examples::flag("--split-rejected", bulk.splits_rejected),
                     examples::flag("--keep-going", line.keeps_going),
                     examples::flag("--dry-run", line.is_dry_run),
                     examples::flag("--quiet", line.is_quiet),
                     examples::flag("--json", line.as_json),
                 });
  line.asks_for_help = !examples::parse_arguments(argc, argv, options, [](std::string_view) {
    refuse("there is an argument that is not an option: give the addresses in a file, with --from");
  });
  if (line.asks_for_help) return line;
  check(line);
  examples::complete_from_environment(line.job.config.credentials);
  return line;
}

[[noreturn]] void refuse(std::string_view option, std::string const& file, fictive::error const& why) {
  auto const cause = why.cause ? " (" + why.cause.message() + ")" : "";
  refuse(std::string(option) + ": " + file + ": " + why.message + cause);
}

/// A list of members, checked before it is used.
fictive::address_source members_of(std::string const& name) {
  auto const file = std::make_shared<examples::input_file>(name, "--members");
  auto checked = examples::address_reader(*file);
  for (examples::listed_address one; checked.next(one);)
    if (one.problem)
      refuse("--members: " + file->name() + ":" + std::to_string(one.line) + ": " + one.problem +
             ": give a list with one address per line");
  auto const reader = std::make_shared<examples::address_reader>(*file);
  return [file, reader](std::string& address) {
    examples::listed_address one;
    if (!reader->next(one)) return false;
    address = std::move(one.text);
    return true;
  };
}

/// One run, from the files to the exit status.
class bulk_program {
 public:
  bulk_program(std::string_view program, command_line line)
      : program_(program), line_(std::move(line)), input_(line_.from, line_.column, line_.keeps_going) {}

  int run() {
    input_.check();
    if (input_.addresses() == 0) refuse("there is no address: give a file of addresses with --from");
    if (!line_.members.empty()) line_.options.members = members_of(line_.members);
    if (line_.is_dry_run) return dry_run();
    return invite();
  }

 private:
  // Before the run.

  /// A run that crashed leaves a journal and FILE.part: the message says how to continue it.
  void check_that_no_run_is_left() const {
    std::error_code ignored;
    if (!line_.resumes && !line_.journal.empty() && std::filesystem::exists(line_.journal, ignored))
      refuse("--journal: " + line_.journal +
             ": the journal exists already: continue its run with --resume, or choose another file");
  }

  void open_journal() {
    if (line_.journal.empty()) return;
    auto journal =
        line_.resumes ? fictive::file_journal::open(line_.journal) : fictive::file_journal::create(line_.journal);
    if (!journal) refuse("--journal", line_.journal, journal.error());
    line_.options.journal = journal->writer();
    line_.options.resume = journal->take_run();
    line_.options.records_references = true;
  }

  void open_results() {
    if (!results_) return;
    try {
      results_->create();
    } catch (...) {
      if (!line_.resumes) remove_journal();
      throw;
    }
  }

  /// That of a run that has sent nothing.
  void remove_journal() const {
    std::error_code ignored;
    if (!line_.journal.empty()) std::filesystem::remove(line_.journal, ignored);
  }

  fictive::bulk_request request() {
    auto& from = line_.job.request;
    return {.account_group_token = from.account_group_token,
            .email_addresses = [this](std::string& address) { return next_address(address); },
            .subscription_references = from.subscription_references,
            .expiry_date = from.expiry_date};
  }

  // The run. Nothing here may throw into the client.

  bool next_address(std::string& address) {
    try {
      return input_.next(address, [this](examples::skipped_row const& row) { take_skipped(row); });
    } catch (examples::usage_error const& e) {
      fail(e.what());
      return false;
    }
  }

  void take_skipped(examples::skipped_row const& row) {
    ++skipped_;
    write({.index = row.index,
           .address = row.text,
           .verdict = to_string(bulk_verdict::not_applied),
           .message = examples::printable(row.problem)});
  }

  void take(fictive::bulk_result const& result) {
    auto const& error = result.error;
    examples::result_row row{
        .index = input_.index_of(result.index), .address = result.email_address, .verdict = to_string(result.verdict)};
    std::string status;
    if (result.invitation) {
      row.reference = result.invitation->invitation_reference;
      status = result.invitation->status.text();
    } else if (error) {
      if (error->status != 0) status = std::to_string(error->status);
      row.message = message_of(*error);
    }
    row.status = status;
    if (result.verdict == bulk_verdict::unaccounted && error) ++lost_;
    write(row);
  }

  [[nodiscard]] std::string message_of(fictive::error const& error) const {
    auto message = error.message;
    if (!error.server_message.empty())
      message += "; the service says: " +
                 examples::printable(examples::without_secrets(error.server_message, line_.job.config.credentials));
    return message;
  }

  void write(examples::result_row const& row) {
    if (results_ && !results_->write(row)) fail_results();
  }

  void show(fictive::bulk_progress const& state) {
    if (results_ && !results_->flush()) fail_results();
    display_->show(state);
  }

  /// Drains the run, because of this problem.
  void fail(std::string problem) {
    if (!problem_.empty()) return;
    problem_ = std::move(problem);
    if (signals_) signals_->request_drain();
  }

  void fail_results() {
    has_lost_results_ = true;
    fail("the results cannot be written: check the disk; those before are in " + results_->path() + ".part");
  }

  void report_signal(bool is_first) {
    display_->say(is_first
                      ? "stops, and waits for the requests in progress; a second signal abandons them, which makes "
                        "their addresses unknown"
                      : "abandons the requests in progress: their addresses are unknown");
    display_->say(how_to_continue());
  }

  int invite() {
    check_that_no_run_is_left();
    if (!line_.results.empty()) results_.emplace(line_.results, line_.resumes);
    open_journal();
    open_results();

    display_.emplace(program_, input_.addresses(), line_.is_quiet);
    if (line_.journal.empty() && !line_.is_quiet)
      display_->say("there is no --journal: if this run ends early, it cannot be continued");
    boost::asio::io_context io{1};
    examples::stop_signals signals(io, [this](bool is_first) { report_signal(is_first); });
    signals_ = &signals;
    auto& options = line_.options;
    options.stop = signals_->drain();
    options.abandon = signals_->abandon();
    options.expected_addresses = input_.addresses();
    options.on_progress = [this](fictive::bulk_progress const& state) { show(state); };
    options.progress_interval = display_->interval();

    fictive::bulk_report report;
    fictive::beast::async_client client(io, line_.job.config, {.tls = {.ca_file = line_.job.ca_file}});
    client.async_invite_all(
        request(), std::move(options), [this](fictive::bulk_result const& result) { take(result); },
        [&](fictive::bulk_report ended) {
          report = std::move(ended);
          signals.close();
        });
    io.run();
    signals_ = nullptr;
    display_->clear();
    return conclude(report);
  }

  /// Pulls all addresses through the state machine, which sends nothing here: it gives each one a verdict, like a run.
  int dry_run() {
    std::optional<fictive::recovered_run> recovered;
    if (line_.resumes) recovered = read_journal();
    auto& config = line_.job.config;
    auto const& [session, token, bearer] = config.credentials;
    if (session.empty() && token.empty() && bearer.empty()) config.credentials.session_id = std::string_view("none");

    auto now = std::chrono::steady_clock::now();
    fictive::bulk_counts counts;
    std::uint64_t to_send = 0;
    fictive::bulk_invite machine(config, request(), std::move(line_.options), now, false, std::move(recovered));
    for (auto step = machine.next(now);; step = machine.next(now)) {
      if (step == fictive::bulk_step::send) {  // from now on, the rest is pulled, and compared with the journal
        machine.stop(fictive::bulk_stop::drain, now);
        machine.responded(machine.request_id(), fictive::error{.code = fictive::errc::cancelled}, now);
      }
      if (step == fictive::bulk_step::wait) now = std::max(now, machine.wait_until());  // nobody waits
      for (auto const& result : machine.take_results()) {
        bool const would_be_sent = result.verdict == bulk_verdict::not_attempted ||
                                   (result.error && result.error->code == fictive::errc::cancelled);
        ++(would_be_sent ? to_send : counts.by_verdict[static_cast<std::size_t>(result.verdict)]);
      }
      if (step == fictive::bulk_step::done) break;
    }
    auto const report = machine.report();
    if (report.end == bulk_end::invalid_argument) refuse(report.error->message);
    if (report.end == bulk_end::input_changed) refuse(input_is_another);
    if (!problem_.empty()) refuse(problem_);
    counts.by_verdict[static_cast<std::size_t>(bulk_verdict::not_applied)] += skipped_;
    if (!line_.is_quiet) print("nothing was sent", counts, to_send, report);
    return 0;
  }

  [[nodiscard]] std::optional<fictive::recovered_run> read_journal() const {
    std::string text;
    try {
      std::ifstream file;
      file.exceptions(std::ios::failbit | std::ios::badbit);
      file.open(line_.journal, std::ios::binary);
      text.assign(std::istreambuf_iterator<char>(file), {});
    } catch (std::ios_base::failure const&) {  // it is missing, or a folder, for example
      refuse("--journal: cannot read " + line_.journal + ": give that of the run to continue");
    }
    auto recovered = fictive::recover_journal(text);
    if (!recovered) refuse("--journal", line_.journal, recovered.error());
    return std::move(recovered->run);
  }

  // After the run.

  int conclude(fictive::bulk_report& report) {
    if (report.end == bulk_end::invalid_argument || report.end == bulk_end::input_changed) {
      if (results_) results_->discard();
      if (!line_.resumes) remove_journal();
      if (report.end == bulk_end::input_changed && report.requests > 0) {
        display_->say(problem_.empty() ? std::string(input_differs) : examples::printable(problem_));
        return static_cast<int>(exit_status::ended_early);
      }
      if (report.end == bulk_end::input_changed) refuse(problem_.empty() ? input_is_another : problem_);
      refuse(report.error ? report.error->message : "the request is invalid");
    }
    report.counts.by_verdict[static_cast<std::size_t>(bulk_verdict::not_applied)] += skipped_;
    if (results_ && !results_->publish()) fail_results();
    if (!line_.is_quiet) print(to_string(report.end), report.counts, 0, report);
    if (auto const file = input_.changed_file())
      display_->say("note: " + examples::printable(*file) +
                    " was changed during the run: the results are of what was read");
    if (!problem_.empty()) display_->say(examples::printable(problem_));
    auto const status = status_of(report);
    explain(report, status);
    return static_cast<int>(status);
  }

  /// The number of addresses that were invited, or may have been.
  [[nodiscard]] static std::uint64_t applied(fictive::bulk_counts const& counts) {
    return counts[bulk_verdict::invited] + counts[bulk_verdict::refused] + counts[bulk_verdict::unaccounted] +
           counts[bulk_verdict::unknown] + counts[bulk_verdict::accepted_already];
  }

  [[nodiscard]] exit_status status_of(fictive::bulk_report const& report) const {
    auto const& counts = report.counts;
    bool const may_have_failed = report.end == bulk_end::not_found || report.end == bulk_end::too_many_failures;
    if (may_have_failed && applied(counts) == 0) return exit_status::failed_without_effect;
    if (has_lost_results_ && line_.journal.empty()) return exit_status::response_lost;
    if (report.end != bulk_end::complete || !problem_.empty()) return exit_status::ended_early;
    if (counts[bulk_verdict::unknown] > 0) return exit_status::outcome_unknown;
    if (lost_ > 0) return exit_status::response_lost;
    if (counts[bulk_verdict::not_applied] > 0 && applied(counts) == 0) return exit_status::failed_without_effect;
    auto const others =
        counts[bulk_verdict::refused] + counts[bulk_verdict::not_applied] + counts[bulk_verdict::unaccounted];
    return others > 0 ? exit_status::some_refused : exit_status::all_invited;
  }

  /// Why the run ended and how to continue it, on standard error.
  void explain(fictive::bulk_report const& report, exit_status status) {
    if (report.end != bulk_end::complete) display_->say("the run ended early: " + std::string(reason_of(report.end)));
    if (report.error) std::cerr << examples::text_of(*report.error, line_.job.config.credentials);
    if (report.journal_error) display_->say("the journal cannot be written: " + report.journal_error.message());
    if (report.retry_after)
      display_->say("the service asks for a delay of " + std::to_string(report.retry_after->count()) + " s");
    if (report.counts[bulk_verdict::unknown] > 0)
      display_->say(examples::with_separators(report.counts[bulk_verdict::unknown]) +
                    " addresses are unknown: they may have been invited, and are not sent again");
    if (status == exit_status::ended_early || status == exit_status::failed_without_effect)
      display_->say(how_to_continue());
  }

  [[nodiscard]] static std::string_view reason_of(bulk_end end) {
    switch (end) {
      case bulk_end::stopped: return "it was stopped";
      case bulk_end::paused: return "the service asks for a long delay";
      case bulk_end::not_authenticated: return "the service does not accept the credentials: continue with new ones";
      case bulk_end::not_found: return "the service does not find the account group or a subscription";
      case bulk_end::too_many_unknown: return "too many requests had an unknown effect";
      case bulk_end::too_many_failures: return "too many requests in a row had no effect";
      case bulk_end::journal_failed: return "the journal failed";
      default: return to_string(end);
    }
  }

  [[nodiscard]] std::string how_to_continue() const {
    if (line_.journal.empty())
      return line_.results.empty() ? "without --journal, the run cannot be continued"
                                   : "without --journal, the run cannot be continued: send the addresses that the "
                                     "results list as not attempted, and no others";
    return "to continue, give the same options and --resume; the journal is " + examples::printable(line_.journal);
  }

  void print(std::string_view end, fictive::bulk_counts const& counts, std::uint64_t to_send,
             fictive::bulk_report const& report) const {
    if (line_.as_json) return print_json(end, counts, to_send, report);
    std::string text;
    auto const add = [&text](std::uint64_t count, std::string_view name) {
      if (count > 0) text.append(text.empty() ? "" : ", ").append(examples::with_separators(count) + " ").append(name);
    };
    for (std::size_t i = 0; i < fictive::bulk_verdicts; ++i)
      add(counts.by_verdict[i], to_string(static_cast<bulk_verdict>(i)));
    add(to_send, "to send");
    std::cout << text << '\n' << std::flush;
  }

  void print_json(std::string_view end, fictive::bulk_counts const& counts, std::uint64_t to_send,
                  fictive::bulk_report const& report) const {
    boost::json::object summary{{"end", examples::value_of(end)}, {"addresses", counts.total() + to_send}};
    for (std::size_t i = 0; i < fictive::bulk_verdicts; ++i) {
      std::string name = to_string(static_cast<bulk_verdict>(i));
      std::replace(name.begin(), name.end(), ' ', '_');
      summary[name] = counts.by_verdict[i];
    }
    if (line_.is_dry_run) summary["to_send"] = to_send;
    summary["requests"] = report.requests;
    summary["throttled"] = report.throttled;
    summary["repeated"] = report.repeated;
    if (report.error)
      for (auto& [name, value] : examples::object_of(*report.error, line_.job.config.credentials))
        summary[name] = std::move(value);
    std::cout << examples::in_ascii(boost::json::serialize(summary)) << '\n' << std::flush;
  }

  static constexpr std::string_view input_is_another =
      "the input is not that of the run in the journal: nothing was sent; give the same files in the same order";

  static constexpr std::string_view input_differs =
      "a part of the input is not that of the run in the journal: only what comes before it was sent; continue with "
      "the same files in the same order";

  std::string program_;
  command_line line_;
  examples::bulk_input input_;
  std::optional<examples::results_file> results_;
  std::optional<examples::progress_display> display_;
  examples::stop_signals* signals_ = nullptr;  // during the run
  std::string problem_;
  bool has_lost_results_ = false;
  std::uint64_t skipped_ = 0, lost_ = 0;
};

int fail(std::string_view program, std::string_view problem, exit_status status) {
  std::cerr << program << ": " << examples::printable(problem) << '\n';
  return static_cast<int>(status);
}

}  // namespace

int main(int argc, char** argv) {
  auto const program = examples::program_name(argc, argv, "bulk_invite");
  std::signal(SIGPIPE, SIG_IGN);  // writing to a closed connection must not end the program
  try {
    auto line = parse(argc, argv);
    if (line.asks_for_help) {
      std::cout << description << examples::service_options_help << bulk_help;
      return 0;
    }
    return bulk_program(program, std::move(line)).run();
  } catch (examples::usage_error const& e) {
    return fail(program, e.what(), exit_status::wrong_usage);
  } catch (std::exception const& e) {
    return fail(program, e.what(), exit_status::outcome_unknown);
  }
}
