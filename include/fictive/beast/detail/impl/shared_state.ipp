// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_SHARED_STATE_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_SHARED_STATE_IPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/shared_state.hpp>
#include <fictive/detail/http/transport_headers.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/character_set.hpp>
#include <fictive/detail/text/text_problem.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// Null if the request is sent as it is.
FICTIVE_DECL char const* problem_with(http_request const& request) {
  if (!fictive::detail::is_token(request.method)) return "the request's method is not a token";
  for (auto const& header : request.headers) {
    if (!fictive::detail::is_token(header.name)) return "the request has a header whose name is not a token";
    if (fictive::detail::is_transport_header(header.name))
      return "the request has a header that only the transport may set";
    if (!fictive::detail::text_problem(header.value).empty())
      return "the request has a header whose value cannot be sent";
  }
  return nullptr;
}

/// The server's client certificate is not the proxy's business, nor is what `configure` does with it.
FICTIVE_DECL tls_options options_for_proxy(tls_options const& given) {
  return {.ca_file = given.ca_file,
          .ca_pem = given.ca_pem,
          .system_authorities = given.system_authorities,
          .dangerously_accept_any_certificate = given.dangerously_accept_any_certificate,
          .min_version = given.min_version};
}

FICTIVE_DECL shared_state::shared_state(transport_options given)
    : options(std::move(given)),
      resolver(options.resolve),
      pool_({.max_connections = options.max_connections,
             .max_idle = options.max_idle_connections,
             .max_idle_time = options.max_idle_time,
             .max_age = options.max_connection_age}) {}

/// The io_context of an executor, or of strands around it.
FICTIVE_DECL std::optional<asio::io_context::executor_type> io_context_of(asio::any_io_executor const& executor) {
  if (auto const* plain = executor.target<asio::io_context::executor_type>()) return *plain;
  if (auto const* strand = executor.target<asio::strand<asio::io_context::executor_type>>())
    return strand->get_inner_executor();
  if (auto const* strand = executor.target<asio::strand<asio::any_io_executor>>())
    return io_context_of(strand->get_inner_executor());
  return std::nullopt;
}

/// A wait that is in progress between these two calls does not keep `run` from returning. Asio offers that only with
/// the executors of the Networking TS.
/// @{
template <class Executor>
void exclude_from_work(Executor const& executor) noexcept {
  if constexpr (requires { executor.on_work_finished(); }) executor.on_work_finished();
}
template <class Executor>
void include_in_work(Executor const& executor) noexcept {
  if constexpr (requires { executor.on_work_started(); }) executor.on_work_started();
}
template <class Executor>
inline constexpr bool can_exclude_from_work = requires(Executor const& executor) {
  executor.on_work_started();
  executor.on_work_finished();
};
/// @}

FICTIVE_DECL shared_state::shared_state(transport_options given, asio::any_io_executor const& executor)
    : shared_state(std::move(given)) {
  auto const of_context = io_context_of(executor);
  io_executor_ = of_context ? asio::any_io_executor(*of_context) : executor;
  if (can_exclude_from_work<asio::io_context::executor_type>) timer_executor_ = of_context;
}

FICTIVE_DECL asio::any_io_executor shared_state::io_executor() {
  std::lock_guard lock(mutex_);
  if (!io_executor_) io_executor_ = own_context_.emplace().get_executor();
  return io_executor_;
}

FICTIVE_DECL result<target> shared_state::target_of(http_request const& request) {
  auto const began = std::chrono::steady_clock::now();
  auto const url = fictive::detail::split_url(request.url);
  if (!url || url->has_user_info || !url->fragment.empty())
    return fictive::detail::refused("the request's url is not an http or https URL without user info and fragment");
  if (auto const* problem = problem_with(request)) return fictive::detail::refused(problem);

  target to{*url, nullptr, began, began, nullptr, nullptr};
  if (url->is_https()) {
    auto context = shared_tls_context();
    if (!context) return context.error();
    to.tls = *context;
  }
  if (!options.proxy.empty())
    if (auto const problem = use_proxy(to)) return *problem;
  return to;
}

