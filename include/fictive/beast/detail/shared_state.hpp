// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_SHARED_STATE_HPP
#define FICTIVE_BEAST_DETAIL_SHARED_STATE_HPP

#include <fictive/beast/detail/connection.hpp>
#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/resolver.hpp>
#include <fictive/beast/detail/tls.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/http/url.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>

#include <chrono>
#include <memory>
#include <mutex>

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// Where a request goes to, and when it began.
struct target {
  fictive::detail::url_parts url;    ///< views of the request's
  std::shared_ptr<tls_context> tls;  ///< null for plain HTTP
  std::chrono::steady_clock::time_point began;
};

/// What the exchanges of a transport share, as long as it or one of them lives. Thread-safe.
class shared_state {
 public:
  explicit shared_state(transport_options given);

  transport_options const options;
  idle_connections idle;
  detail::resolver resolver;

  /// An `invalid_argument` if the request would be read differently by the server than it is here, or if the
  /// authorities cannot be loaded.
  result<target> target_of(http_request const& request);

 private:
  /// Made when it is needed first: loading the system's authorities takes a while.
  result<std::shared_ptr<tls_context>> shared_tls_context();

  std::mutex mutex_;
  std::shared_ptr<tls_context> tls_;
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/shared_state.ipp>
#endif

#endif
