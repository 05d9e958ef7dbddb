// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_CLIENT_HPP
#define FICTIVE_CLIENT_HPP

#include <fictive/call.hpp>
#include <fictive/call_options.hpp>
#include <fictive/client_config.hpp>
#include <fictive/config.hpp>
#include <fictive/credentials.hpp>
#include <fictive/detail/driver/client_state.hpp>
#include <fictive/detail/driver/clock.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/invite.hpp>
#include <fictive/invite_endpoint.hpp>
#include <fictive/transport.hpp>

#include <boost/core/no_exceptions_support.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <system_error>
#include <utility>

namespace fictive {

// For bulk runs, include <fictive/invite_all.hpp>.
struct bulk_options;
struct bulk_report;
struct bulk_request;
struct bulk_result;

/// The blocking client, over any transport.
///
///     fictive::client client{send, {.api_version = "9.0.0", .credentials = {.session_id = session}}};
///     auto reply = client.invite({.account_group_token = group, .email_addresses = {"jamie.muir@fictiveglobal.com"}});
///
/// The transport is moved in; pass `std::ref(transport)` to share one. A client is as thread-safe as its transport.
/// Copies share the credentials, their renewal, and the retry budget.
template <transport Transport>
class client {
 public:
  /// Sends nothing yet. The configuration is checked when a call is made.
  client(Transport transport, client_config config)
      : transport_(std::move(transport)), state_(new detail::client_state(std::move(config))) {}

  /// Sends the invitations. Retries attempts that had no effect, as configured in `retry`. Rejected addresses are not
  /// an error: see `invalid_email_addresses`. The `effect` of an error covers all attempts. Throws what the transport
  /// throws, and `std::bad_alloc` if that happens before the first attempt; later, it is the cause of the error.
  [[nodiscard]] result<invite_response> invite(invite_request const& request, call_options const& options = {}) {
    return call<invite_endpoint>(request, options);
  }

  /// Invites any number of addresses, in batches, several at a time; see <fictive/invite_all.hpp>, which must be
  /// included. Passes each verdict to `sink`, if that is set. The run ends when every address has one: see
  /// `bulk_report::end` for the reason.
  ///
  /// Calls the sink, `on_progress`, the journal, `renew_credentials` and the source of the addresses on this thread. The
  /// transport is called on other threads, so it must be thread-safe, unless `max_concurrency` is 1 or it has a clock of
  /// its own. After `bulk_options::abandon`, this returns when the transport has returned, which is soon if it takes a
  /// `stop_token`. An exception of the transport is an error with an unknown effect; one of the sink or the source,
  /// `std::bad_alloc`, and the `std::system_error` of a first thread that cannot be started, cancel the requests in
  /// progress and propagate. The run can be continued from its journal then.
  [[nodiscard]] bulk_report invite_all(bulk_request request, bulk_options options,
                                       std::function<void(bulk_result&&)> sink);

  /// Replaces the credentials of this client and its copies, from their next attempts on. They are checked when a call
  /// is made. Thread-safe.
  void set_credentials(credentials with) { state_->set_credentials(std::move(with)); }

 protected:
  /// Calls any endpoint, for derived clients.
  template <class Endpoint>
  [[nodiscard]] result<typename Endpoint::response_type> call(typename Endpoint::request_type const& request,
                                                              call_options const& options) {
    auto const from = state_->current();
    basic_call<Endpoint> call(from.config(), std::cref(request), detail::now(transport_), options);
    BOOST_TRY {
      drive(call, from.generation(), options.stop);
    }
    BOOST_CATCH(std::bad_alloc const&) {
      call.abandon(std::make_error_code(std::errc::not_enough_memory), "out of memory", detail::now(transport_));
    }
    BOOST_CATCH(...) {
      call.abandon({}, "the transport threw an exception", detail::now(transport_));
      BOOST_RETHROW
    }
    BOOST_CATCH_END
    return std::move(call).outcome();
  }

 private:
  template <class Call>
  void drive(Call& call, std::uint64_t generation, stop_token const& stop) {
    while (call.next() != call_step::done) {
      if (stop.stop_requested()) {
        call.stop(detail::now(transport_));
      } else if (call.next() == call_step::wait) {
        if (detail::wait_until(transport_, call.wait_until(), stop)) call.waited(detail::now(transport_));
      } else if (call.next() == call_step::renew) {
        auto const outcome = state_->renew(generation, stop, call.wait_until() - detail::now(transport_));
        detail::report_renewal(call, outcome, detail::now(transport_));
      } else if (state_->generation() != generation) {
        auto const current = state_->current();
        generation = current.generation();
        call.set_credentials(current.config().credentials, detail::now(transport_));
      } else {
        result<http_response> response = detail::send(transport_, call.request(), stop);
        detail::add_missing_date(transport_, response);
        call.responded(response, detail::now(transport_));
        if (detail::has_accepted_credentials(call)) state_->accepted(generation);
        if (call.connections_are_suspect()) detail::drop_idle_connections(transport_, call.request().url);
      }
    }
  }

  Transport transport_;
  std::shared_ptr<detail::client_state> state_;
};

namespace detail {

template <class T>
struct not_a_transport {
  static_assert(transport<T>, "fictive::client needs a transport: see fictive/transport.hpp for its requirements");
};

}  // namespace detail

/// Gives a readable diagnostic on clang if `T` is not a transport.
template <class T>
requires(!transport<T>) client(T, client_config)
->client<detail::not_a_transport<T>>;

}  // namespace fictive

#endif
