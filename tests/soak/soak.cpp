// Invites very many people, each once, at a server that fails in every way it can, and then compares what each call
// said that it did with what the server did:
//
//     fault_soak [--calls N] [--seed S] [--connections C]
//
// The exit status is 0 if they agree in every case and nobody was invited twice. The seed decides what happens to which
// address; what happens to whom first is up to the scheduler.

#include <fictive/beast.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using boost::system::error_code;

namespace asio = boost::asio;

namespace {

constexpr auto patience = 100ms;  // of the client, for one attempt
constexpr auto too_long = 150ms;  // what the server takes to be too late

std::string address_of(std::size_t number) {
  return "person" + std::to_string(number) + "@example.com";
}

// --- What the server does --------------------------------------------------------------------------------------------

struct action {
  enum class kind : unsigned char { invite, send, pause, close, reset };
  kind what;
  std::string text = {};
  std::chrono::milliseconds duration = {};
};

/// What a request leads to; at its end the connection waits for the next one.
using script = std::vector<action>;

action const invite{action::kind::invite};
action const close_connection{action::kind::close};
action const reset_connection{action::kind::reset};
action pause_for(std::chrono::milliseconds duration) {
  return {action::kind::pause, {}, duration};
}
action send(std::string text) {
  return {action::kind::send, std::move(text)};
}

std::string answer(std::string_view status, std::string_view headers, std::string_view body) {
  std::string text = "HTTP/1.1 ";
  text.append(status).append("\r\n").append(headers).append("Content-Length: ");
  return text.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

std::string const json = "Content-Type: application/json\r\n";

std::string invited_body(std::string const& address) {
  return R"({"validInvitations":[{"invitationReference":"r","emailAddress":")" + address +
         R"("}],"invalidEmailAddresses":[]})";
}

std::string success(std::string const& address) {
  return answer("200 OK", json, invited_body(address));
}

std::string in_chunks(std::string_view body) {
  std::string text = "HTTP/1.1 200 OK\r\n" + json + "Transfer-Encoding: chunked\r\n\r\n";
  for (; !body.empty(); body.remove_prefix(std::min<std::size_t>(7, body.size()))) {
    auto const chunk = body.substr(0, 7);
    text.append(std::to_string(chunk.size())).append("\r\n").append(chunk).append("\r\n");
  }
  return text + "0\r\n\r\n";
}

