// SPDX-License-Identifier: BSL-1.0

// Serves a fake of the service on loopback, for trying any client:
//
//     fake_server [--certificate PEM --key PEM]
//
// The first line on standard output is its base URL. It runs until the end of its standard input, SIGTERM or SIGINT.

#include "support/fake_server.hpp"

#include <sys/select.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

namespace {

struct arguments {
  std::optional<examples::tls_files> tls = {};
  bool are_wrong = false;
};

arguments parse(int argc, char const* const* argv) {
  examples::tls_files files;
  for (int i = 1; i + 1 < argc; i += 2) {
    std::string_view const name = argv[i];
    if (name == "--certificate") files.certificate_chain = argv[i + 1];
    if (name == "--key") files.private_key = argv[i + 1];
  }
  if (argc == 1) return {};
  if (argc != 5 || files.certificate_chain.empty() || files.private_key.empty()) return {.are_wrong = true};
  return {.tls = files};
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
  if (arguments.are_wrong) {
    std::cerr << "usage: fake_server [--certificate PEM --key PEM]\n";
    return 2;
  }
  held_signals const signals;
  examples::fake_server const server(fictive::testing::fake_service(), arguments.tls);
  std::cout << server.base_url() << std::endl;
  signals.wait_for_end();
} catch (std::exception const& e) {
  std::cerr << "fake_server: " << e.what() << '\n';
  return 1;
}
