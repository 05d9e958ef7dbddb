#include <fictive/beast.hpp>

#include "fuzz/support/fuzz.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

// The bytes of a response, which a socket may deliver in pieces of any size: the first two bytes are the size of the
// pieces and, in units of 16, the limits.

namespace fuzz {

using fictive::beast::detail::response_reader;
using error_code = boost::system::error_code;

struct outcome {
  bool has_ended = false, has_failed = false;
  fictive::http_response response = {};
};

outcome read_in_pieces(std::string_view bytes, std::size_t size, fictive::http_limits const& limits) {
  response_reader reader(limits);
  std::string received;
  outcome seen;
  while (!seen.has_failed && !reader.has_ended()) {
    error_code ec;
    received.erase(0, reader.parse(boost::asio::buffer(received), ec));
    seen.has_failed = ec && ec != boost::beast::http::error::need_more;
    if (seen.has_failed || reader.has_ended() || (!ec && !received.empty())) continue;
    if (bytes.empty()) break;
    received += bytes.substr(0, size);
    bytes.remove_prefix(std::min(size, bytes.size()));
    require(received.size() <= limits.max_header_bytes + size + 4096, "what is not parsed is bounded");
  }
  if (!seen.has_failed && !reader.has_ended() && reader.got_some()) {
    error_code ec;
    reader.put_eof(ec);
    seen.has_failed = ec.failed();
  }
  seen.has_ended = reader.has_ended();
  seen.response = std::move(reader.response);
  return seen;
}

void check(outcome const& seen, fictive::http_limits const& limits) {
  auto const& response = seen.response;
  require(response.body.size() <= limits.max_body_bytes, "the body has its limit");
  std::size_t head = 0;
  for (auto const& header : response.headers) head += header.name.size() + header.value.size() + 4;
  require(head <= limits.max_header_bytes, "the header has its limit");
  if (!seen.has_ended || seen.has_failed) return;
  require(response.status >= 100 && response.status <= 999, "a response has a status");
  for (auto const& header : response.headers) {
    require(!header.name.empty(), "a header has a name");
    require(header.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos, "a value is a line");
    require(header.value.empty() || (header.value.front() != ' ' && header.value.back() != ' '), "a value is trimmed");
  }
}

void test(std::string_view input) {
  choices choose{input};
  std::size_t const size = 1 + choose.below(64);
  std::size_t const limit = 64 + 16 * choose.below(200);
  fictive::http_limits const limits{.max_header_bytes = limit, .max_body_bytes = limit};
  auto const whole = read_in_pieces(choose.rest, choose.rest.size() + 1, limits);
  auto const pieces = read_in_pieces(choose.rest, size, limits);
  check(whole, limits);
  check(pieces, limits);
  // Whether a limit is exceeded may depend on the pieces: Beast counts what it parses at once.
  if (whole.has_failed || pieces.has_failed) return;
  require(whole.has_ended == pieces.has_ended, "the end does not depend on the pieces");
  require(whole.response.status == pieces.response.status && whole.response.body == pieces.response.body &&
              std::equal(whole.response.headers.begin(), whole.response.headers.end(), pieces.response.headers.begin(),
                         pieces.response.headers.end(),
                         [](auto const& a, auto const& b) { return a.name == b.name && a.value == b.value; }),
          "the response does not depend on the pieces");
}

}  // namespace fuzz
