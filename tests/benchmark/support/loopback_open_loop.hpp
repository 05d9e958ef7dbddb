#ifndef FICTIVE_TESTS_BENCHMARK_SUPPORT_LOOPBACK_OPEN_LOOP_HPP
#define FICTIVE_TESTS_BENCHMARK_SUPPORT_LOOPBACK_OPEN_LOOP_HPP

#include "support/loopback.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

namespace loopback {

/// Starts a job every `interval` with `start(done)`, independently of the completion of earlier ones (up to a limit).
/// Measures from the scheduled time.
template <class Start>
std::vector<double> open_loop(boost::asio::io_context& io, std::chrono::nanoseconds interval, clock::time_point end,
                              Start start) {
  constexpr std::size_t very_many = 64;
  std::vector<double> micros;
  std::size_t running = 0;
  auto due = clock::now() + interval;

  std::function<void()> const begin_due = [&] {
    for (auto const now = clock::now(); due <= now && due < end && running < very_many; due += interval) {
      ++running;
      start([&, began = due] {
        micros.push_back(std::chrono::duration<double, std::micro>(clock::now() - began).count());
        --running;
        if (running == very_many - 1) begin_due();
      });
    }
  };

  boost::asio::steady_timer timer(io);
  std::function<void(boost::system::error_code)> const tick = [&](boost::system::error_code) {
    begin_due();
    if (due >= end) return;
    timer.expires_at((std::max)(due, clock::now() + interval));
    timer.async_wait(tick);
  };
  tick({});
  io.restart();
  io.run();
  return micros;
}

}  // namespace loopback

#endif
