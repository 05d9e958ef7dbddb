// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_EXCHANGE_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_EXCHANGE_IPP

#include <fictive/beast/detail/exchange.hpp>
#include <fictive/beast/detail/namespace.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace FICTIVE_BEAST_NAMESPACE::detail {

FICTIVE_DECL exchange::exchange(target to, http_request const& request, shared_state& shared)
    : target_(std::move(to)), request_(request), shared_(shared) {}

FICTIVE_DECL exchange::~exchange() {
  if (query_) query_->abandon();
}

FICTIVE_DECL void exchange::start(std::unique_ptr<connection> over, stop_token stop) {
  connection_ = std::move(over);
  machine_.emplace(target_.url, request_, connection_->buffers, target_.began, shared_.options.next_address_after,
                   target_.proxy.get());
  machine_->begin_to_connect(target_.connecting_since);
  if (connection_->stream.socket().is_open()) machine_->reuse_connection();
  asio::dispatch(connection_->stream.get_executor(), [self = shared_from_this(), stop = std::move(stop)]() mutable {
    self->handle([&] {
      if (stop.stop_possible())
        self->on_stop_.emplace(std::move(stop),
                               stopper{self->weak_from_this(), self->connection_->stream.get_executor()});
    });
  });
}

FICTIVE_DECL void exchange::stopper::operator()() const noexcept {
  try {
    asio::post(executor, [which = which] {
      if (auto const self = which.lock()) self->handle([&] { self->machine_->stop(); });
    });
  } catch (...) {  // Out of memory: the exchange times out.
  }
}

template <class Event>
void exchange::handle(Event event) {
  if (is_completed_) return;
  auto const no_memory = std::make_error_code(std::errc::not_enough_memory);
  try {
    event();
  } catch (std::bad_alloc const&) {
    machine_->fail(exchange_step::wait, no_memory);
  }
  for (;;) {
    auto const step = machine_->next(clock::now());
    if (step == exchange_step::done) return complete();
    try {
      if (step == exchange_step::wait) return set_timer();
      perform(step);
    } catch (std::bad_alloc const&) {
      machine_->fail(step, no_memory);
    }
  }
}

template <class Event>
auto exchange::when_done(Event event) {
  return [self = shared_from_this(), event](auto ec, auto... more) { self->handle([&] { event(ec, more...); }); };
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
    case exchange_step::handshake:
      return stream.async_handshake(machine_->handshakes_with_proxy() ? *target_.proxy_tls : *target_.tls,
                                    std::string(machine_->host_to_verify()),
                                    when_done([this](std::error_code ec) { machine_->handshaken(ec, clock::now()); }));
    case exchange_step::check: {
      auto const ec = stream.problem_before_request();
      if (is_certificate_required(ec)) return machine_->fail(step, client_certificate_required());
      return machine_->checked(ec, clock::now());
    }
    case exchange_step::write:
      return stream.async_write_some(machine_->unwritten(),
                                     when_done([this](error_code ec, std::size_t size) { machine_->wrote(ec, size); }));
    case exchange_step::read:
      return stream.async_read_some(machine_->read_buffer(), when_done([this](error_code ec, std::size_t size) {
                                      if (is_certificate_required(ec))
                                        return machine_->fail(exchange_step::read, client_certificate_required());
                                      machine_->received(ec, size, is_stream_truncated(ec));
                                    }));
    case exchange_step::read_available: return read_available();
    case exchange_step::cancel: {
      error_code ignored;
      stream.socket().cancel(ignored);
      return;
    }
    case exchange_step::close: return stream.close();
    case exchange_step::wait:
    case exchange_step::done: break;
  }
}

FICTIVE_DECL void exchange::resolve() {
  error_code not_an_address;
  std::string const host(machine_->host_to_connect()), port(machine_->port_to_connect());
  auto const address = asio::ip::make_address(host, not_an_address);
  if (!not_an_address) return machine_->resolved({}, {{address, static_cast<std::uint16_t>(std::stoul(port))}});
  auto done = [which = weak_from_this()](std::error_code ec, std::vector<tcp::endpoint> endpoints) {
    if (auto const self = which.lock()) self->handle([&] { self->machine_->resolved(ec, std::move(endpoints)); });
  };
  try {
    query_ = shared_.resolver.async_resolve(host, port, connection_->stream.get_executor(), std::move(done));
  } catch (std::system_error const& no_thread) {
    machine_->resolved(no_thread.code(), {});
  }
}

FICTIVE_DECL void exchange::connect() {
  auto const attempt = machine_->attempt();
  auto& socket = sockets_.try_emplace(attempt, connection_->stream.get_executor()).first->second;
  error_code ec;
  socket.close(ec);
  ec = open_socket(socket, machine_->attempted_endpoint().protocol());  // fails if this system has no IPv6, for example
  if (ec) return machine_->connected(attempt, ec, clock::now());
  socket.async_connect(machine_->attempted_endpoint(), when_done([this, attempt](error_code result) {
                         machine_->connected(attempt, result, clock::now());
                       }));
}

FICTIVE_DECL void exchange::read_available() {
  auto& stream = connection_->stream;
  error_code ec;
  auto const size = stream.read_available(machine_->read_buffer(), ec);
  machine_->received(ec, size, is_stream_truncated(ec));
}

FICTIVE_DECL void exchange::set_timer() {
  auto const until = machine_->wait_until();
  if (machine_->has_ended() || std::exchange(timer_expiry_, until) == until) return;
  connection_->timer.expires_at(until);
  connection_->timer.async_wait([self = shared_from_this()](error_code ec) {
    if (ec || self->is_completed_) return;
    self->timer_expiry_ = {};
    self->handle([&] { self->machine_->time_passed(clock::now()); });
  });
}

FICTIVE_DECL void exchange::complete() {
  is_completed_ = true;
  on_stop_.reset();
  if (query_) query_->abandon();
  sockets_.clear();  // before the connection, which may own their io_context
  connection_->timer.cancel();
  bool const reusable = machine_->connection_is_reusable();
  auto response = machine_->outcome();
  completed({std::move(response), std::move(connection_), reusable});
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
