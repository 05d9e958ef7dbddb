// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_EXCHANGE_HPP
#define FICTIVE_BEAST_DETAIL_EXCHANGE_HPP

#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/exchange_state.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/resolver.hpp>
#include <fictive/beast/detail/stop_callback.hpp>
#include <fictive/beast/detail/target.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/config.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/transport.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// An exchange over a connection that need not be connected yet: look-up, connect, handshake, write, read. Every stage
/// ends early when the time is over or the caller stops. Keeps itself alive until its end. Its steps run on the
/// connection's executor, one at a time, as `mutex_` sees to; the streams of TLS, whose inner steps are not ours, need a
/// strand besides.
template <class Nothing = void>
class exchange : public exchange_state<>, public std::enable_shared_from_this<exchange<Nothing>> {
 public:
  /// How it ended. The connection is given back, whether or not it can carry another request.
  struct outcome {
    result<http_response> response;
    std::unique_ptr<detail::connection> connection;
    bool connection_is_reusable = false;
  };

  exchange(target to, std::unique_ptr<detail::connection> over, http_request const& request, detail::resolver& resolver)
      : exchange_state(std::move(to), std::move(over), request), resolver_(resolver) {}

  virtual ~exchange() { abandon_query(); }

  void start(stop_token stop) {
    if (!connection_->stream.has_tls()) return begin(std::move(stop));
    asio::dispatch(
        connection_->stream.get_executor(),
        [self = this->shared_from_this(), stop = std::move(stop)]() mutable { self->begin(std::move(stop)); });
  }

 protected:
  /// Called once, when nothing refers to the request any more; never within `start`.
  virtual void completed(outcome) = 0;

 private:
  /// What a stop does, on whatever thread it happens.
  struct stopper {
    std::weak_ptr<exchange> which;
    asio::any_io_executor executor;

    void operator()() const {
      asio::post(executor, [which = which] {
        if (auto const self = which.lock())
          self->step([&] { self->finish(std::make_error_code(std::errc::operation_canceled)); });
      });
    }
  };

  /// All that happens to an exchange is a step. After a failure, what is under way ends by itself, soon; the last step
  /// completes.
  template <class Step>
  void step(Step what) {
    bool is_beginning = false;
    {
      std::lock_guard lock(mutex_);
      what();
      is_beginning = std::exchange(is_beginning_, false);
      if (!ended_ || is_busy_ || is_completed_) return;
      is_completed_ = true;
    }
    if (is_beginning)
      asio::post(connection_->stream.get_executor(), [self = this->shared_from_this()] { self->complete(); });
    else
      complete();
  }

  /// The handler of an operation that refers to this object, the connection or the request.
  template <class Then>
  auto when_done(Then then) {
    is_busy_ = true;
    return [self = this->shared_from_this(), then](auto ec, auto... more) {
      self->step([&] {
        self->is_busy_ = false;
        if (!self->ended_) then(ec, more...);
      });
    };
  }

  void begin(stop_token stop) {
    is_beginning_ = true;
    step([&] {
      if (connection_->stream.socket().is_open())
        write();
      else
        look_up();
      if (stop.stop_possible())
        on_stop_.emplace(std::move(stop), stopper{this->weak_from_this(), connection_->stream.get_executor()});
    });
  }

  void look_up() {
    end_at((std::min)(request_.limits.connect_timeout, request_.limits.total_timeout));
    error_code not_an_address;
    std::string const host(target_.url.host), port(target_.url.port_or_default());
    auto const address = asio::ip::make_address(host, not_an_address);
    if (!not_an_address) return connect({{address, static_cast<std::uint16_t>(std::stoul(port))}});
    try {
      query_ = resolver_.async_resolve(
          host, port, connection_->stream.get_executor(),
          [which = this->weak_from_this()](error_code ec, std::vector<tcp::endpoint> endpoints) {
            auto const self = which.lock();
            if (self) self->step([&] { self->looked_up(ec, std::move(endpoints)); });
          });
    } catch (std::system_error const& no_thread) {
      finish(no_thread.code());
    }
  }

