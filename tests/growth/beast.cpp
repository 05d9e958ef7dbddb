#include <fictive/beast.hpp>

#include "growth/measure.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

// What strangers send to the adapter, in the shapes that cost most, and in the pieces in which a socket may deliver it.

namespace {

using growth::shape;

/// `before`, `fragment` as often as it fits, `after`.
std::function<std::string(std::size_t)> repeating(std::string before, std::string fragment, std::string after) {
  return [=](std::size_t size) {
    std::string text = before;
    text.reserve(size);
    while (text.size() + fragment.size() + after.size() <= size) text += fragment;
    return text + after;
  };
}

/// Reads the response as a connection does: keeps what is not parsed yet, and parses that with the next piece.
void read_in_pieces(std::string_view text, std::size_t piece, fictive::http_limits const& limits) {
  fictive::beast::detail::response_reader reader(limits);
  std::string received;
  boost::system::error_code ec;
  while (!reader.has_ended() && (!ec || ec == boost::beast::http::error::need_more)) {
    if (ec || received.empty()) {
      if (text.empty()) return;
      received += text.substr(0, piece);
      text.remove_prefix((std::min)(piece, text.size()));
    }
    received.erase(0, reader.parse(boost::asio::buffer(received), ec));
  }
}

/// The largest limits, so that nothing is refused; or the default ones, so that much is.
enum class limits { none, usual };

shape response(char const* name, std::size_t piece, limits which, std::function<std::string(std::size_t)> text,
               double most_memory = 4, double most_exponent = 1.1) {
  constexpr auto most = (std::numeric_limits<std::uint32_t>::max)();
  auto const of = which == limits::usual ? fictive::http_limits{}
                                         : fictive::http_limits{.max_header_bytes = most, .max_body_bytes = most};
  return {name, std::move(text), [piece, of](std::string const& one) { read_in_pieces(one, piece, of); }, most_memory,
          most_exponent};
}

std::vector<shape> shapes() {
  std::string const line = "HTTP/1.1 200 OK\r\n", length = line + "Content-Length: 100000000\r\n\r\n";
  std::string const chunked = line + "Transfer-Encoding: chunked\r\n\r\n", end = "0\r\n\r\n";
  constexpr std::size_t packet = 1460, buffer = 16 * 1024;
  /// A header has two strings; the vector that grows has two arrays for a moment.
  constexpr double of_tiny_headers = 40;
  /// Only copying: 64 KiB are in the processor's cache, 8 MiB are not.
  constexpr double of_copying = 1.5;
  return {
      response("a body of a known length", packet, limits::none, repeating(length, "x", ""), 4, of_copying),
      response("a body of a known length, byte by byte", 1, limits::none, repeating(length, "x", "")),
      response("a body until the end of the connection", packet, limits::none, repeating(line + "\r\n", "x", ""), 4,
               of_copying),
      response("chunks of one byte", buffer, limits::none, repeating(chunked, "1\r\nx\r\n", end)),
      response("chunks of one byte, byte by byte", 1, limits::none, repeating(chunked, "1\r\nx\r\n", end)),
      response("chunks of one byte with zeros", packet, limits::none, repeating(chunked, "0000001\r\nx\r\n", end)),
      response("chunks with extensions", packet, limits::none, repeating(chunked, "1;a=b\r\nx\r\n", end)),
      response("one chunk, byte by byte", 1, limits::none, repeating(chunked + "7ffffff\r\n", "x", "")),
      response("interim responses", packet, limits::usual,
               repeating("", "HTTP/1.1 100 Continue\r\n\r\n", line + "\r\n")),
      response("headers of the fewest characters, at once", 1u << 30, limits::none, repeating(line, "a:\r\n", "\r\n"),
               of_tiny_headers),
      response("headers, at once", 1u << 30, limits::none,
               repeating(line, "X-Header-Of-Usual-Length: and its value\r\n", "\r\n"), 6),
      response("headers beyond the limit", packet, limits::usual, repeating(line, "a:\r\n", "\r\n"), of_tiny_headers),
      response("one header beyond the limit", packet, limits::usual, repeating(line + "a: ", "x", "\r\n\r\n")),
      response("a header without an end, byte by byte", 1, limits::usual, repeating(line + "a: ", "x", "")),
      response("trailers beyond the limit", packet, limits::usual, repeating(chunked + "0\r\n", "a:\r\n", "\r\n")),
      response("trailers, at once", 1u << 30, limits::none, repeating(chunked + "0\r\n", "a:\r\n", "\r\n")),
      response("an extension beyond the limit", packet, limits::usual, repeating(chunked + "1;a=", "x", "\r\nx\r\n")),
      response("zeros before a chunk's size", packet, limits::usual, repeating(chunked, "0", "1\r\nx\r\n" + end)),
      response("blank lines", packet, limits::usual, repeating("", "\r\n", "")),
  };
}

}  // namespace

int main() {
  bool is_good = true;
  growth::keep_memory();
  for (auto const& one : shapes()) is_good &= growth::is_within_limits(one);
  return is_good ? 0 : 1;
}
