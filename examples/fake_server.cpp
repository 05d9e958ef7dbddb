// SPDX-License-Identifier: BSL-1.0

// Serves a fake of the service on loopback, for trying any client:
//
//     fake_server [option value]...
//
//     --certificate PEM     the certificate to use TLS with, and
//     --key PEM             its key
//     --delay MS            time between the effect of a request and its response
//     --concurrency N       answer 429 if more requests are in progress
//     --invited FILE        at the end, write how often each address was invited: a line with the number, a tab and
//                           the address
//
// The first line on standard output is its base URL. It runs until the end of its standard input, SIGTERM or SIGINT.

#include "support/fake_server.hpp"

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

namespace {

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
  std::map<std::string, std::string> options{
      {"--certificate", ""}, {"--key", ""}, {"--delay", "0"}, {"--concurrency", "0"}, {"--invited", ""}};
  for (int i = 1; i < argc; i += 2) {
    auto const option = options.find(argv[i]);
    if (option == options.end() || i + 1 == argc) {
      std::cerr << "usage: fake_server [--certificate PEM --key PEM] [--delay MS] [--concurrency N] [--invited FILE]\n";
      return 2;
    }
    option->second = argv[i + 1];
  }
  std::optional<examples::tls_files> tls;
  if (!options["--certificate"].empty() || !options["--key"].empty())
    tls = {options["--certificate"], options["--key"]};
  fictive::testing::fake_service const service;
  {
    held_signals const signals;
    examples::fake_server const server(service, tls,
                                       {.delay = std::chrono::milliseconds(std::stoi(options["--delay"])),
                                        .max_concurrency = std::stoul(options["--concurrency"])});
    std::cout << server.base_url() << std::endl;
    signals.wait_for_end();
  }
  if (!options["--invited"].empty()) write_invited(service, options["--invited"]);
} catch (std::exception const& e) {
  std::cerr << "fake_server: " << e.what() << '\n';
  return 1;
}
