#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include "faults/faults.hpp"
#include "support/catch.hpp"
#include "support/raw_server.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/strand.hpp>
#include <boost/system/system_error.hpp>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <new>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

// Each system call and each allocation of a call over loopback fails in turn. The effect that the call reports is
// compared with what the server received.

namespace fault_tests {

using fictive::effect;
using fictive::http_response;
using fictive::result;
using namespace std::chrono_literals;

namespace {

enum class transport_kind { blocking, blocking_and_connected, asynchronous, asynchronous_on_a_strand };

std::string const certificates = FICTIVE_TESTS_CERTIFICATES "/";

/// A server that counts the bytes that it receives, over TLS or not, and answers each request.
class counting_server {
 public:
  explicit counting_server(bool has_tls = false) : has_tls_(has_tls) {}

  [[nodiscard]] std::string url() const { return server_.url("127.0.0.1", has_tls_ ? "https" : "http"); }

  [[nodiscard]] std::size_t connections() const { return server_.connections(); }

  /// The bytes since the last call of this function.
  std::size_t take_received() { return received_.exchange(0); }

 private:
  template <class Stream>
  void serve(Stream& client) {
    for (std::string text;;) {
      char part[4096];
      auto const size = client.read_some(boost::asio::buffer(part));
      received_ += size;
      text.append(part, size);
      auto const head = text.find("\r\n\r\n");
      if (head == std::string::npos || text.size() < head + 4 + body_size) continue;
      text.erase(0, head + 4 + body_size);
      send_text(client, http_answer(R"({"validInvitations":[],"invalidEmailAddresses":[]})"));
    }
  }

  void serve_over_tls(raw_server::tcp::socket& client) {
    namespace ssl = boost::asio::ssl;
    ssl::context context(ssl::context::tls_server);
    context.use_certificate_chain_file(certificates + "server.pem");
    context.use_private_key_file(certificates + "server.key", ssl::context::pem);
    ssl::stream<raw_server::tcp::socket&> stream(client, context);
    stream.handshake(ssl::stream_base::server);
    serve(stream);
  }

 public:
  static constexpr std::size_t body_size = 4000;  // more than is sent together with the head