FICTIVE_DECL std::optional<error> shared_state::use_proxy(target& to) {
  std::lock_guard lock(mutex_);
  if (!proxy_) {
    auto parsed = parse_proxy(options.proxy.reveal());
    if (!parsed) return parsed.error();
    if (parsed->is_https) {
      auto made = make_tls_context(options_for_proxy(options.tls));
      if (!made) return made.error();
      proxy_tls_ = *made;
    }
    proxy_ = std::make_shared<proxy_settings const>(*std::move(parsed));
  }
  to.proxy = proxy_;
  to.proxy_tls = proxy_tls_;
  return std::nullopt;
}

FICTIVE_DECL result<std::shared_ptr<tls_context>> shared_state::shared_tls_context() {
  std::lock_guard lock(mutex_);
  if (!tls_) {
    auto made = make_tls_context(options.tls);
    if (!made) return made;
    tls_ = *made;
  }
  return tls_;
}

// --- Connections -----------------------------------------------------------------------------------------------------

FICTIVE_DECL bool shared_state::acquire(connection_pool::place& caller, target const& to) {
  std::lock_guard lock(pool_mutex_);
  drop_parent_process();
  pool_.acquire(caller, to.url, to.began);
  return caller.has_slot();
}

FICTIVE_DECL std::unique_ptr<connection> shared_state::take_connection(connection_pool::place& caller) noexcept {
  while (caller.received) {
    auto& found = static_cast<connection&>(*caller.received);
    if (!found.stream.problem_before_request()) {
      static_cast<void>(caller.received.release());
      return std::unique_ptr<connection>(&found);
    }
    std::lock_guard lock(pool_mutex_);
    pool_.replace_connection(caller, clock::now());
  }
  return nullptr;
}

FICTIVE_DECL void shared_state::release(connection_pool::place& caller, std::unique_ptr<connection> reusable,
                                        std::chrono::milliseconds idle_time) noexcept {
  std::lock_guard lock(pool_mutex_);
  drop_parent_process();
  if (reusable && reusable->generation != generation_) reusable = nullptr;
  set_timer(pool_.release(caller, std::move(reusable), idle_time, clock::now()));
}

FICTIVE_DECL void shared_state::close_idle(fictive::detail::url_parts const& url) noexcept {
  std::lock_guard lock(pool_mutex_);
  pool_.close_idle(url);
}

FICTIVE_DECL void shared_state::drop_parent_process() noexcept {
  if (std::exchange(generation_, fork_generation()) != generation_) pool_.close_idle();
}

FICTIVE_DECL void shared_state::set_timer(clock::time_point expiry) noexcept {
  if (!timer_executor_ || expiry >= timer_expiry_) return;
  timer_expiry_ = (clock::time_point::max)();
  try {
    if (!timer_) timer_.emplace(*timer_executor_);
    timer_->expires_at(expiry);
    timer_->async_wait([which = weak_from_this(), executor = *timer_executor_](boost::system::error_code aborted) {
      include_in_work(executor);
      if (aborted) return;
      if (auto const self = which.lock()) self->timer_expired();
    });
    exclude_from_work(*timer_executor_);
    timer_expiry_ = expiry;
  } catch (std::bad_alloc const&) {  // then the next call closes what has expired
  }
}

FICTIVE_DECL void shared_state::timer_expired() noexcept {
  std::lock_guard lock(pool_mutex_);
  timer_expiry_ = (clock::time_point::max)();
  pool_.close_expired(clock::now());
  set_timer(pool_.next_expiry());
}

FICTIVE_DECL std::chrono::milliseconds idle_time_of(http_headers const& headers) noexcept {
  using fictive::detail::equals_ignoring_case;
  constexpr std::string_view name = "timeout=";
  auto shortest = longest_timeout;
  for (auto const& header : headers) {
    if (!equals_ignoring_case(header.name, "Keep-Alive")) continue;
    for (std::string_view rest = header.value; !rest.empty();) {
      auto parameter = rest.substr(0, rest.find(','));
      rest.remove_prefix((std::min)(parameter.size() + 1, rest.size()));
      parameter.remove_prefix((std::min)(parameter.find_first_not_of(' '), parameter.size()));
      if (!equals_ignoring_case(parameter.substr(0, name.size()), name)) continue;
      unsigned seconds = 0;
      auto const* const digits = parameter.data() + name.size();
      auto const parsed = std::from_chars(digits, parameter.data() + parameter.size(), seconds);
      if (parsed.ec != std::errc()) continue;  // too large, or no number
      shortest = (std::min)(shortest, std::chrono::milliseconds(std::chrono::seconds((std::max)(seconds, 1U) - 1)));
    }
  }
  return shortest;
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
