// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_POST_OR_CALL_HPP
#define FICTIVE_BEAST_DETAIL_POST_OR_CALL_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>

#include <boost/asio/post.hpp>
#include <boost/version.hpp>
#if BOOST_VERSION >= 108200
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/associated_immediate_executor.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/system_executor.hpp>
#endif

#include <concepts>
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

/// For a result that is known before the initiating function returns. `was_called` says whether an exception came from
/// the function.
template <class Handler, class Executor, class Function, class Predicate>
void post_or_dispatch(Handler const&, Executor const& executor, Function function, Predicate) {
  post_or_call(executor, std::move(function));
}

#if BOOST_VERSION >= 108200
/// An immediate executor that is the handler's own does not depend on the default that is given.
template <class Handler>
concept has_immediate_executor =
    std::same_as<boost::asio::associated_immediate_executor_t<Handler, boost::asio::system_executor>,
                 boost::asio::associated_immediate_executor_t<Handler, boost::asio::any_io_executor>>;

/// The same: dispatches the function to the handler's immediate executor, and from there to its associated one.
template <has_immediate_executor Handler, class Executor, class Function, class Predicate>
void post_or_dispatch(Handler const& handler, Executor const&, Function function, Predicate was_called) {
  try {
    auto const immediate = boost::asio::get_associated_immediate_executor(handler, boost::asio::system_executor());
    auto const associated = boost::asio::get_associated_executor(handler, immediate);
    boost::asio::dispatch(immediate, boost::asio::bind_executor(associated, Function(function)));
  } catch (std::bad_alloc const&) {
    if (was_called()) throw;
    function();
  }
}
#endif

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
