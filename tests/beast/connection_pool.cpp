#if __has_include(<fictive/beast/detail/connection_pool.hpp>)
#include <fictive/beast/detail/connection_pool.hpp>
#include <fictive/detail/http/url.hpp>
#else  // they are in the single header
#include <fictive/beast.hpp>
#endif

#include "support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

// The pool in virtual time, without sockets.

namespace connection_pool_tests {

using namespace std::chrono_literals;
using fictive::beast::detail::connection_pool;
using fictive::beast::detail::longest_timeout;
using fictive::beast::detail::pool_limits;
using fictive::beast::detail::pooled_connection;
using time_point = connection_pool::time_point;

namespace {

constexpr auto never = (time_point::max)();

/// Counts how many connections are open.
struct connection final : pooled_connection {
  connection(time_point now, std::size_t& open, int its_number)
      : pooled_connection(now), number(its_number), open_(open) {
    ++open_;
  }
  ~connection() override { --open_; }

  int number;

 private:
  std::size_t& open_;
};

/// A call: its place, and the connection that it uses.
struct call final : connection_pool::place {
  explicit call(bool needs_new_connection = false) : place(needs_new_connection) {}

  /// Its number; 0 if it has none.
  [[nodiscard]] int received_number() const { return received ? static_cast<connection const&>(*received).number : 0; }

  unsigned notified = 0;

 private:
  void received_slot() noexcept override { ++notified; }
};

/// A pool, its clock, and a service to whose origins connections are opened.
class world {
 public:
  explicit world(pool_limits limits) : pool(limits) {}

  void acquire(call& caller, std::string const& url = "http://host") {
    pool.acquire(caller, *fictive::detail::split_url(url), now);
  }

  /// Opens a connection for a call that has received none.
  std::unique_ptr<pooled_connection> open() { return std::make_unique<connection>(now, connections, ++opened); }

  /// Ends a call with the connection that it has received, or has opened, for later calls.
  time_point end(call& caller, std::chrono::milliseconds idle_time = longest_timeout) {
    auto used = caller.received ? std::move(caller.received) : open();
    return pool.release(caller, std::move(used), idle_time, now);
  }

  /// Ends a call without a connection.
  time_point fail(call& caller) { return pool.release(caller, nullptr, longest_timeout, now); }

  time_point now = time_point(1h);
  std::size_t connections = 0;
  int opened = 0;
  connection_pool pool;
};

constexpr pool_limits roomy = {.max_connections = 4, .max_idle = 4, .max_idle_time = 30s, .max_age = 10min};

}  // namespace

TEST_CASE("a call receives a slot at once, and the connection of an earlier one", "[pool]") {
  world of(roomy);
  call first, second;
  of.acquire(first);
  CHECK(first.has_slot());
  CHECK_FALSE(first.is_waiting());
  CHECK(first.received == nullptr);
  of.end(first);
  of.acquire(second, "HTTP://HOST:80/path");
  CHECK(second.has_slot());
  CHECK(second.received_number() == 1);
  CHECK(second.notified == 0);
  of.end(second);
}

TEST_CASE("scheme, host and port make an origin, whose connections are its own", "[pool]") {
  world of(roomy);
  call first;
  of.acquire(first);
  of.end(first);
  for (auto const* url : {"https://host", "http://host:81", "http://other"}) {
    call other;
    of.acquire(other, url);
    CHECK(other.has_slot());
    CHECK(other.received == nullptr);
    of.fail(other);
  }
}

TEST_CASE("the connection that was used last is used first", "[pool]") {
  world of(roomy);
  call a, b, c;
  for (auto* one : {&a, &b}) of.acquire(*one);
  for (auto* one : {&a, &b}) of.end(*one);
  of.acquire(c);
  CHECK(c.received_number() == 2);
  of.end(c);
}

TEST_CASE("calls beyond the maximum wait, and receive the connections of others in order", "[pool]") {
  world of({.max_connections = 1, .max_idle = 1, .max_idle_time = 30s, .max_age = 10min});
  std::deque<call> calls(4);
  for (auto& one : calls) of.acquire(one);
  CHECK(calls[0].has_slot());
  for (std::size_t i = 1; i < calls.size(); ++i) {
    CHECK(calls[i].is_waiting());
    CHECK(of.end(calls[i - 1]) == never);
    CHECK(calls[i].has_slot());
    CHECK(calls[i].received_number() == 1);
    CHECK(calls[i].notified == 1);
  }
  CHECK(of.end(calls.back()) == of.now + 30s);
  CHECK(of.opened == 1);
}

TEST_CASE("a call to another origin does not wait", "[pool]") {
  world of({.max_connections = 1, .max_idle = 1, .max_idle_time = 30s, .max_age = 10min});
  call first, waiting, other;
  of.acquire(first);
  of.acquire(waiting);
  of.acquire(other, "http://other");
  CHECK(other.has_slot());
  of.fail(other);
  CHECK(waiting.is_waiting());
  for (auto* one : {&first, &waiting}) of.fail(*one);
}

TEST_CASE("a call that fails passes its slot on, without a connection", "[pool]") {
  world of({.max_connections = 1, .max_idle = 1, .max_idle_time = 30s, .max_age = 10min});
  call first, second;
  of.acquire(first);
  of.acquire(second);
  of.fail(first);
  CHECK(second.has_slot());
  CHECK(second.received == nullptr);
  of.fail(second);
}

TEST_CASE("a call that waits no longer leaves the queue, wherever it is", "[pool]") {
  auto const leaving = GENERATE(1U, 2U, 3U);
  world of({.max_connections = 1, .max_idle = 1, .max_idle_time = 30s, .max_age = 10min});
  std::deque<call> calls(4);
  for (auto& one : calls) of.acquire(one);
  of.fail(calls[leaving]);
  CHECK_FALSE(calls[leaving].is_waiting());
  calls[leaving].notified = 100;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (i == leaving) continue;
    CHECK(calls[i].has_slot());
    of.end(calls[i]);
  }
  CHECK(calls[leaving].notified == 100);
}

