#include <fictive/fictive.hpp>
#include <fictive/invite_all.hpp>

#include "growth/measure.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>

// The memory of a bulk run does not grow with its input, but for the detection of duplicates.

namespace {

using fictive::duplicate_detection;

/// Invites all addresses of a request.
std::string response_to(std::string_view request) {
  std::string body = R"({"validInvitations":[)";
  auto const list = request.substr(request.find('[') + 1);
  for (std::size_t begin = 0; list[begin] == '"' || list[begin] == ',';) {
    begin += list[begin] == ',';
    auto const end = list.find('"', begin + 1) + 1;
    body += body.back() == '}' ? "," : "";
    body.append(R"({"invitationReference":"r","emailAddress":)").append(list, begin, end - begin).append("}");
    begin = end;
  }
  return body + "]}";
}

struct outcome {
  std::size_t peak = 0;
  std::uint64_t invited = 0;
};

/// Eight requests in flight; the oldest is answered first.
outcome run_of(std::uint64_t count, duplicate_detection how) {
  std::chrono::steady_clock::time_point const now{std::chrono::hours(1000)};
  std::uint64_t next = 0;
  auto const pull = [&](std::string& address) {
    if (next == count) return false;
    address = "person" + std::to_string(next++) + "@example.com";
    return true;
  };
  auto const before = growth::memory.now;
  growth::memory.peak = before;
  fictive::bulk_invite run({.credentials = {.session_id = "s"}},
                           {.account_group_token = "group", .email_addresses = pull},
                           {.initial_concurrency = 8, .duplicates = how, .run_id = {1, 2}}, now);
  std::deque<std::pair<std::uint64_t, std::string>> flights;
  for (;;) {
    auto const step = run.next(now);
    (void)run.take_results();
    if (step == fictive::bulk_step::done) break;
    if (step == fictive::bulk_step::send) {
      flights.emplace_back(run.request_id(), response_to(run.request().body));
    } else {
      run.responded(flights.front().first, fictive::http_response{.status = 200, .body = flights.front().second}, now);
      flights.pop_front();
    }
  }
  return {growth::memory.peak - before, run.report().counts[fictive::bulk_verdict::invited]};
}

}  // namespace

int main() {
  constexpr std::uint64_t few = 10'000, many = 1'000'000;
  bool is_good = true;
  auto const check = [&](char const* what, double value, double most) {
    is_good &= value <= most;
    std::cout << (value <= most ? "  " : "! ") << what << ": " << value << " (at most " << most << ")\n";
  };
  auto const less = run_of(few, duplicate_detection::off), more = run_of(many, duplicate_detection::off);
  auto const detecting = run_of(many, duplicate_detection::same_domain);
  check("peak for 1,000,000 addresses over that for 10,000",
        static_cast<double>(more.peak) / static_cast<double>(less.peak), 1.2);
  check("bytes an address with detection of duplicates",
        static_cast<double>(detecting.peak - more.peak) / static_cast<double>(many), 24);
  is_good &= less.invited == few && more.invited == many && detecting.invited == many;
  return is_good ? 0 : 1;
}
