#include "bulk_invite/csv.hpp"
#include "bulk_invite/address_file.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The readers of files with addresses, which the program bulk_invite has.

namespace {

using records = std::vector<std::vector<std::string>>;

/// The text, in pieces of at most this size.
examples::byte_source pieces(std::string_view text, std::size_t most = 7) {
  return [text, most](char* to, std::size_t size) mutable {
    auto const count = std::min({text.size(), most, size});
    std::copy_n(text.begin(), count, to);
    text.remove_prefix(count);
    return count;
  };
}

records records_of(std::string_view text, std::size_t most = 7) {
  examples::csv_reader reader(pieces(text, most));
  records all;
  for (std::vector<std::string> fields; reader.next(fields);) all.push_back(fields);
  return all;
}

std::vector<std::string> lines_of(std::string_view text) {
  examples::line_reader reader(pieces(text));
  std::vector<std::string> all;
  for (std::string line; reader.next(line);) all.push_back(line);
  return all;
}

/// The line of the error, and its message.
template <class Read>
std::optional<std::pair<std::size_t, std::string>> error_of(Read read, std::string_view text) {
  try {
    static_cast<void>(read(text));
    return std::nullopt;
  } catch (examples::text_error const& e) {
    return std::pair(e.line, std::string(e.what()));
  }
}

std::size_t line_of_csv_error(std::string_view text) {
  auto const error = error_of([](std::string_view csv) { return records_of(csv); }, text);
  return error ? error->first : 0;
}

}  // namespace

TEST_CASE("CSV is read as RFC 4180 defines it", "[csv]") {
  CHECK(records_of("").empty());
  CHECK(records_of("a,b,c\r\nd,e,f\r\n") == records{{"a", "b", "c"}, {"d", "e", "f"}});
  CHECK(records_of("a,b\r\nc,d") == records{{"a", "b"}, {"c", "d"}});
  CHECK(records_of("\"a\",\"b\r\nc\",\"d\"\"e\",\",\"") == records{{"a", "b\nc", "d\"e", ","}});
  CHECK(records_of(",\n\"\",") == records{{"", ""}, {"", ""}});
  CHECK(records_of(" a , b ") == records{{" a ", " b "}});
}

TEST_CASE("a record ends at CR LF, CR or LF, and blank lines are skipped", "[csv]") {
  CHECK(records_of("a\rb\nc\r\nd\n\re") == records{{"a"}, {"b"}, {"c"}, {"d"}, {"e"}});
  CHECK(records_of("\r\n\r\na\n\n\nb\n\n") == records{{"a"}, {"b"}});
}

TEST_CASE("a byte order mark of UTF-8 is skipped, at the begin only", "[csv]") {
  CHECK(records_of("\xEF\xBB\xBF"
                   "a,b") == records{{"a", "b"}});
  CHECK(records_of("\xEF\xBB\xBF"
                   "\"a\"") == records{{"a"}});
  CHECK(records_of("a,\xEF\xBB\xBF"
                   "b") == records{{"a",
                                    "\xEF\xBB\xBF"
                                    "b"}});
}

TEST_CASE("the size of the pieces that are read makes no difference", "[csv]") {
  std::string_view const text = "\xEF\xBB\xBF\"a\"\"\r\n\",j\xC3\xB6rg,\xF0\x9F\x98\x80\r\n\r\nb,\"\",c\r";
  auto const expected = records_of(text, text.size());
  CHECK(expected == records{{"a\"\n", "j\xC3\xB6rg", "\xF0\x9F\x98\x80"}, {"b", "", "c"}});
  for (std::size_t size = 1; size < text.size(); ++size) CHECK(records_of(text, size) == expected);
}

TEST_CASE("text that is no CSV is refused with its line", "[csv]") {
  CHECK(line_of_csv_error("a\nb\"c\n") == 2);
  CHECK(line_of_csv_error("a\r\n\r\n\"b\"c\n") == 3);
  CHECK(line_of_csv_error("a\n\n\"b\n\nc") == 3);
  CHECK(line_of_csv_error("a\n\"b\n\"\"\n\"x") == 4);
  CHECK(line_of_csv_error("a\n\"" + std::string(examples::max_text_field + 1, 'b')) == 2);
  CHECK(line_of_csv_error("a\n" + std::string(examples::max_text_field + 1, 'b')) == 2);
  CHECK(line_of_csv_error("a\n" + std::string(examples::max_text_field, 'b')) == 0);
  CHECK(line_of_csv_error("a\n" + std::string(5000, ',')) == 2);
}

