#ifndef FICTIVE_TESTS_SUPPORT_RAW_SERVER_HPP
#define FICTIVE_TESTS_SUPPORT_RAW_SERVER_HPP

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

// A server of raw bytes on loopback, to answer as a test wants: well, badly or not at all.

/// Runs a function for each connection, on a thread of its own. Its end ends them all, whatever they wait for.
class raw_server {
 public:
  using tcp = boost::asio::ip::tcp;
  using session = std::function<void(tcp::socket&)>;

  explicit raw_server(session serve, std::string const& address = "127.0.0.1")
      : serve_(std::move(serve)), acceptor_(io_, {boost::asio::ip::make_address(address), 0}) {
    acceptor_thread_ = std::thread([this] { accept_all(); });
  }

  raw_server(raw_server const&) = delete;
  raw_server& operator=(raw_server const&) = delete;

  ~raw_server() {
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
    acceptor_thread_.join();
    for (auto& one : connections_) {
      ::shutdown(one.socket.native_handle(), SHUT_RDWR);
      one.thread.join();
    }
  }

  [[nodiscard]] unsigned short port() const { return acceptor_.local_endpoint().port(); }

  /// With a host that names this machine.
  [[nodiscard]] std::string url(std::string const& host = "127.0.0.1", std::string const& scheme = "http") const {
    return scheme + "://" + host + ":" + std::to_string(port());
  }

  [[nodiscard]] std::size_t connections() const {
    std::lock_guard lock(mutex_);
    return connections_.size();
  }

 private:
  struct connection {
    tcp::socket socket;
    std::thread thread = {};
  };

  void accept_all() {
    for (boost::system::error_code ec;;) {
      auto socket = acceptor_.accept(ec);
      if (ec) return;
      std::lock_guard lock(mutex_);
      auto& added = connections_.emplace_back(connection{std::move(socket)});
      added.thread = std::thread([this, &added] {
        try {
          serve_(added.socket);
        } catch (boost::system::system_error const&) {
          // The client went away: its test looks at that from its own side.
        }
        boost::system::error_code ignored;
        added.socket.shutdown(tcp::socket::shutdown_both, ignored);
      });
    }
  }

  session serve_;
  boost::asio::io_context io_;
  tcp::acceptor acceptor_;
  mutable std::mutex mutex_;
  std::list<connection> connections_;
  std::thread acceptor_thread_;
};

/// Reads one request with a Content-Length, and returns its bytes.
template <class Stream>
std::string read_request(Stream& stream) {
  std::string text;
  auto const head = boost::asio::read_until(stream, boost::asio::dynamic_buffer(text), "\r\n\r\n");
  std::string_view const name = "Content-Length: ";
  auto const length = std::stoul(text.substr(text.find(name) + name.size()));
  auto const missing = head + length - text.size();
  boost::asio::read(stream, boost::asio::dynamic_buffer(text), boost::asio::transfer_exactly(missing));
  return text;
}

template <class Stream>
void send_text(Stream& stream, std::string_view text) {
  boost::asio::write(stream, boost::asio::buffer(text.data(), text.size()));
}

/// Returns when the client has closed, or the test is over.
template <class Stream>
void wait_for_end(Stream& stream) {
  std::string rest;
  boost::system::error_code ec;
  boost::asio::read(stream, boost::asio::dynamic_buffer(rest), ec);
}

inline std::string http_answer(std::string_view body, std::string_view status = "200 OK",
                               std::string_view headers = "Content-Type: application/json\r\n") {
  std::string answer = "HTTP/1.1 ";
  answer.append(status).append("\r\n").append(headers);
  return answer.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

#endif
