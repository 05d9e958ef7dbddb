// SPDX-License-Identifier: BSL-1.0

// A server that invites people. Each connection sends one address in one line, and receives its outcome in one line:
//
//     server BASE_URL GROUP SESSION_FILE
//
// The first line on standard output is its port on loopback. SESSION_FILE contains the session id; the program that
// signs in replaces it when it has a new one. SIGTERM or SIGINT shuts the server down: it accepts no more connections,
// gives the calls in progress 5 seconds to complete, then cancels them; a second signal cancels them at once. An
// invitation is never interrupted without a word about it: the outcome of a cancelled call is in its connection's line
// and in the log.

#include <fictive/beast/async_client.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <exception>
#include <fstream>
#include <iostream>
#include <mutex>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

constexpr auto time_to_send_an_address = 10s;
constexpr auto time_to_invite = 20s;
constexpr auto time_to_shut_down = 5s;
constexpr std::size_t number_of_threads = 4;
constexpr std::size_t max_line = 1024;

/// Hooks run on the threads of the calls, so several may write at once.
void log(std::string const& line) {
  static std::mutex mutex;
  std::lock_guard const lock(mutex);
  std::clog << line << std::endl;
}

// [renewal]
/// Reads the session. Called once more when the service does not accept it any more; it returns at once, so it need not
/// be asynchronous.
fictive::result<fictive::credentials> read_session(std::string const& file) {
  std::ifstream in(file);
  std::string session;
  if (!std::getline(in, session))
    return fictive::error{.cause = std::make_error_code(std::errc::no_such_file_or_directory)};
  return fictive::credentials{.session_id = session};
}
// [renewal]

// [hooks]
/// A line for each attempt that failed, and for each call. The label identifies the connection.
fictive::hooks logging_hooks() {
  return {
      .on_attempt =
          [](fictive::attempt_event const& attempt) {
            if (!attempt.code) return;
            std::ostringstream line;
            line << "call=" << attempt.call_id << " attempt=" << attempt.attempt << " status=" << attempt.status
                 << " error=\"" << attempt.message << '"';
            log(line.str());
          },
      .on_result =
          [](fictive::result_event const& call) {
            std::ostringstream line;
            line << "call=" << call.call_id << " connection=" << call.label << " attempts=" << call.attempts
                 << " result=" << (call.code ? to_string(*call.code) : "ok") << " effect=" << to_string(call.effect);
            log(line.str());
          },
  };
}
// [hooks]

/// The answer to a connection. `effect::unknown` is reported as such: the address must not be sent again.
std::string text_of(fictive::result<fictive::invite_response> const& reply) {
  if (!reply) {
    auto const error = reply.error();
    if (error.effect == fictive::effect::none) return std::string("not invited: ") + to_string(error.code);
    if (error.effect == fictive::effect::applied) return "invited, without a reference";
    return "unknown: check before you send it again";
  }
  if (!reply->valid_invitations.empty()) return "invited: " + reply->valid_invitations.front().invitation_reference;
  return reply->invalid_email_addresses.empty() ? "unknown: check before you send it again" : "refused";
}

class server {
 public:
  server(asio::io_context& io, fictive::client_config config, std::string group)
      : io_(io), group_(std::move(group)), client_(io, std::move(config)) {}

  [[nodiscard]] unsigned port() const { return acceptor_.local_endpoint().port(); }

  /// Returns at once; the threads of the context do the rest.
  void start() {
    await_signal();
    asio::co_spawn(strand_, accept(), asio::detached);
  }

 private:
  // All members except `client_`, which is thread-safe, are used on `strand_` only.

  asio::awaitable<void> accept() {
    for (;;) {
      boost::system::error_code failed;
      auto socket =
          co_await acceptor_.async_accept(asio::make_strand(io_), asio::redirect_error(asio::use_awaitable, failed));
      if (is_shutting_down_) co_return;
      if (failed) {  // for example, too many open files: others will be closed
        asio::steady_timer pause(strand_, 100ms);
        co_await pause.async_wait(asio::use_awaitable);
        continue;
      }
      ++connections_;
      auto const executor = socket.get_executor();
      asio::co_spawn(executor, serve(std::move(socket)), [this](std::exception_ptr const&) {
        asio::post(strand_, [this] {
          --connections_;
          stop_if_idle();
        });
      });
    }
  }

  // [call]
  asio::awaitable<void> serve(tcp::socket socket) {
    auto const peer = std::to_string(socket.remote_endpoint().port());
    std::string line;
    asio::steady_timer timer(socket.get_executor(), time_to_send_an_address);
    auto const first =
        co_await (asio::async_read_until(socket, asio::dynamic_buffer(line, max_line), '\n', asio::use_awaitable) ||
                  timer.async_wait(asio::use_awaitable));
    if (first.index() == 1) co_return;  // too slow
    line.erase(line.find_first_of("\r\n"));

    fictive::invite_request request{.account_group_token = group_, .email_addresses = {}};
    request.email_addresses.push_back(line);
    fictive::call_options options{.stop = calls_.get_token(), .deadline = time_to_invite, .label = peer};
    auto const reply = co_await client_.async_invite(std::move(request), std::move(options), asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(text_of(reply) + '\n'), asio::use_awaitable);
  }
  // [call]

  // [shutdown]
  void await_signal() {
    signals_.async_wait(asio::bind_executor(strand_, [this](boost::system::error_code failed, int) {
      if (failed) return;
      if (is_shutting_down_) {
        calls_.request_stop();  // the second signal
      } else {
        is_shutting_down_ = true;
        acceptor_.close();
        grace_.expires_after(time_to_shut_down);
        grace_.async_wait(asio::bind_executor(strand_, [this](boost::system::error_code) { calls_.request_stop(); }));
        log("shutting down: " + std::to_string(connections_) + " connections");
        stop_if_idle();
      }
      await_signal();
    }));
  }

  void stop_if_idle() {
    if (is_shutting_down_ && connections_ == 0) io_.stop();
  }
  // [shutdown]

  asio::io_context& io_;
  std::string group_;
  fictive::beast::async_client client_;
  fictive::stop_source calls_;
  asio::strand<asio::io_context::executor_type> strand_{io_.get_executor()};
  tcp::acceptor acceptor_{strand_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  asio::signal_set signals_{strand_, SIGINT, SIGTERM};
  asio::steady_timer grace_{strand_};
  std::size_t connections_ = 0;
  bool is_shutting_down_ = false;
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) return std::cerr << "usage: server BASE_URL GROUP SESSION_FILE\n", 2;
  std::string const session_file = argv[3];
  auto const session = read_session(session_file);
  if (!session) return std::cerr << "server: cannot read " << session_file << '\n', 1;

  asio::io_context io;
  server server(io,
                {.base_url = argv[1],
                 .api_version = "9.0.0",
                 .credentials = *session,
                 .renew_credentials = [session_file](fictive::stop_token const&) { return read_session(session_file); },
                 .limits = {.connect_timeout = 5s, .total_timeout = 15s},
                 .hooks = logging_hooks()},
                argv[2]);
  server.start();
  std::cout << server.port() << std::endl;

  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < number_of_threads; ++i) threads.emplace_back([&io] { io.run(); });
  io.run();
  for (auto& thread : threads) thread.join();
  log("shut down");
} catch (std::exception const& e) {
  std::cerr << "server: " << e.what() << '\n';
  return 1;
}