TEST_CASE("a place may be released again, and one that never had a slot", "[pool]") {
  world of(roomy);
  call one, other;
  of.acquire(one);
  of.end(one);
  CHECK(of.fail(one) == never);
  CHECK(of.fail(other) == never);
  CHECK(of.connections == 1);
}

TEST_CASE("a connection that was received and not taken is passed on, and expires as before", "[pool]") {
  world of(roomy);
  call first, second, third;
  of.acquire(first);
  auto const expiry = of.end(first, 2s);
  of.now += 1s;
  of.acquire(second);
  REQUIRE(second.received);
  CHECK(of.fail(second) == expiry);
  of.acquire(third);
  CHECK(third.received_number() == 1);
  of.fail(third);
}

TEST_CASE("a call that needs a new connection receives none, and leaves the idle one to others", "[pool]") {
  world of(roomy);
  call first, second(true), third;
  of.acquire(first);
  of.end(first);
  of.acquire(second);
  CHECK(second.has_slot());
  CHECK(second.received == nullptr);
  of.fail(second);
  of.acquire(third);
  CHECK(third.received_number() == 1);
  of.end(third);
}

TEST_CASE("at the maximum, an idle connection is closed for a call that needs a new one", "[pool]") {
  world of({.max_connections = 1, .max_idle = 1, .max_idle_time = 30s, .max_age = 10min});
  call first, second(true), third(true);
  of.acquire(first);
  of.end(first);
  CHECK(of.connections == 1);
  of.acquire(second);
  CHECK(second.has_slot());
  CHECK(of.connections == 0);
  of.acquire(third);
  of.end(second);
  CHECK(third.has_slot());
  CHECK(third.received == nullptr);
  CHECK(of.connections == 0);
  of.fail(third);
}

TEST_CASE("beyond the maximum of idle connections, the one that has been idle for longest is closed", "[pool]") {
  world of({.max_connections = 4, .max_idle = 2, .max_idle_time = 30s, .max_age = 10min});
  std::deque<call> calls(3), later(3);
  for (auto& one : calls) of.acquire(one);
  for (auto& one : calls) of.end(one);
  CHECK(of.connections == 2);
  for (auto& one : later) of.acquire(one);
  CHECK(later[0].received_number() == 3);
  CHECK(later[1].received_number() == 2);
  CHECK(later[2].received == nullptr);
  for (auto& one : later) of.fail(one);
}

TEST_CASE("without idle connections, each call opens one", "[pool]") {
  auto const [max_idle, idle_time, age] =
      GENERATE(table<std::size_t, std::chrono::milliseconds, std::chrono::milliseconds>(
          {{0, 30s, 10min}, {4, 0s, 10min}, {4, -1s, 10min}, {4, 30s, 0s}}));
  world of({.max_connections = 4, .max_idle = max_idle, .max_idle_time = idle_time, .max_age = age});
  call first, second;
  of.acquire(first);
  CHECK(of.end(first) == never);
  CHECK(of.connections == 0);
  of.acquire(second);
  CHECK(second.received == nullptr);
  of.fail(second);
}

