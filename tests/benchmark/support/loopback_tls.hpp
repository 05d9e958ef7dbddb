#ifndef FICTIVE_TESTS_BENCHMARK_SUPPORT_LOOPBACK_TLS_HPP
#define FICTIVE_TESTS_BENCHMARK_SUPPORT_LOOPBACK_TLS_HPP

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace loopback {

/// The certificate of the server for 127.0.0.1 in PEM, which is its own authority. Made when it is needed first.
std::string const& certificate();

struct tls_deleter {
  void operator()(SSL* tls) const noexcept { SSL_free(tls); }
};

/// The server's side of a connection, after the handshake; null if that fails.
std::unique_ptr<SSL, tls_deleter> accept_tls(int socket);

}  // namespace loopback

#endif
