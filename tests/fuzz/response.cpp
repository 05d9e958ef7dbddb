#include <fictive/fictive.hpp>

#include "differential/contract.hpp"
#include "fuzz/support/fuzz.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>

// A response: a line with its status, a line for each header, an empty line, and the body. After the status, `*N` asks
// for a body of at least N KiB (at most 1 MiB) that repeats what follows the first `|` of the body, up to the second.

namespace fuzz {

std::string repeated_body(std::string const& body, std::size_t size) {
  auto const begin = body.find('|');
  auto const end = begin == std::string::npos ? begin : body.find('|', begin + 1);
  if (end == std::string::npos || end == begin + 1) return body;
  auto const fragment = body.substr(begin + 1, end - begin - 1);
  auto large = body.substr(0, begin);
  while (large.size() < size) large += fragment;
  return large + body.substr(end + 1);
}

fictive::http_response read_input(std::string_view input) {
  fictive::http_response response;
  auto const head_end = input.find("\n\n");
  auto const lines = split(input.substr(0, head_end), '\n');
  char* after_status = nullptr;
  response.status = static_cast<int>(std::strtoul(lines[0].c_str(), &after_status, 10));
  for (std::size_t i = 1; i < lines.size(); ++i) {
    auto const colon = lines[i].find(": ");
    if (colon != std::string::npos) response.headers.push_back({lines[i].substr(0, colon), lines[i].substr(colon + 2)});
  }
  if (head_end != std::string_view::npos) response.body = input.substr(head_end + 2);
  if (*after_status == '*')
    response.body = repeated_body(response.body, std::min(std::strtoul(after_status + 1, nullptr, 10), 1024ul) * 1024);
  return response;
}

void check_error(fictive::error const& e, fictive::http_response const& response) {
  require(e.status == response.status, "an error has the status of the response");
  require(e.attempts == 0, "the parser counts no attempts");
  require(!e.message.empty() && is_ascii_line(e.message) && e.message.size() < 300, "a message is the library's own");
  require(e.server_message.size() <= 1024 && is_printable_line(e.server_message), "server_message is a printable line");
  require(e.request_id.size() <= 128 && is_printable_line(e.request_id), "request_id is a printable line");
  require(is_ascii_line(fictive::to_string(e)), "the text of an error is a line of ASCII");
  bool const is_success = response.status >= 200 && response.status < 300;
  require(e.effect != fictive::effect::applied || is_success, "only a success can have been applied");
  if (e.retry_after) require(e.retry_after->count() >= 0 && e.retry_after->count() <= 0x7FFFFFFF, "a delay is bounded");
}

void test(std::string_view input) {
  static fictive::invite_request const request = {
      .account_group_token = "group",
      .email_addresses = {"jamie.muir@fictiveglobal.com", "josh.fogg@fictiveglobal.com", "a"}};
  auto const response = read_input(input);
  auto const ours = fictive::parse_invite_response(request, response);
  if (!ours) check_error(ours.error(), response);
  auto const* what = differential::difference(ours, differential::read_response(request, response));
  require(what == nullptr, what ? what : "");
}

}  // namespace fuzz
