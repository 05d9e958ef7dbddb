#ifndef FICTIVE_TESTS_BENCHMARK_SUPPORT_LOOPBACK_SERVER_HPP
#define FICTIVE_TESTS_BENCHMARK_SUPPORT_LOOPBACK_SERVER_HPP

#include <sys/types.h>

namespace loopback {

/// A minimal server that answers each request with `answer()`. The destructor stops it.
class server {
 public:
  enum class kind { process_for_each_connection, tls, epoll };

  explicit server(kind how);
  server(server const&) = delete;
  server& operator=(server const&) = delete;
  ~server();

  [[nodiscard]] unsigned short port() const noexcept { return port_; }

 private:
  unsigned short port_ = 0;
  pid_t process_ = -1;
};

}  // namespace loopback

#endif