/// All that may go wrong after a request was read, each as likely as the others.
std::vector<std::function<script(std::string const&)>> const misdeeds = {
    // Connections that end.
    [](auto&) -> script { return {close_connection}; },
    [](auto&) -> script { return {reset_connection}; },
    [](auto&) -> script {
      return {invite, close_connection};
    },
    [](auto&) -> script {
      return {invite, reset_connection};
    },
    [](auto&) -> script {
      return {invite, send("HTTP/1.1 2"), close_connection};
    },
    [](auto&) -> script {
      return {invite, send("HTTP/1.1 200 OK\r\nContent-Ty"), reset_connection};
    },
    [](auto& who) -> script {
      return {invite, send(success(who).substr(0, 150)), close_connection};
    },
    [](auto& who) -> script {
      return {invite, send(success(who).substr(0, 150)), pause_for(2ms), reset_connection};
    },
    [](auto& who) -> script {
      return {invite, send(in_chunks(invited_body(who)).substr(0, 120)), close_connection};
    },
    [](auto& who) -> script {
      return {invite, send(success(who)), close_connection};
    },
    [](auto& who) -> script {
      return {invite, send(success(who)), pause_for(1ms), reset_connection};
    },
    [](auto& who) -> script {
      return {invite, send(answer("200 OK", json + "Connection: close\r\n", invited_body(who))), close_connection};
    },
    [](auto& who) -> script {
      return {invite, send("HTTP/1.1 200 OK\r\n\r\n" + invited_body(who)), close_connection};
    },
    // Time that passes.
    [](auto&) -> script {
      return {pause_for(too_long), close_connection};
    },
    [](auto&) -> script {
      return {invite, pause_for(too_long), close_connection};
    },
    [](auto& who) -> script {
      return {pause_for(too_long), invite, send(success(who))};
    },
    [](auto& who) -> script {
      return {invite, send(success(who).substr(0, 150)), pause_for(too_long), send("}")};
    },
    [](auto& who) -> script {
      return {pause_for(5ms), invite, pause_for(5ms), send(success(who))};
    },
    [](auto& who) -> script {
      auto const text = success(who);
      return {invite,         send(text.substr(0, 9)), pause_for(2ms), send(text.substr(9, 40)),
              pause_for(2ms), send(text.substr(49))};
    },
    // Answers of other kinds.
    [](auto& who) -> script {
      return {send("HTTP/1.1 100 Continue\r\n\r\n"), invite, send(success(who))};
    },
    [](auto& who) -> script {
      return {send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), pause_for(1ms), invite, send(success(who))};
    },
    [](auto&) -> script {
      return {send("HTTP/1.1 100 Continue\r\n\r\n"), invite, close_connection};
    },
    [](auto& who) -> script {
      return {invite, send(in_chunks(invited_body(who)))};
    },
    [](auto& who) -> script {
      return {invite, send(success(who) + success("somebody.else@example.com"))};
    },
    // Answers that are none, or not what they should be.
    [](auto&) -> script {
      return {send("SSH-2.0-OpenSSH_9.2\r\n"), close_connection};
    },
    [](auto&) -> script {
      return {invite, send(std::string("\0\xFF\r\n\r\n garbage", 15)), close_connection};
    },
    [](auto&) -> script {
      return {invite, send("HTTP/1.1 200 OK\r\n" + json + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}")};
    },
    [](auto&) -> script {
      return {invite, send(answer("200 OK", json, ""))};
    },
    [](auto&) -> script {
      return {invite, send(answer("200 OK", json, R"({"validInvitations":[{)"))};
    },
    [](auto&) -> script { return {send(answer("200 OK", "Content-Type: text/html\r\n", "<p>Log in</p>"))}; },
    [](auto&) -> script {
      return {invite, send(answer("303 See Other", "Location: http://127.0.0.1:1/\r\n", ""))};
    },
    [](auto&) -> script { return {send(answer("307 Temporary Redirect", "Location: http://127.0.0.1:1/\r\n", ""))}; },
    // Refusals.
    [](auto&) -> script { return {send(answer("429 Too Many Requests", "Retry-After: 0\r\n", ""))}; },
    [](auto&) -> script { return {send(answer("429 Too Many Requests", "", "slow down"))}; },
    [](auto&) -> script { return {send(answer("429 Too Many Requests", "Retry-After: 9999999999999999\r\n", ""))}; },
    [](auto&) -> script { return {send(answer("503 Service Unavailable", "Retry-After: 0\r\n", ""))}; },
    [](auto&) -> script {
      return {send(answer("503 Service Unavailable", "Retry-After: 0\r\n", "")), reset_connection};
    },
    [](auto&) -> script { return {send(answer("503 Service Unavailable", "", ""))}; },
    [](auto&) -> script {
      return {invite, send(answer("503 Service Unavailable", "Retry-After: soon\r\n", ""))};
    },
    [](auto&) -> script { return {send(answer("500 Internal Server Error", json, R"({"errorCode":1})"))}; },
    [](auto&) -> script {
      return {invite, send(answer("500 Internal Server Error", json, R"({"errorCode":1})"))};
    },
    [](auto&) -> script {
      return {invite, send(answer("502 Bad Gateway", "Content-Type: text/html\r\n", "<p>"))};
    },
    [](auto&) -> script {
      return {invite, send(answer("504 Gateway Timeout", "", ""))};
    },
    [](auto&) -> script {
      return {send(answer("408 Request Timeout", "Connection: close\r\n", "")), close_connection};
    },
    [](auto&) -> script { return {send(answer("421 Misdirected Request", "", ""))}; },
    [](auto&) -> script { return {send(answer("425 Too Early", "", ""))}; },
    [](auto&) -> script { return {send(answer("403 Forbidden", "", "no"))}; },
    [](auto&) -> script { return {send(answer("400 Bad Request", json, R"({"failedReason":"no"})"))}; },
};