 private:
  bool has_tls_;
  std::atomic<std::size_t> received_{0};
  raw_server server_{
      [this](raw_server::tcp::socket& client) { return has_tls_ ? serve_over_tls(client) : serve(client); }};
};

fictive::http_request request_to(std::string url, std::chrono::milliseconds timeout = 1s) {
  return {.method = "POST",
          .url = std::move(url),
          .headers = {{"X-SessionId", "session"}},
          .body = std::string(counting_server::body_size, ' '),
          .limits = {.connect_timeout = timeout, .total_timeout = timeout}};
}

/// What a transport did: returned a result, or threw because of a lack of memory.
struct outcome {
  std::optional<result<http_response>> response;
  unsigned handled = 0;
  bool has_thrown = false;
};

fictive::beast::transport_options trusting() {
  fictive::beast::transport_options options;
  options.tls.ca_file = certificates + "ca.pem";
  return options;
}

/// Sends a request over a transport of its own, so that its construction may fail, too; or the second one of a transport
/// that is connected.
template <class Fault>
outcome send(transport_kind kind, fictive::http_request const& request, Fault const& make_fault) {
  outcome seen;
  if (kind == transport_kind::blocking_and_connected) {
    fictive::beast::transport transport(trusting());
    (void)transport(request, {});
    [[maybe_unused]] auto const fault = make_fault();
    try {
      seen.response = transport(request, {});
      ++seen.handled;
    } catch (std::bad_alloc const&) {
      seen.has_thrown = true;
    }
    return seen;
  }
  [[maybe_unused]] auto const fault = make_fault();
  try {
    if (kind == transport_kind::blocking) {
      fictive::beast::transport transport(trusting());
      seen.response = transport(request, {});
      ++seen.handled;
      return seen;
    }
    boost::asio::io_context io;
    boost::asio::any_io_executor executor = io.get_executor();
    if (kind == transport_kind::asynchronous_on_a_strand) {
      faults::no_failures const whole;  // Asio crashes otherwise
      executor = boost::asio::make_strand(io);
    }
    fictive::beast::async_transport transport(executor, trusting());
    transport.async_send(request, {}, [&seen](result<http_response> response) {
      seen.response = std::move(response);
      ++seen.handled;
    });
    io.run_for(10s);
  } catch (std::bad_alloc const&) {
    seen.has_thrown = true;
  }
  return seen;
}

std::size_t open_files() {
  auto const all = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// Waits until the only files that are open besides `before` are the server's ends of its connections.
bool has_closed_files(counting_server const& server, std::size_t before) {
  for (int tries = 0; tries < 1000; ++tries) {
    if (open_files() == before + server.connections()) return true;
    std::this_thread::sleep_for(1ms);
  }
  return false;
}

/// `sent_before`: by a request before.
void check(outcome const& seen, std::size_t received, std::size_t sent_before) {
  REQUIRE(seen.handled + (seen.has_thrown ? 1 : 0) == 1);
  if (seen.has_thrown) CHECK(received == sent_before);
  if (seen.has_thrown || *seen.response) return;
  auto const& e = seen.response->error();
  INFO(to_string(e));
  if (e.effect == effect::none) CHECK(received == sent_before);
  CHECK_FALSE(e.message.empty());
}

}  // namespace

TEST_CASE("whichever system call fails, the effect is true, and nothing is left open", "[faults][beast]") {
  struct row {
    faults::fault what;
    bool is_harmless;  ///< in the transfer of data
  };
  auto const [what, is_harmless] = GENERATE(values<row>({
      {{.is_short = true}, true},
      {{.error = EINTR}, true},
      {{.error = EAGAIN}, true},
      {{.error = ECONNRESET}, false},
      {{.error = EPIPE}, false},
      {{.error = ENOBUFS}, false},
      {{.error = EMFILE}, false},
  }));
  auto const kind = GENERATE(transport_kind::blocking, transport_kind::blocking_and_connected,
                             transport_kind::asynchronous, transport_kind::asynchronous_on_a_strand);
  bool const has_tls = GENERATE(false, true);
  // Asio waits for an event of epoll then, which follows only what was true.
  if ((what.error == EAGAIN || what.is_short) && kind != transport_kind::blocking_and_connected) return;
  counting_server server(has_tls);
  auto const files = open_files();
  // After most other faults, nothing more arrives.
  auto const request = request_to(server.url(), is_harmless ? 1s : 400ms);
  (void)send(transport_kind::blocking, request, [] { return 0; });  // what is made once for the process is made now
  auto const whole = server.take_received();
  auto const sent_before = kind == transport_kind::blocking_and_connected ? whole : 0;
  bool has_failed = true;
  unsigned failures = 0;
  std::size_t n = 0;
  for (; has_failed; ++n) {
    REQUIRE(n < 200);
    auto const seen = send(kind, request, [n, fault = what] { return faults::failing_call(n, fault); });
    has_failed = faults::mine.has_happened;
    INFO("call " << n << " of the system, " << faults::mine.call << ", by transport " << static_cast<int>(kind)
                 << ", error " << what.error << (has_tls ? ", over TLS" : ""));
    check(seen, server.take_received(), sent_before);
    CHECK_FALSE(seen.has_thrown);
    std::string const call = faults::mine.call;
    bool const transfers = call == "send" || call == "sendmsg" || call == "recv" || call == "recvmsg" || call == "poll";
    if (seen.response && (!has_failed || (transfers && is_harmless))) CHECK(seen.response->has_value());
    if (has_failed && seen.response && !*seen.response) ++failures;
    CHECK(has_closed_files(server, files));
  }
  CHECK((is_harmless || failures > 0));
  // Over an open connection: look whether it has ended, send, and receive.
  if (kind == transport_kind::blocking_and_connected) CHECK(n - 1 == 3);
}

TEST_CASE("whichever allocation of a call fails, the effect is true, and nothing leaks", "[faults][beast][memory]") {
  auto const kind = GENERATE(transport_kind::blocking, transport_kind::blocking_and_connected,
                             transport_kind::asynchronous, transport_kind::asynchronous_on_a_strand);
  bool const has_tls = GENERATE(false, true);
  counting_server server(has_tls);
  auto const files = open_files();
  auto const request = request_to(server.url(), 10s);
  (void)send(transport_kind::blocking, request, [] { return 0; });
  auto const whole = server.take_received();
  auto const sent_before = kind == transport_kind::blocking_and_connected ? whole : 0;
  bool has_failed = true;
  std::size_t n = 0;
  for (; has_failed; ++n) {
    REQUIRE(n < 1000);
    auto const seen = send(kind, request, [n] { return faults::failing_allocation(n); });
    has_failed = faults::mine.has_happened;
    INFO("allocation " << n << " by transport " << static_cast<int>(kind) << (has_tls ? " over TLS" : ""));
    check(seen, server.take_received(), sent_before);
    if (!has_failed) CHECK(seen.response->has_value());
    if (seen.response && !*seen.response) CHECK(seen.response->error().code != fictive::errc::timed_out);  // but soon
    CHECK(has_closed_files(server, files));
  }
  CHECK(n > 2);
}

namespace {

fictive::beast::transport_options one_connection() {
  fictive::beast::transport_options options;
  options.max_connections = 1;
  return options;
}

}  // namespace

TEST_CASE("whichever allocation of a blocking call fails, the next call finds its slot free",
          "[faults][beast][memory][pool]") {
  counting_server server;
  auto const request = request_to(server.url());
  bool has_failed = true;
  for (std::size_t n = 0; has_failed; ++n) {
    REQUIRE(n < 1000);
    INFO("allocation " << n);
    fictive::beast::transport transport(one_connection());
    try {
      faults::failing_allocation const fault(n);
      (void)transport(request, {});
    } catch (std::bad_alloc const&) {
    }
    has_failed = faults::mine.has_happened;
    CHECK(transport(request, {}).has_value());
  }
}

TEST_CASE("whichever allocation of an asynchronous call fails as it begins to wait, no slot and no handler is lost",
          "[faults][beast][memory][pool]") {
  counting_server server;
  auto const request = request_to(server.url());
  bool has_failed = true;
  std::size_t n = 0;
  for (; has_failed; ++n) {
    REQUIRE(n < 1000);
    INFO("allocation " << n);
    boost::asio::io_context io;
    fictive::beast::async_transport transport(io, one_connection());
    unsigned answered = 0, begun = 0;
    auto const send = [&] {
      transport.async_send(request, {},
                           [&](result<http_response> const& response) { answered += response.has_value(); });
      ++begun;
    };
    send();
    try {
      faults::failing_allocation const fault(n);
      send();
    } catch (std::bad_alloc const&) {
    }
    has_failed = faults::mine.has_happened;
    send();
    io.run_for(10s);
    CHECK(answered == begun);
    CHECK(begun >= 2);
  }
  CHECK(n > 1);
}

TEST_CASE("a stop of a call that waits for a connection needs no memory", "[faults][beast][memory][pool]") {
  counting_server server;
  auto const request = request_to(server.url());
  boost::asio::io_context io;
  fictive::beast::async_transport transport(io, one_connection());
  std::stop_source stopper;
  std::optional<result<http_response>> first, second;
  transport.async_send(request, {}, [&](result<http_response> response) { first = std::move(response); });
  transport.async_send(request, stopper.get_token(),
                       [&](result<http_response> response) { second = std::move(response); });
  {
    faults::failing_allocation const fault(0);
    stopper.request_stop();
    CHECK_FALSE(faults::mine.has_happened);
  }
  io.run_for(10s);
  REQUIRE(first);
  CHECK(first->has_value());
  REQUIRE(second);
  CHECK(second->error().code == fictive::errc::cancelled);
  CHECK(second->error().effect == effect::none);
}

}  // namespace fault_tests
