// SPDX-License-Identifier: BSL-1.0

// Invites people over cpp-httplib:
//
//     g++ -std=c++20 -I include examples/own_stack_httplib.cpp -o own_stack_httplib
//         $(pkg-config --cflags --libs cpp-httplib) -lssl -lcrypto -lboost_json -pthread
//     own_stack_httplib BASE_URL GROUP ADDRESS...    with the session id in FICTIVE_SESSION_ID
//
// FICTIVE_CA_FILE names a PEM file with the authorities to trust in place of the system's. The exit status is that of
// `report` below, 1 if not all were invited, or 2 for a wrong command line.

#include <fictive/client.hpp>

#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

namespace {

/// Newer versions have a separate error for the certificate of another host.
template <class Error>
bool is_untrusted_certificate(Error error) {
  if constexpr (requires { Error::SSLServerHostnameVerification; }) {
    if (error == Error::SSLServerHostnameVerification) return true;
  }
  return error == Error::SSLServerVerification;
}

class httplib_category final : public std::error_category {
 public:
  char const* name() const noexcept override { return "httplib"; }
  std::string message(int code) const override { return httplib::to_string(static_cast<httplib::Error>(code)); }
  std::error_condition default_error_condition(int code) const noexcept override {
    auto const error = static_cast<httplib::Error>(code);
    if (error == httplib::Error::ConnectionTimeout) return std::errc::timed_out;
    if (is_untrusted_certificate(error)) return std::errc::permission_denied;
    return {code, *this};
  }
};

std::error_code error_code_of(httplib::Error error) {
  static httplib_category const category;
  return {static_cast<int>(error), category};
}

/// Whether it failed before a connection was established.
bool sent_nothing(httplib::Error error) {
  using enum httplib::Error;
  return error == Connection || error == ConnectionTimeout || error == BindIPAddress || error == SSLConnection ||
         error == SSLLoadingCerts || is_untrusted_certificate(error);
}

/// Stops the client after this time, unless destroyed before: httplib itself limits only single reads and writes.
class httplib_deadline {
 public:
  httplib_deadline(httplib::Client& client, std::chrono::milliseconds time)
      : thread_([this, &client, time](std::stop_token done) {
          std::unique_lock lock(mutex_);
          // Repeated, since stop() has no effect before the client is connected.
          for (auto wait = time;; wait = std::chrono::milliseconds(50)) {
            wake_.wait_for(lock, done, wait, [] { return false; });
            if (done.stop_requested()) return;
            passed_ = true;
            client.stop();
          }
        }) {}

  bool passed() const { return passed_; }

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::atomic<bool> passed_ = false;
  std::jthread thread_;
};

/// A transport on cpp-httplib. Thread-safe: each request has a client and a connection of its own.
///
/// Limitations: httplib limits neither DNS resolution nor the size of headers while it reads them, and returns an interim
/// response other than 100 (Continue) as the final one, which is an error here. Newer versions accept at most 100
/// headers, and do not keep those of one name in order. The program must ignore SIGPIPE.
struct httplib_transport {
  /// PEM file with the authorities to trust; if empty, the system's.
  std::string ca_file = {};