constexpr double share_of_misdeeds = 0.5;     // of requests
constexpr double share_of_early_ends = 0.05;  // of requests: ended before or while they were read

/// A random number that depends on nothing but what is given.
std::uint64_t mixed(std::uint64_t seed, std::uint64_t a, std::uint64_t b) {
  std::seed_seq sequence{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                         static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b)};
  std::array<std::uint32_t, 2> words = {};
  sequence.generate(words.begin(), words.end());
  return words[0] | std::uint64_t{words[1]} << 32;
}

double fraction(std::uint64_t random) {
  return static_cast<double>(random >> 11) * 0x1p-53;
}

/// On a thread of its own. It counts how often it invited whom.
class misbehaving_server {
 public:
  misbehaving_server(std::size_t people, std::uint64_t seed) : seed_(seed), requests_(people), invitations_(people) {
    accept_next();
    thread_ = std::thread([this] { io_.run(); });
  }

  misbehaving_server(misbehaving_server const&) = delete;
  misbehaving_server& operator=(misbehaving_server const&) = delete;
  ~misbehaving_server() { stop(); }

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }

  /// Ends what is late by now, and then itself. Only after that one may look at what it counted.
  void stop() {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] { acceptor_.close(); });
    thread_.join();
  }

  [[nodiscard]] std::vector<unsigned> const& invitations() const { return invitations_; }
  [[nodiscard]] std::size_t connections() const { return connections_; }
  [[nodiscard]] std::size_t requests() const { return whole_requests_; }

 private:
  class session;

  void accept_next();

  script script_for(std::size_t number, std::string const& who) {
    auto const random = mixed(seed_, number, requests_[number]++);
    if (fraction(random) >= share_of_misdeeds) return {invite, send(success(who))};
    return misdeeds[random % misdeeds.size()](who);
  }

  std::uint64_t seed_;
  std::vector<unsigned> requests_, invitations_;
  std::size_t connections_ = 0, whole_requests_ = 0;
  asio::io_context io_{1};
  tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
  std::thread thread_;
};

class misbehaving_server::session : public std::enable_shared_from_this<session> {
 public:
  session(misbehaving_server& server, tcp::socket client, std::uint64_t number)
      : server_(server), client_(std::move(client)), timer_(server.io_), random_(mixed(server.seed_, number, ~0u)) {}

  /// Most are read; others are ended before that or, for the rest of it cannot have been taken, while they are read.
  void begin_request() {
    text_.clear();
    if (fraction(random_()) >= share_of_early_ends) return read_request();
    bool const resets = random_() % 2 == 0;
    if (random_() % 2 == 0) return end(resets);
    start_.resize(1 + random_() % 400);
    asio::async_read(client_, asio::buffer(start_),
                     [self = shared_from_this(), resets](error_code, std::size_t) { self->end(resets); });
    end_after(20ms, resets);  // the request may be smaller than that
  }

 private:
  void read_request() {
    asio::async_read_until(client_, asio::dynamic_buffer(text_), "\r\n\r\n",
                           [self = shared_from_this()](error_code ec, std::size_t head) {
                             if (!ec) self->read_body(head);
                           });
  }

  void read_body(std::size_t head) {
    std::string_view const name = "Content-Length: ";
    auto const body = std::strtoul(text_.c_str() + text_.find(name) + name.size(), nullptr, 10);
    asio::async_read(client_, asio::dynamic_buffer(text_), asio::transfer_exactly(head + body - text_.size()),
                     [self = shared_from_this()](error_code ec, std::size_t) {
                       if (!ec) self->obey();
                     });
  }

