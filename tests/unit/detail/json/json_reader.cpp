#include <fictive/fictive.hpp>
#if __has_include(<fictive/detail/json/json_reader.hpp>)  // else it is in fictive.hpp
#include <fictive/detail/json/json_reader.hpp>
#endif

#include "support/catch.hpp"
#include "support/text.hpp"

#include <string>
#include <string_view>
#include <system_error>

namespace json_reader_tests {

using fictive::detail::json_action;
using fictive::detail::read_json;

namespace {

/// Writes down the tokens. Skips the value of a member whose name begins with "skip", and objects and arrays when asked
/// to; refuses the text "refuse".
struct recorder final : fictive::detail::json_handler {
  explicit recorder(bool skip_objects = false, bool skip_arrays = false)
      : skips_objects(skip_objects), skips_arrays(skip_arrays) {}

  json_action write(std::string_view token, json_action action = json_action::take) {
    tokens.append(token).append(" ");
    return action;
  }

  json_action begin_object() override { return write("{", skips_objects ? json_action::skip : json_action::take); }
  json_action end_object() override { return write("}"); }
  json_action begin_array() override { return write("[", skips_arrays ? json_action::skip : json_action::take); }
  json_action end_array() override { return write("]"); }
  json_action key(std::string_view name) override {
    return write(std::string(name) + ":", name.starts_with("skip") ? json_action::skip : json_action::take);
  }
  json_action string(std::string_view text) override {
    return write("'" + std::string(text) + "'", text == "refuse" ? json_action::refuse : json_action::take);
  }
  json_action null() override { return write("null"); }
  json_action other(std::string_view text) override { return write(text); }

  bool skips_objects, skips_arrays;
  std::string tokens;
};

}  // namespace

TEST_CASE("a reader receives all tokens in order, with the text of numbers as in the document", "[json_reader]") {
  recorder reader;
  CHECK(!read_json(R"({"a":[1,-2.50e3,18446744073709551615,true,false,null,"x\u0041y",{}],"b":[]})", reader));
  CHECK(reader.tokens == "{ a: [ 1 -2.50e3 18446744073709551615 true false null 'xAy' { } ] b: [ ] } ");
}

TEST_CASE("the value of a skipped member is not reported", "[json_reader]") {
  auto const value = GENERATE(as<std::string>(), "1", "null", "true", R"("text")", R"("e\u0073cape")", R"("refuse")",
                              "[]", "{}", R"([1,[2,{"a":[]}],{"b":{}},"x\ny"])", R"({"a\n":{"skip":[1]},"b":[{}]})");
  recorder reader;
  CHECK(!read_json(R"({"a":1,"skip":)" + value + R"(,"b":{"skip too":)" + value + R"(},"c":"e\u0073c"})", reader));
  CHECK(reader.tokens == "{ a: 1 skip: b: { skip too: } c: 'esc' } ");
}

TEST_CASE("the rest of a skipped object or array is not reported", "[json_reader]") {
  recorder reader(true);
  CHECK(!read_json(R"([1,{"a":{"b":[]},"c":2},[{}],{"skip":{}},3])", reader));
  CHECK(reader.tokens == "[ 1 { [ { ] { 3 ] ");
  recorder other(false, true);
  CHECK(!read_json(R"({"a":[[],{"b":[]},1],"c":[],"d":4})", other));
  CHECK(other.tokens == "{ a: [ c: [ d: 4 } ");
}

TEST_CASE("a refused token ends the parsing", "[json_reader]") {
  recorder reader;
  CHECK(read_json(R"(["a","refuse","b"])", reader) == std::errc::bad_message);
  CHECK(reader.tokens == "[ 'a' 'refuse' ");
}

TEST_CASE("skipped text must be JSON", "[json_reader]") {
  auto const document = GENERATE(as<std::string>(), R"({"skip":[1,]})", R"({"skip":"\q"})", R"({"skip":{"a"}})",
                                 "{\"skip\":\"\xFF\"}", R"({"skip":)", R"({"skip":[}])");
  recorder reader;
  CHECK(read_json(document, reader));
}

TEST_CASE("512 levels may be open", "[json_reader][limits]") {
  recorder reader;
  CHECK(!read_json(repeated("[", 512) + repeated("]", 512), reader));
  auto const cause = read_json(repeated("[", 513) + repeated("]", 513), reader);
  CHECK(contains(fictive::detail::json_problem(cause), "512 levels"));
}

TEST_CASE("a number may have any exponent, of which at least nine digits are reported", "[json_reader]") {
  auto const number = GENERATE(as<std::string>(), "1e2147483648", "-1E+99999999999", "0.5e-99999999999",
                               "0e0000000000099999999999", "1e" + std::string(70'000, '9'));
  recorder alone;
  CHECK(!read_json(number, alone));
  CHECK(alone.tokens.starts_with(number.substr(0, number.find_first_of("eE") + 9)));
  recorder reader;
  CHECK(!read_json(R"({"a\n":["1e99999999999\\",{"b\u0041":true,"skip":[{"x\n":)" + number + R"(}],"c":[)" + number +
                       R"(,"\"1e99999999999"],"skip too":)" + number + R"(,"d":-1E9}, null]})",
                   reader));
  auto const reported = alone.tokens;
  CHECK(reader.tokens == "{ a\n: [ '1e99999999999\\' { bA: true skip: c: [ " + reported +
                             "'\"1e99999999999' ] skip too: d: -1E9 } null ] } ");
}

TEST_CASE("behind a long exponent, the rest must be JSON", "[json_reader]") {
  auto const document =
      GENERATE(as<std::string>(), "[1e99999999999", "[1e99999999999}", "1e99999999999 x", "1e99999999999x",
               "[1e99999999999,]", R"([1e99999999999,"\q"])", R"([1e99999999999,"1e)", R"([1e99999999999,"refuse"])",
               "[1e99999999999e9]", "[1e99999999999,1e-]");
  recorder reader;
  CHECK(read_json(document, reader));
  recorder deep;
  CHECK(read_json("[1e99999999999," + repeated("[", 512) + repeated("]", 513), deep));
  CHECK(!read_json("[1e99999999999," + repeated("[", 511) + repeated("]", 512), deep));
}

}  // namespace json_reader_tests
