// SPDX-License-Identifier: BSL-1.0

// Drives the state machine of a call from an event loop other than Asio's: here, a queue of timers, as in a game, a GUI
// or a microcontroller. The loop decides when to send, and provides the time.

#include <fictive/call.hpp>
#include <fictive/testing.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <queue>
#include <system_error>
#include <utility>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

/// Runs tasks in the order of their times. (Its time is virtual, so that the example does not wait.)
class event_loop {
 public:
  clock_type::time_point now() const { return now_; }

  void at(clock_type::time_point time, std::function<void()> task) { tasks_.push({time, std::move(task)}); }

  void run() {
    while (!tasks_.empty()) {
      auto const next = tasks_.top();
      tasks_.pop();
      now_ = std::max(now_, next.time);
      next.task();
    }
  }

 private:
  struct entry {
    clock_type::time_point time;
    std::function<void()> task;
    bool operator<(entry const& other) const { return time > other.time; }
  };

  clock_type::time_point now_ = {};
  std::priority_queue<entry> tasks_;
};

// [own_event_loop]
/// Performs the next action of the call. Calls itself again when that is complete.
void drive(event_loop& loop, fictive::invite_call& call, fictive::testing::scripted_transport& network) {
  switch (call.next()) {
    case fictive::call_step::send:
      network.async_send(call.request(), {}, [&](fictive::result<fictive::http_response> response) {
        call.responded(response, loop.now());
        drive(loop, call, network);
      });
      break;
    case fictive::call_step::wait:
      loop.at(call.wait_until(), [&] {
        call.waited(loop.now());
        drive(loop, call, network);
      });
      break;
    case fictive::call_step::renew: break;  // only if the configuration has a function that renews credentials
    case fictive::call_step::done: break;
  }
}
// [own_event_loop]

}  // namespace

int main() {
  // The network fails first, then the service is busy.
  fictive::testing::scripted_transport network;
  network.answer_inline(true);
  network.fail(fictive::transport_error(std::make_error_code(std::errc::connection_refused), fictive::effect::none));
  network.answer({.status = 429, .headers = {{"Retry-After", "7"}}});
  network.set_default(fictive::testing::fake_service());

  event_loop loop;
  fictive::invite_call call({.credentials = {.session_id = "session"}},
                            {.account_group_token = "group", .email_addresses = {"jamie.muir@fictiveglobal.com"}},
                            loop.now());
  drive(loop, call, network);
  loop.run();

  auto const reply = std::move(call).outcome();
  if (!reply) return std::cerr << reply.error() << '\n', 1;
  std::cout << reply->valid_invitations.size() << " invited after " << network.requests().size() << " attempts in "
            << std::chrono::duration_cast<std::chrono::seconds>(loop.now().time_since_epoch()).count()
            << " s of the loop's time\n";
}
