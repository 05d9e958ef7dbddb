// How long make_invite_request takes, and the body in it, over the time only to copy the texts, and against other libraries.

#include "build_rivals.hpp"
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
  static fictive::client_config const service{.api_version = "9.0.0"};
  return service;
}

fictive::http_request make_invite_request(invite_request const& request) {
  return fictive::make_invite_request(to(), request).value();
}

/// What no writer can do without: memory for the body, and the texts copied there.
std::string copy(invite_request const& request) {
  std::size_t size = 0;
  for (auto const& address : request.email_addresses) size += address.size();
  std::string body;
  body.reserve(size);
  for (auto const& address : request.email_addresses) body.append(address);
  return body;
}

struct contestant {
  char const* name;
  std::string (*write)(invite_request const&);
  bool uses_operator_new = true;
};

contestant const contestants[] = {
    {"fictive", fictive::detail::invites_body}, {"copy", copy},
    {"boost_json", write_with_boost},           {"rapidjson", write_with_rapidjson, false},
    {"nlohmann", write_with_nlohmann},
};

/// Made when it is first asked for.
invite_request const& request_of(std::size_t count) {
  static std::map<std::size_t, invite_request> requests;
  auto& request = requests[count];
  if (request.email_addresses.empty()) request = generate_request(count);
  return request;
}

/// These, and the whole request.
void compare(benchmark::State& state, std::span<contestant const> whos) {
  auto const& request = request_of(static_cast<std::size_t>(state.range(0)));
  comparison all(state);
  for (auto const& who : whos)
    all.add(
        who.name, [&] { return who.write(request); }, who.uses_operator_new);
  all.add("make_invite_request", [&] { return make_invite_request(request); });
  all.run();
}

/// No figure for a writer that writes something else. Only the order of the members is free.
bool agree_on(std::size_t count) {
  auto const& request = request_of(count);
  auto const expected = boost::json::parse(make_invite_request(request).body);
  for (auto const& who : contestants)
    if (who.write != copy && boost::json::parse(who.write(request)) != expected) {
      std::fprintf(stderr, "%s writes another request of %zu addresses\n", who.name, count);
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

  std::span<contestant const> const all = contestants, only_copy = all.subspan(1, 1);
  benchmark::RegisterBenchmark("build", compare, all)->Arg(2)->Arg(100)->Arg(10'000)->UseManualTime();
  benchmark::RegisterBenchmark("build_growth", compare, only_copy)
      ->RangeMultiplier(10)
      ->Range(1, 1'000'000)
      ->UseManualTime();

  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
