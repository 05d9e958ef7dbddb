#include <fictive/fictive.hpp>
#include <fictive/invite_all.hpp>

#include "support/catch.hpp"

#include <iterator>
#include <list>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bulk_address_source_test {

namespace {

std::vector<std::string> all_of(fictive::address_source source) {
  std::vector<std::string> all;
  for (std::string address; source.next(address);) all.push_back(address);
  std::string none;
  CHECK(!source.next(none));
  return all;
}

struct lines {
  std::istringstream file;
  auto begin() { return std::istream_iterator<std::string>(file); }
  auto end() { return std::istream_iterator<std::string>(); }
};

TEST_CASE("addresses come from any range or function", "[bulk][address_source]") {
  std::vector<std::string> const expected{"a", "b"};
  CHECK(all_of({}).empty());
  CHECK(all_of(expected) == expected);                            // by reference
  CHECK(all_of(std::vector<std::string>{"a", "b"}) == expected);  // moved in
  CHECK(all_of(std::list<std::string_view>{"a", "b"}) == expected);
  CHECK(all_of(lines{std::istringstream("a\nb\n")}) == expected);  // an input range
  char const* const array[] = {"a", "b"};
  CHECK(all_of(array) == expected);
  int count = 0;
  CHECK(all_of([&count](std::string& address) {
          address = std::string(1, static_cast<char>('a' + count));
          return count++ < 2;
        }) == expected);
}

TEST_CASE("nothing is pulled after the end", "[bulk][address_source]") {
  int calls = 0;
  fictive::address_source source([&calls](std::string&) { return ++calls != 1; });
  std::string address;
  CHECK(!source.next(address));
  CHECK(!source.next(address));
  CHECK(calls == 1);
}

TEST_CASE("a range is not touched before the first address is pulled", "[bulk][address_source]") {
  std::vector<std::string> addresses;
  fictive::address_source source(addresses);
  addresses.push_back("a");
  std::string address;
  CHECK(source.next(address));
  CHECK(address == "a");
}

}  // namespace

}  // namespace bulk_address_source_test
