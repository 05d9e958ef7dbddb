// An asynchronous transport waits, too: before the next attempt.
// expect: has_async_wait

#include <fictive/fictive.hpp>

struct does_not_wait {
  template <class Handler>
  void async_send(fictive::http_request const& request, fictive::stop_token stop, Handler handler);
};

template <fictive::async_transport Transport>
void use(Transport transport);

void try_it() {
  use(does_not_wait{});
}
