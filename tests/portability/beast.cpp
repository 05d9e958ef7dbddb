// One program of the whole library over HTTP, for machines and compilers without Catch2: it serves itself on loopback,
// and invites one person blocking and another one asynchronously. The same over TLS, with a certificate that is made
// here, unless it is compiled with FICTIVE_BEAST_NO_TLS, for machines without OpenSSL.

#include <boost/json/src.hpp>

#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <thread>

#if !defined(FICTIVE_BEAST_NO_TLS)
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#endif

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

template <class Stream>
std::string read_request(Stream& client) {
  std::string text;
  auto const head = asio::read_until(client, asio::dynamic_buffer(text), "\r\n\r\n");
  std::string_view const name = "Content-Length: ";
  auto const body = std::stoul(text.substr(text.find(name) + name.size()));
  asio::read(client, asio::dynamic_buffer(text), asio::transfer_exactly(head + body - text.size()));
  return text.substr(head);
}

/// The text between the first pair of quotes behind `name`.
std::string first_string_behind(std::string_view name, std::string const& json) {
  auto const begin = json.find('"', json.find(name) + name.size()) + 1;
  return json.substr(begin, json.find('"', begin) - begin);
}

template <class Stream>
void answer(Stream& client) {
  auto const address = first_string_behind("\"emailAddresses\":", read_request(client));
  auto const body = R"({"validInvitations":[{"invitationReference":"i1","emailAddress":")" + address +
                    R"(","status":"PendingAcceptance"}],"invalidEmailAddresses":[]})";
  asio::write(client, asio::buffer("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                                   std::to_string(body.size()) + "\r\n\r\n" + body));
}

bool was_invited(fictive::result<fictive::invite_response> const& reply, char const* address) {
  if (!reply) {
    std::printf("not invited: %s\n", reply.error().message.c_str());
    return false;
  }
  if (reply->valid_invitations.size() != 1 || reply->valid_invitations.front().email_address != address) {
    std::puts("not the invitation that was asked for");
    return false;
  }
  std::printf("invited %s\n", address);
  return true;
}

/// Each client has a connection of its own, and one request.
bool invite_two(std::string const& origin, fictive::beast::transport_options const& options) {
  fictive::client_config const config{.base_url = origin, .credentials = {.session_id = "session"}};

  fictive::beast::client blocking{config, options};
  bool const first = was_invited(
      blocking.invite({.account_group_token = "group", .email_addresses = {"a@example.com"}}), "a@example.com");

  asio::io_context io;
  fictive::beast::async_client asynchronous{io, config, options};
  bool second = false;
  asynchronous.async_invite(
      {.account_group_token = "group", .email_addresses = {"b@example.com"}},
      [&](fictive::result<fictive::invite_response> reply) { second = was_invited(reply, "b@example.com"); });
  io.run();
  return first && second;
}

/// Invites two at `scheme`://127.0.0.1, where `serve` is called with each of the two connections.
template <class Serve>
bool invite_two_over(std::string const& scheme, fictive::beast::transport_options const& options, Serve serve) {
  asio::io_context io;
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  std::thread server([&] {
    for (int served = 0; served < 2; ++served) {
      auto client = acceptor.accept();
      serve(client);
    }
  });
  if (!invite_two(scheme + "://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()), options)) {
    std::fflush(stdout);
    std::_Exit(EXIT_FAILURE);  // the server may wait for a request that never arrives
  }
  server.join();
  return true;
}

#if defined(FICTIVE_BEAST_NO_TLS)

bool https_is_refused() {
  fictive::beast::client client{{.base_url = "https://127.0.0.1:1"}};
  auto const reply = client.invite({.account_group_token = "group", .email_addresses = {"a@example.com"}});
  return !reply && reply.error().code == fictive::errc::invalid_argument;
}

#else

/// A key, and a certificate of 127.0.0.1 that it signed itself.
struct identity {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"),
                                                          EVP_PKEY_free};
  std::unique_ptr<X509, decltype(&X509_free)> certificate{X509_new(), X509_free};

  identity() {
    auto* const made = certificate.get();
    X509_set_version(made, X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(made), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_set_pubkey(made, key.get());
    std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> const address{
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1"), X509_EXTENSION_free};
    X509_add_ext(made, address.get(), -1);
    X509_sign(made, key.get(), nullptr);
  }

  [[nodiscard]] std::string pem() const {
    std::unique_ptr<BIO, decltype(&BIO_free)> const memory{BIO_new(BIO_s_mem()), BIO_free};
    PEM_write_bio_X509(memory.get(), certificate.get());
    char* text = nullptr;
    auto const size = BIO_get_mem_data(memory.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }
};

bool invite_two_over_tls() {
  identity const server;
  asio::ssl::context context(asio::ssl::context::tls_server);
  SSL_CTX_use_certificate(context.native_handle(), server.certificate.get());
  SSL_CTX_use_PrivateKey(context.native_handle(), server.key.get());
  return invite_two_over("https", {.tls = {.ca_pem = server.pem()}}, [&](tcp::socket& socket) {
    asio::ssl::stream<tcp::socket&> client(socket, context);
    client.handshake(asio::ssl::stream_base::server);
    answer(client);
  });
}

#endif

}  // namespace

int main() try {
  bool const invited = invite_two_over("http", {}, [](tcp::socket& client) { answer(client); });
#if defined(FICTIVE_BEAST_NO_TLS)
  return invited && https_is_refused() ? EXIT_SUCCESS : EXIT_FAILURE;
#else
  return invited && invite_two_over_tls() ? EXIT_SUCCESS : EXIT_FAILURE;
#endif
} catch (std::exception const& failure) {
  std::printf("failed: %s\n", failure.what());
  return EXIT_FAILURE;
}
