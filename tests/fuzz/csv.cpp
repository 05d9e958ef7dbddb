#include "../../examples/bulk_invite/csv.hpp"

#include "fuzz/support/fuzz.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// A CSV file, read in pieces of two sizes, written and read again.

namespace fuzz {

using records = std::vector<std::vector<std::string>>;

examples::byte_source pieces(std::string_view text, std::size_t most) {
  return [text, most](char* to, std::size_t size) mutable {
    auto const count = std::min({text.size(), most, size});
    std::copy_n(text.begin(), count, to);
    text.remove_prefix(count);
    return count;
  };
}

/// Nothing if the text is refused.
std::optional<records> read(std::string_view text, std::size_t most) {
  examples::csv_reader reader(pieces(text, most));
  records all;
  std::size_t line = 0;
  try {
    for (std::vector<std::string> fields; reader.next(fields);) {
      require(!fields.empty(), "a record has a field");
      require(reader.line() > line, "each record begins in a line of its own");
      line = reader.line();
      all.push_back(fields);
    }
  } catch (examples::text_error const& e) {
    require(e.line >= line && e.line <= 1 + text.size(), "an error has a line");
    return std::nullopt;
  }
  return all;
}

void test(std::string_view input) {
  if (input.empty()) return;
  auto const size = 1 + static_cast<unsigned char>(input.front()) % 8u;
  input.remove_prefix(1);
  auto const seen = read(input, size);
  require(read(input, input.size() + 1) == seen, "the size of the pieces makes no difference");
  if (!seen) return;

  std::string text = "x\n";  // a byte order mark that is read as text is not at the begin
  for (auto const& fields : *seen) {
    std::string line;
    for (auto const& field : fields) line += examples::csv_field(field) + ',';
    line.pop_back();
    if (line.empty()) line = "\"\"";  // else it would be blank
    text += line + '\n';
  }
  auto again = read(text, size);
  require(again.has_value(), "what is written is read");
  again->erase(again->begin());
  require(*again == *seen, "what is written is read as it was");
}

}  // namespace fuzz
