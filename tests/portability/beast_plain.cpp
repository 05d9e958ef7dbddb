// One program of the whole library over plain HTTP, for machines and compilers without OpenSSL and Catch2: compiled with
// FICTIVE_BEAST_NO_TLS, it serves itself on loopback, and invites one person blocking and another one asynchronously.

#include <boost/json/src.hpp>

#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <thread>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

std::string read_request(tcp::socket& client) {
  std::string text;
  auto const head = asio::read_until(client, asio::dynamic_buffer(text), "\r\n\r\n");
  std::string_view const name = "Content-Length: ";
  auto const body = std::stoul(text.substr(text.find(name) + name.size()));
  asio::read(client, asio::dynamic_buffer(text), asio::transfer_exactly(head + body - text.size()));
  return text.substr(head);
}

/// The text between the first pair of quotes behind `name`.
std::string first_string_behind(std::string_view name, std::string const& json) {
  auto const begin = json.find('"', json.find(name) + name.size()) + 1;
  return json.substr(begin, json.find('"', begin) - begin);
}

void answer(tcp::socket& client) {
  auto const address = first_string_behind("\"emailAddresses\":", read_request(client));
  auto const body = R"({"validInvitations":[{"invitationReference":"i1","emailAddress":")" + address +
                    R"(","status":"PendingAcceptance"}],"invalidEmailAddresses":[]})";
  asio::write(client, asio::buffer("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                                   std::to_string(body.size()) + "\r\n\r\n" + body));
}

bool was_invited(fictive::result<fictive::invite_response> const& reply, char const* address) {
  if (!reply) {
    std::printf("not invited: %s\n", reply.error().message.c_str());
    return false;
  }
  if (reply->valid_invitations.size() != 1 || reply->valid_invitations.front().email_address != address) {
    std::puts("not the invitation that was asked for");
    return false;
  }
  std::printf("invited %s\n", address);
  return true;
}

/// Each client has a connection of its own, and one request.
bool invite_two(unsigned short port) {
  fictive::service const service{.base_url = "http://127.0.0.1:" + std::to_string(port),
                                 .credentials = {.session_id = "session"}};

  fictive::client blocking{fictive::beast::blocking_transport{}, service};
  bool const first = was_invited(
      blocking.invite({.account_group_token = "group", .email_addresses = {"a@example.com"}}), "a@example.com");

  asio::io_context io;
  fictive::beast::client asynchronous{io, service};
  bool second = false;
  asynchronous.async_invite(
      {.account_group_token = "group", .email_addresses = {"b@example.com"}},
      [&](fictive::result<fictive::invite_response> reply) { second = was_invited(reply, "b@example.com"); });
  io.run();
  return first && second;
}

bool https_is_refused() {
  fictive::client client{fictive::beast::blocking_transport{}, fictive::service{.base_url = "https://127.0.0.1:1"}};
  auto const reply = client.invite({.account_group_token = "group", .email_addresses = {"a@example.com"}});
  return !reply && reply.error().code == fictive::errc::invalid_argument;
}

}  // namespace

int main() try {
  asio::io_context io;
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  std::thread server([&] {
    for (int served = 0; served < 2; ++served) {
      auto client = acceptor.accept();
      answer(client);
    }
  });
  bool const invited = invite_two(acceptor.local_endpoint().port());
  if (!invited) {
    std::fflush(stdout);
    std::_Exit(EXIT_FAILURE);  // the server may wait for what never comes
  }
  server.join();
  return https_is_refused() ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (std::exception const& failure) {
  std::printf("failed: %s\n", failure.what());
  return EXIT_FAILURE;
}
