#include <fictive/bulk.hpp>
#include <fictive/fictive.hpp>
#include <fictive/journal_text.hpp>

#include "fuzz/support/fuzz.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// The reader of journals. The first byte chooses: any bytes; any lines with right checksums; or records that the input
// chooses, whose text is cut, changed or extended then.

namespace fuzz {

using fictive::effect;
using fictive::journal_record;
using fictive::recovered_run;

constexpr std::uint64_t addresses = 64;

/// Which addresses a continued run does not send.
std::vector<bool> recorded_in(recovered_run run) {
  std::vector<bool> all;
  fictive::detail::recovery recovery(std::move(run));
  for (std::uint64_t i = 0; i < addresses; ++i) all.push_back(recovery.take(i).has_value());
  return all;
}

/// Records as a run writes them: batches are sent, and those without effect again; some have no outcome.
class records_writer {
 public:
  explicit records_writer(choices& choose) : choose_(choose) {}

  std::vector<journal_record> write() {
    records_.emplace_back(fictive::journal_header{.run_id = {1, 2}, .group = {3, 4}, .request = {5, 6}, .batch = 8});
    for (auto left = choose_.below(24); left > 0; --left) add();
    return std::move(records_);
  }

 private:
  void add() {
    switch (choose_.below(4)) {
      case 0: records_.emplace_back(fictive::journal_end{.rate = static_cast<double>(choose_.below(256))}); break;
      case 1: return add_outcome();
      default: return add_intent();
    }
  }

  void add_intent() {
    fictive::journal_intent intent{.number = next_number_++};
    if (!repeats_.empty() && choose_.below(2) == 1) {
      intent.ranges = std::move(repeats_.back());
      repeats_.pop_back();
    } else {
      do {
        next_address_ += choose_.below(3);
        std::uint64_t const count = 1 + choose_.below(6);
        if (next_address_ + count > addresses) break;
        intent.ranges.push_back({next_address_, count});
        next_address_ += count;
      } while (choose_.below(4) == 3);
    }
    if (intent.ranges.empty()) return --next_number_, void();
    intent.input_size = next_address_;
    intent.input = {next_address_, 7};
    open_.emplace_back(intent.number, intent.ranges);
    records_.emplace_back(std::move(intent));
  }

  void add_outcome() {
    if (open_.empty()) return;
    auto const at = open_.begin() + static_cast<std::ptrdiff_t>(choose_.below(static_cast<unsigned>(open_.size())));
    auto const [number, ranges] = *at;
    open_.erase(at);
    fictive::journal_outcome outcome{.number = number, .effect = static_cast<effect>(choose_.below(3)), .status = 200};
    for (auto i = ranges.front().first; i < ranges.front().first + ranges.front().count; ++i) {
      auto const what = outcome.effect == effect::applied ? choose_.below(4) : 3;
      if (what == 0) outcome.refused.push_back(i);
      if (what == 1) outcome.unaccounted.push_back(i);
      if (what == 2) outcome.references.emplace_back(choose_.below(4), '"');
    }
    if (outcome.effect == effect::none) repeats_.push_back(ranges);
    records_.emplace_back(std::move(outcome));
  }

