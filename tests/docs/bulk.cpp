#include <fictive/fictive.hpp>
#include <fictive/invite_all.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <cstddef>
#include <istream>
#include <map>
#include <ostream>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// The code of docs/bulk.md and docs/several_machines.md.

namespace docs_bulk {

namespace {

using namespace std::chrono_literals;

fictive::client_config const usual_config{.credentials = {.session_id = "session"}};
std::string const group = "group";

std::vector<std::string> people(std::size_t count) {
  std::vector<std::string> addresses;
  for (std::size_t i = 0; i < count; ++i) addresses.push_back("person" + std::to_string(i) + "@fictiveglobal.com");
  return addresses;
}

// [invite_all]
fictive::bulk_report invite_everybody(auto& client, std::vector<std::string> const& addresses, std::ostream& results) {
  fictive::bulk_request request{.account_group_token = group, .email_addresses = addresses};
  return client.invite_all(std::move(request), {}, [&](fictive::bulk_result const& result) {
    results << result.index << ',' << result.email_address << ',' << to_string(result.verdict) << '\n';
  });
}
// [invite_all]

// [lazily]
fictive::bulk_request one_address_a_line(std::istream& file) {
  return {.account_group_token = group,
          .email_addresses = [&file](std::string& address) { return static_cast<bool>(std::getline(file, address)); }};
}
// [lazily]

// [end]
std::string what_next(fictive::bulk_report const& report) {
  using fictive::bulk_end;
  switch (report.end) {
    case bulk_end::complete: return "done";
    case bulk_end::paused: return "continue in " + std::to_string(report.retry_after->count()) + " s";
    case bulk_end::not_authenticated: return "sign in, then continue";
    case bulk_end::invalid_argument:
    case bulk_end::not_found: return "correct the request: " + to_string(*report.error);
    default: return "continue when the cause is known";
  }
}
// [end]

// [progress]
void show(fictive::bulk_progress const& state, std::ostream& out) {
  out << state.counts.total() << " of " << state.pulled << ", " << state.rate << "/s";
  if (state.pause == fictive::bulk_pause::throttled) out << ", paused: the service limits the rate";
  out << '\n';
}
// [progress]

// [own_loop]
template <class Transport>
fictive::bulk_report one_at_a_time(Transport& transport, fictive::client_config const& config,
                                   fictive::bulk_request request) {
  auto const now = [] { return std::chrono::steady_clock::now(); };
  fictive::bulk_invite run(config, std::move(request), {.max_concurrency = 1}, now());
  for (;;) switch (run.next(now())) {
      case fictive::bulk_step::done: return run.report();
      case fictive::bulk_step::send: {
        auto const id = run.request_id();
        auto const response = transport(run.request());
        run.responded(id, response, now());
        break;
      }
      case fictive::bulk_step::wait: std::this_thread::sleep_until(run.wait_until()); break;
      default: run.stop(fictive::bulk_stop::drain, now());  // no journal, and no renewal
    }
}
// [own_loop]

// [shard]
/// The addresses of one of several machines: always the same ones.
class shard {
 public:
  shard(std::istream& file, std::size_t machine, std::size_t machines)
      : file_(file), machine_(machine), machines_(machines) {}

  bool operator()(std::string& address) {
    while (std::getline(file_, address))
      if (line_++ % machines_ == machine_) return true;
    return false;
  }

 private:
  std::istream& file_;
  std::size_t machine_, machines_, line_ = 0;
};
// [shard]

TEST_CASE("docs: a bulk run reports each address", "[docs][bulk]") {
  fictive::testing::fake_service const service;
  fictive::testing::scripted_transport const network;
  network.set_default(service);
  fictive::client client{network, usual_config};
  std::ostringstream results;
  auto const report = invite_everybody(client, people(150), results);
  CHECK(what_next(report) == "done");
  CHECK(results.str().substr(0, 38) == "0,person0@fictiveglobal.com,invited\n1,");
}

TEST_CASE("docs: addresses are pulled from a file", "[docs][bulk]") {
  fictive::testing::fake_service const service;
  std::istringstream file("jamie.muir@fictiveglobal.com\nsomebody@fictiveglobal.com\n");
  auto const report = one_at_a_time(service, usual_config, one_address_a_line(file));
  CHECK(report.counts[fictive::bulk_verdict::invited] == 2);
}

TEST_CASE("docs: the end of a run says what to do", "[docs][bulk]") {
  CHECK(what_next({.end = fictive::bulk_end::paused, .retry_after = 60s}) == "continue in 60 s");
  CHECK(what_next({.end = fictive::bulk_end::not_authenticated}) == "sign in, then continue");
  std::ostringstream out;
  show({.pulled = 7, .pause = fictive::bulk_pause::throttled}, out);
  CHECK(out.str() == "0 of 7, 0/s, paused: the service limits the rate\n");
}

TEST_CASE("docs: shards have each address once", "[docs][bulk]") {
  std::map<std::string, int> seen;
  for (std::size_t machine = 0; machine < 3; ++machine) {
    std::istringstream file("a\nb\nc\nd\ne\n");
    shard of(file, machine, 3);
    for (std::string address; of(address);) ++seen[address];
  }
  CHECK(seen == std::map<std::string, int>{{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}});
}

}  // namespace

}  // namespace docs_bulk