  void looked_up(error_code ec, std::vector<tcp::endpoint> endpoints) {
    if (ended_) return;
    if (ec) return finish(ec);
    connect(std::move(endpoints));
  }

  void connect(std::vector<tcp::endpoint> endpoints) {
    stage_ = stage::connect;
    endpoints_ = std::move(endpoints);
    connect_to(0);
  }

  void connect_to(std::size_t index) {
    auto& socket = connection_->stream.socket();
    error_code ignored;
    socket.close(ignored);
    if (auto const ec = connection_->stream.open(endpoints_[index].protocol())) return finish(ec);
    socket.async_connect(endpoints_[index], when_done([this, index](error_code ec) {
                           if (ec && index + 1 < endpoints_.size()) return connect_to(index + 1);
                           if (ec) return finish(ec);
                           error_code not_so_important;
                           connection_->stream.socket().set_option(tcp::no_delay(true), not_so_important);
                           if (target_.tls) return shake_hands();
                           connected();
                         }));
  }

  void shake_hands() {
    stage_ = stage::handshake;
    connection_->stream.async_handshake(*target_.tls, std::string(target_.url.host),
                                        when_done([this](std::error_code ec) {
                                          if (ec) return finish(ec);
                                          connected();
                                        }));
  }

  /// What has arrived by now would be taken for the response to a request that was not sent yet.
  void connected() {
    if (auto const ec = connection_->stream.problem_before_request()) return finish(ec);
    write();
  }

  void write() {
    if (ended_) return;
    end_at(request_.limits.total_timeout);
    stage_ = stage::write;
    write_rest();
  }

  void write_rest() {
    is_write_known_ = false;
    is_busy_ = true;
    connection_->stream.async_write_some(unwritten(),
                                         [self = this->shared_from_this()](error_code ec, std::size_t size) {
                                           self->step([&] { self->wrote(ec, size); });
                                         });
  }

  void wrote(error_code ec, std::size_t size) {
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

  void read() {
    auto& buffer = connection_->buffer;
    auto const size = (std::max<std::size_t>)(512, buffer.capacity() - buffer.size());
    connection_->stream.async_read_some(buffer.prepare(size), when_done([this](error_code ec, std::size_t received) {
                                          connection_->buffer.commit(received);
                                          if (ec)
                                            reading_failed(ec);
                                          else
                                            take_up_received();
                                          if (ended_) return stop_waiting();
                                          read();
                                        }));
  }

  /// The exchange ends when `timeout` has passed since it began.
  void end_at(std::chrono::milliseconds timeout) {
    deadline_ = time_after(timeout);
    connection_->timer.expires_at(deadline_);
    connection_->timer.async_wait([self = this->shared_from_this()](error_code ec) {
      if (ec) return;
      self->step([&] {
        if (clock::now() >= self->deadline_) self->finish(std::make_error_code(std::errc::timed_out));
      });
    });
  }

  void finish(std::error_code cause) {
    if (ended_) return;
    end(cause);
    stop_waiting();
  }

  void stop_waiting() {
    connection_->timer.cancel();
    close_if_failed();
  }

  void abandon_query() {
    if (query_) query_->abandon();
  }

  /// From here on, nothing that is under way posts to the connection's context any more: it may be destroyed.
  void complete() {
    on_stop_.reset();
    abandon_query();
    auto response = response_or_error();
    bool const reusable = connection_is_reusable();
    fictive::detail::wipe(connection_->front);
    completed({std::move(response), std::move(connection_), reusable});
  }

  detail::resolver& resolver_;
  std::shared_ptr<dns_query> query_;
  std::vector<tcp::endpoint> endpoints_;
  clock::time_point deadline_;

  std::mutex mutex_;
  std::optional<stop_callback<stopper>> on_stop_;
  bool is_beginning_ = false;
  bool is_busy_ = false;
  bool is_completed_ = false;
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
