// A client owns its asynchronous transport.
// expect: move_constructible

#include <fictive/fictive.hpp>

#include <chrono>

struct not_movable {
  not_movable() = default;
  not_movable(not_movable const&) = delete;
  template <class Handler>
  void async_send(fictive::http_request const& request, fictive::stop_token stop, Handler handler);
  template <class Handler>
  void async_wait(std::chrono::nanoseconds duration, fictive::stop_token stop, Handler handler);
};

template <fictive::async_transport Transport>
struct user {};

user<not_movable> it;
