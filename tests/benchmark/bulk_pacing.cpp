// The share of a service's hidden rate that bulk runs reach, and how many of their requests are throttled, for twelve rate
// limits, in virtual time.
//
//     bulk_pacing [SECONDS [SEEDS]]

#include "support/rate_limiters.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  auto const duration = std::chrono::seconds(argc > 1 ? std::atoi(argv[1]) : 120);
  auto const seeds = argc > 2 ? std::max(std::atoi(argv[2]), 1) : 5;
  std::printf("%lld s; share of the rate / share throttled, in percent; mean of %d seeds (worst)\n\n",
              static_cast<long long>(duration.count()), seeds);
  std::printf("| limit | without Retry-After | with Retry-After |\n|---|---|---|\n");
  for (auto const& model : rate_limiters::models()) {
    std::printf("| %s |", model.name);
    for (bool const says_when : {false, true}) {
      rate_limiters::outcome sum, worst{.share = 100, .throttled = 0};
      for (int seed = 0; seed < seeds; ++seed) {
        auto const one = rate_limiters::measure(model, says_when, 100u + static_cast<unsigned>(seed), duration);
        sum.share += one.share;
        sum.throttled += one.throttled;
        worst.share = std::min(worst.share, one.share);
        worst.throttled = std::max(worst.throttled, one.throttled);
      }
      std::printf(" %.1f / %.1f (%.1f / %.1f) |", 100 * sum.share / seeds, 100 * sum.throttled / seeds,
                  100 * worst.share, 100 * worst.throttled);
      std::fflush(stdout);
    }
    std::printf("\n");
  }
}
