// Requests per second over loopback, client and server on one core, of this library and other clients, interleaved. Each
// client checks the values of the response.
//
//     loopback [--rounds N] [--seconds S] [--only NAME] [--json FILE]
//
// In each round, each client runs for S seconds; the results are the medians over the rounds and the medians of the
// ratios of each round.

#include "support/loopback.hpp"
#include "support/loopback_server.hpp"

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace loopback;

struct entry {
  char const* name;
  contender_maker make;
};

constexpr entry blocking_entries[] = {{"raw", make_raw},     {"fictive", make_fictive},
                                      {"beast", make_beast}, {"beast_bytes", make_beast_bytes},
                                      {"curl", make_curl},   {"httplib", make_httplib}};

constexpr entry tls_entries[] = {{"fictive_tls", make_fictive_tls}, {"curl_tls", make_curl_tls}};

constexpr entry tls_first_entries[] = {{"fictive_tls_first", make_fictive_tls_first},
                                       {"curl_tls_first", make_curl_tls_first}};

constexpr entry async_entries[] = {{"raw_epoll", make_raw_epoll},
                                   {"fictive_async", make_fictive_async},
                                   {"beast_async", make_beast_async},
                                   {"beast_bytes_async", make_beast_bytes_async},
                                   {"curl_multi", make_curl_multi}};

struct runner {
  std::string name;
  std::unique_ptr<contender> program;
  std::vector<double> rates = {};  // of each round
};

struct settings {
  int rounds = 20;
  double seconds = 0.2;
  std::string only = {}, json = {};
};

[[noreturn]] void misuse() {
  std::fputs("usage: loopback [--rounds N] [--seconds S] [--only NAME] [--json FILE]\n", stderr);
  std::exit(2);
}

settings settings_of(int argc, char** argv) {
  settings given;
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 == argc) misuse();
    std::string_view const name = argv[i];
    if (name == "--rounds")
      given.rounds = std::atoi(argv[i + 1]);
    else if (name == "--seconds")
      given.seconds = std::atof(argv[i + 1]);
    else if (name == "--only")
      given.only = argv[i + 1];
    else if (name == "--json")
      given.json = argv[i + 1];
    else
      misuse();
  }
  if (given.rounds < 1 || given.seconds <= 0) misuse();
  return given;
}

/// Pins this process and its children to the last core: the first one handles the interrupts.
void stay_on_one_core() {
  cpu_set_t cores;
  ::sched_getaffinity(0, sizeof cores, &cores);
  int last = CPU_SETSIZE - 1;
  while (!CPU_ISSET(last, &cores)) --last;
  CPU_ZERO(&cores);
  CPU_SET(last, &cores);
  if (::sched_setaffinity(0, sizeof cores, &cores) != 0) fail("no core to stay on");
}

double quantile(std::vector<double> values, double fraction) {
  auto const at = values.begin() + static_cast<std::ptrdiff_t>(fraction * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

double median(std::vector<double> values) {
  return quantile(std::move(values), 0.5);
}

clock::time_point in(double seconds) {
  return clock::now() + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds));
}

template <std::size_t Count>
std::vector<runner> runners_of(entry const (&entries)[Count], unsigned short port, std::string const& only) {
  std::vector<runner> runners;
  for (auto const& one : entries) {
    if (!only.empty() && only != one.name) continue;
    runners.push_back({one.name, one.make(port)});
    runners.back().program->run_until(in(0.05));  // connects, and warms up
  }
  return runners;
}

/// Runs the clients in turn; the first one changes from round to round.
void run_rounds(std::vector<runner>& runners, settings const& given) {
  for (int round = 0; round < given.rounds && !runners.empty(); ++round) {
    std::rotate(runners.begin(), runners.begin() + 1, runners.end());
    for (auto& one : runners) {
      auto const began = clock::now();
      auto const count = one.program->run_until(in(given.seconds));
      one.rates.push_back(static_cast<double>(count) / std::chrono::duration<double>(clock::now() - began).count());
    }
  }
}

