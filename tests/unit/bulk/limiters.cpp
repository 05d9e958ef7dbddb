#include "support/catch.hpp"
#include "support/rate_limiters.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

// Bulk runs find the rate that a service accepts; see tests/benchmark/bulk_pacing.cpp for more limiters.

namespace bulk_limiters_test {

namespace {

TEST_CASE("runs reach most of the hidden rate, and few requests are throttled", "[bulk][throttle][long]") {
  for (std::size_t i = 0; i < 4; ++i)
    for (bool const says_when : {false, true})
      for (unsigned seed = 1; seed <= 3; ++seed) {
        auto const& model = rate_limiters::models()[i];
        auto const measured = rate_limiters::measure(model, says_when, seed, std::chrono::minutes(2));
        INFO(model.name << (says_when ? ", with Retry-After" : "") << ", seed " << seed);
        CHECK(measured.share >= 0.85);
        CHECK(measured.throttled <= 0.05);
      }
}

TEST_CASE("a free slot does not wait for the journal", "[bulk][journal][long]") {
  bulk_world::simulation world([](fictive::http_request const& request, auto) {
    return bulk_world::invited(bulk_world::addresses_in(request));
  });
  world.record_time = std::chrono::microseconds(500);
  world.until = bulk_world::start + std::chrono::minutes(1);
  world.checks = false;
  std::size_t index = 0;
  fictive::bulk_request request{.account_group_token = "group", .email_addresses = [&index](std::string& address) {
                                  address = bulk_world::address(index++);
                                  return true;
                                }};
  auto const report = world.run(std::move(request), {.max_batch = 1}, bulk_world::config(), true);
  CHECK(static_cast<double>(report.requests) >= 0.95 * 160 * 60);
}

}  // namespace

}  // namespace bulk_limiters_test