  void obey() {
    ++server_.whole_requests_;
    std::string_view const before = R"("emailAddresses":["person)";
    number_ = std::strtoul(text_.c_str() + text_.find(before) + before.size(), nullptr, 10);
    script_ = server_.script_for(number_, address_of(number_));
    step_ = 0;
    take_step();
  }

  void take_step() {
    if (step_ == script_.size()) return begin_request();
    auto const& now = script_[step_++];
    switch (now.what) {
      case action::kind::invite: ++server_.invitations_[number_]; return take_step();
      case action::kind::close: return end(false);
      case action::kind::reset: return end(true);
      case action::kind::pause:
        timer_.expires_after(now.duration);
        return timer_.async_wait([self = shared_from_this()](error_code) { self->take_step(); });
      case action::kind::send:
        return asio::async_write(client_, asio::buffer(now.text),
                                 [self = shared_from_this()](error_code, std::size_t) { self->take_step(); });
    }
  }

  void end_after(std::chrono::milliseconds duration, bool resets) {
    timer_.expires_after(duration);
    timer_.async_wait([self = shared_from_this(), resets](error_code) { self->end(resets); });
  }

  void end(bool resets) {
    error_code ignored;
    if (resets) client_.set_option(asio::socket_base::linger(true, 0), ignored);
    client_.close(ignored);
    timer_.cancel();
  }

  misbehaving_server& server_;
  tcp::socket client_;
  asio::steady_timer timer_;
  std::mt19937_64 random_;
  std::string text_, start_;
  std::size_t number_ = 0, step_ = 0;
  script script_;
};

void misbehaving_server::accept_next() {
  acceptor_.async_accept([this](error_code ec, tcp::socket client) {
    if (ec) return;
    std::make_shared<session>(*this, std::move(client), connections_++)->begin_request();
    accept_next();
  });
}

// --- What the client believes ----------------------------------------------------------------------------------------

enum class belief : unsigned char { nothing, invited, no_effect, unknown, applied, wrong_answer };

belief belief_after(fictive::result<fictive::invite_response> const& reply, std::string const& address) {
  if (!reply) {
    if (reply.error().effect == fictive::effect::none) return belief::no_effect;
    return reply.error().effect == fictive::effect::unknown ? belief::unknown : belief::applied;
  }
  bool const is_answer = reply->valid_invitations.size() == 1 && reply->valid_invitations[0].email_address == address;
  return is_answer ? belief::invited : belief::wrong_answer;
}

bool agrees(belief client, unsigned invitations) {
  switch (client) {
    case belief::invited:
    case belief::applied: return invitations == 1;
    case belief::no_effect: return invitations == 0;
    case belief::unknown: return invitations <= 1;
    default: return false;
  }
}

struct job {
  std::size_t calls = 10'000, connections = 100;
  std::uint64_t seed = 1;
};

/// Invites each address once, so many at a time, and returns what became of each.
std::vector<belief> invite_all(job const& what, std::string const& url, std::atomic<std::size_t>& attempts) {
  asio::io_context io;
  fictive::client_config service{.base_url = url, .credentials = {.session_id = "session"}};
  service.limits.connect_timeout = service.limits.total_timeout = patience;
  service.retry = {.max_attempts = 4, .base_delay = 1ms, .max_delay = 4ms, .budget = nullptr};
  service.hooks.on_attempt = [&](fictive::attempt_event const&) { ++attempts; };
  fictive::beast::async_client client(io, service,
                                      {.max_connections = what.connections, .max_idle_connections = what.connections});

  std::vector<belief> beliefs(what.calls);
  std::atomic<std::size_t> begun = 0;
  std::function<void()> const next = [&] {
    auto const number = begun++;
    if (number >= what.calls) return;
    fictive::invite_request request{.account_group_token = "group", .email_addresses = {address_of(number)}};
    client.async_invite(std::move(request), [&, number](fictive::result<fictive::invite_response> const& reply) {
      beliefs[number] = beliefs[number] == belief::nothing ? belief_after(reply, address_of(number))
                                                           : belief::wrong_answer;  // called twice
      next();
    });
  };
  for (std::size_t i = 0; i < what.connections; ++i) next();

  std::thread another([&] { io.run(); });
  io.run();
  another.join();
  return beliefs;
}

