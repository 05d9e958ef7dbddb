#include "support/loopback_server.hpp"
#include "support/loopback.hpp"
#include "support/loopback_tls.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

namespace loopback {

std::string const& answer_body() {
  static std::string const body = [] {
    std::string text = R"({"validInvitations":[)";
    for (auto const& one : expected_reply().valid_invitations) {
      if (text.back() == '}') text += ',';
      text += R"({"invitationReference":")" + one.invitation_reference + R"(","emailAddress":")" + one.email_address +
              R"(","expiryDate":")" + one.expiry_date + R"(","status":")" + one.status +
              R"(","subscriptionReferences":[")" + one.subscription_references[0] + R"(",")" +
              one.subscription_references[1] + R"("],"created":")" + one.created + R"(","lastUpdated":")" +
              one.last_updated + R"("})";
    }
    return text + R"(],"invalidEmailAddresses":[]})";
  }();
  return body;
}

std::string const& answer() {
  static std::string const bytes =
      "HTTP/1.1 200 OK\r\nDate: Wed, 25 Nov 2026 12:00:00 GMT\r\nContent-Type: application/json; charset=utf-8\r\n"
      "Content-Length: " +
      std::to_string(answer_body().size()) + "\r\nCache-Control: no-cache\r\nX-Request-Id: 0123456789abcdef\r\n\r\n" +
      answer_body();
  return bytes;
}

namespace {

/// Reads the bytes of one request.
class incoming {
 public:
  /// False at the end of the connection.
  bool receive(int socket) { return add(::recv(socket, bytes_.data() + size_, bytes_.size() - size_, 0)); }
  bool receive(SSL* tls) { return add(SSL_read(tls, bytes_.data() + size_, static_cast<int>(bytes_.size() - size_))); }

  /// Whether the request is complete; then removes it.
  bool take() {
    std::string_view const text(bytes_.data(), size_), name = "Content-Length: ";
    auto const head = text.find("\r\n\r\n");
    if (head == std::string_view::npos) return false;
    auto const length = text.find(name);
    if (length == std::string_view::npos || length > head) std::abort();  // a contender that this is not written for
    if (size_ < head + 4 + std::strtoul(text.data() + length + name.size(), nullptr, 10)) return false;
    size_ = 0;
    return true;
  }

 private:
  bool add(ssize_t size) {
    if (size <= 0) return false;
    size_ += static_cast<std::size_t>(size);
    return true;
  }

  std::array<char, 16 * 1024> bytes_;
  std::size_t size_ = 0;
};

void send_answer(int socket) {
  auto const& bytes = answer();
  if (::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) ::_exit(1);
}

int accept_from(int listener) {
  int const socket = ::accept(listener, nullptr, nullptr);
  int const on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

void serve(int socket) {
  incoming request;
  while (request.receive(socket))
    if (request.take()) send_answer(socket);
}

void serve_over_tls(int socket) {
  ::signal(SIGPIPE, SIG_IGN);
  auto const tls = accept_tls(socket);
  incoming request;
  while (tls && request.receive(tls.get()))
    if (request.take()) SSL_write(tls.get(), answer().data(), static_cast<int>(answer().size()));
}

[[noreturn]] void serve_in_processes(int listener, void (*serve)(int socket)) {
  ::signal(SIGCHLD, SIG_IGN);
  for (;;) {
    int const socket = accept_from(listener);
    if (::fork() == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      serve(socket);
      ::_exit(0);
    }
    ::close(socket);
  }
}

[[noreturn]] void serve_by_epoll(int listener) {
  int const epoll = ::epoll_create1(0);
  auto const add = [epoll](int socket) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
  };
  add(listener);
  std::map<int, incoming> connections;
  for (std::array<epoll_event, 64> events;;) {
    int const count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      int const socket = events[static_cast<std::size_t>(i)].data.fd;
      if (socket == listener) {
        add(accept_from(listener));
        continue;
      }
      auto& request = connections[socket];
      if (!request.receive(socket)) {
        connections.erase(socket);
        ::close(socket);
      } else if (request.take()) {
        send_answer(socket);
      }
    }
  }
}

}  // namespace

server::server(kind how) {
  int const listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 128) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    fail("no server could be started");
  port_ = ntohs(address.sin_port);
  answer();
  if (how == kind::tls) certificate();
  process_ = ::fork();
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (how == kind::epoll) serve_by_epoll(listener);
    serve_in_processes(listener, how == kind::tls ? serve_over_tls : serve);
  }
  ::close(listener);
}

server::~server() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

}  // namespace loopback
