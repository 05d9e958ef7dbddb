// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_JOURNAL_TEXT_HPP
#define FICTIVE_JOURNAL_TEXT_HPP

#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/journal.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The text of a journal: JSON Lines in ASCII, one record a line, without addresses, tokens or anything else of the request:
//
//     {"n":0,"v":1,"run":"…","group":"…","request":"…","batch":100,"crc":"…"}
//     {"n":1,"intent":0,"ranges":[[0,10]],"size":10,"input":"…","crc":"…"}
//     {"n":2,"outcome":0,"effect":"applied","status":200,"refused":[3],"unaccounted":[],"crc":"…"}
//     {"n":3,"end":"complete","rate":28400,"crc":"…"}
//
// `n` counts the lines without gaps; `crc` is the CRC-32 of all that precedes it, in hexadecimal. A reader ignores
// members that it does not know. `rate` is in requests per 1,000 s.

namespace fictive {

/// The lines of these records, the first of which is line `first` of the journal, counted from 0.
[[nodiscard]] std::string journal_lines(std::vector<journal_record> const& records, std::uint64_t first);

/// The content of a journal.
struct recovered_journal {
  /// Not set if nothing was recorded, and so nothing sent: the run starts anew.
  std::optional<recovered_run> run = {};
  /// The number of the next line.
  std::uint64_t next_line = 0;
  /// The size of the complete lines in bytes. The rest is an incomplete record: its writing was interrupted, so its
  /// requests were not sent. Truncate the file to this size.
  std::uint64_t size = 0;
};

/// Reads a journal. An incomplete last line, cut anywhere, is left out. Any other damage is an `invalid_argument` that
/// names the line: a record of a request that was sent would be lost, and people could be invited twice.
[[nodiscard]] result<recovered_journal> recover_journal(std::string_view text);

}  // namespace fictive

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/impl/journal_text.ipp>
#endif

#endif
