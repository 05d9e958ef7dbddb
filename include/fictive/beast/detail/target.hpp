// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_TARGET_HPP
#define FICTIVE_BEAST_DETAIL_TARGET_HPP

#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/resolver.hpp>
#include <fictive/beast/detail/tls.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/ascii.hpp>
#include <fictive/detail/character_set.hpp>
#include <fictive/detail/header_value.hpp>
#include <fictive/detail/url.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// Where a request goes to, and since when.
struct target {
  fictive::detail::url_parts url;    ///< views of the request's
  std::shared_ptr<tls_context> tls;  ///< null for plain HTTP
  std::chrono::steady_clock::time_point began;
};

/// What the exchanges of a transport share, as long as it or one of them lives. Thread-safe.
template <class = void>
class shared_state {
 public:
  explicit shared_state(transport_options given)
      : options(std::move(given)),
        idle(options.max_idle_connections, options.max_idle_time),
        resolver(options.lookup) {}

  transport_options const options;
  idle_connections<> idle;
  detail::resolver resolver;

  /// An `invalid_argument` for a request that would say something else on the wire than here, and where the authorities
  /// cannot be loaded.
  result<target> target_of(http_request const& request) {
    auto const began = std::chrono::steady_clock::now();
    auto const url = fictive::detail::split_url(request.url);
    if (!url || url->has_user_info || !url->fragment.empty())
      return fictive::detail::refused("the request's url is not an http or https URL without user info and fragment");
    if (auto const* problem = problem_with(request)) return fictive::detail::refused(problem);

    target to{*url, nullptr, began};
    if (url->is_https()) {
      auto context = shared_tls_context();
      if (!context) return context.error();
      to.tls = *context;
    }
    return to;
  }

 private:
  static char const* problem_with(http_request const& request) {
    if (!fictive::detail::is_token(request.method)) return "the request's method is not one";
    for (auto const& header : request.headers) {
      if (!fictive::detail::is_token(header.name)) return "the request has a header whose name is not one";
      if (fictive::detail::is_transport_header(header.name))
        return "the request has a header that only the transport may set";
      if (fictive::detail::header_value_problem(header.value))
        return "the request has a header whose value cannot be sent";
    }
    return nullptr;
  }

  /// Made when it is needed first: loading the system's authorities takes a while.
  result<std::shared_ptr<tls_context>> shared_tls_context() {
    std::lock_guard lock(mutex_);
    if (!tls_) {
      auto made = make_tls_context(options.tls);
      if (!made) return made;
      tls_ = *made;
    }
    return tls_;
  }

  std::mutex mutex_;
  std::shared_ptr<tls_context> tls_;
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
