// cpp-httplib with a persistent connection; bodies with nlohmann/json.

#include "support/loopback.hpp"
#include "support/loopback_nlohmann.hpp"

#include <httplib.h>

#include <string>

namespace loopback {

namespace {

class kept_alive final : public contender {
 public:
  explicit kept_alive(unsigned short port) : client_("127.0.0.1", port) {
    client_.set_keep_alive(true);
    client_.set_tcp_nodelay(true);
    client_.set_default_headers({{"Accept", "application/json"},
                                 {"User-Agent", std::string(user_agent)},
                                 {"X-Version", std::string(version)},
                                 {"X-SessionId", std::string(session)}});
  }

  std::size_t run_until(clock::time_point end) override {
    std::size_t count = 0;
    for (; clock::now() < end; ++count) {
      auto const got = client_.Post(std::string(path).c_str(), body_of_request(), "application/json");
      expect(static_cast<bool>(got));
      check(got->status, got->body);
    }
    return count;
  }

 private:
  httplib::Client client_;
};

}  // namespace

std::unique_ptr<contender> make_httplib(unsigned short port) {
  return std::make_unique<kept_alive>(port);
}

}  // namespace loopback
