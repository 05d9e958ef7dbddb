// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_STAND_IN_SERVER_HPP
#define FICTIVE_EXAMPLES_STAND_IN_SERVER_HPP

#include <fictive/testing/stand_in_service.hpp>

#include <memory>
#include <optional>
#include <string>

namespace examples {

/// PEM files.
struct tls_files {
  std::string certificate_chain = {}, private_key = {};
};

/// Puts a stand-in service on a loopback port that the system picks, on a thread of its own, until it is destroyed;
/// that cuts the connections there are.
///
///     fictive::testing::stand_in_service service;
///     examples::stand_in_server server{service};
///     fictive::client client{fictive::beast::blocking_transport{}, {.base_url = server.base_url(), …}};
class stand_in_server {
 public:
  /// Speaks HTTP/1.1; over TLS if it is given a certificate. Throws `std::system_error` if it cannot listen or cannot
  /// use the files.
  explicit stand_in_server(fictive::testing::stand_in_service service = fictive::testing::stand_in_service(),
                           std::optional<tls_files> const& tls = std::nullopt);
  ~stand_in_server();

  /// `http://127.0.0.1:port`, or `https`.
  std::string base_url() const;

 private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace examples

#endif
