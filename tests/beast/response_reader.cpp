#include <fictive/beast.hpp>

#include "support/catch.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace response_reader_tests {

namespace http = boost::beast::http;

namespace {

/// What a connection does: keeps what the reader has not consumed, and parses that with what arrives next.
class received_response {
 public:
  explicit received_response(fictive::http_limits const& limits = {}) : reader(limits) {}

  void receive(std::string_view part) {
    unparsed_ += part;
    while (!unparsed_.empty() && !has_ended()) {
      unparsed_.erase(0, reader.parse(boost::asio::buffer(unparsed_), error));
      if (error == http::error::need_more) return;
      if (error) return;
    }
  }

  /// Whole, or broken.
  [[nodiscard]] bool has_ended() const { return reader.has_ended() || (error && error != http::error::need_more); }

  fictive::beast::detail::response_reader reader;
  boost::system::error_code error;

 private:
  std::string unparsed_;
};

constexpr std::string_view chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace

TEST_CASE("a chunked response is read however it is cut into packets", "[beast][response_reader]") {
  std::string const body =
      GENERATE("0\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n", "1;a=b\r\na\r\n2\r\nbc\r\n0;c\r\nX: 1\r\n\r\n");
  std::string const text = std::string(chunked_head) + body;
  for (std::size_t first = 1; first < text.size(); ++first)
    for (std::size_t second = first; second < text.size(); ++second) {
      INFO("cut at " << first << " and " << second);
      received_response response;
      response.receive(text.substr(0, first));
      response.receive(text.substr(first, second - first));
      CHECK_FALSE(response.has_ended());
      response.receive(text.substr(second));
      REQUIRE(response.reader.has_ended());
      CHECK(response.reader.is_reusable());
      CHECK(response.reader.response.body == (body.size() > 5 ? "abc" : ""));
    }
}

TEST_CASE("trailers are not headers", "[beast][response_reader]") {
  received_response response;
  response.receive(std::string(chunked_head) + "2\r\n{}\r\n0\r\nRetry-After: 0\r\nContent-Type: text/html\r\n\r\n");
  REQUIRE(response.reader.has_ended());
  CHECK(response.reader.response.headers.size() == 1);
  CHECK(response.reader.response.body == "{}");
}

TEST_CASE("trailers that a parser cannot make sense of cost the connection, not the response",
          "[beast][response_reader]") {
  auto const trailer = GENERATE("Content-Length: 1", "Transfer-Encoding: gzip", "no colon", "X: \x01");
  INFO(trailer);
  received_response response;
  response.receive(std::string(chunked_head) + "2\r\n{}\r\n0\r\n" + trailer + "\r\n\r\n");
  REQUIRE(response.reader.has_ended());
  CHECK(response.reader.response.headers.size() == 1);
  CHECK(response.reader.response.body == "{}");
}

TEST_CASE("whatever a server sends without end, no more than max_header_bytes wait for it",
          "[beast][response_reader]") {
  struct endless {
    char const* what;
    char const* begin;
    char const* rest;
  };
  auto const [what, begin, rest] = GENERATE(values<endless>({
      {"the status line", "HTTP/1.1 200 ", "x"},
      {"a header", "HTTP/1.1 200 OK\r\nX: ", "x"},
      {"headers", "HTTP/1.1 200 OK\r\n", "X: x\r\n"},
      {"a chunk's extension", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "x"},
      {"the last chunk's extension", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0;", "x"},
      {"zeros of a chunk's size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "0"},
      {"blanks after a chunk's size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1", " "},
      {"a trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ", "x"},
      {"trailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: x\r\n"},
  }));
  auto const part_size = GENERATE(std::size_t(1), std::size_t(100), std::size_t(100000));
  INFO(what << ", " << part_size << " bytes at a time");

  constexpr std::size_t limit = 1000;
  received_response response({.max_header_bytes = limit});
  response.receive(begin);
  std::string part;
  while (part.size() < part_size) part += rest;
  std::size_t received = std::string_view(begin).size();
  while (!response.has_ended() && received < 1000000) {
    response.receive(part);
    received += part.size();
  }
  CHECK(response.error);
  CHECK(received <= 2 * limit + 2 * part.size());
}

TEST_CASE("what is too long in chunked framing is refused, whether it comes at once or in pieces",
          "[beast][response_reader]") {
  auto const too_long = GENERATE(as<std::string>(), "1;" + std::string(1001, 'x') + "\r\na\r\n0\r\n\r\n",
                                 "0\r\nX: " + std::string(1001, 'x') + "\r\n\r\n");
  auto const part_size = GENERATE(std::size_t(1), std::size_t(100), std::size_t(10000));
  received_response response({.max_header_bytes = 1000});
  std::string const text = std::string(chunked_head) + too_long;
  for (std::size_t at = 0; at < text.size() && !response.has_ended(); at += part_size)
    response.receive(std::string_view(text).substr(at, part_size));
  CHECK(response.error == http::error::header_limit);
}

TEST_CASE("a status below 100 is not HTTP", "[beast][response_reader]") {
  auto const status = GENERATE("000", "001", "099");
  received_response response;
  response.receive(std::string("HTTP/1.1 ") + status + " OK\r\nContent-Length: 0\r\n\r\n");
  CHECK(response.error == http::error::bad_status);
}

TEST_CASE("a status line without the blank after the status is read, however it is cut", "[beast][response_reader]") {
  std::string const text = "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}";
  for (std::size_t first = 1; first < text.size(); ++first)
    for (std::size_t second = first; second < text.size(); ++second) {
      INFO("cut at " << first << " and " << second);
      received_response response;
      response.receive(text.substr(0, first));
      response.receive(text.substr(first, second - first));
      response.receive(text.substr(second));
      REQUIRE(response.reader.has_ended());
      CHECK(response.reader.is_reusable());
      CHECK(response.reader.response.status == 200);
      CHECK(response.reader.response.body == "{}");
    }
}

TEST_CASE("a response whose end could be disputed costs the connection", "[beast][response_reader][reuse]") {
  struct row {
    char const* text;
    bool is_reusable;
  };
  auto const [text, is_reusable] = GENERATE(values<row>({
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", true},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", true},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", false},
      {"HTTP/1.1 204 No Content\r\n\r\n", false},
      {"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n", false},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", false},
  }));
  INFO(text);
  received_response response;
  response.receive(text);
  CHECK(response.has_ended());
  CHECK(response.reader.is_reusable() == is_reusable);
}

}  // namespace response_reader_tests
