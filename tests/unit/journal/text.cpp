#include <fictive/file_journal.hpp>

#include "support/catch.hpp"
#include "support/text.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace journal_text_tests {

using fictive::effect;
using fictive::journal_lines;
using fictive::journal_record;
using fictive::recover_journal;

namespace {

fictive::journal_header const header = {
    .run_id = {0x0123456789ABCDEF, 0xFEDCBA9876543210}, .group = {1, 2}, .request = {3, 4}, .batch = 100};

/// A run of three batches, the last of which has no outcome.
std::vector<journal_record> records() {
  return {header,
          fictive::journal_intent{.number = 0, .ranges = {{0, 10}}, .input_size = 10, .input = {5, 6}},
          fictive::journal_outcome{.number = 0,
                                   .effect = effect::applied,
                                   .status = 200,
                                   .refused = {3},
                                   .unaccounted = {4, 9},
                                   .references = {"r", "\"\\\n\xC3\xA9\xF0\x9F\x98\x80\xFF"}},
          fictive::journal_intent{.number = 1, .ranges = {{10, 5}, {16, 95}}, .input_size = 111, .input = {7, 8}},
          fictive::journal_outcome{.number = 1, .effect = effect::none, .status = 429},
          fictive::journal_end{.reason = fictive::bulk_end::stopped, .rate = 28.5},
          fictive::journal_intent{.number = 2, .ranges = {{111, 1}}, .input_size = 112, .input = {9, 10}}};
}

std::string journal() {
  return journal_lines(records(), 0);
}

/// A line with this content and its checksum, bit by bit (CRC-32 of IEEE 802.3).
std::string line(std::string const& content) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (char const c : content) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
  }
  crc = ~crc;
  std::string digits(8, '0');
  for (std::size_t i = 8; i-- > 0; crc >>= 4) digits[i] = "0123456789abcdef"[crc & 0xF];
  return content + ",\"crc\":\"" + digits + "\"}\n";
}

/// The first line of a journal.
std::string first_line() {
  return journal_lines({header}, 0);
}

}  // namespace

