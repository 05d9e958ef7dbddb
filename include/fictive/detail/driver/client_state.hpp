// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_DRIVER_CLIENT_STATE_HPP
#define FICTIVE_DETAIL_DRIVER_CLIENT_STATE_HPP

#include <fictive/client_config.hpp>
#include <fictive/config.hpp>
#include <fictive/credentials.hpp>
#include <fictive/detail/http/outcomes.hpp>
#include <fictive/error.hpp>
#include <fictive/stop_token.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace fictive::detail {

/// How a renewal ended for a call that waited for it.
struct renewal_outcome {
  enum class kind : unsigned char {
    none,     ///< the call was cancelled, or its time is over
    renewed,  ///< see `credentials`
    failed,   ///< see `why` and `reason`
  };

  kind how = kind::none;
  fictive::credentials credentials = {};
  error why = {};
  char const* reason = "";      ///< for the message of the call
  bool may_be_repeated = true;  ///< before the service has accepted other credentials
};

/// Reports the outcome of a renewal to the call that waits for it.
template <class Call>
void report_renewal(Call& call, renewal_outcome const& outcome, typename Call::time_point now) {
  if (outcome.how == renewal_outcome::kind::renewed)
    call.renewed(outcome.credentials, now);
  else if (outcome.how == renewal_outcome::kind::failed)
    call.declined(outcome.reason, now, cause_of(outcome.why), outcome.why.retry_after);
  else
    call.waited(now);  // nothing, if it was cancelled
}

/// Whether the last response shows that the service has accepted the credentials.
template <class Call>
[[nodiscard]] bool has_accepted_credentials(Call const& call) {
  auto const& outcome = call.outcome();
  return outcome || (shows_accepted_credentials(outcome.error().status) && !call.connections_are_suspect());
}

/// A call of an asynchronous client that waits for a renewal.
class renewal_waiter {
 public:
  renewal_waiter() = default;
  renewal_waiter(renewal_waiter const&) = delete;
  renewal_waiter& operator=(renewal_waiter const&) = delete;
  virtual ~renewal_waiter() = default;

  /// Called at most once, on any thread.
  virtual void complete(renewal_outcome const& outcome) = 0;
};

/// What the copies of a client share: the configuration, with the credentials that are current, and the renewal in
/// progress. Thread-safe. As long as the credentials are those of the configuration, a call costs one atomic load for
/// each attempt.
class client_state {
 public:
  explicit client_state(client_config config);

  /// The configuration at a time.
  class snapshot {
   public:
    snapshot(client_config const& original, std::shared_ptr<client_config const> changed, std::uint64_t generation)
        : changed_(std::move(changed)), config_(changed_ ? changed_.get() : &original), generation_(generation) {}

    /// Valid as long as this object and the client's state.
    [[nodiscard]] client_config const& config() const noexcept { return *config_; }
    /// Counts how often the credentials have changed.
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }

   private:
    std::shared_ptr<client_config const> changed_;
    client_config const* config_;
    std::uint64_t generation_;
  };

  [[nodiscard]] snapshot current() const {
    if (generation() == 0) return {config_, nullptr, 0};
    std::lock_guard const lock(mutex_);
    return {config_, changed_, generation()};
  }

  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }

  void set_credentials(credentials with);

  /// The service has accepted the credentials of this generation.
  void accepted(std::uint64_t generation) noexcept {
    if (!may_renew_.load(std::memory_order_relaxed) && generation == this->generation()) may_renew_ = true;
  }

  /// Renews the credentials of this generation, which were refused, or waits until another thread has renewed them.
  /// `longest` limits only the waiting. If the thread that renews is cancelled, one that waits takes over.
  renewal_outcome renew(std::uint64_t generation, stop_token const& stop, std::chrono::nanoseconds longest);

  /// The same for an asynchronous call. The renewal belongs to none of the calls: it is cancelled when the last one has
  /// left. It keeps `self` until then.
  static void async_renew(std::shared_ptr<client_state> const& self, std::uint64_t generation,
                          std::shared_ptr<renewal_waiter> waiter);

  /// The call does not wait any more.
  void leave(renewal_waiter const& waiter);

 private:
  /// A renewal of an asynchronous client.
  struct flight {
    std::uint64_t generation = 0;  // the last one that was refused
    std::vector<std::shared_ptr<renewal_waiter>> waiters;
    stop_source stop;
  };

  // With the lock held:
  /// The outcome that is known without a renewal; none if there has to be one.
  [[nodiscard]] renewal_outcome known_outcome(std::uint64_t generation) const;
  /// Takes over what a renewal returned, and returns what the calls receive: the credentials that were set meanwhile,
  /// if any, unless those were refused, too. `generation` is the last one that was refused.
  renewal_outcome store(std::uint64_t generation, renewal_outcome renewed);
  void change(credentials with);

  /// Calls `renew_credentials`, without the lock.
  [[nodiscard]] renewal_outcome call_renew_credentials(stop_token const& stop) const;

  static void run(std::shared_ptr<client_state> self, std::shared_ptr<flight> const& which);
  /// False if all calls have left, or it was called before.
  bool finish(std::shared_ptr<flight> const& which, renewal_outcome renewed);

  client_config const config_;
  std::mutex mutable mutex_;
  std::condition_variable_any has_change_;
  std::atomic<std::uint64_t> generation_ = 0;
  std::atomic<bool> may_renew_ = true;
  std::shared_ptr<client_config const> changed_;
  std::uint64_t changes_ = 0;               // of what a thread of a blocking client waits for
  bool is_renewing_ = false;                // a thread of a blocking client renews
  std::uint64_t renewed_generation_ = 0;    // the last one that was refused, by then
  std::uint64_t begun_ = 0, answered_ = 0;  // number of those renewals; that of the last one that was not cancelled
  renewal_outcome answer_;                  // its outcome
  std::shared_ptr<flight> flight_;
};

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/driver/impl/client_state.ipp>
#endif

#endif
