#include <fictive/fictive.hpp>

#include "support/allocated_bytes.hpp"
#include "support/catch.hpp"
#include "support/failing_allocations.hpp"
#include "support/thread_sanitizer.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace credentials_tests {

using fictive::secret;

namespace {

template <class T>
concept streamable = requires(std::ostream& out, T const& value) {
  out << value;
};

template <class A, class B>
concept equality_comparable_with = requires(A const& a, B const& b) {
  a == b;
};

template <class A, class B>
concept order_comparable_with = requires(A const& a, B const& b) {
  a < b;
};

static_assert(streamable<std::string>);
static_assert(!streamable<secret>);
static_assert(!streamable<fictive::credentials>);
static_assert(!streamable<fictive::client_config>);

static_assert(equality_comparable_with<std::string, char const*>);
static_assert(!equality_comparable_with<secret, secret>);
static_assert(!equality_comparable_with<secret, std::string>);
static_assert(!equality_comparable_with<secret, std::string_view>);
static_assert(!equality_comparable_with<secret, char const*>);
static_assert(!equality_comparable_with<std::string, secret>);
static_assert(!order_comparable_with<secret, secret>);

static_assert(!std::is_convertible_v<secret, std::string>);
static_assert(!std::is_convertible_v<secret, std::string_view>);
static_assert(!std::is_convertible_v<secret, bool>);
static_assert(!std::is_constructible_v<std::string, secret>);
static_assert(!std::is_constructible_v<std::string_view, secret>);

static_assert(std::is_convertible_v<std::string, secret>);
static_assert(std::is_convertible_v<std::string_view, secret>);
static_assert(std::is_convertible_v<char const*, secret>);
static_assert(!std::is_constructible_v<secret, int>);
static_assert(!std::is_nothrow_copy_assignable_v<fictive::credentials>);  // else its caller could not report bad_alloc
static_assert(std::is_nothrow_move_assignable_v<fictive::credentials>);
static_assert(std::is_nothrow_move_constructible_v<secret>);
static_assert(std::is_nothrow_default_constructible_v<secret>);

std::string const long_text(1000, 'x');

#if !FICTIVE_TESTS_THREAD_SANITIZER
/// Memory that holds a secret, and what was in it when it was given back.
struct watch {
  void const* memory = nullptr;
  std::size_t size = 0;
  bool given_back = false, overwritten = false;
} watched;

void look_at(void const* memory) noexcept {
  if (!memory || memory != watched.memory) return;
  auto const* const characters = static_cast<char const*>(memory);
  watched.overwritten = std::all_of(characters, characters + watched.size, [](char c) { return c == 0; });
  watched.given_back = true;
  watched.memory = nullptr;
}

void watch_memory_of(secret const& it) {
  watched = {.memory = it.reveal().data(), .size = it.reveal().size()};
}
#endif

}  // namespace

}  // namespace credentials_tests

#if !FICTIVE_TESTS_THREAD_SANITIZER
// All memory of the program goes through here, so that a test can see in what state it is given back, and make one
// allocation fail.
void* operator new(std::size_t size) {
  if (tests::allocation_fails()) throw std::bad_alloc();
  tests::allocated_bytes += size;
  if (void* const memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::nothrow_t const&) noexcept {
  return tests::allocation_fails() ? nullptr : std::malloc(size > 0 ? size : 1);
}
void operator delete(void* memory) noexcept {
  credentials_tests::look_at(memory);
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}
// The default ones call those, but not with AddressSanitizer.
void* operator new[](std::size_t size) {
  return operator new(size);
}
void operator delete[](void* memory) noexcept {
  operator delete(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  operator delete(memory);
}
#endif

namespace credentials_tests {

TEST_CASE("a secret reveals its text", "[secret]") {
  CHECK(secret("text").reveal() == "text");
  CHECK(secret(std::string_view("text", 2)).reveal() == "te");
  CHECK(secret(std::string("a\0b", 3)).reveal() == std::string_view("a\0b", 3));
  CHECK(secret(long_text).reveal() == long_text);
}

TEST_CASE("a secret of an empty text is empty", "[secret]") {
  CHECK(secret().empty());
  CHECK(secret("").empty());
  CHECK(secret().reveal().empty());
  CHECK(!secret("text").empty());
}

TEST_CASE("a secret of a null pointer is empty, as of an environment variable that is not set", "[secret]") {
  char* const not_set = std::getenv("FICTIVE_TESTS_VARIABLE_THAT_IS_NOT_SET");
  CHECK(fictive::secret(not_set).empty());
  fictive::secret assigned = "text";
  assigned = not_set;
  CHECK(assigned.empty());
}

TEST_CASE("a copy of a secret is independent", "[secret]") {
  auto const text = GENERATE_COPY(as<std::string>(), "", "short", long_text);
  secret original = text;
  secret const copy = original;
  secret assigned = "other";
  assigned = original;
  original = "changed";
  CHECK(copy.reveal() == text);
  CHECK(assigned.reveal() == text);
  CHECK(original.reveal() == "changed");
}

TEST_CASE("a secret that was moved from is empty", "[secret]") {
  auto const text = GENERATE_COPY(as<std::string>(), "short", long_text);
  secret first = text;
  secret second = std::move(first);
  CHECK(second.reveal() == text);
  CHECK(first.empty());

  secret third = "other";
  third = std::move(second);
  CHECK(third.reveal() == text);
  CHECK(second.empty());
}

TEST_CASE("a secret can be assigned to itself", "[secret]") {
  secret it = "text";
  auto& same = it;
  it = same;
  CHECK(it.reveal() == "text");
}

TEST_CASE("a secret can be assigned a part of its own text", "[secret]") {
  secret it = "text";
  it = it.reveal().substr(1);
  CHECK(it.reveal() == "ext");
}

#if !FICTIVE_TESTS_THREAD_SANITIZER
TEST_CASE("a secret overwrites the memory that it frees", "[secret]") {
  auto const text = GENERATE_COPY(as<std::string>(), "x", long_text);
  SECTION("when it ends") {
    secret const it = text;
    watch_memory_of(it);
  }
  SECTION("when it is assigned to") {
    secret it = text;
    watch_memory_of(it);
    it = "other";
    CHECK(watched.given_back);
  }
  SECTION("when it was moved elsewhere, only there") {
    secret it = text;
    watch_memory_of(it);
    secret const elsewhere = std::move(it);
    CHECK(!watched.given_back);
  }
  CHECK(watched.given_back);
  CHECK(watched.overwritten);
}
#endif

}  // namespace credentials_tests