TEST_CASE("the lines of a journal", "[journal]") {
  auto const id = [](char last) { return repeated("0", 15) + last; };
  CHECK(journal_lines({header}, 0) ==
        line(R"({"n":0,"v":1,"run":"0123456789abcdeffedcba9876543210","group":")" + id('1') + id('2') +
             R"(","request":")" + id('3') + id('4') + R"(","batch":100)"));
  CHECK(journal_lines({fictive::journal_intent{.number = 7, .ranges = {{1, 2}, {9, 1}}, .input_size = 10}}, 17) ==
        line(R"({"n":17,"intent":7,"ranges":[[1,2],[9,1]],"size":10,"input":")" + repeated("0", 32) + '"'));
  CHECK(journal_lines({fictive::journal_outcome{.number = 7, .effect = effect::unknown, .refused = {1, 2}}}, 18) ==
        line(R"({"n":18,"outcome":7,"effect":"unknown","status":0,"refused":[1,2],"unaccounted":[])"));
  auto const not_http = GENERATE(-1, 1000, (std::numeric_limits<int>::max)());  // from a transport: still readable
  CHECK(journal_lines({fictive::journal_outcome{.number = 7, .effect = effect::unknown, .status = not_http}}, 18) ==
        line(R"({"n":18,"outcome":7,"effect":"unknown","status":0,"refused":[],"unaccounted":[])"));
  CHECK(journal_lines({fictive::journal_end{.reason = fictive::bulk_end::not_found, .rate = 0.25}}, 19) ==
        line(R"({"n":19,"end":"not found","rate":250)"));
  CHECK(journal_lines(
            {fictive::journal_outcome{
                .number = 7, .effect = effect::applied, .status = 999, .references = {"~\x7F\xF0\x90\x80\x80"}}},
            18) == line(R"({"n":18,"outcome":7,"effect":"applied","status":999,"refused":[],"unaccounted":[],)"
                        R"("references":["~\u007f\ud800\udc00"])"));
  CHECK(contains(journal(), R"("references":["r","\"\\\u000a\u00e9\ud83d\ude00\ufffd"])"));
  for (char const c : journal()) CHECK((c == '\n' || (c >= ' ' && c <= '~')));
}

TEST_CASE("a journal is recovered", "[journal][recovery]") {
  auto const text = journal();
  auto const recovered = recover_journal(text).value();
  REQUIRE(recovered.run);
  CHECK(recovered.next_line == 7);
  CHECK(recovered.size == text.size());
  CHECK(recovered.run->header == header);
  CHECK(recovered.run->rate == 28.5);
  auto const& batches = recovered.run->batches;
  REQUIRE(batches.size() == 3);
  auto const written = records();
  CHECK(batches[0].intent == std::get<fictive::journal_intent>(written[1]));
  CHECK(batches[1].intent == std::get<fictive::journal_intent>(written[3]));
  CHECK(batches[2].intent == std::get<fictive::journal_intent>(written[6]));
  auto outcome = std::get<fictive::journal_outcome>(written[2]);
  outcome.references[1] = "\"\\\n\xC3\xA9\xF0\x9F\x98\x80\xEF\xBF\xBD";
  CHECK(batches[0].outcome == outcome);
  CHECK(batches[1].outcome == std::get<fictive::journal_outcome>(written[4]));
  CHECK(!batches[2].outcome);
}

TEST_CASE("numbers of 64 bits are recovered", "[journal][recovery]") {
  constexpr auto most = (std::numeric_limits<std::uint64_t>::max)();
  auto const text =
      first_line() +
      journal_lines(
          {fictive::journal_intent{.number = 0, .ranges = {{most - 1, 1}}, .input_size = most, .input = {most, most}}},
          1);
  auto const run = recover_journal(text).value().run;
  CHECK(run->batches.at(0).intent.ranges.at(0) == fictive::index_range{most - 1, 1});
  CHECK(run->batches.at(0).intent.input == fictive::fingerprint{most, most});
}

TEST_CASE("a journal that is cut anywhere is recovered up to its last complete line", "[journal][recovery]") {
  auto const text = journal();
  std::size_t lines = 0, complete = 0;
  for (std::size_t size = 0; size <= text.size(); ++size) {
    if (size > 0 && text[size - 1] == '\n') {
      ++lines;
      complete = size;
    }
    CAPTURE(size);
    auto const recovered = recover_journal(std::string_view(text).substr(0, size));
    REQUIRE(recovered);
    CHECK(recovered->next_line == lines);
    CHECK(recovered->size == complete);
    CHECK(recovered->run.has_value() == (lines > 0));
  }
}

TEST_CASE("a journal with a flipped bit is refused", "[journal][recovery]") {
  auto const text = journal();
  for (std::size_t at = 0; at < text.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      auto damaged = text;
      damaged[at] = static_cast<char>(damaged[at] ^ 1 << bit);
      CAPTURE(at, bit);
      auto const recovered = recover_journal(damaged);
      REQUIRE(!recovered);
      CHECK(recovered.error().code == fictive::errc::invalid_argument);
      CHECK(recovered.error().effect == effect::none);
      CHECK(contains(recovered.error().message, "of the journal is damaged"));
    }
}

TEST_CASE("an incomplete last line may be anything but a whole record", "[journal][recovery]") {
  auto const tail =
      GENERATE(as<std::string>(), "{", std::string(4, '\0'), "garbage", R"({"n":7,"crc":"00000000"})", "\"}\"}");
  auto const text = journal() + tail;
  CHECK(recover_journal(text).value().size == journal().size());
}

TEST_CASE("the damage is named with its line", "[journal][recovery]") {
  auto const problem_of = [](std::string const& text) { return recover_journal(text).error().message; };
  CHECK(contains(problem_of("\n"), "line 1 of the journal is damaged: its checksum is wrong"));
  CHECK(contains(problem_of(first_line() + "{}\n"), "line 2 of"));
  CHECK(contains(problem_of(first_line() + first_line()), "not the record that follows"));
  CHECK(
      contains(problem_of(first_line() + line(R"({"n":2,"end":"complete","rate":0)")), "not the record that follows"));
  CHECK(contains(problem_of(line(R"({"n":0,"end":"complete","rate":0)")), "not the header"));
  CHECK(contains(problem_of(line(R"({"n":0,"v":2)")), "of version 2"));
  CHECK(contains(problem_of(line(R"({"n":0,"v":1)")), "not the header"));
  CHECK(contains(problem_of(first_line() + line(R"({"n":1)")), "not a record"));

  auto const intent = [](std::string const& n, std::string const& number, std::string const& ranges) {
    return line(R"({"n":)" + n + R"(,"intent":)" + number + R"(,"ranges":)" + ranges + R"(,"size":10,"input":")" +
                repeated("0", 32) + '"');
  };
  CHECK(recover_journal(first_line() + intent("1", "0", "[[0,10]]")));
  CHECK(contains(problem_of(first_line() + intent("1", "1", "[[0,10]]")), "not the next one"));
  auto const ranges =
      GENERATE(as<std::string>(), "[]", "[[0,0]]", "[[0,11]]", "[[10,1]]", "[[18446744073709551615,2]]");
  CHECK(contains(problem_of(first_line() + intent("1", "0", ranges)), "not a record"));
  auto const wrong = GENERATE(as<std::string>(), "[[0]]", "[[0],[1]]", "[0,1]", "[[[0,1]]]", "0", "\"\"", "null", "{}",
                              "[[-1,1]]", "[[0,1.5]]", "[[0,18446744073709551616]]", "[[\"0\",1]]");
  CHECK(contains(problem_of(first_line() + intent("1", "0", wrong)), "not the record that follows"));

  auto const outcome = [](std::string const& n, std::string const& members) {
    return line(R"({"n":)" + n + R"(,"outcome":0,)" + members);
  };
  auto const applied = R"("effect":"applied","status":200,"refused":[],"unaccounted":[])";
  auto const begun = first_line() + intent("1", "0", "[[0,10]]");
  CHECK(recover_journal(begun + outcome("2", applied)));
  CHECK(contains(problem_of(first_line() + outcome("1", applied)), "was not recorded"));
  CHECK(contains(problem_of(begun + outcome("2", applied) + outcome("3", applied)), "a second outcome"));
  CHECK(contains(problem_of(begun + outcome("2", R"("effect":"some","status":200)")), "not a record"));
  CHECK(contains(problem_of(begun + outcome("2", R"("effect":"none","status":1000)")), "not a record"));
  CHECK(recover_journal(begun + outcome("2", R"("effect":"none","status":999)")));
  CHECK(contains(problem_of(begun + outcome("2", R"("run":1,"effect":"none","status":1)")), "not the record"));
  CHECK(contains(problem_of(begun + outcome("2", R"("effect":"none","effect":"none","status":1)")), "not the record"));
}

TEST_CASE("unknown members of a line are ignored", "[journal][recovery]") {
  auto const text =
      first_line() + line(R"({"n":1,"at":[{"x":1},null],"end":"a reason of a later version","rate":20000,"y":"")");
  CHECK(recover_journal(text).value().run->rate == 20);
}

}  // namespace journal_text_tests
