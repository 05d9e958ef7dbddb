// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_TLS_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_TLS_IPP

#include <fictive/beast/detail/exchange_machine.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/tls.hpp>
#include <fictive/transport.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/system/errc.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#if !defined(FICTIVE_BEAST_NO_TLS)
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/verify_mode.hpp>
#endif

namespace FICTIVE_BEAST_NAMESPACE::detail {

#if defined(FICTIVE_BEAST_NO_TLS)

FICTIVE_DECL result<std::shared_ptr<tls_context>> make_tls_context(tls_options const&) {
  return fictive::detail::refused("this build has no TLS: give an http URL, or build without FICTIVE_BEAST_NO_TLS");
}

FICTIVE_DECL bool is_certificate_required(error_code const&) noexcept {
  return false;
}

FICTIVE_DECL bool is_stream_truncated(error_code const&) noexcept {
  return false;
}

#else

/// OpenSSL's X509_V_ERR_… values.
class certificate_category final : public std::error_category {
 public:
  [[nodiscard]] char const* name() const noexcept override { return certificate_category_name; }
  [[nodiscard]] std::string message(int value) const override { return X509_verify_cert_error_string(value); }
  [[nodiscard]] std::error_condition default_error_condition(int) const noexcept override {
    return std::errc::permission_denied;
  }
};

inline bool is_ssl_error(error_code const& ec) noexcept {
  return ec.category() == asio::error::get_ssl_category() &&
         ERR_GET_LIB(static_cast<unsigned long>(ec.value())) == ERR_LIB_SSL;
}

FICTIVE_DECL std::error_code handshake_result(SSL const* ssl, error_code const& ec, bool was_certificate_requested) {
  static certificate_category const category;
  auto const reason = ERR_GET_REASON(static_cast<unsigned long>(ec.value()));
  if (is_ssl_error(ec) && was_certificate_requested && reason >= SSL_AD_REASON_OFFSET)  // an alert of the peer
    return client_certificate_required();
  bool const is_refused_certificate = is_ssl_error(ec) && reason == SSL_R_CERTIFICATE_VERIFY_FAILED;
  auto const verified = SSL_get_verify_result(ssl);
  if (!is_refused_certificate || verified == X509_V_OK) return ec;
  return {static_cast<int>(verified), category};
}

FICTIVE_DECL int certificate_request_index() noexcept {
  static int const index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

/// OpenSSL calls it when the server requests a certificate.
inline int certificate_requested(SSL* ssl, void*) {
  auto* const flag = static_cast<bool*>(SSL_get_ex_data(ssl, certificate_request_index()));
  if (flag) *flag = !SSL_get_certificate(ssl);
  return 1;
}

FICTIVE_DECL void note_certificate_request(SSL* ssl, bool& was_requested) noexcept {
  SSL_set_ex_data(ssl, certificate_request_index(), &was_requested);
}

FICTIVE_DECL bool is_certificate_required(error_code const& ec) noexcept {
  constexpr int certificate_required = 116;  // RFC 8446, section 6
  return is_ssl_error(ec) &&
         ERR_GET_REASON(static_cast<unsigned long>(ec.value())) == SSL_AD_REASON_OFFSET + certificate_required;
}

FICTIVE_DECL bool is_stream_truncated(error_code const& ec) noexcept {
  return ec == asio::ssl::error::stream_truncated;
}

/// Null if the authorities were loaded, a message otherwise.
FICTIVE_DECL char const* load_authorities(tls_context& context, tls_options const& options) {
  // As curl does: an authority file that holds only an intermediate certificate is enough.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context.native_handle()), X509_V_FLAG_PARTIAL_CHAIN);
  error_code ec;
  context.set_verify_mode(asio::ssl::verify_peer);
  if (!options.ca_file.empty()) context.load_verify_file(options.ca_file, ec);
  if (ec) return "tls.ca_file cannot be read: give a PEM file with certificate authorities";
  if (!options.ca_pem.empty()) context.add_certificate_authority(asio::buffer(options.ca_pem), ec);
  if (ec) return "tls.ca_pem cannot be read: give the PEM text of certificate authorities";
  bool const has_own = !options.ca_file.empty() || !options.ca_pem.empty();
  if (!has_own || options.system_authorities) context.set_default_verify_paths(ec);
  return ec ? "the system's certificate authorities cannot be read: set tls.ca_file" : nullptr;
}

/// Copies the password of the key for OpenSSL, which would ask for it on the terminal otherwise.
inline int copy_password(char* to, int size, int, void* password) {
  auto const text = static_cast<secret const*>(password)->reveal();
  if (text.size() > static_cast<std::size_t>(size)) return -1;
  return static_cast<int>(text.copy(to, text.size()));
}

/// Null if the client's certificate, if any, was loaded, a message otherwise.
FICTIVE_DECL char const* load_client_certificate(tls_context& context, tls_options const& options) {
  bool const has_chain_file = !options.certificate_chain_file.empty(), has_key_file = !options.private_key_file.empty();
  bool const has_chain_pem = !options.certificate_chain_pem.empty(), has_key_pem = !options.private_key_pem.empty();
  if (has_chain_file && has_chain_pem)
    return "tls.certificate_chain_file and tls.certificate_chain_pem: set one of them";
  if (has_key_file && has_key_pem) return "tls.private_key_file and tls.private_key_pem: set one of them";
  bool const has_chain = has_chain_file || has_chain_pem, has_key = has_key_file || has_key_pem;
  if (!has_chain && !has_key) return nullptr;
  if (!has_key) return "tls.certificate_chain_file or tls.certificate_chain_pem needs tls.private_key_file or _pem";
  if (!has_chain) return "tls.private_key_file or tls.private_key_pem needs tls.certificate_chain_file or _pem";

  error_code ec;
  if (has_chain_file) context.use_certificate_chain_file(options.certificate_chain_file, ec);
  if (has_chain_pem) context.use_certificate_chain(asio::buffer(options.certificate_chain_pem), ec);
  if (ec) return "tls.certificate_chain_file or tls.certificate_chain_pem cannot be read: give certificates in PEM";

  auto const text = options.private_key_pem.reveal();
  std::unique_ptr<BIO, decltype(&BIO_free)> const source(
      has_key_file ? BIO_new_file(options.private_key_file.c_str(), "rb")
                   : BIO_new_mem_buf(text.data(), static_cast<int>(text.size())),
      &BIO_free);
  auto* const password = const_cast<secret*>(&options.private_key_password);  // only read
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> const key(
      source ? PEM_read_bio_PrivateKey(source.get(), nullptr, &copy_password, password) : nullptr, &EVP_PKEY_free);
  bool const is_usable = key && SSL_CTX_use_PrivateKey(context.native_handle(), key.get()) == 1;
  ERR_clear_error();
  if (!key) return "tls.private_key_file or tls.private_key_pem cannot be read: give a key in PEM, and its password";
  return is_usable ? nullptr : "the private key of tls does not belong to the certificate";
}

FICTIVE_DECL result<std::shared_ptr<tls_context>> make_tls_context(tls_options const& options) try {
  auto context = std::make_shared<tls_context>(tls_context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(),
                                options.min_version == tls_version::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  if (!options.dangerously_accept_any_certificate)
    if (auto const* problem = load_authorities(*context, options)) return fictive::detail::refused(problem);
  if (auto const* problem = load_client_certificate(*context, options)) return fictive::detail::refused(problem);
  SSL_CTX_set_cert_cb(context->native_handle(), &certificate_requested, nullptr);
  try {
    if (options.configure) options.configure(*context);
  } catch (std::bad_alloc const&) {
    throw;
  } catch (std::exception const&) {
    return fictive::detail::refused("tls.configure threw an exception");
  }
  return context;
} catch (boost::system::system_error const& no_tls) {
  return transport_error(no_tls.code(), effect::none);
}

FICTIVE_DECL error_code expect_host(SSL* ssl, std::string host) {
  if (host.ends_with('.')) host.pop_back();
  error_code not_an_address;
  asio::ip::make_address(host, not_an_address);
  auto* parameters = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(parameters,
                                  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  bool const done = not_an_address ? SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 &&
                                         X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size()) == 1
                                   : X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1;
  return done ? error_code() : make_error_code(boost::system::errc::invalid_argument);
}

// --- TLS over a socket -----------------------------------------------------------------------------------------------

/// What OpenSSL calls to read from the socket and to write.
struct byte_stream::bio_functions {
  static byte_stream& stream_of(BIO* bio) noexcept { return *static_cast<byte_stream*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* to, int size) noexcept {
    auto& stream = stream_of(bio);
    BIO_clear_retry_flags(bio);
    error_code ec;
    auto const received = stream.socket_stream::read(asio::buffer(to, static_cast<std::size_t>(size)), ec);
    if (!ec) return static_cast<int>(received);
    if (ec == asio::error::would_block) return BIO_set_retry_read(bio), -1;
    stream.socket_error_ = ec;
    return ec == asio::error::eof ? 0 : -1;
  }

  static int write(BIO* bio, char const* from, int size) noexcept {
    BIO_clear_retry_flags(bio);
    try {
      stream_of(bio).unsent_.append(from, static_cast<std::size_t>(size));
      return size;
    } catch (std::bad_alloc const&) {
      stream_of(bio).socket_error_ = make_error_code(boost::system::errc::not_enough_memory);
      return -1;
    }
  }

  static long control(BIO* bio, int command, long, void*) noexcept {
    if (command == BIO_CTRL_FLUSH) return 1;
    return command == BIO_CTRL_EOF && stream_of(bio).socket_error_ == asio::error::eof ? 1 : 0;
  }

  /// Throws `std::bad_alloc`, and is made at the next call then.
  static BIO_METHOD* method() {
    static BIO_METHOD* const only = [] {
      auto* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "fictive");
      if (!made) throw std::bad_alloc();
      BIO_meth_set_read(made, &bio_functions::read);
      BIO_meth_set_write(made, &bio_functions::write);
      BIO_meth_set_ctrl(made, &bio_functions::control);
      return made;
    }();
    return only;
  }

  /// Null if there is no memory.
  static BIO* create(byte_stream& stream) {
    auto* const bio = BIO_new(method());
    if (!bio) return nullptr;
    BIO_set_data(bio, &stream);
    BIO_set_init(bio, 1);
    return bio;
  }

  /// The same, for TLS within TLS.
  static BIO* create_within(SSL* outer) noexcept {
    auto* const bio = BIO_new(BIO_f_ssl());
    if (bio) BIO_set_ssl(bio, outer, BIO_NOCLOSE);
    return bio;
  }
};

FICTIVE_DECL void byte_stream::ssl_deleter::operator()(SSL* ssl) const noexcept {
  SSL_free(ssl);
}

FICTIVE_DECL byte_stream::byte_stream(asio::any_io_executor const& executor) : socket_stream(executor) {}

FICTIVE_DECL byte_stream::~byte_stream() = default;

FICTIVE_DECL void byte_stream::assign(tcp::socket socket) {
  inner_.reset();
  outer_.reset();
  unsent_.clear();
  encrypted_bytes_ = 0;
  socket_error_ = send_error_ = {};
  socket_stream::assign(std::move(socket));
}

FICTIVE_DECL std::error_code byte_stream::begin_handshake(tls_context& context, std::string const& host) {
  constexpr std::size_t largest_record = 16 * 1024 + 512;
  unsent_.reserve(largest_record);
  ssl_ptr created(SSL_new(context.native_handle()));
  auto* const bio = outer_ ? bio_functions::create_within(outer_.get()) : bio_functions::create(*this);
  if (created && bio) SSL_set_bio(created.get(), bio, bio);
  if (!created || !bio) {
    BIO_free_all(bio);
    ERR_clear_error();
    return std::make_error_code(std::errc::not_enough_memory);
  }
  SSL_set_connect_state(created.get());
  SSL_set_mode(created.get(),
               SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_set_read_ahead(created.get(), 1);
  (outer_ ? inner_ : outer_) = std::move(created);
  was_certificate_requested_ = false;
  note_certificate_request(ssl(), was_certificate_requested_);
  return expect_host(ssl(), host);
}

FICTIVE_DECL error_code byte_stream::result_of(int value) noexcept {
  switch (SSL_get_error(ssl(), value)) {
    case SSL_ERROR_NONE: return {};
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return asio::error::would_block;
    case SSL_ERROR_ZERO_RETURN: return asio::error::eof;
    default: break;
  }
  auto const code = ERR_get_error();
  ERR_clear_error();
  if (socket_error_ && socket_error_ != asio::error::eof) return socket_error_;
  if (code == 0 || ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
    return asio::ssl::error::stream_truncated;
  return {static_cast<int>(code), asio::error::get_ssl_category()};
}

FICTIVE_DECL bool byte_stream::handshake(std::error_code& result) {
  ERR_clear_error();
  auto const ec = result_of(SSL_do_handshake(ssl()));
  if (!ec) return true;
  error_code ignored;  // the server may have sent an alert before it closed the connection
  flush(ignored);
  if (ec == asio::error::would_block) return false;
  result = handshake_result(ssl(), ec, was_certificate_requested_);
  return true;
}

FICTIVE_DECL void byte_stream::encrypt(std::array<asio::const_buffer, 2> const& buffers, error_code& ec) noexcept {
  ERR_clear_error();
  for (auto const& part : buffers) {
    if (part.size() == 0) continue;
    std::size_t size = 0;
    ec = result_of(SSL_write_ex(ssl(), part.data(), part.size(), &size));
    encrypted_bytes_ += size;
    if (ec || size < part.size()) break;
  }
  if (encrypted_bytes_ > 0) ec = {};
}

FICTIVE_DECL std::size_t byte_stream::decrypt(asio::mutable_buffer buffer, error_code& ec) noexcept {
  ERR_clear_error();
  std::size_t size = 0;
  ec = result_of(SSL_read_ex(ssl(), buffer.data(), buffer.size(), &size));
  return ec ? 0 : size;
}

FICTIVE_DECL std::size_t byte_stream::read(asio::mutable_buffer buffer, error_code& ec) {
  if (!has_tls()) return socket_stream::read(buffer, ec);
  auto const size = decrypt(buffer, ec);
  error_code ignored;  // reading fails, too, if the connection is lost
  flush(ignored);
  return size;
}

FICTIVE_DECL std::size_t byte_stream::write(std::array<asio::const_buffer, 2> const& buffers, error_code& ec) {
  if (!has_tls()) return socket_stream::write(buffers, ec);
  if (encrypted_bytes_ == 0) encrypt(buffers, ec);
  if (!ec) flush(ec);
  if (ec == asio::error::would_block) return 0;
  auto const size = std::exchange(encrypted_bytes_, 0);
  return ec ? 0 : size;
}

FICTIVE_DECL void byte_stream::flush(error_code& ec) {
  ec = send_error_;
  std::size_t sent = 0;
  while (sent < unsent_.size() && !ec) sent += socket_stream::write({asio::buffer(unsent_) + sent}, ec);
  unsent_.erase(0, sent);
  if (!ec || ec == asio::error::would_block) return;
  send_error_ = ec;
  unsent_.clear();
}

FICTIVE_DECL bool byte_stream::may_have_decrypted() const noexcept {
  return has_tls() && (SSL_has_pending(ssl()) == 1 || SSL_has_pending(outer_.get()) == 1);
}

FICTIVE_DECL void byte_stream::close() noexcept {
  if (has_tls() && socket().is_open()) {
    for (auto* const each : {inner_.get(), outer_.get()})
      if (each && SSL_is_init_finished(each)) SSL_shutdown(each);
    ERR_clear_error();
    error_code ignored;
    flush(ignored);
    unsent_.clear();
    encrypted_bytes_ = 0;
  }
  socket_stream::close();
}

FICTIVE_DECL error_code byte_stream::problem_before_request() {
  if (!has_tls()) return socket_stream::problem_before_request();
  error_code ec;
  char byte = 0;
  decrypt(asio::buffer(&byte, 1), ec);  // what has arrived may be a session ticket
  if (!ec) return unsolicited_data();
  return ec == asio::error::would_block ? error_code() : ec;
}

#endif

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
