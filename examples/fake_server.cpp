// SPDX-License-Identifier: BSL-1.0

// Serves a fake of the service on loopback, for trying any client:
//
//     fake_server [--certificate PEM --key PEM] [--delay MS] [--concurrency N] [--invited FILE]
//
// The first line on standard output is its base URL. It runs until the end of its standard input, SIGTERM or SIGINT.

#include "support/fake_server.hpp"
#include "support/arguments.hpp"

#include <sys/select.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view help = R"(usage: fake_server [option]...

Serves a fake of the service on loopback. Prints its base URL, and runs until Ctrl-C or the end of its standard input.

  --certificate PEM     the certificate to use TLS with, and
  --key PEM             its key
  --delay MS            time between the effect of a request and its response
  --concurrency N       answer 429 if more requests are in progress
  --invited FILE        at the end, write how often each address was invited: a line with the number, a tab and the address
)";

struct arguments {
  examples::tls_files tls = {};
  examples::server_capacity capacity = {};
  std::string invited = {};
  bool asks_for_help = false;
};

arguments parse(int argc, char const* const* argv) {
  arguments parsed;
  auto const text = [](std::string& to) { return [&to](std::string_view value) { to = value; }; };
  std::vector<examples::option> const options{
      {"--certificate", text(parsed.tls.certificate_chain)},
      {"--key", text(parsed.tls.private_key)},
      {"--delay",
       [&](std::string_view value) {
         parsed.capacity.delay = std::chrono::milliseconds(examples::parse_integer("--delay", value, 0, 3'600'000));
       }},
      {"--concurrency",
       [&](std::string_view value) {
         parsed.capacity.max_concurrency =
             static_cast<std::size_t>(examples::parse_integer("--concurrency", value, 1, 1'000'000));
       }},
      {"--invited", text(parsed.invited)},
  };
  parsed.asks_for_help = !examples::parse_arguments(
      argc, argv, options, [](std::string_view) { examples::refuse("there is an argument that is not an option"); });
  if (parsed.tls.certificate_chain.empty() != parsed.tls.private_key.empty())
    examples::refuse("--certificate needs --key, and --key needs --certificate");
  return parsed;
}

void write_invited(fictive::testing::fake_service const& service, std::string const& name) {
  std::map<std::string, std::size_t, std::less<>> counts;
  for (auto const& invitation : service.invitations()) ++counts[invitation.email_address];
  std::ofstream file(name);
  for (auto const& [address, count] : counts) file << count << '\t' << address << '\n';
  if (!file.flush()) throw std::runtime_error("cannot write " + name);
}

/// Blocks the signals that end the program, except in `wait_for_end`; threads started later inherit that.
class held_signals {
 public:
  held_signals() {
    for (int signal : {SIGTERM, SIGINT}) {
      struct sigaction action = {};
      action.sa_handler = [](int) {};
      sigaction(signal, &action, nullptr);
      sigaddset(&held_, signal);
    }
    pthread_sigmask(SIG_BLOCK, &held_, &before_);
  }

  /// Returns when standard input ends or a signal comes.
  void wait_for_end() const {
    char ignored[4096];
    do {
      fd_set readable;
      FD_ZERO(&readable);
      FD_SET(STDIN_FILENO, &readable);
      if (pselect(STDIN_FILENO + 1, &readable, nullptr, nullptr, nullptr, &before_) < 0) return;
    } while (read(STDIN_FILENO, ignored, sizeof ignored) > 0);
  }

 private:
  sigset_t held_ = {}, before_ = {};
};

}  // namespace

int main(int argc, char** argv) try {
  auto const arguments = parse(argc, argv);
  if (arguments.asks_for_help) {
    std::cout << help;
    return 0;
  }
  fictive::testing::fake_service const service;
  {
    held_signals const signals;
    std::optional<examples::tls_files> tls;
    if (!arguments.tls.private_key.empty()) tls = arguments.tls;
    examples::fake_server const server(service, tls, arguments.capacity);
    std::cout << server.base_url() << std::endl;
    signals.wait_for_end();
  }
  if (!arguments.invited.empty()) write_invited(service, arguments.invited);
} catch (examples::usage_error const& e) {
  std::cerr << "fake_server: " << e.what() << '\n';
  return 2;
} catch (std::exception const& e) {
  std::cerr << "fake_server: " << e.what() << '\n';
  return 1;
}
