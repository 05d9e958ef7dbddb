// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_DRIVER_IMPL_CLIENT_STATE_IPP
#define FICTIVE_DETAIL_DRIVER_IMPL_CLIENT_STATE_IPP

#include <fictive/detail/driver/client_state.hpp>
#include <fictive/detail/driver/wait_for_change.hpp>
#include <fictive/detail/http/authorization.hpp>
#include <fictive/detail/http/credentials_problem.hpp>

#include <boost/config.hpp>
#include <boost/core/no_exceptions_support.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <system_error>
#include <utility>

namespace fictive::detail {

FICTIVE_DECL renewal_outcome failed_renewal(std::error_code cause, char const* reason) {
  return {
      .how = renewal_outcome::kind::failed, .why = {.code = errc::not_authenticated, .cause = cause}, .reason = reason};
}

FICTIVE_DECL renewal_outcome failed_renewal(error const& why) {
  return {.how = renewal_outcome::kind::failed,
          .why = why,
          .reason = to_string(why.code),
          .may_be_repeated = !(why == condition::rejected)};  // a refused password is not sent again
}

/// The outcome of a renewal that threw, in the handler of the exception.
FICTIVE_DECL renewal_outcome outcome_of_exception() {
#if !defined(BOOST_NO_EXCEPTIONS)
  constexpr char const* reason = "the function that renews them threw an exception";
  try {
    throw;
  } catch (exception const& e) {  // of result::value()
    return failed_renewal(e.error());
  } catch (std::system_error const& e) {
    return failed_renewal(e.code(), reason);
  } catch (std::bad_alloc const&) {
    return failed_renewal(std::make_error_code(std::errc::not_enough_memory), reason);
  } catch (...) {
    return failed_renewal({}, reason);
  }
#else
  return {};
#endif
}

FICTIVE_DECL renewal_outcome outcome_of(result<credentials> const& renewed) noexcept {
  renewal_outcome outcome;
  BOOST_TRY {
    if (renewed)
      outcome = {.how = renewal_outcome::kind::renewed, .credentials = *renewed, .may_be_repeated = false};
    else
      outcome = failed_renewal(renewed.error());
  }
  BOOST_CATCH(...) {  // std::bad_alloc
    outcome = outcome_of_exception();
  }
  BOOST_CATCH_END
  return outcome;
}

FICTIVE_DECL client_state::client_state(client_config config) : config_(std::move(config)) {}

FICTIVE_DECL void client_state::change(credentials with) {
  client_config changed = changed_ ? *changed_ : config_;
  changed.credentials = std::move(with);
  changed_.reset(new client_config(std::move(changed)));
  generation_.store(generation() + 1, std::memory_order_release);
}

FICTIVE_DECL void client_state::set_credentials(credentials with) {
  {
    std::lock_guard const lock(mutex_);
    change(std::move(with));
    may_renew_ = true;
    ++changes_;
  }
  has_change_.notify_all();
}

FICTIVE_DECL renewal_outcome client_state::known_outcome(std::uint64_t generation) const {
  if (generation != this->generation())
    return {.how = renewal_outcome::kind::renewed, .credentials = changed_->credentials};
  if (!may_renew_)
    return failed_renewal({},
                          "new ones were refused or could not be obtained, and the service has accepted none since: "
                          "call set_credentials");
  return {};
}

FICTIVE_DECL renewal_outcome client_state::store(std::uint64_t generation, renewal_outcome renewed) {
  if (generation != this->generation())
    return {.how = renewal_outcome::kind::renewed, .credentials = changed_->credentials};
  if (!renewed.may_be_repeated) may_renew_ = false;
  if (renewed.how == renewal_outcome::kind::renewed &&
      !are_same(renewed.credentials, (changed_ ? *changed_ : config_).credentials) &&
      credentials_problem(renewed.credentials).empty())
    change(renewed.credentials);
  return renewed;
}

FICTIVE_DECL renewal_outcome client_state::call_renew_credentials(stop_token const& stop) const {
  renewal_outcome renewed;
  BOOST_TRY {
    renewed = outcome_of(config_.renew_credentials(stop));
  }
  BOOST_CATCH(...) {
    renewed = outcome_of_exception();
  }
  BOOST_CATCH_END
  return renewed;
}

FICTIVE_DECL renewal_outcome client_state::renew(std::uint64_t generation, stop_token const& stop,
                                                 std::chrono::nanoseconds longest) {
  constexpr std::chrono::nanoseconds a_year = std::chrono::hours(24 * 365);
  auto const until = std::chrono::steady_clock::now() + (std::min)(longest, a_year);
  std::unique_lock lock(mutex_);
  for (;;) {
    if (auto known = known_outcome(generation); known.how != renewal_outcome::kind::none) return known;
    renewed_generation_ = generation;
    if (!is_renewing_) break;
    auto const number = begun_;
    if (!wait_for_change(has_change_, lock, changes_, until, stop)) return {};
    if (answered_ >= number && generation == this->generation()) return answer_;
  }

  is_renewing_ = true;
  auto const number = ++begun_;
  lock.unlock();
  auto renewed = config_.renew_credentials
                     ? call_renew_credentials(stop)
                     : failed_renewal({}, "a blocking client needs client_config::renew_credentials");
  lock.lock();
  is_renewing_ = false;
  ++changes_;
  has_change_.notify_all();
  if (renewed.how == renewal_outcome::kind::failed && stop.stop_requested())
    return {};  // one of those that wait renews instead
  renewed = store(renewed_generation_, std::move(renewed));
  answer_ = renewed;
  answered_ = number;
  return renewed;
}

FICTIVE_DECL void client_state::async_renew(std::shared_ptr<client_state> const& self, std::uint64_t generation,
                                            std::shared_ptr<renewal_waiter> waiter) {
  std::unique_lock lock(self->mutex_);
  if (auto const known = self->known_outcome(generation); known.how != renewal_outcome::kind::none) {
    lock.unlock();
    return waiter->complete(known);
  }
  bool const is_first = !self->flight_;
  if (is_first) self->flight_.reset(new flight);
  auto const which = self->flight_;
  which->generation = generation;
  which->waiters.push_back(std::move(waiter));
  lock.unlock();
  if (is_first) run(self, which);
}

FICTIVE_DECL void client_state::run(std::shared_ptr<client_state> self, std::shared_ptr<flight> const& which) {
  auto const& config = self->config_;
  if (!config.async_renew_credentials) {
    self->finish(which, self->call_renew_credentials(which->stop.get_token()));
    return;
  }
  auto const complete = [self, which](result<credentials> const& renewed) { self->finish(which, outcome_of(renewed)); };
  BOOST_TRY {
    config.async_renew_credentials(which->stop.get_token(), complete);
  }
  BOOST_CATCH(...) {
    self->finish(which, outcome_of_exception());
  }
  BOOST_CATCH_END
}

FICTIVE_DECL bool client_state::finish(std::shared_ptr<flight> const& which, renewal_outcome renewed) {
  std::unique_lock lock(mutex_);
  if (flight_ != which) return false;
  flight_ = nullptr;
  auto const waiters = std::move(which->waiters);
  BOOST_TRY {
    renewed = store(which->generation, std::move(renewed));
  }
  BOOST_CATCH(...) {
    renewed = outcome_of_exception();
  }
  BOOST_CATCH_END
  lock.unlock();
  for (auto const& waiter : waiters) waiter->complete(renewed);
  return true;
}

FICTIVE_DECL void client_state::leave(renewal_waiter const& waiter) {
  std::shared_ptr<flight> abandoned;
  {
    std::lock_guard const lock(mutex_);
    if (!flight_) return;
    auto& waiters = flight_->waiters;
    std::size_t i = 0;
    while (i < waiters.size() && waiters[i].get() != &waiter) ++i;
    if (i < waiters.size()) {
      waiters[i].swap(waiters.back());
      waiters.pop_back();
    }
    if (waiters.empty()) abandoned = std::move(flight_);
  }
  if (abandoned) abandoned->stop.request_stop();
}

}  // namespace fictive::detail

#endif
