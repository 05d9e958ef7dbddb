// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_TESTING_DETAIL_MISBEHAVING_SERVER_HPP
#define FICTIVE_TESTING_DETAIL_MISBEHAVING_SERVER_HPP

#include <fictive/config.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/http.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/config.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#if defined(BOOST_NO_EXCEPTIONS)
#error "the conformance kit for transports needs exceptions: compile without -fno-exceptions"
#endif

// A raw TCP server on loopback with scripted responses, correct or not, that records what it receives.

namespace fictive::detail::conformance {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using clock = std::chrono::steady_clock;

/// A request that arrived completely.
struct received_request {
  std::string method = {}, target = {}, version = {};
  http_headers headers = {};
  std::string body = {};
};

/// Removes the text up to `separator`, and the separator; everything if there is none. Returns what was before it.
inline std::string_view take_until(std::string_view& text, std::string_view separator) {
  auto const size = (std::min)(text.find(separator), text.size());
  auto const taken = text.substr(0, size);
  text.remove_prefix(std::min(size + separator.size(), text.size()));
  return taken;
}

/// The size of the body at the front of `bytes`; nothing if it has not arrived completely.
inline std::optional<std::size_t> body_size(http_headers const& headers, std::string_view bytes) {
  constexpr std::string_view last_chunk = "0\r\n\r\n";
  if (find_header(headers, "Transfer-Encoding")) {
    auto const last = bytes.find(last_chunk);
    return last == std::string_view::npos ? std::nullopt : std::optional(last + last_chunk.size());
  }
  std::size_t size = 0;
  if (auto const* length = find_header(headers, "Content-Length"))
    std::from_chars(length->data(), length->data() + length->size(), size);
  return bytes.size() < size ? std::nullopt : std::optional(size);
}

/// Removes the first request from the bytes, if it has arrived completely.
inline std::optional<received_request> take_request(std::string& bytes) {
  std::string_view rest = bytes;
  if (rest.find("\r\n\r\n") == std::string_view::npos) return std::nullopt;
  auto head = take_until(rest, "\r\n\r\n");
  auto line = take_until(head, "\r\n");
  received_request request;
  request.method = take_until(line, " ");
  request.target = take_until(line, " ");
  request.version = line;
  while (!head.empty()) {
    auto value = take_until(head, "\r\n");
    auto const name = take_until(value, ":");
    request.headers.push_back({.name = std::string(name), .value = std::string(trim(value))});
  }
  auto const size = body_size(request.headers, rest);
  if (!size) return std::nullopt;
  request.body = rest.substr(0, *size);
  bytes.erase(0, bytes.size() - rest.size() + *size);
  return request;
}

/// What a server received. Thread-safe.
class server_log {
 public:
  void add_connection() {
    change([this] { ++connections_; });
  }
  void add_request(received_request request) {
    change([&] { requests_.push_back(std::move(request)); });
  }
  /// The begin of a request whose rest did not arrive.
  void add_fragment(std::string bytes) {
    change([&] { fragments_.push_back(std::move(bytes)); });
  }
  /// Records that the server has closed a connection.
  void add_end() {
    change([this] { ++ends_; });
  }

  bool wait_for_requests(std::size_t count, std::chrono::milliseconds longest) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, longest, [&] { return requests_.size() >= count; });
  }
  bool wait_for_ends(std::size_t count, std::chrono::milliseconds longest) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, longest, [&] { return ends_ >= count; });
  }

  [[nodiscard]] std::size_t connections() const {
    std::lock_guard lock(mutex_);
    return connections_;
  }
  [[nodiscard]] std::vector<received_request> requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
  }
  [[nodiscard]] std::vector<std::string> fragments() const {
    std::lock_guard lock(mutex_);
    return fragments_;
  }

 private:
  template <class Change>
  void change(Change make) {
    std::lock_guard lock(mutex_);
    make();
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::size_t connections_ = 0, ends_ = 0;
  std::vector<received_request> requests_;
  std::vector<std::string> fragments_;
};

/// Transfers the bytes of a connection: plain TCP. For TLS, see tls_channel.hpp.
class channel {
 public:
  using handler = std::function<void(error_code, std::size_t)>;

  explicit channel(tcp::socket& socket) : socket_(socket) {}
  channel(channel const&) = delete;
  channel& operator=(channel const&) = delete;
  virtual ~channel() = default;

  virtual void async_begin(handler done) {
    asio::post(socket_.get_executor(), [done] { done({}, 0); });
  }
  virtual void async_read_some(asio::mutable_buffer into, handler done) {
    socket_.async_read_some(into, std::move(done));
  }
  virtual void async_write(asio::const_buffer from, handler done) { asio::async_write(socket_, from, std::move(done)); }

 private:
  tcp::socket& socket_;
};

using make_channel = std::function<std::unique_ptr<channel>(tcp::socket&)>;

/// Ends a session: the client has closed its connection, or the server's lifetime is over.
struct session_ended {};

/// A client's connection. Every wait ends when the server's lifetime is over.
class peer {
 public:
  peer(std::size_t number, clock::time_point deadline, server_log& book)
      : number_(number), deadline_(deadline), log_(book) {}

