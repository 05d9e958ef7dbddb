#include <fictive/fictive.hpp>

#include "differential/contract.hpp"
#include "differential/responses.hpp"

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

// Responses, valid, damaged and hostile, read by the library and by the second reading of the contract:
//
//     differential [COUNT [FIRST]]

namespace {

struct counts {
  std::uint32_t answers = 0, failures = 0, undecided = 0, differences = 0;
};

void print(std::uint32_t number, char const* what, fictive::http_response const& response,
           fictive::result<fictive::invite_response> const& ours) {
  std::cout << "response " << number << " differs in: " << what << "\n  status " << response.status << '\n';
  for (auto const& header : response.headers) std::cout << "  " << header.name << ": " << header.value << '\n';
  std::cout << "  " << response.body << "\n  ours: " << ours << '\n';
}

void compare(std::uint32_t number, counts& seen) {
  static fictive::invite_request const request = {
      .account_group_token = "group",
      .email_addresses = {"jamie.muir@fictiveglobal.com", "josh.fogg@fictiveglobal.com", "a"}};
  auto const response = differential::response_generator(number)();
  auto const ours = fictive::parse_invite_response(request, response);
  auto const theirs = differential::read_response(request, response);
  auto& kind = !theirs.is_decided ? seen.undecided : theirs.is_answer ? seen.answers : seen.failures;
  ++kind;
  if (auto const* what = differential::difference(ours, theirs)) {
    if (++seen.differences <= 10) print(number, what, response, ours);
  }
}

}  // namespace

int main(int argc, char** argv) {
  auto const argument = [&](int i, unsigned long otherwise) {
    return static_cast<std::uint32_t>(argc > i ? std::strtoul(argv[i], nullptr, 10) : otherwise);
  };
  auto const count = argument(1, 50'000), first = argument(2, 1);
  counts seen;
  for (std::uint32_t i = 0; i < count; ++i) compare(first + i, seen);
  std::cout << count << " responses: " << seen.answers << " answers, " << seen.failures << " failures, "
            << seen.undecided << " not decided, " << seen.differences << " differences\n";
  // The comparison means little if nearly all responses are refused, or not decided.
  bool const is_balanced = seen.answers > count / 10 && seen.failures > count / 10 && seen.undecided < count / 10;
  return seen.differences == 0 && is_balanced ? 0 : 1;
}
