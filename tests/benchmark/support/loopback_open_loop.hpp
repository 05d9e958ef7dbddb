#ifndef FICTIVE_TESTS_BENCHMARK_SUPPORT_LOOPBACK_OPEN_LOOP_HPP
#define FICTIVE_TESTS_BENCHMARK_SUPPORT_LOOPBACK_OPEN_LOOP_HPP

#include "support/loopback.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <vector>

namespace loopback {

/// Begins a job every `interval`, whether or not those before have ended: `start(done)` begins one.
template <class Start>
std::vector<double> open_loop(boost::asio::io_context& io, std::chrono::nanoseconds interval, clock::time_point end,
                              Start start) {
  std::vector<double> micros;
  boost::asio::steady_timer timer(io);
  auto due = clock::now() + interval;
  std::function<void(boost::system::error_code)> begin_due = [&](boost::system::error_code) {
    for (auto const now = clock::now(); due <= now; due += interval)
      start([&micros, began = due] {
        micros.push_back(std::chrono::duration<double, std::micro>(clock::now() - began).count());
      });
    if (due >= end) return;
    timer.expires_at(due);
    timer.async_wait(begin_due);
  };
  timer.expires_at(due);
  timer.async_wait(begin_due);
  io.restart();
  io.run();
  return micros;
}

}  // namespace loopback

#endif
