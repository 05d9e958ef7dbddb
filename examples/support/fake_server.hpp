// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_FAKE_SERVER_HPP
#define FICTIVE_EXAMPLES_FAKE_SERVER_HPP

#include <fictive/testing/fake_service.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace examples {

/// PEM files.
struct tls_files {
  std::string certificate_chain = {}, private_key = {};
};

/// The load that a fake server can take.
struct server_capacity {
  /// The time between the effect of a request and its response.
  std::chrono::milliseconds delay = {};
  /// The number of requests at a time; another one is answered with 429. 0 for any.
  std::size_t max_concurrency = 0;
};

/// Serves a fake service on a loopback port that the system chooses, on a thread of its own. The destructor closes its
/// connections.
///
///     fictive::testing::fake_service service;
///     examples::fake_server server{service};
///     fictive::beast::client client{{.base_url = server.base_url(), …}};
class fake_server {
 public:
  /// Speaks HTTP/1.1; over TLS if it is given a certificate. Throws `std::system_error` if it cannot listen or cannot
  /// use the files.
  explicit fake_server(fictive::testing::fake_service service = fictive::testing::fake_service(),
                       std::optional<tls_files> const& tls = std::nullopt, server_capacity capacity = {});
  ~fake_server();

  /// `http://127.0.0.1:port`, or `https`.
  std::string base_url() const;

 private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace examples

#endif
