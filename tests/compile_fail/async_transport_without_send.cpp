// An asynchronous transport sends.
// expect: has_async_send

#include <fictive/fictive.hpp>

#include <chrono>

struct does_not_send {
  template <class Handler>
  void async_wait(std::chrono::nanoseconds duration, fictive::stop_token stop, Handler handler);
};

template <fictive::async_transport Transport>
void use(Transport transport);

void try_it() {
  use(does_not_send{});
}