  /// The index of this connection of the server, from 0.
  [[nodiscard]] std::size_t number() const noexcept { return number_; }

  /// Waits for the next request on this connection. Returns false if an answer was sent and no byte came soon after it:
  /// some clients read until the connection ends.
  bool has_more() {
    constexpr auto idle_time = std::chrono::milliseconds(100);
    if (!has_sent_ || !unanswered_.empty() || !bytes_.empty()) return true;
    auto const deadline = std::exchange(deadline_, (std::min)(deadline_, clock::now() + idle_time));
    error_code ec;
    await(
        [&](channel::handler done) {
          socket_.async_wait(tcp::socket::wait_read, [done = std::move(done)](error_code e) { done(e, 0); });
        },
        ec);
    deadline_ = deadline;
    if (over_) throw session_ended();
    return !ec;
  }

  /// Waits for the next complete request.
  received_request read_request() {
    while (unanswered_.empty()) receive_more(buffer_.size());
    auto request = std::move(unanswered_.front());
    unanswered_.pop_front();
    return request;
  }

  /// Reads exactly `count` bytes of a request.
  void read_bytes(std::size_t count) {
    for (auto const enough = received_ + count; received_ < enough;) receive_more(enough - received_);
  }

  /// Reads until the client closes the connection, and records the requests.
  void read_to_end() {
    for (;;) receive_more(buffer_.size());
  }

  void send(std::string_view text) {
    error_code ec;
    await(
        [&](channel::handler done) { channel_->async_write(asio::buffer(text.data(), text.size()), std::move(done)); },
        ec);
    if (ec || over_) throw session_ended();
    has_sent_ = true;
  }

  void pause(std::chrono::milliseconds duration) {
    error_code ec;
    timer_.expires_after(duration);
    await([&](channel::handler done) { timer_.async_wait([done](error_code e) { done(e, 0); }); }, ec);
    if (ec || over_) throw session_ended();
  }

  /// Shuts down sending. What the client sends is still read and recorded.
  void close() {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    record_end();
  }

  /// Resets the connection, which discards data in flight.
  void reset() {
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
    record_end();
    throw session_ended();
  }

 private:
  friend class misbehaving_server;

  void run(std::function<void(peer&)> const& serve, make_channel const& make) {
    channel_ = make ? make(socket_) : std::make_unique<channel>(socket_);
    try {
      error_code ec;
      await([&](channel::handler done) { channel_->async_begin(std::move(done)); }, ec);
      if (ec || over_) throw session_ended();
      serve(*this);
      close();
      read_to_end();
    } catch (session_ended const&) {
      record_end();
    }
    drain();
    if (!bytes_.empty()) log_.add_fragment(bytes_);
    error_code ignored;
    socket_.close(ignored);
  }

  void end() {
    if (over_) return;
    over_ = true;
    cancel_operations();
  }

  void record_end() {
    if (!ended_) log_.add_end();
    ended_ = true;
  }

  void cancel_operations() {
    error_code ignored;
    socket_.cancel(ignored);
    timer_.cancel();
  }

  void drain() {
    constexpr auto short_time = std::chrono::milliseconds(20);
    over_ = true;
    deadline_ = clock::now() + short_time;
    error_code ec;
    while (!ec && !client_ended_ && socket_.is_open()) receive(buffer_.size(), ec);
  }

  void receive_more(std::size_t at_most) {
    error_code ec;
    receive(at_most, ec);
    if (ec || over_) throw session_ended();
  }

  void receive(std::size_t at_most, error_code& ec) {
    auto const into = asio::buffer(buffer_.data(), (std::min)(at_most, buffer_.size()));
    auto const size = await([&](channel::handler done) { channel_->async_read_some(into, std::move(done)); }, ec);
    client_ended_ = ec && ec != asio::error::operation_aborted;
    received_ += size;
    bytes_.append(buffer_.data(), size);
    while (auto request = take_request(bytes_)) {
      unanswered_.push_back(*request);
      log_.add_request(std::move(*request));
    }
  }

  /// Runs one operation to completion, or cancels it at the deadline.
  template <class Start>
  std::size_t await(Start start, error_code& ec) {
    bool done = false;
    std::size_t size = 0;
    start([&](error_code how, std::size_t count) {
      done = true;
      ec = how;
      size = count;
    });
    io_.restart();
    while (!done && io_.run_one_until(deadline_) > 0) {
    }
    if (!done) cancel_operations();
    io_.restart();
    while (!done) io_.run_one();
    return size;
  }

  std::size_t const number_;
  clock::time_point deadline_;
  server_log& log_;
  asio::io_context io_{1};
  tcp::socket socket_{io_};
  asio::steady_timer timer_{io_};
  std::unique_ptr<channel> channel_;
  bool over_ = false, ended_ = false, client_ended_ = false, has_sent_ = false;
  std::vector<char> buffer_ = std::vector<char>(64 * 1024);
  std::size_t received_ = 0;
  std::string bytes_;  // of an incomplete request
  std::deque<received_request> unanswered_;
};

using session = std::function<void(peer&)>;

