// Plain sockets that exchange the same bytes, without building or parsing.

#include <fictive/version.hpp>

#include "support/loopback.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace loopback {

namespace {

int connect_to(unsigned short port) {
  int const socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("no connection");
  int const on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

std::string request_to(unsigned short port) {
  std::string const body =
      "{\"emailAddresses\":[\"" + std::string(addresses[0]) + "\",\"" + std::string(addresses[1]) + "\"]}";
  std::string text = "POST ";
  text.append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1:").append(std::to_string(port));
  text.append("\r\nAccept: application/json\r\nContent-Type: application/json\r\nAccept-Encoding: identity\r\n");
  text.append("User-Agent: fictive-cpp/" FICTIVE_VERSION_STRING " ")
      .append(user_agent)
      .append("\r\nX-Version: ")
      .append(version);
  text.append("\r\nX-SessionId: ").append(session).append("\r\nContent-Length: ").append(std::to_string(body.size()));
  return text.append("\r\n\r\n").append(body);
}

class connection {
 public:
  explicit connection(unsigned short port) : socket_(connect_to(port)) {}
  connection(connection const&) = delete;
  connection& operator=(connection const&) = delete;
  ~connection() { ::close(socket_); }

  [[nodiscard]] int socket() const noexcept { return socket_; }

  void send(std::string const& request) {
    expect(::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()));
  }

  /// Whether the response is complete.
  bool receive() {
    auto const size = ::recv(socket_, bytes_.data() + size_, bytes_.size() - size_, 0);
    expect(size > 0);
    size_ += static_cast<std::size_t>(size);
    if (size_ < answer().size()) return false;
    expect(std::string_view(bytes_.data(), size_) == answer());
    size_ = 0;
    return true;
  }

 private:
  int socket_;
  std::array<char, 16 * 1024> bytes_;
  std::size_t size_ = 0;
};

class raw final : public contender {
 public:
  explicit raw(unsigned short port) : request_(request_to(port)), connection_(port) {}

  std::size_t run_until(clock::time_point end) override {
    std::size_t count = 0;
    for (; clock::now() < end; ++count) {
      connection_.send(request_);
      while (!connection_.receive()) {
      }
    }
    return count;
  }

 private:
  std::string const request_;
  connection connection_;
};

class raw_epoll final : public contender {
 public:
  explicit raw_epoll(unsigned short port) : request_(request_to(port)) {
    for (std::size_t i = 0; i < in_flight; ++i) {
      auto& added = *connections_.emplace_back(std::make_unique<connection>(port));
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = &added;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, added.socket(), &event);
    }
  }

  ~raw_epoll() override { ::close(epoll_); }

  std::size_t run_until(clock::time_point end) override {
    std::size_t count = 0, waiting = 0;
    for (auto const& one : connections_) {
      one->send(request_);
      ++waiting;
    }
    while (waiting > 0) {
      std::array<epoll_event, in_flight> events;
      int const ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < ready; ++i) {
        auto& one = *static_cast<connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        if (!one.receive()) continue;
        ++count;
        if (clock::now() < end)
          one.send(request_);
        else
          --waiting;
      }
    }
    return count;
  }

 private:
  std::string const request_;
  int const epoll_ = ::epoll_create1(0);
  std::vector<std::unique_ptr<connection>> connections_;
};

}  // namespace

std::unique_ptr<contender> make_raw(unsigned short port) {
  return std::make_unique<raw>(port);
}

std::unique_ptr<contender> make_raw_epoll(unsigned short port) {
  return std::make_unique<raw_epoll>(port);
}

}  // namespace loopback
