// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_DRIVER_IMPL_CLIENT_STATE_IPP
#define FICTIVE_DETAIL_DRIVER_IMPL_CLIENT_STATE_IPP

#include <fictive/detail/driver/client_state.hpp>
#include <fictive/detail/http/authorization.hpp>
#include <fictive/detail/http/credentials_problem.hpp>

#include <boost/config.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

namespace fictive::detail {

/// What `renew` returns. If it throws, that declines the renewal.
template <class Renew>
renewal_outcome outcome_of(Renew const& renew) {
#if defined(BOOST_NO_EXCEPTIONS)
  return renew();
#else
  using kind = renewal_outcome::kind;
  auto const threw = [](std::error_code cause) {
    return renewal_outcome{kind::declined, error{.cause = cause}, "the function that renews them threw an exception"};
  };
  try {
    return renew();
  } catch (exception const& e) {  // of result::value()
    return {kind::answered, e.error()};
  } catch (std::system_error const& e) {
    return threw(e.code());
  } catch (std::bad_alloc const&) {
    return threw(std::make_error_code(std::errc::not_enough_memory));
  } catch (...) {
    return threw({});
  }
#endif
}

FICTIVE_DECL client_state::client_state(client_config config) : config_(std::move(config)) {}

FICTIVE_DECL void client_state::change(credentials with) {
  auto changed = std::make_shared<client_config>(changed_ ? *changed_ : config_);
  changed->credentials = std::move(with);
  changed_ = std::move(changed);
  generation_.store(generation() + 1, std::memory_order_release);
}

FICTIVE_DECL void client_state::set_credentials(credentials with) {
  {
    std::lock_guard const lock(mutex_);
    change(std::move(with));
    may_renew_ = true;
  }
  ended_.notify_all();
}

FICTIVE_DECL std::optional<renewal_outcome> client_state::known_outcome(std::uint64_t generation) const {
  if (generation != this->generation()) return renewal_outcome{renewal_outcome::kind::answered, changed_->credentials};
  if (!may_renew_)
    return renewal_outcome{.how = renewal_outcome::kind::declined,
                           .reason =
                               "new ones were refused or could not be obtained, and the service has accepted none "
                               "since: call set_credentials"};
  return std::nullopt;
}

FICTIVE_DECL renewal_outcome client_state::store(std::uint64_t generation, renewal_outcome renewed) {
  if (generation == this->generation()) {
    auto const& credentials = renewed.result;
    // New ones are not renewed again before they have been accepted, and a refused password is not sent again.
    if (credentials || credentials.error() == condition::rejected) may_renew_ = false;
    bool const is_new = credentials && !are_same(*credentials, (changed_ ? *changed_ : config_).credentials) &&
                        credentials_problem(*credentials).empty();
    if (is_new) change(*credentials);
    return renewed;
  }
  return {renewal_outcome::kind::answered, changed_->credentials};
}

FICTIVE_DECL renewal_outcome client_state::renew(std::uint64_t generation, stop_token const& stop,
                                                 std::chrono::nanoseconds longest) {
  constexpr std::chrono::nanoseconds a_year = std::chrono::hours(24 * 365);
  auto const until = std::chrono::steady_clock::now() + (std::min)(longest, a_year);
  std::unique_lock lock(mutex_);
  for (;;) {
    if (auto known = known_outcome(generation)) return *std::move(known);
    renewed_generation_ = generation;
    if (!is_renewing_) break;
    auto const number = begun_;
    auto const has_ended = [&] { return !is_renewing_ || begun_ != number || generation != this->generation(); };
#if defined(__cpp_lib_jthread)
    bool const has = ended_.wait_until(lock, stop, until, has_ended);
#else
    bool const has = ended_.wait_until(lock, until, has_ended);
#endif
    if (!has) return {};
    if (answered_ >= number && generation == this->generation()) return *answer_;
  }

  is_renewing_ = true;
  auto const number = ++begun_;
  lock.unlock();
  auto renewed = outcome_of([&]() -> renewal_outcome {
    if (!config_.renew_credentials)
      return {.how = renewal_outcome::kind::declined,
              .reason = "a blocking client needs client_config::renew_credentials"};
    return {renewal_outcome::kind::answered, config_.renew_credentials(stop)};
  });
  lock.lock();
  is_renewing_ = false;
  ended_.notify_all();
  if (!renewed.result && stop.stop_requested()) return {};  // one of those that wait renews instead
  renewed = store(renewed_generation_, std::move(renewed));
  answer_ = renewed;
  answered_ = number;
  return renewed;
}

FICTIVE_DECL void client_state::async_renew(std::uint64_t generation, std::shared_ptr<renewal_waiter> waiter) {
  std::unique_lock lock(mutex_);
  if (auto const known = known_outcome(generation)) {
    lock.unlock();
    return waiter->complete(*known);
  }
  bool const is_first = !flight_;
  if (is_first) flight_ = std::make_shared<flight>();
  flight_->generation = generation;
  flight_->waiters.push_back(std::move(waiter));
  auto const which = flight_;
  lock.unlock();
  if (is_first) run(which);
}

FICTIVE_DECL void client_state::run(std::shared_ptr<flight> const& which) {
  auto const self = shared_from_this();
  if (!config_.async_renew_credentials) {
    auto renewed = outcome_of([&]() -> renewal_outcome {
      return {renewal_outcome::kind::answered, config_.renew_credentials(which->stop.get_token())};
    });
    finish(which, std::move(renewed));
    return;
  }
  auto const complete = [self, which](result<credentials> renewed) {
    self->finish(which, {renewal_outcome::kind::answered, std::move(renewed)});
  };
  bool has_begun = false;
  auto threw = outcome_of([&]() -> renewal_outcome {
    config_.async_renew_credentials(which->stop.get_token(), complete);
    has_begun = true;
    return {};
  });
  if (!has_begun) finish(which, std::move(threw));
}

FICTIVE_DECL bool client_state::finish(std::shared_ptr<flight> const& which, renewal_outcome renewed) {
  std::unique_lock lock(mutex_);
  if (flight_ != which) return false;
  flight_ = nullptr;
  auto const waiters = std::move(which->waiters);
  renewed = outcome_of([&] { return store(which->generation, std::move(renewed)); });
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
    std::erase_if(waiters, [&](auto const& one) { return one.get() == &waiter; });
    if (waiters.empty()) abandoned = std::move(flight_);
  }
  if (abandoned) abandoned->stop.request_stop();
}

}  // namespace fictive::detail

#endif