  fictive::result<fictive::http_response> operator()(fictive::http_request const& request) const {
    auto const& limits = request.limits;
    auto const connect_timeout = std::min(limits.connect_timeout, limits.total_timeout);
    auto const path = std::min(request.url.find('/', request.url.find("://") + 3), request.url.size());
    httplib::Client client(request.url.substr(0, path));
    client.set_connection_timeout(connect_timeout);
    client.set_read_timeout(limits.total_timeout + std::chrono::seconds(1));  // longer than the deadline
    client.set_write_timeout(limits.total_timeout + std::chrono::seconds(1));
    client.set_url_encode(false);  // already encoded
    client.set_decompress(false);
    client.set_tcp_nodelay(true);
    if (!ca_file.empty()) client.set_ca_cert_path(ca_file);

    httplib::Request outgoing;
    outgoing.method = request.method;
    outgoing.path = request.url.substr(path);
    outgoing.body = request.body;
    for (auto const& [name, value] : request.headers) outgoing.headers.emplace(name, value);

    fictive::http_response reply;
    bool has_headers = false, is_too_large = false;
    auto const take_headers = [&](httplib::Response const& incoming) {
      std::size_t size = 0;
      reply.status = incoming.status;
      for (auto const& [name, value] : incoming.headers) {
        size += name.size() + value.size() + std::string_view(": \r\n").size();
        reply.headers.push_back({.name = name, .value = value});
      }
      is_too_large = size > limits.max_header_bytes;
      return has_headers = !is_too_large;
    };
    outgoing.response_handler = take_headers;
    outgoing.content_receiver = [&](char const* data, std::size_t size, std::uint64_t, std::uint64_t) {
      is_too_large = size > limits.max_body_bytes - reply.body.size();
      if (!is_too_large) reply.body.append(data, size);
      return !is_too_large;
    };

    httplib::Response incoming;
    auto error = httplib::Error::Success;
    auto const begin = std::chrono::steady_clock::now();
    httplib_deadline const deadline(client, limits.total_timeout);
    bool const done = client.send(outgoing, incoming, error);
    if (done && !has_headers) take_headers(incoming);  // the handler is not called if there is no body (204)
    bool const is_interim = has_headers && reply.status < 200;
    if (done && !is_interim && !is_too_large && !deadline.passed()) return reply;

    bool const connected = !sent_nothing(error);
    bool const connected_too_late = !connected && std::chrono::steady_clock::now() - begin >= connect_timeout;
    auto const cause = deadline.passed() || connected_too_late ? std::make_error_code(std::errc::timed_out)
                       : is_too_large                          ? std::make_error_code(std::errc::message_size)
                       : is_interim                            ? std::make_error_code(std::errc::protocol_error)
                                                               : error_code_of(error);
    if (has_headers) return fictive::transport_error(cause, reply);
    return fictive::transport_error(cause, connected ? fictive::effect::unknown : fictive::effect::none);
  }
};

/// Reports a failed call: its effect decides what to do next.
int report(fictive::error const& error) {
  std::cerr << error << '\n';
  switch (error.effect) {
    case fictive::effect::none: return std::cerr << "Nobody was invited: correct the cause and send again.\n", 3;
    case fictive::effect::unknown: break;
    case fictive::effect::applied:
      return std::cerr << "The invitations were made, but the response is lost: do not send again.\n", 5;
  }
  return std::cerr << "It is unknown whether anybody was invited: check before you send again.\n", 4;
}

}  // namespace

int main(int argc, char** argv) {
  char const* const session = std::getenv("FICTIVE_SESSION_ID");
  char const* const ca_file = std::getenv("FICTIVE_CA_FILE");
  if (argc < 4 || !session) {
    std::cerr << "usage: FICTIVE_SESSION_ID=… own_stack_httplib BASE_URL GROUP ADDRESS...\n";
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);  // required by cpp-httplib

  fictive::client client{httplib_transport{.ca_file = ca_file ? ca_file : ""},
                         {.base_url = argv[1], .api_version = "9.0.0", .credentials = {.session_id = session}}};
  auto const reply = client.invite({.account_group_token = argv[2], .email_addresses = {argv + 3, argv + argc}},
                                   {.deadline = std::chrono::seconds(10)});
  if (!reply) return report(reply.error());

  for (auto const& invitation : reply->valid_invitations)
    std::cout << invitation.email_address << " is invited: " << invitation.invitation_reference << '\n';
  for (auto const& address : reply->invalid_email_addresses) std::cout << address << " is refused\n";
  for (auto const& address : reply->unaccounted_email_addresses) std::cout << address << " is not in the response\n";
  return reply->valid_invitations.size() == static_cast<std::size_t>(argc - 3) ? 0 : 1;
}
