// A completion handler is move-only, so a transport that needs copies of it is none.
// expect: has_async_send

#include <fictive/fictive.hpp>

#include <chrono>
#include <concepts>

struct copies_the_handler {
  template <std::copy_constructible Handler>
  void async_send(fictive::http_request const& request, fictive::stop_token stop, Handler handler);
  template <class Handler>
  void async_wait(std::chrono::nanoseconds duration, fictive::stop_token stop, Handler handler);
};

template <fictive::async_transport Transport>
void use(Transport transport);

void try_it() {
  use(copies_the_handler{});
}
