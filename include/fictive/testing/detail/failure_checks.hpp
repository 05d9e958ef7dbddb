// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_TESTING_DETAIL_FAILURE_CHECKS_HPP
#define FICTIVE_TESTING_DETAIL_FAILURE_CHECKS_HPP

#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/testing/detail/misbehaving_server.hpp>
#include <fictive/testing/detail/trial.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <thread>

// Connections that fail, and malformed responses.

namespace fictive::detail::conformance {

inline void refused_connection_has_no_effect(checking& check) {
  check.trial([](trial& at) {
    auto& server = at.bind(serve_well);
    at.expect_no_effect(at.send(at.request_to(server)));
  });
}

inline void failure_does_not_affect_the_next_request(checking& check) {
  check.trial([](trial& at) {
    auto& server = at.bind(serve_well);
    at.expect_error(at.send(at.request_to(server)));
    server.listen();
    at.expect_own_answer(at.send(at.request_to(server)));
  });
}

/// Ends the connection after this part of a response, by closing or by resetting it.
inline void expect_error_after(checking& check, std::string const& name, std::string const& part,
                               server_options how = {}) {
  for (bool const resets : {false, true})
    check.trial(name + (resets ? ", reset" : ""), [&](trial& at) {
      auto& server = at.serve(at_first([&](peer& client) {
                                client.read_request();
                                client.send(part);
                                if (resets) client.reset();
                              }),
                              how);
      at.expect_error(at.send(at.request_to(server)));
      at.expect_recovery(server);
    });
}

/// A transport that detects it in time may send the request on another connection.
inline void connection_may_end_before_the_request(checking& check) {
  for (bool const resets : {false, true})
    check.trial(resets ? "reset" : "", [&](trial& at) {
      auto& server = at.serve(at_first([&](peer& client) {
        if (resets) client.reset();
      }));
      auto const& sent = at.send(at.request_to(server));
      if (sent.reply) at.expect_own_answer(sent);
      at.expect_recovery(server);
    });
}

inline void connection_ended_before_the_status(checking& check) {
  expect_error_after(check, "", "");
  expect_error_after(check, "after an interim response", "HTTP/1.1 100 Continue\r\n\r\n");
}

inline void connection_ended_within_the_headers(checking& check) {
  expect_error_after(check, "in the status", "HTTP/1.1 20");
  expect_error_after(check, "after the status", "HTTP/1.1 200 OK\r\n");
  expect_error_after(check, "in a header", "HTTP/1.1 200 OK\r\nContent-Length: 1");
}

inline void connection_ended_within_the_body(checking& check) {
  expect_error_after(check, "Content-Length",
                     "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\n<");
  expect_error_after(check, "chunk",
                     "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n<");
  expect_error_after(check, "no last chunk",
                     "HTTP/1.1 500 Oops\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n<\r\n");
}

inline void lost_success_is_an_error(checking& check) {
  for (std::string const framing : {"Content-Length: 100\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n64\r\n{"})
    check.trial(framing.substr(0, framing.find(':')), [&](trial& at) {
      auto& server = at.serve(at_first([&](peer& client) {
        client.read_request();
        client.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + framing);
      }));
      auto const& sent = at.send(at.request_to(server));
      at.expect_error(sent);
      if (!sent.reply && sent.reply.error().effect == effect::unknown)
        at.remark("effect unknown is correct; transport_error(cause, partial) reports applied, which is more precise");
    });
}

