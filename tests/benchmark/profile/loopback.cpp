// Measured by tools/profile: one call of a client over beast::transport, on an open connection. The server is a process of
// its own, so that only the client's instructions are counted; it answers late enough for the client to be waiting in every
// call.

#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr int calls = 25;
constexpr useconds_t think_time = 30'000;  // microseconds

std::string answer() {
  std::string const body =
      R"({"validInvitations":[{"invitationReference":"iafsraka6712kabc","emailAddress":"jamie.muir@fictiveglobal.com",)"
      R"("expiryDate":"2017-07-07T15:41:30","status":"PendingAcceptance","subscriptionReferences":["asjdkas6712kabcd"],)"
      R"("created":"0001-01-01T00:00:00","lastUpdated":"0001-01-01T00:00:00"}],)"
      R"("invalidEmailAddresses":["josh.fogg@fictiveglobal.com"]})";
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\nX-Request-Id: 0123456789abcdef\r\n\r\n" + body;
}

/// Requests are small and written at once, and not pipelined, so each read returns one request.
[[noreturn]] void serve(int listener, std::string const& bytes) {
  int const socket = ::accept(listener, nullptr, nullptr);
  char request[16 * 1024];
  std::size_t size = 0;
  for (ssize_t got = 0; (got = ::recv(socket, request + size, sizeof request - size, 0)) > 0;) {
    size += static_cast<std::size_t>(got);
    if (!std::string_view(request, size).ends_with("]}")) continue;
    size = 0;
    ::usleep(think_time);
    if (::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) break;
  }
  ::_exit(EXIT_SUCCESS);
}

}  // namespace

extern "C" {

[[gnu::noinline]] void profiled_call(fictive::client<fictive::beast::transport>& client,
                                     fictive::invite_request const& request,
                                     fictive::result<fictive::invite_response>& out) {
  out = client.invite(request);
}
}

int main() {
  int const listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 1) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return std::perror("no server"), EXIT_FAILURE;

  auto const bytes = answer();
  pid_t const server = ::fork();
  if (server == 0) serve(listener, bytes);
  ::close(listener);

  fictive::client client{fictive::beast::transport(),
                         {.base_url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)),
                          .api_version = "9.0.0",
                          .credentials = {.session_id = "0123456789abcdef0123456789abcdef"}}};
  fictive::invite_request const request{
      .account_group_token = "4b1d2c5e-0a3f-4c6b-9d8e-7f6a5b4c3d2e",
      .email_addresses = {"jamie.muir@fictiveglobal.com", "josh.fogg@fictiveglobal.com"}};

  int status = EXIT_SUCCESS;
  for (int i = 0; i < calls && status == EXIT_SUCCESS; ++i) {
    fictive::result<fictive::invite_response> reply = fictive::error{};
    profiled_call(client, request, reply);
    if (!reply || reply->valid_invitations.size() != 1) {
      std::fprintf(stderr, "a call failed: %s\n", reply ? "no invitation" : reply.error().message.c_str());
      status = EXIT_FAILURE;
    }
  }
  ::kill(server, SIGKILL);
  ::waitpid(server, nullptr, 0);
  return status;
}
