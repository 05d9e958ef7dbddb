#include <fictive/beast.hpp>

#include "support/catch.hpp"

#include <boost/asio/error.hpp>

#include <atomic>
#include <latch>
#include <memory>
#include <new>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace resolver_tests {

using fictive::beast::detail::dns_query;
using fictive::beast::detail::resolver;
using endpoints = std::vector<fictive::beast::endpoint>;
using std::error_code;

namespace {

/// Resolves every name, but not before it is released. Counts.
class gated_lookup {
 public:
  ~gated_lookup() { release(); }

  [[nodiscard]] fictive::beast::detail::resolver::function function() const {
    return [state = state_](std::string const&, std::string const&, error_code&) {
      ++state->started;
      state->started.notify_all();
      state->gate.wait();
      return endpoints{{"127.0.0.1", 80}};
    };
  }

  void release() {
    if (!std::exchange(is_released_, true)) state_->gate.count_down();
  }

  void wait_until_started(int count) const {
    for (int now = state_->started; now < count; now = state_->started) state_->started.wait(now);
  }

  [[nodiscard]] int started() const { return state_->started; }

 private:
  struct state {
    std::atomic<int> started = 0;
    std::latch gate{1};
  };
  std::shared_ptr<state> state_ = std::make_shared<state>();
  bool is_released_ = false;
};

/// Queries of one resolver.
struct caller {
  std::atomic<int> answered = 0;
  std::vector<std::shared_ptr<dns_query>> queries;

  caller() = default;
  caller(caller const&) = delete;
  caller& operator=(caller const&) = delete;

  /// A resolver's thread may still be calling.
  ~caller() {
    for (auto const& query : queries) query->abandon();
  }

  void ask(resolver& which, std::string const& host) {
    queries.push_back(which.resolve(host, "80", [this] {
      ++answered;
      answered.notify_all();
    }));
  }

  void wait_for(int count) {
    for (int now = answered; now < count; now = answered) answered.wait(now);
    for (auto const& query : queries) {
      if (!query->is_answered()) continue;
      CHECK_FALSE(query->error);
      CHECK(query->endpoints.size() == 1);
    }
  }
};

}  // namespace

TEST_CASE("queries for one host and port share one resolution", "[resolver]") {
  gated_lookup lookup;
  resolver resolver(lookup.function());
  caller caller;
  for (int i = 0; i < 100; ++i) caller.ask(resolver, "one.example");
  lookup.wait_until_started(1);
  lookup.release();
  caller.wait_for(100);
  CHECK(lookup.started() == 1);

  caller.ask(resolver, "one.example");  // results are not kept
  caller.wait_for(101);
  CHECK(lookup.started() == 2);
}

TEST_CASE("no more than max_threads resolutions run at once, and the others get their turn", "[resolver]") {
  constexpr int max_threads = static_cast<int>(resolver::max_threads);
  gated_lookup lookup;
  resolver resolver(lookup.function());
  caller caller;
  for (int i = 0; i < 10 * max_threads; ++i) caller.ask(resolver, "host" + std::to_string(i) + ".example");
  lookup.wait_until_started(max_threads);
  CHECK(lookup.started() == max_threads);
  lookup.release();
  caller.wait_for(10 * max_threads);
  CHECK(lookup.started() == 10 * max_threads);
}

TEST_CASE("names that nobody waits for any more are not resolved", "[resolver]") {
  constexpr int max_threads = static_cast<int>(resolver::max_threads);
  gated_lookup lookup;
  resolver resolver(lookup.function());
  caller gone, caller;
  for (int i = 0; i < max_threads; ++i) caller.ask(resolver, "host" + std::to_string(i) + ".example");
  for (int i = 0; i < 10; ++i) gone.ask(resolver, "abandoned" + std::to_string(i) + ".example");
  lookup.wait_until_started(max_threads);
  gone.queries.clear();
  caller.ask(resolver, "last.example");
  lookup.release();
  caller.wait_for(max_threads + 1);
  CHECK(lookup.started() == max_threads + 1);
}

TEST_CASE("an abandoned query wakes nothing, so that its caller may be gone", "[resolver]") {
  gated_lookup lookup;
  resolver resolver(lookup.function());
  auto gone = std::make_unique<caller>();
  caller caller;
  gone->ask(resolver, "one.example");
  caller.ask(resolver, "one.example");
  auto const query = gone->queries.front();
  lookup.wait_until_started(1);
  query->abandon();
  gone.reset();
  lookup.release();
  caller.wait_for(1);
  CHECK_FALSE(query->is_answered());
}

TEST_CASE("a lookup that throws is a failure, and one without a result is host_not_found", "[resolver]") {
  bool const throws = GENERATE(false, true);
  resolver resolver([throws](std::string const&, std::string const&, error_code&) -> endpoints {
    if (throws) throw std::bad_alloc();
    return {};
  });
  std::atomic<bool> is_woken = false;
  auto const query = resolver.resolve("one.example", "80", [&] {
    is_woken = true;
    is_woken.notify_all();
  });
  is_woken.wait(false);
  query->abandon();
  CHECK(query->endpoints.empty());
  CHECK(query->error ==
        make_error_code(throws ? boost::asio::error::host_not_found_try_again : boost::asio::error::host_not_found));
}

}  // namespace resolver_tests
