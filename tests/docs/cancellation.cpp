#include <fictive/beast.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/io_context.hpp>

#include <optional>

// The code of docs/timeouts.md. Nobody listens on the port, and the call is cancelled before it finds out.

int main() {
  namespace asio = boost::asio;
  asio::io_context io;
  fictive::beast::async_client client{io, {.base_url = "http://127.0.0.1:1", .credentials = {.session_id = "session"}}};
  fictive::invite_request const request{.account_group_token = "group", .email_addresses = {"somebody@example.com"}};
  std::optional<fictive::error> failure;
  auto const use = [&](fictive::result<fictive::invite_response> const& reply) { failure = reply.error(); };

  // [signal]
  asio::cancellation_signal user;
  client.async_invite(request, asio::bind_cancellation_slot(user.slot(), use));
  user.emit(asio::cancellation_type::terminal);  // later, on the thread or strand of the client's executor
  // [signal]
  io.run();

  return failure && failure->code == fictive::errc::cancelled && failure->effect == fictive::effect::none ? 0 : 1;
}