TEST_CASE("an idle connection is closed at its expiry, and not before", "[pool]") {
  auto const [ours, theirs, time] =
      GENERATE(table<std::chrono::milliseconds, std::chrono::milliseconds, std::chrono::milliseconds>({
          {30s, longest_timeout, 30s},
          {30s, 5s, 5s},
          {30s, 60s, 30s},
          {(std::chrono::milliseconds::max)(), longest_timeout, 10min},  // its age
      }));
  world of({.max_connections = 4, .max_idle = 4, .max_idle_time = ours, .max_age = 10min});
  call first, second;
  CHECK(of.pool.next_expiry() == never);
  of.acquire(first);
  auto const expiry = of.end(first, theirs);
  CHECK(expiry == of.now + time);
  CHECK(of.pool.next_expiry() == expiry);
  of.now = expiry - 1ns;
  of.pool.close_expired(of.now);
  CHECK(of.connections == 1);
  of.now = expiry;
  SECTION("by a timer") {
    of.pool.close_expired(of.now);
  }
  SECTION("by the next call, of whatever origin") {
    of.acquire(second, "http://other");
    of.fail(second);
  }
  CHECK(of.connections == 0);
  CHECK(of.pool.next_expiry() == never);
}

TEST_CASE("a connection beyond its age is not passed to a call that waits", "[pool]") {
  world of({.max_connections = 1, .max_idle = 1, .max_idle_time = 30s, .max_age = 1min});
  call first, second;
  of.acquire(first);
  of.acquire(second);
  auto used = of.open();
  of.now += 1min;
  of.pool.release(first, std::move(used), longest_timeout, of.now);
  CHECK(second.has_slot());
  CHECK(second.received == nullptr);
  CHECK(of.connections == 0);
  of.fail(second);
}

TEST_CASE("in place of a connection that has ended, a call receives the next one", "[pool]") {
  world of(roomy);
  call a, b, c;
  for (auto* one : {&a, &b}) of.acquire(*one);
  for (auto* one : {&a, &b}) of.end(*one);
  of.acquire(c);
  CHECK(c.received_number() == 2);
  of.pool.replace_connection(c, of.now);
  CHECK(c.received_number() == 1);
  of.pool.replace_connection(c, of.now);
  CHECK(c.received == nullptr);
  CHECK(c.has_slot());
  CHECK(of.connections == 0);
  of.fail(c);
}

TEST_CASE("idle connections are closed on request, of one origin or all", "[pool]") {
  world of(roomy);
  call first, second;
  of.acquire(first);
  of.acquire(second, "http://other");
  of.end(first);
  of.end(second);
  of.pool.close_idle(*fictive::detail::split_url("http://host/path"));
  CHECK(of.connections == 1);
  of.pool.close_idle();
  CHECK(of.connections == 0);
}

TEST_CASE("at least one connection is allowed", "[pool]") {
  world of({.max_connections = 0, .max_idle = 0, .max_idle_time = 30s, .max_age = 10min});
  call first, second;
  of.acquire(first);
  of.acquire(second);
  CHECK(first.has_slot());
  CHECK(second.is_waiting());
  of.fail(first);
  CHECK(second.has_slot());
  of.fail(second);
}

// --- Random sequences ------------------------------------------------------------------------------------------------

namespace {

/// A random sequence of events, and a model of what must be true after each.
class sequence {
 public:
  explicit sequence(unsigned seed)
      : random_(seed),
        limits_{.max_connections = 1 + below(4),
                .max_idle = below(6),
                .max_idle_time = std::chrono::milliseconds(below(50)),
                .max_age = std::chrono::milliseconds(20 + below(200))},
        of_(limits_) {}

  void run() {
    for (int i = 0; i < 60; ++i) {
      step();
      check();
    }
    while (!active_.empty()) {  // each call that waits is served in the end
      end(0);
      check();
    }
    expect(waiting_[0].empty() && waiting_[1].empty(), "each call is served in the end");
    of_.now += 1h;
    of_.pool.close_expired(of_.now);
    expect(open_[0] + open_[1] == 0, "every idle connection is closed in the end");
  }

