// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_EXCHANGE_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_EXCHANGE_IPP

#include <fictive/beast/detail/exchange.hpp>
#include <fictive/beast/detail/namespace.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace FICTIVE_BEAST_NAMESPACE::detail {

FICTIVE_DECL exchange::exchange(target to, http_request const& request, shared_state& shared)
    : target_(std::move(to)), request_(request), shared_(shared) {}

FICTIVE_DECL void exchange::begin(std::unique_ptr<connection> over) {
  connection_ = std::move(over);
  machine_.emplace(target_.url, request_, connection_->buffers, target_.began, shared_.options.next_address_after,
                   target_.proxy.get());
  machine_->begin_to_connect(target_.connecting_since);
  if (connection_->stream.socket().is_open()) machine_->reuse_connection();
}

FICTIVE_DECL void exchange::perform(exchange_step step) {
  auto& stream = connection_->stream;
  switch (step) {
    case exchange_step::resolve: return resolve();
    case exchange_step::connect: return connect();
    case exchange_step::abandon: {
      error_code ignored;
      sockets_.at(machine_->attempt()).close(ignored);
      return;
    }
    case exchange_step::select: {
      auto& selected = sockets_.at(machine_->attempt());
      error_code ignored;
      selected.set_option(tcp::no_delay(true), ignored);
      return stream.assign(std::move(selected));
    }
    case exchange_step::handshake: return handshake();
    case exchange_step::check: {
      auto const ec = stream.problem_before_request();
      if (is_certificate_required(ec)) return machine_->fail(step, client_certificate_required());
      return machine_->checked(ec, now_);
    }
    case exchange_step::write: is_writing_ = true; return write();
    case exchange_step::read:
      is_reading_ = true;
      if (stream.may_have_decrypted()) read(true);
      return;
    case exchange_step::read_available: is_reading_ = true; return read(false);
    case exchange_step::cancel: return abort_operations();
    case exchange_step::close: stream.close(); return abort_operations();
    case exchange_step::wait:
    case exchange_step::done: break;
  }
}

FICTIVE_DECL void exchange::resolve() {
  error_code not_an_address;
  std::string const host(machine_->host_to_connect()), port(machine_->port_to_connect());
  auto const address = asio::ip::make_address(host, not_an_address);
  if (!not_an_address) return machine_->resolved({}, {{address, static_cast<std::uint16_t>(std::stoul(port))}});
  try {
    query_ = shared_.resolver.resolve(host, port, waker());
    is_resolving_ = true;
  } catch (std::system_error const& no_thread) {
    machine_->resolved(no_thread.code(), {});
  }
}

FICTIVE_DECL void exchange::resolved() {
  is_resolving_ = false;
  machine_->resolved(query_->error, std::move(query_->endpoints));
}

FICTIVE_DECL void exchange::connect() {
  auto const attempt = machine_->attempt();
  auto& socket = sockets_.try_emplace(attempt, connection_->stream.get_executor()).first->second;
  error_code ec;
  socket.close(ec);
  ec = open_socket(socket, machine_->attempted_endpoint().protocol());  // fails if this system has no IPv6, for example
  if (ec) return connected(attempt, ec);
  begin_connect(socket, machine_->attempted_endpoint(), attempt);
}

FICTIVE_DECL void exchange::handshake() {
  is_handshaking_ = true;
  auto& context = machine_->handshakes_with_proxy() ? *target_.proxy_tls : *target_.tls;
  auto const ec = connection_->stream.begin_handshake(context, std::string(machine_->host_to_verify()));
  if (!ec) return continue_handshake();
  is_handshaking_ = false;
  machine_->handshaken(ec, now_);
}

FICTIVE_DECL void exchange::continue_handshake() {
  std::error_code ec;
  if (!connection_->stream.handshake(ec)) return;
  is_handshaking_ = false;
  machine_->handshaken(ec, clock::now());
}

FICTIVE_DECL void exchange::write() {
  error_code ec;
  auto const size = connection_->stream.write(machine_->unwritten(), ec);
  if (ec == asio::error::would_block) return;
  is_writing_ = false;
  machine_->wrote(ec, size);
}

FICTIVE_DECL void exchange::read(bool may_wait) {
  error_code ec;
  auto const size = connection_->stream.read(machine_->read_buffer(), ec);
  if (ec == asio::error::would_block && may_wait) return;
  is_reading_ = false;
  if (is_certificate_required(ec)) return machine_->fail(exchange_step::read, client_certificate_required());
  machine_->received(ec, size, is_stream_truncated(ec));
}

FICTIVE_DECL void exchange::continue_operations() {
  if (is_handshaking_) continue_handshake();
  if (is_writing_) write();
  if (is_reading_) read(true);
}

FICTIVE_DECL bool exchange::awaits_data() const noexcept {
  // TLS may have to read before it can write.
  return is_reading_ || is_handshaking_ || (is_writing_ && !awaits_space());
}

FICTIVE_DECL bool exchange::awaits_space() const noexcept {
  auto const& stream = connection_->stream;
  return stream.has_unsent() || (is_writing_ && !stream.has_tls());
}

FICTIVE_DECL void exchange::abort_operations() {
  if (std::exchange(is_handshaking_, false))
    machine_->handshaken(make_error_code(asio::error::operation_aborted), now_);
  if (std::exchange(is_writing_, false)) machine_->wrote(asio::error::operation_aborted, 0);
  if (std::exchange(is_reading_, false)) machine_->received(asio::error::operation_aborted, 0);
}

FICTIVE_DECL void exchange::abandon_query() noexcept {
  if (query_) query_->abandon();
}

FICTIVE_DECL exchange::outcome exchange::take_outcome() {
  sockets_.clear();
  bool const reusable = machine_->connection_is_reusable() && !connection_->stream.has_unsent();
  auto response = machine_->outcome();
  return {std::move(response), std::move(connection_), reusable};
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
