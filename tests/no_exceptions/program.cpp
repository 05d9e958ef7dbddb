// The library without exceptions: a result is used as usual, and value() ends the program through the function that
// Boost then expects from it. Prints what that received.

#include <fictive/fictive.hpp>
#include <fictive/file_journal.hpp>
#include <fictive/testing.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>

#if defined(__cpp_exceptions)
#error "compile this with -fno-exceptions"
#endif

namespace boost {

void throw_exception(std::exception const& e) {
  std::printf("thrown: %s\n", e.what());
  std::fflush(stdout);
  std::_Exit(0);  // CTest treats a signal as a failure
}

void throw_exception(std::exception const& e, boost::source_location const&) {
  throw_exception(e);
}

}  // namespace boost

int main() {
  fictive::client_config config{.credentials = {.session_id = "session"}};
  config.renew_credentials = [](fictive::stop_token const&) { return fictive::credentials{.session_id = "other"}; };
  fictive::testing::scripted_transport transport;
  for (int i = 0; i < 2; ++i) transport.answer({.status = 403});
  fictive::client client{transport, config};
  auto const reply = client.invite({.account_group_token = "group", .email_addresses = {"somebody@example.com"}});
  if (reply || reply.error().code != fictive::errc::not_authenticated || transport.requests().size() != 2) return 1;
  return static_cast<int>(reply.value().valid_invitations.size());  // not reached
}