  choices& choose_;
  std::vector<journal_record> records_;
  std::uint64_t next_number_ = 0, next_address_ = 0;
  std::vector<std::pair<std::uint64_t, std::vector<fictive::index_range>>> open_;
  std::vector<std::vector<fictive::index_range>> repeats_;
};

/// What a reader may return of these records.
recovered_run run_of(std::vector<journal_record> const& records, std::size_t count) {
  recovered_run run;
  for (std::size_t i = 0; i < count; ++i) {
    if (auto const* header = std::get_if<fictive::journal_header>(&records[i])) run.header = *header;
    if (auto const* intent = std::get_if<fictive::journal_intent>(&records[i])) run.batches.push_back({*intent, {}});
    if (auto const* outcome = std::get_if<fictive::journal_outcome>(&records[i]))
      run.batches.at(static_cast<std::size_t>(outcome->number)).outcome = *outcome;
    if (auto const* end = std::get_if<fictive::journal_end>(&records[i])) run.rate = end->rate;
  }
  return run;
}

bool are_equal(recovered_run const& a, recovered_run const& b) {
  return a.header == b.header && a.rate == b.rate &&
         std::equal(a.batches.begin(), a.batches.end(), b.batches.begin(), b.batches.end(),
                    [](auto const& x, auto const& y) { return x.intent == y.intent && x.outcome == y.outcome; });
}

/// What holds for any text.
void check_any(std::string_view text) {
  auto const journal = fictive::recover_journal(text);
  if (!journal) {
    require(journal.error().code == fictive::errc::invalid_argument, "damage is an invalid argument");
    require(journal.error().effect == effect::none, "a damaged journal has no effect");
    require(is_ascii_line(journal.error().message), "the message is a line");
    return;
  }
  require(journal->size <= text.size(), "the size is that of complete lines");
  auto const kept = text.substr(0, static_cast<std::size_t>(journal->size));
  require(kept.empty() || kept.back() == '\n', "the size is that of complete lines");
  require(text.find('\n', kept.size()) == std::string_view::npos, "only the last line is removed");
  require(journal->next_line == static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')),
          "each line is a record");
  require(journal->run.has_value() == (journal->next_line > 0), "a journal begins with a header");
  if (!journal->run) return;
  for (std::size_t i = 0; i < journal->run->batches.size(); ++i)
    require(journal->run->batches[i].intent.number == i, "intents have no gaps");
  (void)recorded_in(*journal->run);
  auto const again = fictive::recover_journal(kept);
  require(again && are_equal(*again->run, *journal->run), "a repaired journal is the same");
  auto const added = fictive::recover_journal(
      std::string(kept) + fictive::journal_lines({fictive::journal_end{.rate = 1}}, journal->next_line));
  require(added && added->next_line == journal->next_line + 1, "a repaired journal can be continued");
}

/// Damage of a text: bytes are removed, changed, repeated or added. Returns whether bytes were removed.
bool damage(choices& choose, std::string& text) {
  auto const at = [&] { return std::size_t{choose.below(65536)} % (text.size() + 1); };
  switch (choose.below(6)) {
    case 0: text.resize(at()); return true;
    case 1: text.erase(at(), 1 + choose.below(300)); return true;
    case 2:
      if (auto const place = at(); place < text.size()) text[place] = static_cast<char>(choose.take());
      break;
    case 3: {
      auto const from = at();
      text.insert(at(), text.substr(from, 1 + choose.below(300)));
      break;
    }
    case 4: text.insert(at(), 1, static_cast<char>(choose.take())); break;
    default: text.insert(at(), std::string(1 + choose.below(64), '\0')); break;
  }
  return false;
}

void check_damaged(choices choose) {
  auto const records = records_writer(choose).write();
  auto const whole = fictive::journal_lines(records, 0);
  auto const read = fictive::recover_journal(whole);
  require(read && read->run && read->size == whole.size(), "what was written is read");
  require(are_equal(*read->run, run_of(records, records.size())), "what was written is read as it was");

  auto text = whole;
  auto const times = 1 + choose.below(3);
  bool may_miss_records = times > 1;
  for (auto i = times; i > 0; --i) may_miss_records |= damage(choose, text);
  check_any(text);
  auto const after = fictive::recover_journal(text);
  if (!after) return;
  if (!after->run) {
    require(may_miss_records && text.find('\n') == std::string::npos, "a journal is lost only before its first line");
    return;
  }
  auto const lines = static_cast<std::size_t>(after->next_line);
  require(lines <= records.size() && whole.compare(0, static_cast<std::size_t>(after->size), text, 0,
                                                   static_cast<std::size_t>(after->size)) == 0,
          "only the end of a journal is missing");
  require(may_miss_records || lines == records.size(), "a single change removes no record");
  auto const known = run_of(records, lines);
  require(are_equal(*after->run, known), "a line that is read is what was written");
  require(recorded_in(*after->run) == recorded_in(known), "no address that is recorded is sent again");
}

/// Lines of any members, numbered and with their checksums.
std::string with_checksums(std::string_view members) {
  std::string text;
  std::uint64_t n = 0;
  for (auto const& one : split(members, '\n')) {
    auto const line = "{\"n\":" + std::to_string(n++) + one;
    text += line + ",\"crc\":\"" + fictive::detail::crc_of(line) + "\"}\n";
  }
  return text;
}

void test(std::string_view input) {
  choices choose{input};
  switch (choose.below(3)) {
    case 0: return check_any(choose.rest);
    case 1: return check_damaged(choose);
    default: return check_any(with_checksums(choose.rest));
  }
}

}  // namespace fuzz
