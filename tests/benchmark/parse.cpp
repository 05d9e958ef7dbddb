// The time of parse_invite_response, over the time to copy its result, and compared with other libraries.

#include "parse_libraries.hpp"
#include "support/comparison.hpp"
#include "support/generate.hpp"

#include <fictive/invite_endpoint.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

namespace {

using namespace benchmarks;
using fictive::invite_response;

/// A response as a transport returns it, and its expected contents.
struct sample {
  explicit sample(std::size_t count) : generated(generate_response(count)) {
    response = {
        .status = 200, .headers = {{"Content-Type", "application/json; charset=utf-8"}}, .body = generated.body};
    make_room_for_simdjson(response.body);
    for (auto const& invitation : generated.invitations)
      request.email_addresses.emplace_back(generated.text(invitation.address));
    for (auto const refused : generated.refused) request.email_addresses.emplace_back(generated.text(refused));
  }

  generated_response generated;
  fictive::invite_request request;
  fictive::http_response response;
};

invite_response read_with_fictive(sample const& from) {
  auto reply = fictive::parse_invite_response(from.request, from.response, (std::numeric_limits<std::size_t>::max)());
  if (!reply) throw std::runtime_error(reply.error().message);
  return *std::move(reply);
}

/// The lower limit for any parser: allocates the result, and copies the texts to it.
invite_response copy(sample const& from) {
  auto const text = [&](span where) { return from.generated.text(where); };
  invite_response response;
  response.valid_invitations.reserve(from.generated.invitations.size());
  for (auto const& invitation : from.generated.invitations) {
    auto& copied = response.valid_invitations.emplace_back();
    copied.invitation_reference = text(invitation.reference);
    copied.email_address = text(invitation.address);
    copied.status = fictive::invitation_status::pending_acceptance;
    copied.subscription_references.reserve(std::size(invitation.subscriptions));
    for (auto const& subscription : invitation.subscriptions)
      copied.subscription_references.emplace_back(text(subscription));
    copied.expiry_date = invitation.expiry_date;
    copied.created = invitation.created;
    copied.last_updated = invitation.last_updated;
  }
  response.invalid_email_addresses.reserve(from.generated.refused.size());
  for (auto const& address : from.generated.refused) response.invalid_email_addresses.emplace_back(text(address));
  return response;
}

bool is_same(fictive::invitation const& a, fictive::invitation const& b) {
  return a.invitation_reference == b.invitation_reference && a.email_address == b.email_address &&
         a.status == b.status && a.subscription_references == b.subscription_references &&
         a.expiry_date == b.expiry_date && a.created == b.created && a.last_updated == b.last_updated;
}

bool is_same(invite_response const& a, invite_response const& b) {
  return std::equal(a.valid_invitations.begin(), a.valid_invitations.end(), b.valid_invitations.begin(),
                    b.valid_invitations.end(),
                    [](auto const& one, auto const& other) { return is_same(one, other); }) &&
         a.invalid_email_addresses == b.invalid_email_addresses;
}

struct library {
  char const* name;
  invite_response (*read)(sample const&);
  bool uses_operator_new = true;
};

library const libraries[] = {
    {"fictive", read_with_fictive},
    {"copy", copy},
    {"boost_json_events", [](sample const& from) { return read_with_boost_events(from.response.body); }},
    {"boost_json_dom", [](sample const& from) { return read_with_boost_dom(from.response.body); }},
    {"simdjson_on_demand", [](sample const& from) { return read_with_simdjson(from.response.body); }},
    {"rapidjson_sax", [](sample const& from) { return read_with_rapidjson_sax(from.response.body); }, false},
    {"rapidjson_dom", [](sample const& from) { return read_with_rapidjson_dom(from.response.body); }, false},
    {"nlohmann_sax", [](sample const& from) { return read_with_nlohmann_sax(from.response.body); }},
    {"nlohmann_dom", [](sample const& from) { return read_with_nlohmann_dom(from.response.body); }},
};

/// Generated on first use; at most one large sample is kept.
sample const& sample_of(std::size_t count) {
  static std::map<std::size_t, std::unique_ptr<sample>> samples;
  if (count > 10'000)
    std::erase_if(samples, [&](auto const& made) { return made.first > 10'000 && made.first != count; });
  auto& made = samples[count];
  if (!made) made = std::make_unique<sample>(count);
  return *made;
}

void compare(benchmark::State& state, std::span<library const> selected) {
  auto const& from = sample_of(static_cast<std::size_t>(state.range(0)));
  comparison all(state);
  for (auto const& one : selected)
    all.add(
        one.name, [&] { return one.read(from); }, one.uses_operator_new);
  all.run();
}

/// Checks that all libraries read the same response.
bool agree_on(std::size_t count) {
  auto const& from = sample_of(count);
  auto const expected = copy(from);
  for (auto const& one : libraries)
    if (!is_same(one.read(from), expected)) {
      std::fprintf(stderr, "%s reads a different response of %zu invitations\n", one.name, count);
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

  std::span<library const> const all = libraries, copy_and_ours = all.first(2);
  benchmark::RegisterBenchmark("parse", compare, all)->Arg(2)->Arg(100)->Arg(10'000)->UseManualTime();
  benchmark::RegisterBenchmark("parse_growth", compare, copy_and_ours)
      ->RangeMultiplier(10)
      ->Range(1, 1'000'000)
      ->UseManualTime();

  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
