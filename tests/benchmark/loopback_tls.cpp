#include "support/loopback_tls.hpp"
#include "support/loopback.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace loopback {

namespace {

struct identity {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();

  identity() {
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 24L * 60 * 60);
    X509_set_version(certificate, X509_VERSION_3);
    X509_set_pubkey(certificate, key);
    auto* const name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<unsigned char const*>("loopback"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    auto* const address = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(certificate, address, -1);
    X509_EXTENSION_free(address);
    if (X509_sign(certificate, key, EVP_sha256()) == 0) fail("no certificate could be made");
  }

  identity(identity const&) = delete;
  identity& operator=(identity const&) = delete;

  ~identity() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
};

identity const& own() {
  static identity const made;
  return made;
}

}  // namespace

std::string const& certificate() {
  static std::string const text = [] {
    auto* const memory = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(memory, own().certificate);
    char* bytes = nullptr;
    auto const size = BIO_get_mem_data(memory, &bytes);
    std::string copy(bytes, static_cast<std::size_t>(size));
    BIO_free(memory);
    return copy;
  }();
  return text;
}

std::unique_ptr<SSL, tls_deleter> accept_tls(int socket) {
  static SSL_CTX* const context = [] {
    auto* const made = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(made, own().certificate);
    SSL_CTX_use_PrivateKey(made, own().key);
    SSL_CTX_set_read_ahead(made, 1);
    return made;
  }();
  std::unique_ptr<SSL, tls_deleter> tls(SSL_new(context));
  SSL_set_fd(tls.get(), socket);
  return SSL_accept(tls.get()) == 1 ? std::move(tls) : nullptr;
}

}  // namespace loopback