  std::string broken;

 private:
  struct running {
    std::unique_ptr<call> caller;
    std::size_t to;
    std::unique_ptr<pooled_connection> used = {};
  };

  void expect(bool condition, char const* what) {
    if (!condition && broken.empty()) broken = what;
  }

  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_); }

  void step() {
    switch (below(8)) {
      case 0:
      case 1:
      case 2: return begin();
      case 3:
      case 4:
        if (!active_.empty()) end(below(active_.size()));
        return;
      case 5: return leave();
      case 6: of_.now += std::chrono::milliseconds(below(30)); return;
      default:
        if (below(4) == 0) of_.pool.close_idle(*fictive::detail::split_url(urls[below(2)]));
        if (below(2) == 0) of_.pool.close_expired(of_.now);
    }
  }

  void begin() {
    auto const to = below(2);
    running one{std::make_unique<call>(below(5) == 0), to};
    bool const is_full = active_to(to) == limits_.max_connections;
    of_.acquire(*one.caller, urls[to]);
    expect(one.caller->has_slot() == !is_full, "a call has a slot if one is free");
    expect(one.caller->is_waiting() == is_full, "a call waits if no slot is free");
    if (is_full)
      waiting_[to].push_back(std::move(one));
    else
      use(std::move(one));
  }

  void use(running one) {
    auto& caller = *one.caller;
    while (caller.received) {
      expect(of_.now < caller.received->expires_at, "no connection is used after its expiry");
      if (below(8) > 0) break;
      of_.pool.replace_connection(caller, of_.now);
    }
    if (below(10) > 0) one.used = caller.received ? std::move(caller.received) : open(one.to);
    active_.push_back(std::move(one));
  }

  void end(std::size_t which) {
    auto one = std::move(active_[which]);
    active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(which));
    if (below(3) == 0) one.used = nullptr;
    auto const idle_time = below(2) == 0 ? longest_timeout : std::chrono::milliseconds(below(20));
    of_.pool.release(*one.caller, std::move(one.used), idle_time, of_.now);
    auto& queue = waiting_[one.to];
    if (queue.empty()) return;
    for (std::size_t i = 0; i < queue.size(); ++i)  // in order, and only one
      expect(queue[i].caller->has_slot() == (i == 0) && queue[i].caller->notified == (i == 0 ? 1 : 0),
             "the call that has waited for longest receives the slot, and is notified once");
    auto next = std::move(queue.front());
    queue.pop_front();
    use(std::move(next));
  }

  void leave() {
    auto& queue = waiting_[below(2)];
    if (queue.empty()) return;
    auto const which = below(queue.size());
    auto one = std::move(queue[which]);
    queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(which));
    of_.fail(*one.caller);
    expect(!one.caller->has_slot() && !one.caller->is_waiting(), "a call that leaves has no place");
  }

  std::unique_ptr<pooled_connection> open(std::size_t to) {
    return std::make_unique<connection>(of_.now, open_[to], 1);
  }

  [[nodiscard]] std::size_t active_to(std::size_t to) const {
    return static_cast<std::size_t>(
        std::count_if(active_.begin(), active_.end(), [to](auto const& one) { return one.to == to; }));
  }

  void check() {
    for (std::size_t to = 0; to < 2; ++to) {
      // A call with a slot and without a connection may open one at any time: it counts as one.
      auto const unopened =
          static_cast<std::size_t>(std::count_if(active_.begin(), active_.end(), [to](auto const& one) {
            return one.to == to && !one.used && !one.caller->received;
          }));
      expect(open_[to] + unopened <= limits_.max_connections, "there are at most max_connections connections");
      expect(waiting_[to].empty() || active_to(to) == limits_.max_connections, "no call waits while a slot is free");
    }
  }

  static constexpr char const* urls[] = {"http://host", "http://other"};

  std::mt19937 random_;
  pool_limits limits_;
  std::size_t open_[2] = {};
  world of_;
  std::vector<running> active_;
  std::deque<running> waiting_[2];
};

}  // namespace

TEST_CASE(
    "in random sequences, no origin has too many connections, no expired one is used, and each call is served "
    "in order",
    "[pool][property]") {
  for (unsigned seed = 0; seed < 5'000; ++seed) {
    sequence one(seed);
    one.run();
    if (!one.broken.empty()) FAIL("seed " << seed << ": " << one.broken);
  }
  SUCCEED();
}

}  // namespace connection_pool_tests
