// The time of make_invite_request and of its body, over the time to copy the texts, and compared with other libraries.

#include "build_libraries.hpp"
#include "support/comparison.hpp"
#include "support/generate.hpp"

#include <fictive/invite_endpoint.hpp>

#include <benchmark/benchmark.h>
#include <boost/json/parse.hpp>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <span>
#include <string>

namespace {

using namespace benchmarks;
using fictive::invite_request;

fictive::client_config const& to() {
  static fictive::client_config const service{.api_version = "9.0.0", .max_addresses_per_request = 10'000'000};
  return service;
}

fictive::http_request make_invite_request(invite_request const& request) {
  return fictive::make_invite_request(to(), request).value();
}

/// The lower limit for any writer: allocates the body, and copies the texts to it.
std::string copy(invite_request const& request) {
  std::size_t size = 0;
  for (auto const& address : request.email_addresses) size += address.size();
  std::string body;
  body.reserve(size);
  for (auto const& address : request.email_addresses) body.append(address);
  return body;
}

struct library {
  char const* name;
  std::string (*write)(invite_request const&);
  bool uses_operator_new = true;
};

library const libraries[] = {
    {"fictive", fictive::detail::invites_body}, {"copy", copy},
    {"boost_json", write_with_boost},           {"rapidjson", write_with_rapidjson, false},
    {"nlohmann", write_with_nlohmann},
};

/// Generated on first use.
invite_request const& request_of(std::size_t count) {
  static std::map<std::size_t, invite_request> requests;
  auto& request = requests[count];
  if (request.email_addresses.empty()) request = generate_request(count);
  return request;
}

/// Compares the selected libraries and the whole request.
void compare(benchmark::State& state, std::span<library const> selected) {
  auto const& request = request_of(static_cast<std::size_t>(state.range(0)));
  comparison all(state);
  for (auto const& one : selected)
    all.add(
        one.name, [&] { return one.write(request); }, one.uses_operator_new);
  all.add("make_invite_request", [&] { return make_invite_request(request); });
  all.run();
}

/// Checks that all libraries write the same request, except for the order of members.
bool agree_on(std::size_t count) {
  auto const& request = request_of(count);
  auto const expected = boost::json::parse(make_invite_request(request).body);
  for (auto const& one : libraries)
    if (one.write != copy && boost::json::parse(one.write(request)) != expected) {
      std::fprintf(stderr, "%s writes a different request of %zu addresses\n", one.name, count);
      return false;
    }
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return EXIT_FAILURE;

  for (std::size_t size : {2, 100, 10'000})
    if (!agree_on(size)) return EXIT_FAILURE;

  std::span<library const> const all = libraries, only_copy = all.subspan(1, 1);
  benchmark::RegisterBenchmark("build", compare, all)->Arg(2)->Arg(100)->Arg(10'000)->UseManualTime();
  benchmark::RegisterBenchmark("build_growth", compare, only_copy)
      ->RangeMultiplier(10)
      ->Range(1, 1'000'000)
      ->UseManualTime();

  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
