#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include "support/adapter.hpp"
#include "support/catch.hpp"
#include "support/get_endpoint.hpp"
#include "support/raw_server.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

// A GET endpoint over HTTP, through clients over both transports.

namespace beast_safe_endpoint_tests {

using fictive::errc;
using fictive::result;

namespace {

struct blocking_client : fictive::beast::client {
  using client::client;
  result<std::size_t> members() { return call<get_members>("group", {}); }
};

struct asynchronous_client : fictive::async_client<fictive::beast::async_transport> {
  using async_client::async_client;
  template <class Handler>
  void async_members(Handler handler) {
    async_call<get_members>("group", {}, std::move(handler));
  }
};

fictive::client_config at(raw_server const& server) {
  return {.base_url = server.url(),
          .credentials = {.session_id = "session"},
          .limits = {.connect_timeout = std::chrono::seconds(5), .total_timeout = std::chrono::seconds(5)},
          .retry = {.base_delay = std::chrono::milliseconds(1)}};
}

result<std::size_t> members(bool is_blocking, raw_server const& server) {
  if (is_blocking) return blocking_client(at(server)).members();
  boost::asio::io_context io;
  std::optional<result<std::size_t>> reply;
  asynchronous_client(fictive::beast::async_transport(io), at(server)).async_members([&](result<std::size_t> outcome) {
    reply = std::move(outcome);
  });
  io.run();
  return *std::move(reply);
}

}  // namespace

TEST_CASE("a safe endpoint is read over HTTP, and sends neither body nor Content-Type", "[beast][safe_endpoint]") {
  bool const is_blocking = GENERATE(false, true);
  auto const seen = std::make_shared<std::string>();
  raw_server server([seen](raw_server::tcp::socket& client) {
    *seen = read_request(client);
    send_text(client, http_answer(R"(["jamie","josh"])"));
  });
  CHECK(members(is_blocking, server).value() == 2);
  CHECK(seen->starts_with("GET /rest/api/accounts/groups/group/members HTTP/1.1\r\n"));
  CHECK(seen->find("Content-Type:") == std::string::npos);
  CHECK(seen->ends_with("\r\n\r\n"));
}

TEST_CASE("failures of a safe endpoint over HTTP have no effect, and all but redirections are retried",
          "[beast][safe_endpoint][effect]") {
  bool const is_blocking = GENERATE(false, true);
  struct row {
    char const* name;
    std::string answer;
    errc code;
    unsigned attempts;
  };
  auto const [name, answer, code, attempts] = GENERATE(values<row>({
      {"500", "HTTP/1.1 500 E\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", errc::server_error, 3},
      {"a truncated 200", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n[",
       errc::malformed_response, 3},
      {"a lost body", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n",
       errc::malformed_response, 3},
      {"no response", "", errc::transport_failure, 3},
      {"303", "HTTP/1.1 303 See Other\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", errc::unexpected_status, 1},
  }));
  CAPTURE(name, is_blocking);
  raw_server server(answering_once(answer));
  auto const reply = members(is_blocking, server);
  REQUIRE(!reply);
  CHECK(reply.error().code == code);
  CHECK(reply.error().effect == fictive::effect::none);
  CHECK(reply.error().attempts == attempts);
}

}  // namespace beast_safe_endpoint_tests
