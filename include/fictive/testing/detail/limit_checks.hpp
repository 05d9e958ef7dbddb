// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_TESTING_DETAIL_LIMIT_CHECKS_HPP
#define FICTIVE_TESTING_DETAIL_LIMIT_CHECKS_HPP

#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/testing/detail/misbehaving_server.hpp>
#include <fictive/testing/detail/trial.hpp>
#include <fictive/transport.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <thread>

// Timeouts, size limits and cancellation.

namespace fictive::detail::conformance {

inline constexpr char const* backlog_is_never_full = "this system accepts connections to a port whose backlog is full";

inline void expect_connect_timeout(trial& at, std::string const& url) {
  auto request = at.request_to(url);
  request.limits.connect_timeout = at.options().timeout;
  auto const& sent = at.send(request);
  at.expect_error(sent, errc::timed_out);
  at.expect_soon(sent, request.limits.connect_timeout);
  if (!sent.reply && !sent.claims_no_effect())
    at.remark("effect unknown is correct; none would be more precise, and retried");
}

inline void connect_timeout_holds(checking& check) {
  check.trial([](trial& at) {
    full_backlog server(at.stalling_lifetime());
    if (!server.is_full()) return at.leave_out(backlog_is_never_full);
    expect_connect_timeout(at, server.url());
  });
}

inline void expect_timeout(checking& check, std::string const& name, session const& stall, std::size_t body_size = 0) {
  check.trial(name, [&](trial& at) {
    auto& server = at.serve_stalling(at_first(stall), {.receives_little = body_size > 0});
    auto request = at.short_request_to(server);
    if (body_size > 0) request.body.assign(body_size, ' ');
    auto const& sent = at.send(request);
    at.expect_error(sent, errc::timed_out);
    at.expect_soon(sent, request.limits.total_timeout);
    at.expect_recovery(server);
  });
}

inline void total_timeout_holds_against_silence(checking& check) {
  constexpr std::size_t larger_than_socket_buffers = 32 * 1024 * 1024;
  auto const wait_forever = [](peer& client) { client.pause(std::chrono::hours(1)); };
  expect_timeout(check, "the request is not read", wait_forever);
  expect_timeout(check, "half of the request is read", [&](peer& client) {
    client.read_bytes(40);
    wait_forever(client);
  });
  expect_timeout(
      check, "a large request is not read completely",
      [&](peer& client) {
        client.read_bytes(1000);
        wait_forever(client);
      },
      larger_than_socket_buffers);
  expect_timeout(check, "no response", [](peer& client) { client.read_to_end(); });
  expect_timeout(check, "half of a response", [](peer& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
    client.read_to_end();
  });
}

inline void total_timeout_holds_against_a_trickle(checking& check) {
  auto const trickle = [](peer& client, std::string_view begin, std::string_view part) {
    client.read_request();
    for (client.send(begin);; client.send(part)) client.pause(std::chrono::milliseconds(20));
  };
  expect_timeout(check, "of interim responses",
                 [&](peer& client) { trickle(client, "", "HTTP/1.1 102 Processing\r\n\r\n"); });
  expect_timeout(check, "in a header", [&](peer& client) { trickle(client, "HTTP/1.1 200 OK\r\nX: ", "x"); });
  expect_timeout(check, "of headers", [&](peer& client) { trickle(client, "HTTP/1.1 200 OK\r\n", "X: y\r\n"); });
  expect_timeout(check, "of a body", [&](peer& client) {
    trickle(client, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n", "x");
  });
  expect_timeout(check, "of chunks", [&](peer& client) {
    trickle(client, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
            "1\r\nx\r\n");
  });
  expect_timeout(check, "until the end of the connection", [&](peer& client) {
    trickle(client, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", "x");
  });
}

inline constexpr std::size_t size_limit = 1000;

/// Sends a request with small size limits.
inline sent_request const& send_limited(trial& at, misbehaving_server const& server) {
  auto request = at.request_to(server);
  request.limits.max_header_bytes = request.limits.max_body_bytes = size_limit;
  return at.send(request);
}

inline void headers_beyond_the_limit_are_an_error(checking& check) {
  auto const expect_refused = [&](std::string const& name, std::string const& header, std::size_t count) {
    check.trial(name, [&](trial& at) {
      auto& server = at.serve(at_first([&](peer& client) {
        client.read_request();
        client.send("HTTP/1.1 200 OK\r\n");
        for (std::size_t i = 0; i < count; ++i) client.send(header);
        client.send("Content-Length: 2\r\n\r\n{}");
      }));
      auto const& sent = send_limited(at, server);
      at.expect_error(sent);
      at.expect_recovery(server);
    });
  };
  expect_refused("a long one", "X-Long: " + std::string(2 * size_limit, 'x') + "\r\n", 1);
  expect_refused("many", "X-Some: " + std::string(100, 'x') + "\r\n", 20);
  expect_refused("very many", "X-Some: " + std::string(100, 'x') + "\r\n", 20'000);
}

/// Runs a trial for each framing of a response with this body.
template <class Expect>
void with_each_framing(checking& check, std::string const& body, Expect expect) {
  auto const make = [&](std::string const& name, std::string const& framed) {
    check.trial(name, [&](trial& at) {
      auto& server = at.serve(at_first([&](peer& client) {
        client.read_request();
        client.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + framed);
      }));
      expect(at, send_limited(at, server));
      at.wait_for_end(server);
      at.expect_recovery(server);
    });
  };
  auto const half = body.size() / 2;
  make("Content-Length", "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  auto const chunk = [](std::string_view part) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string size;
    for (auto rest = part.size(); rest > 0; rest /= 16) size.insert(size.begin(), digits[rest % 16]);
    return size.append("\r\n").append(part).append("\r\n");
  };
  make("chunked",
       "Transfer-Encoding: chunked\r\n\r\n" + chunk(body.substr(0, half)) + chunk(body.substr(half)) + "0\r\n\r\n");
  make("until the end of the connection", "\r\n" + body);
}

inline void body_beyond_the_limit_is_an_error(checking& check) {
  with_each_framing(check, std::string(size_limit + 1, 'x'),
                    [](trial& at, sent_request const& sent) { at.expect_error(sent); });
  check.trial("Content-Length, without a body", [](trial& at) {
    auto& server = at.serve_stalling(at_first([](peer& client) {
      client.read_request();
      client.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1099511627776\r\n\r\n");
      client.read_to_end();
    }));
    auto request = at.short_request_to(server);
    request.limits.max_body_bytes = size_limit;
    at.expect_error(at.send(request));
  });
}

inline void body_of_the_limit_is_returned(checking& check) {
  std::string const body(size_limit, 'x');
  with_each_framing(check, body, [&](trial& at, sent_request const& sent) { at.expect_answer(sent, 200, body); });
}

#if defined(__cpp_lib_jthread)

inline void expect_cancellation(checking& check) {
  auto const expect_stopped = [](trial& at, sent_request const& sent) {
    at.expect_error(sent, errc::cancelled);
    at.expect_soon(sent, std::chrono::milliseconds(0));
  };
  auto const short_time = std::chrono::milliseconds(50);
  check.trial("while it connects", [&](trial& at) {
    full_backlog server(at.stalling_lifetime());
    if (!server.is_full()) return at.leave_out(backlog_is_never_full);
    expect_stopped(at, at.send_and_stop(at.request_to(server.url()), [&] { std::this_thread::sleep_for(short_time); }));
  });
  auto const stop_after = [&](std::string const& name, std::string const& answer) {
    check.trial(name, [&](trial& at) {
      auto& server = at.serve_stalling(at_first([&](peer& client) {
        client.read_request();
        client.send(answer);
        client.read_to_end();
      }));
      expect_stopped(at, at.send_and_stop(at.request_to(server), [&] {
        server.seen().wait_for_requests(1, std::chrono::seconds(1));
        std::this_thread::sleep_for(short_time);
      }));
      at.expect_recovery(server);
    });
  };
  stop_after("while it waits for a response", "");
  stop_after("while it reads the headers", "HTTP/1.1 200 OK\r\nX: y");
  stop_after("while it reads the body",
             "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
}

#endif

template <transport Transport>
void cancellation_is_supported_by(checking& check) {
#if defined(__cpp_lib_jthread)
  if (callable_with_http_request_and_stop_token<Transport>) return expect_cancellation(check);
  check.leave_out("it takes no stop_token");
#else
  check.leave_out("this standard library has no stop_token");
#endif
}

}  // namespace fictive::detail::conformance

#endif
