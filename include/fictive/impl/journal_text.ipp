// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_IMPL_JOURNAL_TEXT_IPP
#define FICTIVE_IMPL_JOURNAL_TEXT_IPP

#include <fictive/detail/bulk/journal_line.hpp>
#include <fictive/detail/text/utf8.hpp>
#include <fictive/journal_text.hpp>

#include <boost/crc.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace fictive {

namespace detail {

inline constexpr std::string_view crc_begin = ",\"crc\":\"", crc_end = "\"}";
inline constexpr std::size_t crc_size = 8;
inline constexpr std::uint64_t journal_version = 1;

FICTIVE_DECL std::string hexadecimal(std::uint64_t value, std::size_t digits) {
  std::string text(digits, '0');
  for (auto i = digits; i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 0xF];
  return text;
}

FICTIVE_DECL std::string crc_of(std::string_view text) {
  boost::crc_32_type crc;
  crc.process_bytes(text.data(), text.size());
  return hexadecimal(crc.checksum(), crc_size);
}

/// Builds one line.
class journal_line_writer {
 public:
  explicit journal_line_writer(std::uint64_t n) : line_("{\"n\":" + std::to_string(n)) {}

  void number(std::string_view name, std::uint64_t value) { member(name) += std::to_string(value); }

  void text(std::string_view name, std::string_view value) { append_string(member(name), value); }
  void identifier(std::string_view name, fingerprint const& value) {
    text(name, hexadecimal(value[0], 16) + hexadecimal(value[1], 16));
  }

  template <class List, class Append>
  void list(std::string_view name, List const& values, Append append) {
    auto& out = member(name) += '[';
    for (auto const& value : values) {
      if (out.back() != '[') out += ',';
      append(out, value);
    }
    out += ']';
  }

  /// In ASCII; what is not UTF-8 becomes U+FFFD.
  static void append_string(std::string& out, std::string_view value) {
    out += '"';
    while (!value.empty()) {
      auto const [code, size] = decode_utf8(value);
      append_character(out, size == 0 ? U'\uFFFD' : code);
      value.remove_prefix(size == 0 ? 1 : size);
    }
    out += '"';
  }

  [[nodiscard]] std::string take() && {
    auto const crc = crc_of(line_);
    return std::move(line_.append(crc_begin).append(crc).append(crc_end) += '\n');
  }

 private:
  std::string& member(std::string_view name) { return line_.append(",\"").append(name).append("\":"); }

  static void append_character(std::string& out, char32_t code) {
    if (code >= 0x10000) {
      append_character(out, 0xD800 + ((code - 0x10000) >> 10));
      append_character(out, 0xDC00 + ((code - 0x10000) & 0x3FF));
    } else if (code < 0x20 || code > 0x7E) {
      out.append("\\u").append(hexadecimal(code, 4));
    } else {
      if (code == '"' || code == '\\') out += '\\';
      out += static_cast<char>(code);
    }
  }

