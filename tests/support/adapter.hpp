#ifndef FICTIVE_TESTS_SUPPORT_ADAPTER_HPP
#define FICTIVE_TESTS_SUPPORT_ADAPTER_HPP

#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include "support/raw_server.hpp"
#include "support/thread_sanitizer.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <latch>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

// What the tests of the Beast adapter share.

inline constexpr auto a_moment = std::chrono::milliseconds(150);  // until a test's time is over or its caller stops

/// How soon after that a call has ended, at most. (ThreadSanitizer takes a tenth of a second to free 32 MiB alone.)
inline constexpr auto within = std::chrono::milliseconds(FICTIVE_TESTS_THREAD_SANITIZER ? 1000 : 100);

inline std::chrono::milliseconds since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

/// The asynchronous transport as a blocking one, so that one suite tests both.
class asynchronous_transport {
 public:
  explicit asynchronous_transport(fictive::beast::transport_options options = {})
      : context_(std::make_unique<running_context>()), transport_(context_->io, std::move(options)) {}

  fictive::result<fictive::http_response> operator()(fictive::http_request const& request,
                                                     fictive::stop_token stop = {}) {
    std::promise<fictive::result<fictive::http_response>> response;
    transport_.async_send(request, std::move(stop), [&](fictive::result<fictive::http_response> arrived) {
      response.set_value(std::move(arrived));
    });
    return response.get_future().get();
  }

  void drop_idle_connections(std::string_view url) noexcept { transport_.drop_idle_connections(url); }

 private:
  struct running_context {
    boost::asio::io_context io;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work = make_work_guard(io);
    std::thread thread = std::thread([this] { io.run(); });

    running_context() = default;
    running_context(running_context const&) = delete;
    running_context& operator=(running_context const&) = delete;

    ~running_context() {
      io.stop();
      thread.join();
    }
  };

  std::unique_ptr<running_context> context_;
  fictive::beast::async_transport transport_;
};

inline fictive::http_request request_to(std::string url) {
  return {.method = "POST", .url = std::move(url), .headers = {{"X-SessionId", "session"}}, .body = "{}"};
}

/// Answers every request of every connection with `answer`.
inline raw_server::session answering(std::string answer) {
  return [answer = std::move(answer)](raw_server::tcp::socket& client) {
    for (;;) {
      read_request(client);
      send_text(client, answer);
    }
  };
}

/// Answers the first request of a connection with `answer`, and ends it.
inline raw_server::session answering_once(std::string answer) {
  return [answer = std::move(answer)](raw_server::tcp::socket& client) {
    read_request(client);
    send_text(client, answer);
  };
}

/// A port that nobody listens at.
inline raw_server::tcp::endpoint refusing_endpoint() {
  boost::asio::io_context io;
  raw_server::tcp::acceptor acceptor(io, {boost::asio::ip::address_v4::loopback(), 0});
  return acceptor.local_endpoint();
}

inline std::string refusing_url() {
  return "http://127.0.0.1:" + std::to_string(refusing_endpoint().port());
}

/// A listener whose queue is full, so that a connect to it gets no answer.
class unresponsive_listener {
 public:
  unresponsive_listener() {
    acceptor_.open(raw_server::tcp::v4());
    acceptor_.bind({boost::asio::ip::address_v4::loopback(), 0});
    acceptor_.listen(0);
    for (auto& filler : fillers_) {
      filler.open(raw_server::tcp::v4());
      filler.non_blocking(true);
      auto const to = acceptor_.local_endpoint();
      ::connect(filler.native_handle(), to.data(), static_cast<socklen_t>(to.size()));  // Asio's would wait
    }
  }

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }

 private:
  using socket = raw_server::tcp::socket;

  boost::asio::io_context io_;
  raw_server::tcp::acceptor acceptor_{io_};
  std::array<socket, 4> fillers_ = {socket(io_), socket(io_), socket(io_), socket(io_)};
};

/// A resolver that takes until the test is over, and whose thread has ended then. For one call.
class endless_lookup {
 public:
  endless_lookup() = default;
  endless_lookup(endless_lookup const&) = delete;
  endless_lookup& operator=(endless_lookup const&) = delete;

  ~endless_lookup() {
    release_.set_value();
    if (*asked_) ended_->wait();
  }

  [[nodiscard]] fictive::beast::detail::resolver::function function() const {
    return [over = over_, asked = asked_, ended = ended_](std::string const&, std::string const&, std::error_code& ec) {
      *asked = true;
      thread_local std::shared_ptr<std::latch> until_its_end;
      until_its_end = {ended.get(), [ended](std::latch* latch) { latch->count_down(); }};
      over.wait();
      ec = make_error_code(boost::asio::error::host_not_found);
      return std::vector<fictive::beast::endpoint>();
    };
  }

 private:
  std::promise<void> release_;
  std::shared_future<void> over_ = release_.get_future();
  std::shared_ptr<std::atomic<bool>> asked_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<std::latch> ended_ = std::make_shared<std::latch>(1);
};

/// How far a call gets, and what it has done by then.
struct stage {
  char const* name;
  fictive::effect did;
};

inline constexpr std::array<stage, 6> stages = {{
    {"look-up", fictive::effect::none},
    {"connect", fictive::effect::none},
    {"handshake", fictive::effect::none},
    {"write", fictive::effect::unknown},
    {"read", fictive::effect::unknown},
    {"body", fictive::effect::applied},
}};

/// A service at which a call gets to one stage and no further; on each connection some are answered before.
class standstill {
 public:
  explicit standstill(std::string at, unsigned answered_before = 0)
      : at_(std::move(at)), server_(session_at(at_, answered_before)) {}

  [[nodiscard]] std::string url() const {
    if (at_ == "look-up") return "http://service.example";
    if (at_ == "connect") return unresponsive_.url();
    return server_.url("127.0.0.1", at_ == "handshake" ? "https" : "http");
  }

  [[nodiscard]] fictive::beast::transport_options options() const {
    fictive::beast::transport_options options{.tls = {.ca_file = FICTIVE_TESTS_CERTIFICATES "/ca.pem"}};
    if (at_ == "look-up") options.resolve = lookup_.function();
    return options;
  }

  /// What a request's body needs to hold.
  [[nodiscard]] std::size_t body_size() const {
    constexpr std::size_t too_much_for_socket_buffers = 32 * 1024 * 1024;
    return at_ == "write" ? too_much_for_socket_buffers : 2;
  }

 private:
  static raw_server::session session_at(std::string const& at, unsigned answered_before) {
    return [answered_before, rest = session_at(at)](raw_server::tcp::socket& client) {
      for (unsigned i = 0; i < answered_before; ++i) {
        read_request(client);
        send_text(client, http_answer("{}"));
      }
      rest(client);
    };
  }

  static raw_server::session session_at(std::string const& at) {
    if (at == "write") return [](raw_server::tcp::socket& client) { client.wait(raw_server::tcp::socket::wait_error); };
    if (at == "handshake") return [](raw_server::tcp::socket& client) { wait_for_end(client); };
    std::string const answer = at == "body"
                                   ? "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
                               : at == "back-off" ? http_answer("", "503 Service Unavailable", "Retry-After: 60\r\n")
                                                  : "";
    return [answer](raw_server::tcp::socket& client) {
      read_request(client);
      send_text(client, answer);
      wait_for_end(client);
    };
  }

  std::string at_;
  endless_lookup lookup_;
  unresponsive_listener unresponsive_;
  raw_server server_;
};

#endif