struct server_options {
  /// When it is over, all connections are closed, so that no transport waits for this server forever.
  std::chrono::milliseconds lifetime = std::chrono::seconds(10);
  /// Null for plain TCP.
  make_channel over = {};
  std::string host = "127.0.0.1";
  /// Whether the receive buffer is small, so that a sender blocks soon if the server does not read.
  bool receives_little = false;
};

/// Runs a session for each connection, on a thread of its own. The system chooses the port. It is reserved by the
/// constructor, but refuses connections until `listen`.
class misbehaving_server {
 public:
  misbehaving_server(session serve, server_options options)
      : serve_(std::move(serve)), options_(std::move(options)), deadline_(clock::now() + options_.lifetime) {
    acceptor_.open(tcp::v4());
    if (options_.receives_little) acceptor_.set_option(asio::socket_base::receive_buffer_size(4096));
    acceptor_.bind({asio::ip::address_v4::loopback(), 0});
    port_ = acceptor_.local_endpoint().port();
  }

  misbehaving_server(misbehaving_server const&) = delete;
  misbehaving_server& operator=(misbehaving_server const&) = delete;
  ~misbehaving_server() { end(); }

  void listen() {
    acceptor_.listen();
    accept_next();
    accepting_ = std::thread([this] {
      io_.run_until(deadline_);
      error_code ignored;
      acceptor_.close(ignored);
    });
  }

  /// Ends all sessions. What arrived before is in the log.
  void end() {
    if (!accepting_.joinable()) return;
    asio::post(io_, [this] {
      error_code ignored;
      acceptor_.close(ignored);
    });
    accepting_.join();
    for (auto& one : connections_) asio::post(one.client.io_, [&one] { one.client.end(); });
    for (auto& one : connections_)
      if (one.thread.joinable()) one.thread.join();
  }

  [[nodiscard]] std::string authority() const { return options_.host + ":" + std::to_string(port_); }
  [[nodiscard]] std::string url() const { return (options_.over ? "https://" : "http://") + authority(); }
  [[nodiscard]] server_log const& seen() const noexcept { return log_; }
  /// When it ends by itself.
  [[nodiscard]] clock::time_point deadline() const noexcept { return deadline_; }

 private:
  struct connection {
    connection(std::size_t number, clock::time_point deadline, server_log& book) : client(number, deadline, book) {}
    peer client;
    std::thread thread = {};
  };

  void accept_next() {
    auto& next = connections_.emplace_back(connections_.size(), deadline_, log_);
    acceptor_.async_accept(next.client.socket_, [this, &next](error_code ec) {
      if (ec) return;
      log_.add_connection();
      next.thread = std::thread([this, &next] { next.client.run(serve_, options_.over); });
      accept_next();
    });
  }

  session serve_;
  server_options options_;
  clock::time_point deadline_;
  unsigned short port_ = 0;
  server_log log_;
  asio::io_context io_{1};
  tcp::acceptor acceptor_{io_};
  std::list<connection> connections_;  // of the accepting thread, while it runs
  std::thread accepting_;
};

/// A port that answers no connection attempt until its lifetime is over, because its backlog is full. Not every system
/// supports that.
class full_backlog {
 public:
  explicit full_backlog(std::chrono::milliseconds lifetime) {
    acceptor_.open(tcp::v4());
    acceptor_.bind({asio::ip::address_v4::loopback(), 0});
    acceptor_.listen(1);
    for (int i = 0; i < 8 && !is_full_; ++i) is_full_ = !is_accepted();
    url_ = "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    end_of_life_.expires_after(lifetime);
    end_of_life_.async_wait([this](error_code) {
      error_code ignored;
      acceptor_.close(ignored);
    });
    io_.restart();
    ending_ = std::thread([this] { io_.run(); });
  }

  full_backlog(full_backlog const&) = delete;
  full_backlog& operator=(full_backlog const&) = delete;
  ~full_backlog() {
    asio::post(io_, [this] { end_of_life_.cancel(); });
    ending_.join();
  }

  [[nodiscard]] bool is_full() const noexcept { return is_full_; }
  [[nodiscard]] std::string url() const { return url_; }

 private:
  /// Adds a connection to the backlog.
  bool is_accepted() {
    constexpr auto short_time = std::chrono::milliseconds(50);
    bool answered = false;
    inside_.emplace_back(io_).async_connect(acceptor_.local_endpoint(), [&](error_code) { answered = true; });
    io_.restart();
    io_.run_for(short_time);
    if (answered) return true;
    inside_.pop_back();
    io_.restart();
    io_.run();
    return false;
  }

  asio::io_context io_{1};
  tcp::acceptor acceptor_{io_};
  asio::steady_timer end_of_life_{io_};
  std::list<tcp::socket> inside_;
  bool is_full_ = false;
  std::string url_;
  std::thread ending_;
};

/// The text of a response with this body.
inline std::string response_text(int status, http_headers const& headers, std::string_view body) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " Some Reason\r\n";
  for (auto const& header : headers) text.append(header.name).append(": ").append(header.value).append("\r\n");
  return text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

}  // namespace fictive::detail::conformance

#endif
