// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_POST_OR_CALL_HPP
#define FICTIVE_BEAST_DETAIL_POST_OR_CALL_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>

#include <boost/asio/post.hpp>
#include <boost/version.hpp>
#if BOOST_VERSION >= 108200
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/associated_immediate_executor.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/dispatch.hpp>
#endif

#include <new>
#include <utility>

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// Posts a copy of the function; calls it here if there is no memory to post it.
template <class Executor, class Function>
void post_or_call(Executor const& executor, Function function) {
  try {
    boost::asio::post(executor, Function(function));
  } catch (std::bad_alloc const&) {
    function();
  }
}

/// For a result that is known before the initiating function returns. As Asio does it since Boost 1.82: dispatches the
/// function to the handler's immediate executor, which by default posts, and from there to its associated one. Calls it
/// here if there is no memory for that; `was_called` says whether an exception came from it.
template <class Handler, class Executor, class Function, class Predicate>
void dispatch_or_call([[maybe_unused]] Handler const& handler, Executor const& executor, Function function,
                      [[maybe_unused]] Predicate was_called) {
#if BOOST_VERSION >= 108200
  try {
    auto const immediate = boost::asio::get_associated_immediate_executor(handler, executor);
    boost::asio::dispatch(immediate, boost::asio::bind_executor(
                                         boost::asio::get_associated_executor(handler, immediate), Function(function)));
  } catch (std::bad_alloc const&) {
    if (was_called()) throw;
    function();
  }
#else
  post_or_call(executor, std::move(function));
#endif
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
