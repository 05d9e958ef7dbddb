#include <boost/version.hpp>
#if BOOST_VERSION >= 108200

#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include "support/adapter.hpp"
#include "support/catch.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/bind_immediate_executor.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/system_executor.hpp>

#include <new>
#include <utility>
#include <vector>

namespace beast_immediate_executor_tests {

namespace asio = boost::asio;

namespace {

/// Calls functions at once, and lets their exceptions pass.
struct inline_executor {
  asio::io_context* of;

  static constexpr asio::execution::blocking_t query(asio::execution::blocking_t) {
    return asio::execution::blocking.always;
  }
  [[nodiscard]] asio::execution_context& query(asio::execution::context_t) const noexcept { return *of; }

  template <class Function>
  void execute(Function function) const {
    function();
  }

  bool operator==(inline_executor const&) const = default;
};

}  // namespace

TEST_CASE("the handler's immediate executor is used for what is known at once, and only for that", "[beast][async]") {
  bool const is_refused = GENERATE(true, false);
  bool const has_executor = GENERATE(false, true);
  asio::io_context io;
  auto const strand = asio::make_strand(io);
  fictive::beast::async_client client(
      io, fictive::client_config{
              .base_url = refusing_url(), .credentials = {.session_id = "session"}, .retry = {.max_attempts = 1}});
  bool is_inside = true, was_inside = false, was_in_strand = false;
  std::vector<fictive::errc> codes;
  auto handler =
      asio::bind_immediate_executor(asio::system_executor(), [&](fictive::result<fictive::invite_response> outcome) {
        codes.push_back(outcome.error().code);
        was_inside = is_inside;
        was_in_strand = strand.running_in_this_thread();
      });
  fictive::invite_request request{.account_group_token = "group"};
  if (!is_refused) request.email_addresses = {"jamie@example.com"};
  if (has_executor)
    client.async_invite(request, asio::bind_executor(strand, std::move(handler)));
  else
    client.async_invite(request, std::move(handler));
  is_inside = false;
  io.run();
  CHECK(codes == std::vector{is_refused ? fictive::errc::invalid_argument : fictive::errc::transport_failure});
  CHECK(was_inside == (is_refused && !has_executor));
  CHECK(was_in_strand == has_executor);
}

TEST_CASE("a handler that throws in its immediate executor is not called again", "[beast][async][memory]") {
  asio::io_context io;
  fictive::beast::async_client client(io, fictive::client_config{});
  int calls = 0;
  auto handler = asio::bind_immediate_executor(inline_executor{&io}, [&](fictive::result<fictive::invite_response>) {
    ++calls;
    throw std::bad_alloc();
  });
  CHECK_THROWS_AS(client.async_invite(fictive::invite_request(), std::move(handler)), std::bad_alloc);
  io.run();
  CHECK(calls == 1);
}

}  // namespace beast_immediate_executor_tests

#endif