  std::string line_;
};

FICTIVE_DECL void write_record(journal_line_writer& line, journal_header const& header) {
  line.number("v", journal_version);
  line.identifier("run", header.run_id);
  line.identifier("group", header.group);
  line.identifier("request", header.request);
  line.number("batch", header.batch);
}

FICTIVE_DECL void write_record(journal_line_writer& line, journal_intent const& intent) {
  line.number("intent", intent.number);
  line.list("ranges", intent.ranges, [](std::string& out, index_range const& range) {
    out += '[' + std::to_string(range.first) + ',' + std::to_string(range.count) + ']';
  });
  line.number("size", intent.input_size);
  line.identifier("input", intent.input);
}

FICTIVE_DECL void write_record(journal_line_writer& line, journal_outcome const& outcome) {
  auto const append_index = [](std::string& out, std::uint64_t index) { out += std::to_string(index); };
  line.number("outcome", outcome.number);
  line.text("effect", to_string(outcome.effect));
  auto const status = static_cast<unsigned>(outcome.status);
  line.number("status", status <= highest_journal_status ? status : 0);
  line.list("refused", outcome.refused, append_index);
  line.list("unaccounted", outcome.unaccounted, append_index);
  if (!outcome.references.empty()) line.list("references", outcome.references, journal_line_writer::append_string);
}

FICTIVE_DECL void write_record(journal_line_writer& line, journal_end const& end) {
  line.text("end", to_string(end.reason));
  constexpr double most = 1e12;
  auto const rate = end.rate > 0 ? (std::min)(end.rate, most) : 0;  // not a number: 0
  line.number("rate", static_cast<std::uint64_t>(std::ceil(rate * 1000)));
}

/// The part of a complete record that its CRC is of; empty if it has no CRC or a wrong one.
FICTIVE_DECL std::string_view checked_part(std::string_view line) {
  constexpr auto tail = crc_begin.size() + crc_size + crc_end.size();
  if (line.size() <= tail || !line.ends_with(crc_end)) return {};
  auto const part = line.substr(0, line.size() - tail);
  auto const rest = line.substr(part.size());
  bool const is_right = rest.starts_with(crc_begin) && rest.substr(crc_begin.size(), crc_size) == crc_of(part);
  return is_right ? part : std::string_view();
}

/// Whether a last line without '\n' can be a record whose writing was interrupted. A line that contains a complete record
/// cannot: its '\n' was damaged later.
FICTIVE_DECL bool is_interrupted(std::string_view tail) {
  for (auto at = tail.find(crc_end); at != std::string_view::npos; at = tail.find(crc_end, at + 1)) {
    auto const size = at + crc_end.size();
    if (size < tail.size() && !checked_part(tail.substr(0, size)).empty()) return false;
  }
  return true;
}

/// Collects the records of a run, line by line.
class journal_reader {
 public:
  /// Why the line cannot be the next one; empty if it is.
  [[nodiscard]] std::string take(std::string_view line) {
    if (checked_part(line).empty()) return "its checksum is wrong";
    journal_line read;
    if (!read.parse(line) || read.n() != next_line_) return "it is not the record that follows the previous one";
    auto problem = next_line_++ == 0 ? take_header(read) : take_record(read);
    return problem;
  }

  [[nodiscard]] std::uint64_t next_line() const noexcept { return next_line_; }
  [[nodiscard]] std::optional<recovered_run> run() && {
    if (next_line_ == 0) return std::nullopt;
    return std::move(run_);
  }

 private:
  std::string take_header(journal_line& line) {
    auto const header = line.header(journal_version);
    if (!header && line.version() > journal_version)
      return "it is of version " + std::to_string(line.version()) + ": continue the run with a newer fictive library";
    if (!header) return "it is not the header of a journal";
    run_.header = *header;
    return {};
  }

  std::string take_record(journal_line& line) {
    auto& batches = run_.batches;
    if (auto intent = line.intent()) {
      if (intent->number != batches.size()) return "its intent is not the next one";
      batches.push_back({*std::move(intent), {}});
    } else if (auto outcome = line.outcome()) {
      if (outcome->number >= batches.size()) return "it is the outcome of a request that was not recorded";
      auto& batch = batches[static_cast<std::size_t>(outcome->number)];
      if (batch.outcome) return "it is a second outcome of the same request";
      batch.outcome = *std::move(outcome);
    } else if (auto const end = line.end()) {
      run_.rate = end->rate;
    } else {
      return "it is not a record of this version";
    }
    return {};
  }

  std::uint64_t next_line_ = 0;
  recovered_run run_;
};

FICTIVE_DECL error damaged_journal(std::uint64_t line, std::string_view problem) {
  return {
      .code = errc::invalid_argument,
      .effect = effect::none,
      .message = "line " + std::to_string(line + 1) + " of the journal is damaged: " + std::string(problem) +
                 ". Nothing is sent, since requests that were sent could be sent again: restore the file from a copy"};
}

}  // namespace detail

FICTIVE_DECL std::string journal_lines(std::vector<journal_record> const& records, std::uint64_t first) {
  std::string text;
  for (auto const& record : records) {
    detail::journal_line_writer line(first++);
    std::visit([&](auto const& one) { detail::write_record(line, one); }, record);
    text += std::move(line).take();
  }
  return text;
}

FICTIVE_DECL result<recovered_journal> recover_journal(std::string_view text) {
  detail::journal_reader reader;
  std::size_t at = 0;
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', at)) {
    auto const line = reader.next_line();
    if (auto const problem = reader.take(text.substr(at, end - at)); !problem.empty())
      return detail::damaged_journal(line, problem);
    at = end + 1;
  }
  if (!detail::is_interrupted(text.substr(at)))
    return detail::damaged_journal(reader.next_line(), "its end is missing");

  recovered_journal journal{.run = {}, .next_line = reader.next_line(), .size = at};
  journal.run = std::move(reader).run();
  return journal;
}

}  // namespace fictive

#endif
