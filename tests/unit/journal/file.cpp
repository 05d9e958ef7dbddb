#include <fictive/fictive.hpp>
#include <fictive/file_journal.hpp>
#include <fictive/invite_all.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/text.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#if defined(__unix__)
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#endif

namespace journal_file_tests {

using fictive::file_journal;
using tests::content_of;
using tests::temporary_folder;

namespace {

std::vector<fictive::journal_record> intent(std::uint64_t number) {
  return {fictive::journal_intent{.number = number, .ranges = {{number, 1}}, .input_size = number + 1}};
}

std::vector<fictive::journal_record> const header = {fictive::journal_header{.batch = 1}};

std::string message_of(fictive::result<file_journal> const& journal) {
  REQUIRE(!journal);
  CHECK(journal.error().code == fictive::errc::invalid_argument);
  return journal.error().message;
}

/// Invites these addresses over a lambda, one a request; returns the addresses that were sent.
std::vector<std::string> invite_all(std::vector<std::string> const& addresses, fictive::bulk_options options,
                                    std::size_t responses, fictive::bulk_report& report) {
  std::vector<std::string> sent;
  auto const send = [&](fictive::http_request const& request) -> fictive::result<fictive::http_response> {
    auto const begin = request.body.find("[\"") + 2;
    auto const address = request.body.substr(begin, request.body.find('"', begin) - begin);
    sent.push_back(address);
    if (sent.size() > responses) return fictive::transport_error(std::make_error_code(std::errc::connection_reset));
    return fictive::http_response{
        .status = 200,
        .headers = {},
        .body = R"({"validInvitations":[{"invitationReference":"r","emailAddress":")" + address + R"("}]})"};
  };
  fictive::client client{send, {.credentials = {.session_id = "s"}}};
  options.max_batch = options.max_concurrency = options.initial_concurrency = options.max_unknown_in_a_row = 1;
  report = client.invite_all({.account_group_token = "g", .email_addresses = addresses}, std::move(options), {});
  return sent;
}

}  // namespace

TEST_CASE("a journal is created, written, and read again", "[journal][file]") {
  temporary_folder const folder;
  auto journal = file_journal::create(folder.journal());
  REQUIRE(journal);
  CHECK(!journal->take_run());
  {
    auto const write = journal->writer();
    CHECK(!write(header));
    CHECK(!write(intent(0)));
  }
  CHECK(content_of(folder.journal()) == fictive::journal_lines({header[0], intent(0)[0]}, 0));
#if defined(__unix__)
  struct stat status {};
  REQUIRE(::stat(folder.journal().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
#endif
  journal = file_journal::open("nowhere/run.journal");
  CHECK(contains(message_of(journal), "no journal"));

  journal = file_journal::open(folder.journal());
  REQUIRE(journal);
  auto const run = journal->take_run();
  REQUIRE(run);
  CHECK(run->batches.size() == 1);
  CHECK(!journal->take_run());
  CHECK(!journal->writer()(intent(1)));
  CHECK(fictive::recover_journal(content_of(folder.journal())).value().next_line == 3);
}

TEST_CASE("an existing journal is not created again, nor opened twice", "[journal][file]") {
  temporary_folder const folder;
  auto const journal = file_journal::create(folder.journal());
  REQUIRE(journal);
  CHECK(contains(message_of(file_journal::create(folder.journal())), "exists already"));
  CHECK(contains(message_of(file_journal::open(folder.journal())), "another program has the journal open"));
  CHECK(contains(message_of(file_journal::create(folder.journal() / "below")), "choose a folder"));
}

TEST_CASE("an incomplete last record is removed from the file, a damaged one is not", "[journal][file]") {
  temporary_folder const folder;
  auto const text = fictive::journal_lines({header[0], intent(0)[0], intent(1)[0]}, 0);
  std::ofstream(folder.journal(), std::ios::binary) << text.substr(0, text.size() - 5);
  {
    auto journal = file_journal::open(folder.journal());
    REQUIRE(journal);
    CHECK(journal->take_run()->batches.size() == 1);
    CHECK(!journal->writer()(intent(1)));
  }
  CHECK(content_of(folder.journal()) == text);

  auto damaged = text;
  damaged[damaged.size() / 2] ^= 1;
  std::ofstream(folder.journal(), std::ios::binary | std::ios::trunc) << damaged;
  CHECK(contains(message_of(file_journal::open(folder.journal())), "is damaged"));
  CHECK(content_of(folder.journal()) == damaged);
}

TEST_CASE("a run is continued from its file, and nobody is sent twice", "[journal][file][bulk]") {
  temporary_folder const folder;
  std::vector<std::string> const addresses = {"a@b.co", "c@d.co", "e@f.co", "g@h.co"};
  fictive::bulk_report report;
  auto const first =
      invite_all(addresses, {.journal = file_journal::create(folder.journal()).value().writer()}, 2, report);
  CHECK(first == std::vector<std::string>{"a@b.co", "c@d.co", "e@f.co"});
  CHECK(report.end == fictive::bulk_end::too_many_unknown);

  auto journal = file_journal::open(folder.journal()).value();
  auto const second = invite_all(addresses, {.journal = journal.writer(), .resume = journal.take_run()}, 9, report);
  CHECK(second == std::vector<std::string>{"g@h.co"});
  CHECK(report.end == fictive::bulk_end::complete);
  CHECK(report.counts[fictive::bulk_verdict::invited] == 3);
  CHECK(report.counts[fictive::bulk_verdict::unknown] == 1);

  auto const text = content_of(folder.journal());
  for (auto const& address : addresses) CHECK(!contains(text, address));
}

#if defined(__unix__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("a journal that has a run is not that of a second one: nothing is sent", "[journal][file][bulk]") {
  temporary_folder const folder;
  std::vector<std::string> const people{"a@example.com", "b@example.com"};
  fictive::bulk_report report;
  REQUIRE(invite_all(people, {.journal = file_journal::create(folder.journal())->writer()}, 9, report).size() == 2);
  auto const before = content_of(folder.journal());
  auto const sent = invite_all(people, {.journal = file_journal::open(folder.journal())->writer()}, 9, report);
  CHECK(sent.empty());
  CHECK(report.end == fictive::bulk_end::journal_failed);
  CHECK(report.journal_error == std::errc::file_exists);
  CHECK(content_of(folder.journal()) == before);
}

TEST_CASE("a disk that is full anywhere: nothing is sent that is not recorded", "[journal][file][bulk]") {
  auto const old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit old_limit{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &old_limit) == 0);
  std::vector<std::string> const addresses = {"a@b.co", "c@d.co", "e@f.co"};
  for (rlim_t size = 0; size <= 1000; size += 7) {
    CAPTURE(size);
    temporary_folder const folder;
    auto journal = file_journal::create(folder.journal());
    REQUIRE(journal);
    rlimit const limit{size, old_limit.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    fictive::bulk_report report;
    auto const sent = invite_all(addresses, {.journal = journal->writer()}, 9, report);
    ::setrlimit(RLIMIT_FSIZE, &old_limit);
    CHECK((report.end == fictive::bulk_end::complete || report.end == fictive::bulk_end::journal_failed));
    if (report.end == fictive::bulk_end::journal_failed) CHECK(report.journal_error == std::errc::file_too_large);
    auto const recovered = fictive::recover_journal(content_of(folder.journal())).value();
    CHECK(sent.size() <= (recovered.run ? recovered.run->batches.size() : 0));
  }
  std::signal(SIGXFSZ, old_handler);
}

TEST_CASE("a child process cannot write to the journal of its parent", "[journal][file]") {
  temporary_folder const folder;
  auto const journal = file_journal::create(folder.journal());
  REQUIRE(journal);
  auto const write = journal->writer();
  auto const child = ::fork();
  if (child == 0) ::_exit(write(header) == std::errc::operation_not_permitted ? 0 : 1);
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(!write(header));
}
#endif

}  // namespace journal_file_tests
