// An asynchronous send can be stopped.
// expect: has_async_send

#include <fictive/fictive.hpp>

#include <chrono>

struct cannot_be_stopped {
  template <class Handler>
  void async_send(fictive::http_request const& request, Handler handler);
  template <class Handler>
  void async_wait(std::chrono::nanoseconds duration, fictive::stop_token stop, Handler handler);
};

template <fictive::async_transport Transport>
void use(Transport transport);

void try_it() {
  use(cannot_be_stopped{});
}