inline void what_is_not_http_is_an_error(checking& check) {
  for (std::string const answer : {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "220 mail.example ESMTP\r\n\r\n", "\r\n\r\n\r\n",
                                   "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}",
                                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n"})
    check.trial(answer.substr(0, answer.find('\r')), [&](trial& at) {
      auto& server = at.serve_stalling(at_first([&](peer& client) {
        client.read_request();
        client.send(answer);
      }));
      at.expect_error(at.send(at.short_request_to(server)));
      at.expect_recovery(server);
    });
}

/// A response that must not be returned for the next request.
inline std::string smuggled_response() {
  return response_text(200, {{"Content-Type", "application/json"}}, "{\"smuggled\":true}");
}

inline void ambiguous_framing_does_not_shift_responses(checking& check) {
  struct framing {
    std::string name, response, body;  // the body that may be returned, if any
  };
  std::string const no_body = "none at all";
  for (auto const& one : {
           framing{"two Content-Lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 60\r\n\r\n{}",
                   no_body},
           framing{"two Content-Lengths, the larger first",
                   "HTTP/1.1 200 OK\r\nContent-Length: 60\r\nContent-Length: 2\r\n\r\n{}", no_body},
           framing{"two Content-Lengths in a list", "HTTP/1.1 200 OK\r\nContent-Length: 2, 60\r\n\r\n{}", no_body},
           framing{"Content-Length, then chunked",
                   "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                   "{}"},
           framing{"chunked, then Content-Length",
                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                   "{}"},
       })
    check.trial(one.name, [&](trial& at) {
      auto& server = at.serve_stalling(at_first([&](peer& client) {
        client.read_request();
        client.send(one.response + smuggled_response());
        serve_well(client);
      }));
      auto const& sent = at.send(at.short_request_to(server));
      if (sent.reply) {
        at.expect(sent.reply->body.find("smuggled") == std::string::npos,
                  "bytes after the body were returned as its part");
        if (one.body != no_body) at.expect_answer(sent, 200, one.body);
      }
      at.expect_recovery(server);
    });
}

inline void bytes_after_a_response_are_not_the_next_response(checking& check) {
  for (bool const at_once : {true, false})
    check.trial(at_once ? "at once" : "later", [&](trial& at) {
      auto& server = at.serve(at_first([&](peer& client) {
        auto const request = client.read_request();
        client.send(answer_to(request) + (at_once ? smuggled_response() : ""));
        client.pause(std::chrono::milliseconds(10));
        if (!at_once) client.send(smuggled_response());
        serve_well(client);
      }));
      at.expect_own_answer(at.send(at.request_to(server)));
      std::this_thread::sleep_for(std::chrono::milliseconds(40));
      at.expect_recovery(server);
    });
}

inline void closed_idle_connection_is_not_reused(checking& check) {
  for (bool const resets : {false, true})
    check.trial(resets ? "reset" : "", [&](trial& at) {
      auto& server = at.serve(at_first([&](peer& client) {
        client.send(answer_to(client.read_request()));
        if (!resets) return;
        client.pause(std::chrono::milliseconds(20));  // until the response has arrived
        client.reset();
      }));
      at.expect_own_answer(at.send(at.request_to(server)));
      at.wait_for_end(server);
      at.expect_recovery(server);
    });
}

/// A reused connection ends during the second request. Many stacks then send the request again.
inline void expect_request_not_sent_again(checking& check, server_options const& how) {
  struct end {
    std::string name;
    session make;
  };
  for (auto const& ends : {
           end{"closed after the request", [](peer& client) { client.read_request(); }},
           end{"reset after the request",
               [](peer& client) {
                 client.read_request();
                 client.reset();
               }},
           end{"closed at its first byte", [](peer& client) { client.read_bytes(1); }},
           end{"reset at its first byte",
               [](peer& client) {
                 client.read_bytes(1);
                 client.reset();
               }},
       })
    check.trial(ends.name, [&](trial& at) {
      auto& server = at.serve(at_first([&](peer& client) {
                                client.send(answer_to(client.read_request()));
                                if (client.has_more()) ends.make(client);
                              }),
                              how);
      at.expect_own_answer(at.send(at.request_to(server)));
      auto const& sent = at.send(at.request_to(server));
      if (server.seen().connections() == 1) at.expect_error(sent);
      at.expect_recovery(server);
    });
}

inline void request_is_not_sent_again(checking& check) {
  expect_request_not_sent_again(check, {});
}

}  // namespace fictive::detail::conformance

#endif
