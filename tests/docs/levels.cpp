#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <stop_token>
#include <string>
#include <system_error>
#include <utility>

// The code of docs/levels.md and docs/transports.md for clients.

namespace docs_levels {

namespace {

// [asynchronous_transport]
/// Makes a blocking transport asynchronous, with a thread pool.
template <fictive::callable_with_http_request_and_stop_token Blocking>
class on_threads {
 public:
  on_threads(Blocking blocking, boost::asio::thread_pool& pool) : blocking_(std::move(blocking)), pool_(&pool) {}

  template <class Handler>
  void async_send(fictive::http_request const& request, fictive::stop_token stop, Handler handler) {
    boost::asio::post(
        *pool_, [this, &request, stop, handler = std::move(handler)]() mutable { handler(blocking_(request, stop)); });
  }

  template <class Handler>
  void async_wait(std::chrono::nanoseconds duration, fictive::stop_token stop, Handler handler) {
    boost::asio::post(*pool_, [duration, stop, handler = std::move(handler)]() mutable {
      std::mutex mutex;
      std::unique_lock lock(mutex);
      std::condition_variable_any().wait_for(lock, stop, duration, [] { return false; });
      handler();
    });
  }

 private:
  Blocking blocking_;
  boost::asio::thread_pool* pool_;
};
// [asynchronous_transport]

fictive::client_config const config{.credentials = {.session_id = "session"}};
fictive::invite_request const request{.account_group_token = "group",
                                      .email_addresses = {"jamie.muir@fictiveglobal.com"}};

}  // namespace

TEST_CASE("a blocking call can be cancelled", "[docs]") {
  fictive::testing::scripted_transport transport;
  transport.set_default(fictive::testing::fake_service());
  std::stop_source stopper;
  std::string const session = "session";

  // [blocking]
  fictive::client client{transport,
                         {.credentials = {.session_id = session}, .retry = {.deadline = std::chrono::seconds(30)}}};
  auto const reply = client.invite(request, {.stop = stopper.get_token()});
  // [blocking]
  REQUIRE(reply);
  CHECK(reply->valid_invitations.size() == 1);

  stopper.request_stop();
  CHECK(client.invite(request, {.stop = stopper.get_token()}).error().code == fictive::errc::cancelled);
}

TEST_CASE("an asynchronous client calls a handler once, on any asynchronous transport", "[docs]") {
  fictive::testing::fake_service const fake;
  boost::asio::thread_pool pool(2);
  bool is_down = true;
  auto const blocking = [&](fictive::http_request const& sent,
                            fictive::stop_token) -> fictive::result<fictive::http_response> {
    if (std::exchange(is_down, false))
      return fictive::transport_error(std::make_error_code(std::errc::connection_refused), fictive::effect::none);
    return fake(sent);
  };
  on_threads transport{blocking, pool};
  std::promise<fictive::result<fictive::invite_response>> done;
  auto const use = [&](fictive::result<fictive::invite_response> const& reply) { done.set_value(reply); };

  // [asynchronous]
  fictive::async_client client{transport, config};
  client.async_invite(request, [=](fictive::result<fictive::invite_response> reply) { use(reply); });
  // [asynchronous]
  auto const reply = done.get_future().get();
  pool.join();
  REQUIRE(reply);
  CHECK(reply->valid_invitations.size() == 1);
  CHECK(fake.deliveries("jamie.muir@fictiveglobal.com") == 1);
}

TEST_CASE("an asynchronous wait ends when a stop is requested", "[docs]") {
  boost::asio::thread_pool pool(2);
  std::stop_source stopper;
  std::promise<void> failed;
  auto const blocking = [&](fictive::http_request const&) -> fictive::result<fictive::http_response> {
    failed.set_value();
    return fictive::http_response{.status = 429, .headers = {{"Retry-After", "60"}}};
  };
  auto const takes_no_token = [blocking](fictive::http_request const& sent, fictive::stop_token) {
    return blocking(sent);
  };
  std::promise<fictive::result<fictive::invite_response>> done;
  fictive::async_client client{on_threads{takes_no_token, pool}, config};
  client.async_invite(request, {.stop = stopper.get_token()},
                      [&](fictive::result<fictive::invite_response> reply) { done.set_value(std::move(reply)); });
  failed.get_future().get();
  stopper.request_stop();
  auto const reply = done.get_future().get();
  pool.join();
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == fictive::errc::cancelled);
  CHECK(reply.error().effect == fictive::effect::none);
}

TEST_CASE("several clients share one transport", "[docs]") {
  fictive::testing::scripted_transport transport;
  transport.set_default(fictive::testing::fake_service());
  fictive::client_config const other_config = config;

  // [shared_transport]
  fictive::client one{std::ref(transport), config};
  fictive::client other{std::ref(transport), other_config};
  // [shared_transport]
  CHECK(one.invite(request));
  CHECK(other.invite(request));
  CHECK(transport.requests().size() == 2);
}

}  // namespace docs_levels