runner const* find(std::vector<runner> const& runners, std::string_view name) {
  auto const found = std::find_if(runners.begin(), runners.end(), [&](auto const& one) { return one.name == name; });
  return found == runners.end() ? nullptr : &*found;
}

/// The median over the rounds of the ratio of the rates of `a` and `b`.
double ratio(runner const& a, runner const& b) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < a.rates.size(); ++i) ratios.push_back(a.rates[i] / b.rates[i]);
  return median(ratios);
}

class report {
 public:
  void add(std::string const& name, double value) {
    std::printf("%-48s %12.4f\n", name.c_str(), value);
    json_ += (json_.empty() ? "" : ",\n") + std::string("  \"") + name + "\": " + std::to_string(value);
  }

  void add_rates(std::vector<runner> const& runners, char const* ours) {
    auto const* const our = find(runners, ours);
    for (auto const& one : runners) {
      add("requests_per_second." + one.name, median(one.rates));
      if (our && our != &one) add(std::string(ours) + "_over." + one.name, ratio(*our, one));
    }
  }

  void write(std::string const& file) const {
    if (!(std::ofstream(file) << "{\n" << json_ << "\n}\n")) fail("the file for --json cannot be written");
  }

 private:
  std::string json_;
};

/// The latency of both clients at half of the rate of plain Beast.
void report_latencies(report& to, std::vector<runner> const& runners, settings const& given) {
  auto const* const ours = find(runners, "fictive_async");
  auto const* const beast = find(runners, "beast_async");
  if (!ours || !beast) return;
  auto const interval = std::chrono::nanoseconds(static_cast<long long>(2e9 / median(beast->rates)));
  std::vector<double> p99[2], p50[2], ratios;
  for (int round = 0; round < given.rounds; ++round) {
    double now[2];
    for (int turn = 0; turn < 2; ++turn) {
      int const which = (turn + round) % 2;
      auto const micros = (which == 0 ? ours : beast)->program->latencies(interval, in(given.seconds));
      now[which] = quantile(micros, 0.99);
      p99[which].push_back(now[which]);
      p50[which].push_back(median(micros));
    }
    ratios.push_back(now[0] / now[1]);
  }
  to.add("latency_rate", 1e9 / static_cast<double>(interval.count()));
  to.add("p50_microseconds.fictive_async", median(p50[0]));
  to.add("p50_microseconds.beast_async", median(p50[1]));
  to.add("p99_microseconds.fictive_async", median(p99[0]));
  to.add("p99_microseconds.beast_async", median(p99[1]));
  to.add("p99.fictive_async_over_beast_async", median(ratios));
}

}  // namespace

int main(int argc, char** argv) try {
  auto const given = settings_of(argc, argv);
  stay_on_one_core();
  server const each_alone(server::kind::process_for_each_connection), over_tls(server::kind::tls),
      all_together(server::kind::epoll);

  auto blocking = runners_of(blocking_entries, each_alone.port(), given.only);
  run_rounds(blocking, given);
  auto tls = runners_of(tls_entries, over_tls.port(), given.only);
  run_rounds(tls, given);
  auto tls_first = runners_of(tls_first_entries, over_tls.port(), given.only);
  run_rounds(tls_first, given);
  auto async = runners_of(async_entries, all_together.port(), given.only);
  run_rounds(async, given);

  report results;
  results.add_rates(blocking, "fictive");
  results.add_rates(tls, "fictive_tls");
  results.add_rates(tls_first, "fictive_tls_first");
  results.add_rates(async, "fictive_async");
  report_latencies(results, async, given);
  if (!given.json.empty()) results.write(given.json);
} catch (std::exception const& failure) {
  std::fprintf(stderr, "loopback: %s\n", failure.what());
  return 1;
}