TEST_CASE("the number of a record is that of its first line", "[csv]") {
  examples::csv_reader reader(pieces("a\r\n\"b\r\nc\"\r\n\r\nd\re"));
  std::vector<std::string> fields;
  for (std::size_t const line : {1u, 2u, 5u, 6u}) {
    REQUIRE(reader.next(fields));
    CHECK(reader.line() == line);
  }
  CHECK_FALSE(reader.next(fields));
  CHECK_FALSE(reader.next(fields));
}

TEST_CASE("lines are read without their ends", "[csv]") {
  CHECK(lines_of("").empty());
  CHECK(lines_of("a\r\n\r\nb\rc\n\"d,") == std::vector<std::string>{"a", "", "b", "c", "\"d,"});
  CHECK(lines_of("\xEF\xBB\xBF"
                 "a\n") == std::vector<std::string>{"a"});
}

TEST_CASE("other encodings than UTF-8 are refused with the line", "[csv]") {
  auto const check = [](std::string_view text, std::size_t line, std::string_view encoding) {
    auto const error = error_of([](std::string_view lines) { return lines_of(lines); }, text);
    REQUIRE(error);
    CHECK(error->first == line);
    CHECK(error->second.find(encoding) != std::string::npos);
  };
  using namespace std::string_view_literals;
  check(
      "\xFF\xFE"
      "a\0\n\0"sv,
      1, "UTF-16");
  check("\xFE\xFF\0a\0\n"sv, 1, "UTF-16");
  check("a\0\n\0"sv, 1, "UTF-16");
  check("\0a\0\n"sv, 1, "UTF-16");
  check("a\nj\xF6rg\n", 2, "Latin-1");
  for (auto const ill_formed :
       {"\x80"sv, "\xBF"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xC3"sv, "\xC3\n"sv, "\xC3\xC3"sv, "\xE0\x9F\xBF"sv,
        "\xE2\x82"sv, "\xED\xA0\x80"sv, "\xED\xBF\xBF"sv, "\xF0\x8F\xBF\xBF"sv, "\xF0\x9F\x98"sv, "\xF4\x90\x80\x80"sv,
        "\xF5\x80\x80\x80"sv, "\xFF"sv})
    check("a\n\n" + std::string(ill_formed), 3, "Latin-1");
  for (auto const* well_formed : {"\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                                  "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    CHECK(lines_of(well_formed) == std::vector<std::string>{well_formed});
}

TEST_CASE("a field that is written is read back", "[csv]") {
  for (auto const* field : {"a", "", " a ", "a,b", "\"", "a\"b\"", "a\nb", "\n", ",,", "\"\""})
    CHECK(records_of(examples::csv_field(field) + ",x") == records{{field, "x"}});
  CHECK(records_of(examples::csv_field("a\rb\r\n")) == records{{"a\nb\n"}});
}

TEST_CASE("text that may be an e-mail address is told from text that is none", "[csv]") {
  for (auto const* text : {"a@b", "jamie.muir+x@fictiveglobal.com", "j\xC3\xB6rg@m\xC3\xBCller.example", "o'neil@b.cc",
                           "a!#$%&'*+/=?^_`{|}~-@b.cc", "\"two words\"@b.cc", "\"a@b\"@c.dd", "a@[192.0.2.1]"})
    CHECK(examples::looks_like_address(text));
  for (auto const* text : {"",       "@",       "a",     "a@",     "@b",         "a@b@c",    "a b@c",  "a@b c",
                           "a,b@c",  "a@b,c@d", "<a@b>", "a@b;",   "a@b\n",      "a\t@b",    "\x7F@b", "A <a@b>",
                           "(x)a@b", "a\"b@c",  "\"a@b", "\"\"@b", "\"a\"b\"@c", "\"a,b\"@c"})
    CHECK_FALSE(examples::looks_like_address(text));
}