/// Compares, prints, and returns whether all is well.
bool report(job const& what, std::vector<belief> const& beliefs, std::vector<unsigned> const& invitations) {
  std::map<belief, std::size_t> count;
  std::map<unsigned, std::size_t> times;
  std::size_t disagreements = 0, unknown_but_invited = 0;
  for (std::size_t i = 0; i < what.calls; ++i) {
    ++count[beliefs[i]];
    ++times[std::min(invitations[i], 2u)];
    unknown_but_invited += beliefs[i] == belief::unknown && invitations[i] == 1;
    if (agrees(beliefs[i], invitations[i])) continue;
    ++disagreements;
    std::fprintf(stderr, "%s: the client believes %d, the server invited %u times\n", address_of(i).c_str(),
                 static_cast<int>(beliefs[i]), invitations[i]);
  }

  auto const print = [](char const* name, std::size_t number) { std::printf("  %-38s %9zu\n", name, number); };
  std::printf("What the client says of each address:\n");
  print("invited", count[belief::invited]);
  print("failed without effect", count[belief::no_effect]);
  print("unknown", count[belief::unknown]);
  print("  of these invited", unknown_but_invited);
  print("applied, but the answer is lost", count[belief::applied]);
  print("no or a wrong answer", count[belief::nothing] + count[belief::wrong_answer]);
  std::printf("What the server did:\n");
  print("invited once", times[1]);
  print("never invited", times[0]);
  print("invited more than once", times[2]);
  std::printf("Disagreements: %zu\n", disagreements);

  constexpr std::size_t enough_for_every_outcome = 1000;
  bool const saw_all = what.calls < enough_for_every_outcome ||
                       (count[belief::invited] && count[belief::no_effect] && count[belief::unknown] &&
                        count[belief::applied] && unknown_but_invited);
  if (!saw_all) std::fprintf(stderr, "Not every outcome occurred, so this shows too little.\n");
  return disagreements == 0 && times[2] == 0 && saw_all;
}

std::optional<job> job_of(int argc, char** argv) {
  job what;
  for (int i = 1; i < argc; i += 2) {
    std::string_view const name = argv[i];
    if (i + 1 == argc) return std::nullopt;
    std::string_view const text = argv[i + 1];
    std::uint64_t value = 0;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (name == "--calls")
      what.calls = value;
    else if (name == "--seed")
      what.seed = value;
    else if (name == "--connections" && value > 0)
      what.connections = value;
    else
      return std::nullopt;
  }
  return what;
}

}  // namespace

int main(int argc, char** argv) {
  auto const what = job_of(argc, argv);
  if (!what) {
    std::fprintf(stderr, "usage: fault_soak [--calls N] [--seed S] [--connections C]\n");
    return 2;
  }
  auto const began = std::chrono::steady_clock::now();
  misbehaving_server server(what->calls, what->seed);
  std::atomic<std::size_t> attempts = 0;
  auto const beliefs = invite_all(*what, server.url(), attempts);
  server.stop();
  std::chrono::duration<double> const took = std::chrono::steady_clock::now() - began;

  std::printf("%zu calls, %zu at a time, seed %llu: %zu attempts, %zu whole requests, %zu connections, %.1f s\n",
              what->calls, what->connections, static_cast<unsigned long long>(what->seed), attempts.load(),
              server.requests(), server.connections(), took.count());
  return report(*what, beliefs, server.invitations()) ? 0 : 1;
}
