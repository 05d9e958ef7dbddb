// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_EXCHANGE_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_EXCHANGE_IPP

#include <fictive/beast/detail/exchange.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/detail/text/wipe.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace FICTIVE_BEAST_NAMESPACE::detail {

FICTIVE_DECL exchange::exchange(target to, std::unique_ptr<detail::connection> over, http_request const& request,
                                detail::resolver& resolver)
    : exchange_state(std::move(to), std::move(over), request), resolver_(resolver) {}

FICTIVE_DECL exchange::~exchange() {
  abandon_query();
}

FICTIVE_DECL void exchange::start(stop_token stop) {
  if (!connection_->stream.has_tls()) return begin(std::move(stop));
  asio::dispatch(connection_->stream.get_executor(),
                 [self = shared_from_this(), stop = std::move(stop)]() mutable { self->begin(std::move(stop)); });
}

FICTIVE_DECL void exchange::stopper::operator()() const noexcept {
  try {
    asio::post(executor, [which = which] {
      if (auto const self = which.lock())
        self->step([&] { self->finish(std::make_error_code(std::errc::operation_canceled)); });
    });
  } catch (...) {  // Out of memory: the exchange times out.
  }
}

template <class Step>
void exchange::step(Step what) {
  bool is_beginning = false;
  {
    std::lock_guard lock(mutex_);
    what();
    is_beginning = std::exchange(is_beginning_, false);
    if (!ended_ || is_busy_ || is_completed_) return;
    is_completed_ = true;
  }
  if (is_beginning)
    asio::post(connection_->stream.get_executor(), [self = shared_from_this()] { self->complete(); });
  else
    complete();
}

template <class Then>
auto exchange::when_done(Then then) {
  is_busy_ = true;
  return [self = shared_from_this(), then](auto ec, auto... more) {
    self->step([&] {
      self->is_busy_ = false;
      if (!self->ended_) then(ec, more...);
    });
  };
}

FICTIVE_DECL void exchange::begin(stop_token stop) {
  is_beginning_ = true;
  step([&] {
    if (connection_->stream.socket().is_open())
      write();
    else
      resolve();
    if (stop.stop_possible())
      on_stop_.emplace(std::move(stop), stopper{weak_from_this(), connection_->stream.get_executor()});
  });
}

FICTIVE_DECL void exchange::resolve() {
  end_at((std::min)(request_.limits.connect_timeout, request_.limits.total_timeout));
  error_code not_an_address;
  std::string const host(target_.url.host), port(target_.url.port_or_default());
  auto const address = asio::ip::make_address(host, not_an_address);
  if (!not_an_address) return connect({{address, static_cast<std::uint16_t>(std::stoul(port))}});
  try {
    query_ =
        resolver_.async_resolve(host, port, connection_->stream.get_executor(),
                                [which = weak_from_this()](std::error_code ec, std::vector<tcp::endpoint> endpoints) {
                                  auto const self = which.lock();
                                  if (self) self->step([&] { self->resolved(ec, std::move(endpoints)); });
                                });
  } catch (std::system_error const& no_thread) {
    finish(no_thread.code());
  }
}

FICTIVE_DECL void exchange::resolved(std::error_code ec, std::vector<tcp::endpoint> endpoints) {
  if (ended_) return;
  if (ec) return finish(ec);
  connect(std::move(endpoints));
}

FICTIVE_DECL void exchange::connect(std::vector<tcp::endpoint> endpoints) {
  stage_ = stage::connect;
  endpoints_ = std::move(endpoints);
  connect_to(0);
}

FICTIVE_DECL void exchange::connect_to(std::size_t index) {
  auto& socket = connection_->stream.socket();
  error_code ignored;
  socket.close(ignored);
  if (auto const ec = connection_->stream.open(endpoints_[index].protocol())) {
    if (index + 1 < endpoints_.size()) return connect_to(index + 1);  // this system has no IPv6, for example
    return finish(ec);
  }
  socket.async_connect(endpoints_[index], when_done([this, index](error_code ec) {
                         if (ec && index + 1 < endpoints_.size()) return connect_to(index + 1);
                         if (ec) return finish(ec);
                         error_code ignored_too;
                         connection_->stream.socket().set_option(tcp::no_delay(true), ignored_too);
                         if (target_.tls) return handshake();
                         connected();
                       }));
}

FICTIVE_DECL void exchange::handshake() {
  stage_ = stage::handshake;
  connection_->stream.async_handshake(*target_.tls, std::string(target_.url.host),
                                      when_done([this](std::error_code ec) {
                                        if (ec) return finish(ec);
                                        connected();
                                      }));
}

FICTIVE_DECL void exchange::connected() {
  if (auto const ec = connection_->stream.problem_before_request()) return finish(ec);
  write();
}

FICTIVE_DECL void exchange::write() {
  end_at(request_.limits.total_timeout);
  stage_ = stage::write;
  write_rest();
}

FICTIVE_DECL void exchange::write_rest() {
  is_write_known_ = false;
  is_busy_ = true;
  connection_->stream.async_write_some(unwritten(), [self = shared_from_this()](error_code ec, std::size_t size) {
    self->step([&] { self->wrote(ec, size); });
  });
}

FICTIVE_DECL void exchange::wrote(error_code ec, std::size_t size) {
  is_busy_ = false;
  is_write_known_ = true;
  written_bytes_ += size;
  if (ended_) return;
  if (ec) writing_failed(ec);
  if (ended_) return stop_waiting();
  if (!ec && !is_written()) return write_rest();
  stage_ = stage::read;
  read();
}

FICTIVE_DECL void exchange::read() {
  auto& buffer = connection_->buffer;
  auto const size = (std::max<std::size_t>)(512, buffer.capacity() - buffer.size());
  connection_->stream.async_read_some(buffer.prepare(size), when_done([this](error_code ec, std::size_t received) {
                                        connection_->buffer.commit(received);
                                        if (ec)
                                          reading_failed(ec);
                                        else
                                          consume_received();
                                        if (ended_) return stop_waiting();
                                        read();
                                      }));
}

FICTIVE_DECL void exchange::end_at(std::chrono::milliseconds timeout) {
  deadline_ = time_after(timeout);
  connection_->timer.expires_at(deadline_);
  connection_->timer.async_wait([self = shared_from_this()](error_code ec) {
    if (ec) return;
    self->step([&] {
      if (clock::now() >= self->deadline_) self->finish(std::make_error_code(std::errc::timed_out));
    });
  });
}

FICTIVE_DECL void exchange::finish(std::error_code cause) {
  if (ended_) return;
  end(cause);
  stop_waiting();
}

FICTIVE_DECL void exchange::stop_waiting() {
  connection_->timer.cancel();
  close_if_failed();
}

FICTIVE_DECL void exchange::abandon_query() {
  if (query_) query_->abandon();
}

FICTIVE_DECL void exchange::complete() {
  on_stop_.reset();
  abandon_query();
  auto response = response_or_error();
  bool const reusable = connection_is_reusable();
  fictive::detail::wipe(connection_->head);
  completed({std::move(response), std::move(connection_), reusable});
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
